# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5", "scipy==1.17.1", "scikit-learn==1.9.1", "ripser==0.6.15"]
# ///
"""Makes crates/analysis/tests/golden/manifold.json: Isomap, spectral embedding and scores of scikit-learn and scipy,
persistence diagrams of ripser.

    uv run reference/manifold_golden.py      (or: pip install the four above, then python)
"""

import json
import pathlib

import numpy as np
from ripser import ripser
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import procrustes
from scipy.stats import spearmanr
from sklearn.datasets import make_s_curve, make_swiss_roll
from sklearn.manifold import Isomap, SpectralEmbedding, trustworthiness
from sklearn.neighbors import kneighbors_graph


def rounded(array, digits=12):
    return np.asarray(array).round(digits).tolist()


def isomap(points, k):
    fit = Isomap(n_neighbors=k, n_components=2, eigen_solver="dense").fit(points)
    return {
        "points": rounded(points),
        "k": k,
        "embedding": rounded(fit.embedding_),
        "geodesics_of_point_7": rounded(fit.dist_matrix_[7]),
        "placed": rounded(fit.transform(points[:5] + 0.1)),
    }


def diagrams(distances):
    bars = ripser(distances, maxdim=2, distance_matrix=True)["dgms"]
    return [[[float(b), float(d)] for b, d in dim if np.isfinite(d)] for dim in bars]


def main():
    rng = np.random.default_rng(0)
    golden = {
        "swiss_roll": isomap(make_swiss_roll(300, random_state=0)[0].round(6), 8),
        "s_curve": isomap(make_s_curve(300, random_state=1)[0].round(6), 6),
    }

    # A noisy torus in six dimensions, by geodesics; Gaussian points, by Euclidean distances.
    u, v = rng.random((2, 90)) * 2 * np.pi
    torus = np.c_[np.cos(u), np.sin(u), np.cos(v), np.sin(v), 0.3 * np.cos(2 * u), 0.3 * np.sin(2 * v)]
    torus = (torus + 0.05 * rng.normal(size=torus.shape)).round(6)
    distances = shortest_path(kneighbors_graph(torus, 8, mode="distance"), directed=False)
    gauss = rng.normal(size=(40, 4)).round(6)
    euclidean = np.linalg.norm(gauss[:, None] - gauss[None], axis=2)
    golden["homology"] = {
        "torus": rounded(torus), "k": 8, "torus_bars": diagrams(distances),
        "gauss": rounded(gauss), "gauss_bars": diagrams(euclidean),
    }

    points, _ = make_swiss_roll(120, random_state=3)
    points = points.round(6)
    embedding = (points[:, :2] + 2 * rng.normal(size=(120, 2))).round(6)
    truth = rng.normal(size=(120, 2)).round(6) + embedding.round(6)
    golden["scores"] = {
        "points": rounded(points), "embedding": rounded(embedding), "truth": rounded(truth),
        "trustworthiness_7": trustworthiness(points, embedding, n_neighbors=7),
        "continuity_7": trustworthiness(embedding, points, n_neighbors=7),
        "procrustes_r2": 1 - procrustes(truth, embedding)[2],
        "spearman": spearmanr(points[:, 0], embedding[:, 1].round(1)).statistic,
    }

    # Binary affinities of the union of both directions, as ours.
    graph = kneighbors_graph(points, 8)
    affinity = graph.maximum(graph.T).toarray()
    spectral = SpectralEmbedding(2, affinity="precomputed", eigen_solver="arpack", random_state=0)
    golden["laplacian"] = {"k": 8, "embedding": rounded(spectral.fit_transform(affinity))}

    out = pathlib.Path(__file__).parents[1] / "crates/analysis/tests/golden/manifold.json"
    out.write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
