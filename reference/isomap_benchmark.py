# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.3.5", "scikit-learn==1.9.1"]
# ///
"""Isomap of neuroloom and of scikit-learn on the same points, interleaved in one run: seconds, peak memory, agreement.

    cargo build --release -p neuroloom-analysis --example manifold_timings
    uv run reference/isomap_benchmark.py target/release/examples/manifold_timings [N ...] [--repeats R]

Each fit runs in a process of its own; seconds are of the fit alone, the smallest of the repeats; memory is the peak
of the process less that of the same process without the fit. Agreement is the largest difference of a coordinate
after the best sign, over the standard deviation of the embedding.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

N_NEIGHBOURS = 10


def points(name, n):
    from sklearn.datasets import make_s_curve, make_swiss_roll

    rng = np.random.default_rng(0)
    if name == "swiss_roll":
        return make_swiss_roll(n, random_state=0)[0]
    if name == "s_curve":
        return make_s_curve(n, random_state=0)[0]
    u, v = rng.random((2, n)) * 2 * np.pi
    tube = 2 + 0.7 * np.cos(v)
    return np.c_[tube * np.cos(u), tube * np.sin(u), 0.7 * np.sin(v)]


def sklearn_fit(source, out):
    from sklearn.manifold import Isomap

    x = np.fromfile(source, "<f8").reshape(-1, 3)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    embedding = Isomap(n_neighbors=N_NEIGHBOURS, n_components=2, n_jobs=-1).fit_transform(x)
    seconds = time.perf_counter() - started
    embedding.astype("<f8").tofile(out)
    print(json.dumps([seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]))


def run(command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("sizes", nargs="*", type=int, default=[2000, 10000])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--shapes", nargs="*", default=["swiss_roll", "s_curve", "torus"])
    arguments = parser.parse_args()
    for n in arguments.sizes:
        for shape in arguments.shapes:
            with tempfile.TemporaryDirectory() as folder:
                source, ours, theirs = (Path(folder) / name for name in ("points", "ours", "theirs"))
                points(shape, n).astype("<f8").tofile(source)
                rows = []
                for _ in range(arguments.repeats):
                    mine = run([arguments.binary, "isomap", source, 3, ours, N_NEIGHBOURS, 0])
                    rows.append((mine, run([sys.executable, __file__, "--fit", source, theirs])))
                a, b = (np.fromfile(path, "<f8").reshape(n, 2) for path in (ours, theirs))
                a = a * np.sign((a * b).sum(0))
                seconds = [min(row[who][0] for row in rows) for who in (0, 1)]
                memory = [min(row[who][1] for row in rows) for who in (0, 1)]
                print(
                    f"{shape:10} n={n:6}  neuroloom {seconds[0]:7.2f} s {memory[0]:6.0f} MB   scikit-learn "
                    f"{seconds[1]:7.2f} s {memory[1]:6.0f} MB   faster x{seconds[1] / seconds[0]:.1f}   "
                    f"largest difference {np.abs(a - b).max() / b.std():.1e}",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1] == "--fit":
        sklearn_fit(*sys.argv[2:])
    else:
        main()
