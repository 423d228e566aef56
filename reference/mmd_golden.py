# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5", "scipy==1.17.1", "scikit-learn==1.9.1"]
# ///
"""Makes crates/analysis/tests/golden/set_comparison.json: the kernels of the graph-generation literature in numpy.

    uv run reference/mmd_golden.py      (or: pip install the three above, then python)

Written from the definitions: dense matrices, and every set of four nodes looked at for the orbits.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression

WIDTHS = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0])


def random_graph(rng, density, n):
    adjacency = rng.random((n, n)) < density
    np.fill_diagonal(adjacency, False)
    return adjacency


def degree(adjacency):
    return np.bincount(adjacency.sum(1)) / len(adjacency)


def clustering(joined):
    a = joined.astype(float)
    triangles = np.diag(a @ a @ a) / 2
    pairs = a.sum(1) * (a.sum(1) - 1) / 2
    local = np.divide(triangles, pairs, out=np.zeros(len(a)), where=pairs > 0)
    counts, _ = np.histogram(local, bins=100, range=(0.0, 1.0))
    return counts / counts.sum()


def spectral(joined):
    a = joined.astype(float)
    k = a.sum(1)
    scale = np.divide(1, np.sqrt(k), out=np.zeros(len(k)), where=k > 0)
    laplacian = np.diag((k > 0).astype(float)) - scale[:, None] * a * scale[None, :]
    # They lie between 0 and 2; rounding may say otherwise.
    values = np.clip(np.linalg.eigvalsh(laplacian), 0.0, 2.0)
    counts, _ = np.histogram(values, bins=200, range=(-1e-5, 2.0))
    return counts / counts.sum()


def orbits(joined):
    """Mean over nodes of the counts of the 15 orbits, by looking at every set of two to four nodes."""
    n = len(joined)
    counts = np.zeros((n, 15))
    places = {
        (1, 1): {1: 0},
        (1, 1, 2): {1: 1, 2: 2},
        (2, 2, 2): {2: 3},
        (1, 1, 2, 2): {1: 4, 2: 5},
        (1, 1, 1, 3): {1: 6, 3: 7},
        (2, 2, 2, 2): {2: 8},
        (1, 2, 2, 3): {1: 9, 2: 10, 3: 11},
        (2, 2, 3, 3): {2: 12, 3: 13},
        (3, 3, 3, 3): {3: 14},
    }
    for size in (2, 3, 4):
        for members in itertools.combinations(range(n), size):
            inside = joined[np.ix_(members, members)].sum(1)
            orbit = places.get(tuple(sorted(inside.tolist())))
            # (2, 2, 2, 2) is a square and (1, 1, 1, 1) two edges, which no entry matches: all others are connected.
            if orbit:
                for node, own in zip(members, inside):
                    counts[node, orbit[own]] += 1
    return counts.mean(0)


def padded(vectors):
    width = max(len(vector) for vector in vectors)
    return np.array([np.pad(vector, (0, width - len(vector))) for vector in vectors])


def biased(kernel, one, other):
    return kernel(one, one).mean() + kernel(other, other).mean() - 2 * kernel(one, other).mean()


def tv_mmd(one, other, sigma):
    return biased(lambda x, y: np.exp(-((cdist(x, y, "cityblock") / 2) ** 2) / (2 * sigma**2)), one, other)


def rbf_mmd(one, other):
    mean = cdist(one, other, "sqeuclidean").mean()
    scale = np.sqrt(mean) if mean > 0 else 1.0
    values = [
        biased(lambda x, y: np.exp(-cdist(x, y, "sqeuclidean") / (2 * (width * scale) ** 2)), one, other)
        for width in WIDTHS
    ]
    return max(values)


def main():
    rng = np.random.default_rng(20250615)
    sets = [
        [random_graph(rng, 0.12, int(n)) for n in rng.integers(12, 21, 10)],
        [random_graph(rng, 0.2, int(n)) for n in rng.integers(12, 21, 12)],
    ]
    describe = {
        "degree": (lambda a: degree(a | a.T), 1.0),
        "clustering": (lambda a: clustering(a | a.T), 0.1),
        "spectral": (lambda a: spectral(a | a.T), 1.0),
        "orbit": (lambda a: orbits(a | a.T), 30.0),
        "in-degree": (lambda a: degree(a.T), 1.0),
        "out-degree": (degree, 1.0),
    }
    golden = {"sets": [[{"n": len(a), "edges": np.argwhere(a).tolist()} for a in one] for one in sets]}
    for name, (of, sigma) in describe.items():
        vectors = padded([of(a) for one in sets for a in one])
        one, other = vectors[: len(sets[0])], vectors[len(sets[0]) :]
        golden[name] = {"mmd": tv_mmd(one, other, sigma), "rbf_mmd": rbf_mmd(one, other)}
    features = np.round(rng.normal(size=(60, 7)) * 64) / 64
    labels = features[:, 0] + 0.5 * features[:, 1] + rng.normal(size=60) > 0.2
    model = LogisticRegression(C=1.0, tol=1e-14, max_iter=100_000, solver="newton-cholesky").fit(features, labels)
    golden["logistic"] = {
        "features": features.tolist(),
        "labels": labels.tolist(),
        "weights": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]),
    }
    path = Path(__file__).parent.parent / "crates/analysis/tests/golden/set_comparison.json"
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
