# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5", "scikit-learn==1.9.1", "openTSNE==1.0.4", "umap-learn==0.5.12"]
# ///
"""Trustworthiness of t-SNE and UMAP of neuroloom beside openTSNE and umap-learn on the same points.

    cargo build --release -p neuroloom-analysis --example manifold_timings
    uv run reference/embedding_quality.py target/release/examples/manifold_timings

openTSNE with perplexity 30, PCA start and 250 + 750 iterations as ours; umap-learn with 15 neighbours, min_dist 0.1; three
seeds where there is chance. k = 10; chance is the score of a random embedding.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, make_s_curve
from sklearn.manifold import trustworthiness


def data():
    rng = np.random.default_rng(0)
    yield "digits", load_digits().data
    yield "s_curve", make_s_curve(1500, noise=0.1, random_state=0)[0]
    centres = rng.normal(size=(10, 32))
    yield "clusters", centres[rng.integers(10, size=2500)] + 0.4 * rng.normal(size=(2500, 32))
    # Latent codes: a curved three-dimensional sheet in 32 dimensions.
    latent, first, second = rng.random((800, 3)), rng.normal(size=(3, 64)), rng.normal(size=(64, 32))
    yield "sheet", np.tanh(2 * latent @ first) @ second + 0.2 * rng.normal(size=(800, 32))


def main():
    import umap
    from openTSNE import TSNE

    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--data", nargs="*", default=["digits", "s_curve", "clusters", "sheet"])
    arguments = parser.parse_args()

    def ours(method, x, k, seed):
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder) / "points", Path(folder) / "out"
            np.ascontiguousarray(x, "<f8").tofile(source)
            command = [arguments.binary, method, source, x.shape[1], out, k, seed]
            subprocess.run([str(part) for part in command], check=True, capture_output=True)
            return np.fromfile(out, "<f8").reshape(-1, 2)

    methods = {
        "t-SNE neuroloom": (1, lambda x, seed: ours("tsne", x, 30, seed)),
        "t-SNE openTSNE": (1, lambda x, seed: TSNE(n_iter=750, random_state=seed, n_jobs=1).fit(x)),
        "UMAP neuroloom": (3, lambda x, seed: ours("umap", x, 15, seed)),
        "UMAP umap-learn": (3, lambda x, seed: umap.UMAP(random_state=seed, n_jobs=1).fit_transform(x)),
    }
    for name, x in data():
        if name not in arguments.data:
            continue
        chance = trustworthiness(x, np.random.default_rng(1).normal(size=(len(x), 2)), n_neighbors=10)
        print(f"{name} {x.shape}, chance {chance:.3f}")
        for method, (n_seeds, fit) in methods.items():
            started = time.perf_counter()
            scores = [trustworthiness(x, np.asarray(fit(x, seed)), n_neighbors=10) for seed in range(n_seeds)]
            seconds = (time.perf_counter() - started) / n_seeds
            print(f"  {method:24} {np.mean(scores):.4f}  ({min(scores):.4f} to {max(scores):.4f})  {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
