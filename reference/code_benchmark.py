# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5", "scikit-learn==1.9.1", "shap==0.51.0"]
# ///
"""Boosted trees and their SHAP values: ours against scikit-learn and shap, a reservoir against numpy, one run.

    cargo build --release -p neuroloom-models --example code_timings
    python reference/code_benchmark.py target/release/examples/code_timings

Sizes as in `explore` (500 codes of 32 numbers, 200 trees of 8 leaves), in the pair predictor (50,000 pairs of 12 numbers,
200 trees of 31 leaves) and in `reservoir` (100 neurons, 3,200 steps, ridge readout, 200 delays). Least milliseconds of all
rounds, and the ratio theirs / ours.
"""

import subprocess
import sys
import time

import numpy as np
import shap
from sklearn.ensemble import HistGradientBoostingRegressor

rng = np.random.default_rng(1)
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3


def table(n, width):
    x = rng.random((n, width))
    return x, x[:, 0] * x[:, 1] + np.sin(6 * x[:, 2]) + 0.1 * rng.random(n)


def trees(x, y, leaves, depth, rate, least):
    model = HistGradientBoostingRegressor(
        max_iter=200, learning_rate=rate, max_leaf_nodes=leaves, max_depth=depth, min_samples_leaf=least,
        l2_regularization=1.0, early_stopping=False,
    )
    return model.fit(x, y)


def reservoir(n, delays):
    w = (rng.random((n, n)) < 0.1).astype(float)
    w *= 0.9 / np.abs(np.linalg.eigvals(w)).max()
    u, inputs = rng.uniform(-0.5, 0.5, 3200), rng.uniform(-1, 1, n)
    states, x = np.empty((3200, n)), np.zeros(n)
    for t in range(3200):
        x = np.tanh(w.T @ x + inputs * u[t])
        states[t] = x
    times = np.arange(200 + delays, 2200)
    targets = np.stack([u[times - k] for k in range(1, delays + 1)], 1)
    s = states[times]
    gram, right = s.T @ s, s.T @ targets
    for penalty in 10.0 ** np.arange(-6, 0):
        weights = np.linalg.solve(gram + penalty * np.eye(n), right)
    return states[2200:] @ weights


codes, pairs = table(500, 32), table(50_000, 12)
fitted = trees(*codes, 8, 3, 0.05, 5)
jobs = {
    "trees_codes": lambda: trees(*codes, 8, 3, 0.05, 5),
    "shap_codes": lambda: shap.TreeExplainer(fitted).shap_values(codes[0], check_additivity=False),
    "trees_pairs": lambda: trees(*pairs, 31, 8, 0.1, 20),
    "reservoir_memory_capacity": lambda: reservoir(100, 200),
}
ours, theirs = {}, {name: np.inf for name in jobs}
for _ in range(ROUNDS):
    for line in subprocess.run([sys.argv[1], "1"], check=True, capture_output=True, text=True).stdout.splitlines():
        name, value = line.split()
        ours[name] = min(ours.get(name, np.inf), float(value))
    for name, job in jobs.items():
        start = time.perf_counter()
        job()
        theirs[name] = min(theirs[name], 1000 * (time.perf_counter() - start))
for name, value in ours.items():
    other = theirs.get(name)
    print(f"{name:28} {value:9.1f} ms" + (f"   {other:9.1f} ms   {other / value:6.2f} times" if other else ""))
