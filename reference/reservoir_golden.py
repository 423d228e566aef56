# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5"]
# ///
"""Benchmark series of the reservoir tasks in plain numpy.

    uv run reference/reservoir_golden.py > crates/models/tests/golden/reservoir.json
"""

import json

import numpy as np


def narma10(u):
    y = np.zeros(len(u) + 1)
    for t in range(len(u)):
        window = y[max(0, t - 9) : t + 1]
        early = u[t - 9] if t >= 9 else 0.0
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * window.sum() + 1.5 * early * u[t] + 0.1
    return y[1:]


def mackey_glass(n, tau=17.0, start=1.2, h=0.1):
    lag = round(tau / h)
    x = np.full(lag + 1 + round(n / h), start)

    def f(now, past):
        return 0.2 * past / (1 + past**10) - 0.1 * now

    for k in range(lag, lag + round(n / h)):
        past = x[k - lag], 0.5 * (x[k - lag] + x[k - lag + 1]), x[k - lag + 1]
        a = f(x[k], past[0])
        b = f(x[k] + h / 2 * a, past[1])
        c = f(x[k] + h / 2 * b, past[1])
        d = f(x[k] + h * c, past[2])
        x[k + 1] = x[k] + h / 6 * (a + 2 * b + 2 * c + d)
    return x[lag + round(1 / h) :: round(1 / h)][:n]


rng = np.random.default_rng(1)
u = np.round(rng.uniform(0, 0.5, 60), 4)
print(
    json.dumps(
        {
            "narma_input": u.tolist(),
            "narma_output": narma10(u).tolist(),
            "mackey_glass": mackey_glass(60).tolist(),
        }
    )
)
