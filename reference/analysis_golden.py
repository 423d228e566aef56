# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5", "scipy==1.17.1", "scikit-learn==1.9.1"]
# ///
"""Makes crates/analysis/tests/golden/*.json: what numpy, scipy and scikit-learn say.

    uv run reference/analysis_golden.py      (or: pip install the three above, then python)

Inputs come from a seeded generator and are rounded to few binary digits, so that the files hold them exactly and
f32 code reads the same numbers.
"""

import json
from pathlib import Path

import numpy as np
from scipy.interpolate import make_smoothing_spline
from scipy.stats import norm
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import (
    adjusted_rand_score,
    average_precision_score,
    normalized_mutual_info_score,
    r2_score,
    roc_auc_score,
    silhouette_score,
)

OUT = Path(__file__).resolve().parent.parent / "crates/analysis/tests/golden"


def coarse(values):
    """Multiples of 1/64: exact in f32 and short in JSON."""
    return np.round(np.asarray(values) * 64) / 64


def write(name, content):
    plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in content.items()}
    (OUT / f"{name}.json").write_text(json.dumps(plain) + "\n")


def metrics(rng):
    x = coarse(rng.normal(size=40))
    y = coarse(1.3 * x + 0.4 * rng.normal(size=40) + 0.2)
    line = LinearRegression().fit(x[:, None], y)
    labels = rng.random(200) < 0.15
    scores = np.round(rng.normal(size=200) + labels, 1)  # one decimal: many ties
    truth = rng.integers(0, 5, size=150)
    found = np.where(rng.random(150) < 0.7, truth + 10, rng.integers(0, 6, size=150))
    points = coarse(rng.normal(size=(60, 3)))
    clusters = rng.integers(0, 4, size=60)
    write("metrics", {
        "x": x, "y": y,
        "r2_identity": r2_score(y, x),
        "slope": float(line.coef_[0]), "intercept": float(line.intercept_),
        "r2_linear_fit": line.score(x[:, None], y),
        "pearson": float(np.corrcoef(x, y)[0, 1]),
        "scores": scores, "labels": labels,
        "auroc": roc_auc_score(labels, scores),
        "average_precision": average_precision_score(labels, scores),
        "truth": truth, "found": found,
        "adjusted_rand_index": adjusted_rand_score(truth, found),
        "normalized_mutual_information": normalized_mutual_info_score(truth, found),
        "points": points, "clusters": clusters,
        "silhouette": silhouette_score(points, clusters),
    })


def linear(rng):
    x = coarse(rng.normal(size=(50, 6)) + 2)
    y = coarse(x @ rng.normal(size=(6, 2)) + rng.normal(size=(50, 2)))
    ridge = Ridge(alpha=3.5, solver="svd", tol=1e-14).fit(x, y)
    n = len(x)
    centred, target = x - x.mean(0), y - y.mean(0)
    weights = 1 / (target**2).sum(0)
    eigenvalues = np.linalg.eigvalsh(centred.T @ centred)
    ladder = eigenvalues.mean() * 10 ** (np.arange(-32, 17) / 4)
    gcv = []
    for penalty in ladder:
        hat = centred @ np.linalg.solve(centred.T @ centred + penalty * np.eye(6), centred.T)
        residual = ((target - hat @ target) ** 2).sum(0) @ weights
        gcv.append(residual * n / (n - 1 - np.trace(hat)) ** 2)
    pca = PCA(n_components=4, svd_solver="full").fit(x)
    covariance, shrinkage = ledoit_wolf(x)
    z = (x - x.mean(0)) / x.std(0)
    precision = np.linalg.inv(ledoit_wolf(z)[0])
    scale = np.sqrt(np.diag(precision))
    partial = -precision / np.outer(scale, scale)
    np.fill_diagonal(partial, 1.0)
    write("linear", {
        "x": x, "y": y,
        "ridge_penalty": 3.5, "ridge_coefficients": ridge.coef_, "ridge_intercept": ridge.intercept_,
        "gcv_penalty": ladder[int(np.argmin(gcv))],
        "pca_components": pca.components_, "pca_scores": pca.transform(x),
        "pca_explained_variance": pca.explained_variance_,
        "pca_explained_variance_ratio": pca.explained_variance_ratio_,
        "ledoit_wolf_covariance": covariance, "ledoit_wolf_shrinkage": shrinkage,
        "correlation": np.corrcoef(x.T), "partial_correlation": partial,
    })


def smoothing(rng):
    dt_s = 0.05
    time = dt_s * np.arange(80)
    series = coarse(np.sin(3 * time) + 0.2 * rng.normal(size=80))
    penalties = [1e-6, 1e-3, 0.1, 50.0]
    splines = [make_smoothing_spline(time, series, lam=penalty) for penalty in penalties]
    chosen = make_smoothing_spline(time, series)  # scipy's own generalized cross-validation
    write("smoothing", {
        "dt_s": dt_s, "series": series, "penalties": penalties,
        "values": np.array([spline(time) for spline in splines]),
        "derivatives": np.array([spline.derivative()(time) for spline in splines]),
        "chosen_values": chosen(time),
    })


def statistics(rng):
    samples = coarse(rng.normal(size=31))
    levels = [0.0, 0.025, 0.1, 0.5, 0.77, 1.0]
    probabilities = [1e-300, 1e-12, 0.001, 0.2, 0.5, 0.9, 0.999999]
    z = [-37.0, -8.0, -2.5, -0.3, 0.0, 1.0, 2.4999, 2.5, 6.0]
    write("statistics", {
        "samples": samples, "levels": levels, "quantiles": np.quantile(samples, levels),
        "probabilities": probabilities, "normal_quantiles": norm.ppf(probabilities),
        "z": z, "normal_cdf": norm.cdf(z),
    })


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for seed, make in enumerate([metrics, linear, smoothing, statistics]):
        make(np.random.default_rng(seed))
