# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5"]
# ///
"""Prints the coefficients of crates/nn/src/kernel/activation.rs, and the errors of the fits.

    uv run reference/nn_functions.py

Minimax fits by reweighted least squares on Chebyshev nodes: tanh(x) = x A(x^2) / B(x^2) on [0, 9.02] with a small
relative error, sin(x) = x P(x^2) and cos(x) = Q(x^2) on [0, pi/2] with a small absolute error.
"""

import numpy as np

N_NODES = 4000


def nodes(limit):
    return limit * 0.5 * (1 - np.cos(np.pi * (np.arange(N_NODES) + 0.5) / N_NODES))


def powers(x, degree):
    return np.vander(x, degree + 1, increasing=True)


def sharpen(weight, error):
    """More weight where the error is large: the largest errors come down until all are alike."""
    weight = weight * (error / error.max() + 1e-3) ** 0.5
    return weight / weight.max()


def rational_tanh(degree=4, limit=9.02, rounds=300):
    x = nodes(limit)
    t, value = (x / limit) ** 2, np.tanh(x) / x
    weight, below, best = np.ones(N_NODES), np.ones(N_NODES), (np.inf,)
    for _ in range(rounds):
        scale = np.sqrt(weight) / (np.abs(below) * value)
        columns = np.hstack([powers(t, degree), -value[:, None] * powers(t, degree)[:, 1:]])
        fit = np.linalg.lstsq(columns * scale[:, None], value * scale, rcond=None)[0]
        below = 1 + powers(t, degree)[:, 1:] @ fit[degree + 1:]
        error = np.abs(powers(t, degree) @ fit[:degree + 1] / below / value - 1)
        if error.max() < best[0]:
            unscaled = limit ** (-2.0 * np.arange(degree + 1))
            best = (error.max(), fit[:degree + 1] * unscaled, np.r_[1, fit[degree + 1:]] * unscaled)
        weight = sharpen(weight, error)
    return best


def polynomial(function, degree, rounds=200):
    x = nodes(np.pi / 2)
    weight, best = np.ones(N_NODES), (np.inf,)
    for _ in range(rounds):
        scale = np.sqrt(weight)
        fit = np.linalg.lstsq(powers(x * x, degree) * scale[:, None], function(x) * scale, rcond=None)[0]
        error = np.abs(powers(x * x, degree) @ fit - function(x))
        if error.max() < best[0]:
            best = (error.max(), fit)
        weight = sharpen(weight, error)
    return best


for name, (error, *fits) in {
    "tanh": rational_tanh(),
    "sine": polynomial(lambda x: np.sin(x) / x, 5),
    "cosine": polynomial(np.cos, 5),
}.items():
    print(f"{name}: error {error:.1e}")
    for fit in fits:
        print("  ", ", ".join(str(np.float32(c)) for c in fit))
