"""Speed of `neuroloom import` beside pandas and polars on one synthetic synapse table in CAVE's CSV.gz.

numpy==2.3.5 pandas==3.1.1 polars==2.1.0

usage: python reference/import_benchmark.py make FILE ROWS [NEURONS]
       python reference/import_benchmark.py run FILE NEUROLOOM [REPEATS]
       python reference/import_benchmark.py matrix NEUROLOOM

`run` takes turns between the programs and prints the minimum of each and its largest memory. The task is the same
for all three: drop synapses that were downloaded twice, sum number and size by pair of neurons.
`matrix` is the anchor of the official notebook: 373,785 synapses among 2,275 neurons to a matrix.
The table is synthetic: ids, sizes and positions are drawn, nothing is measured.
"""

import gzip
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIRST_ID = 864691135000000000


def make(path, n_rows, n_neurons=60_000):
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(42)
    ids = FIRST_ID + np.sort(rng.choice(10**12, n_neurons, replace=False))
    n_pairs = max(1, int(0.3 * n_rows))
    pre, post = rng.integers(n_neurons, size=(2, n_pairs))
    with gzip.open(path, "wb", compresslevel=1) as file:
        for start in range(0, n_rows, 1_000_000):
            n = min(1_000_000, n_rows - start)
            pair = rng.integers(n_pairs, size=n)
            point = [pl.Series(axis, rng.integers(low, high, n)) for axis, low, high in
                     (("x", 50_000, 400_000), ("y", 50_000, 300_000), ("z", 15_000, 27_000))]
            frame = pl.DataFrame(
                {
                    "id": np.arange(start, start + n),
                    "pre_pt_supervoxel_id": rng.integers(8 * 10**16, 10**17, n),
                    "pre_pt_root_id": ids[pre[pair]],
                    "post_pt_supervoxel_id": rng.integers(8 * 10**16, 10**17, n),
                    "post_pt_root_id": ids[post[pair]],
                    "size": rng.integers(50, 20_000, n),
                }
            ).with_columns(point)
            place = pl.format("[{}, {}, {}]", "x", "y", "z")
            frame = frame.select(
                "id",
                pl.lit("2020-11-04 13:02:08.388988+00:00").alias("created"),
                pl.lit("").alias("superceded_id"),
                pl.lit("t").alias("valid"),
                "size",
                "pre_pt_supervoxel_id",
                "pre_pt_root_id",
                "post_pt_supervoxel_id",
                "post_pt_root_id",
                *[place.alias(f"{end}_pt_position") for end in ("pre", "post", "ctr")],
            )
            file.write(frame.write_csv(include_header=start == 0).encode())


COLUMNS = ["id", "size", "pre_pt_root_id", "post_pt_root_id"]
PANDAS = """
import sys, pandas as pd
table = pd.read_csv(sys.argv[1], usecols=%r).drop_duplicates("id")
edges = table.groupby(["pre_pt_root_id", "post_pt_root_id"])["size"].agg(["count", "sum"]).reset_index()
print(len(edges), int(edges["count"].sum()))
""" % COLUMNS
POLARS = """
import sys, polars as pl
table = pl.scan_csv(sys.argv[1]).select(%r).unique("id")
edges = table.group_by("pre_pt_root_id", "post_pt_root_id").agg(pl.len(), pl.col("size").sum()).collect(engine="streaming")
print(len(edges), edges["len"].sum())
""" % COLUMNS


def measure(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out = child.stdout.read()
    _, status, usage = __import__("os").wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"failed: {command}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20, out


def run(path, neuroloom, repeats=3):
    with tempfile.TemporaryDirectory() as folder:
        ours = [neuroloom, "import", "--edges", path, "--weight-column", "size", "--format", "parquet", "--out", folder + "/c", "--json"]
        programs = {
            "neuroloom": ours,
            "pandas": [sys.executable, "-c", PANDAS, path],
            "polars": [sys.executable, "-c", POLARS, path],
        }
        best = {name: (float("inf"), float("inf"), 0.0) for name in programs}
        for _ in range(repeats):
            for name, command in programs.items():
                wall, cpu, memory, out = measure(command)
                last = best[name]
                best[name] = (min(last[0], wall), min(last[1], cpu), max(last[2], memory))
                print(f"{name:10} {wall:7.1f} s wall {cpu:7.1f} s CPU {memory:6.2f} GiB  {out.strip()[:60]!r}", flush=True)
        for name, (wall, cpu, memory) in best.items():
            ratio = wall / best["neuroloom"][0]
            print(f"best {name:10} {wall:7.1f} s wall {cpu:7.1f} s CPU {memory:6.2f} GiB   {ratio:.2f} x neuroloom")


def matrix(neuroloom):
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/synapses.csv"
        make(path + ".gz", 373_785, 2_275)
        for out in ("csv", "parquet"):
            wall, cpu, memory, _ = measure(
                [neuroloom, "import", "--edges", path + ".gz", "--format", out, "--out", folder + "/c", "--json"]
            )
            print(f"373,785 synapses among 2,275 neurons to {out}: {wall:.2f} s wall, {cpu:.2f} s CPU, {memory:.2f} GiB")
        wall, cpu, _, _ = measure([neuroloom, "export", folder + "/c", "--to", "npz", "--out", folder + "/m.npz", "--json"])
        print(f"and from there to a scipy matrix: {wall:.2f} s wall, {cpu:.2f} s CPU")


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    if task == "make":
        make(rest[0], int(rest[1]), *map(int, rest[2:]))
    elif task == "run":
        run(rest[0], str(Path(rest[1]).resolve()), *map(int, rest[2:]))
    else:
        matrix(str(Path(rest[0]).resolve()))
