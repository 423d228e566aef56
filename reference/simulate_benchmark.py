"""Times `neuroloom simulate` against the numpy loop of the solver's prototype, the two taking turns in one run.

    python reference/simulate_benchmark.py ../shared target/release/neuroloom [REPEATS]

Both simulate 101,000 steps (1,000 of them burn-in) of the baseline circuit, N = 1000, with all cores, and keep
states only as long as they are asked to: the loop returns states and drift in memory; neuroloom is timed as a
whole process, its files written. Prints each time and the ratio of the fastest runs.

Needs: numpy==2.4.6 scipy==1.17.0 (any numpy with a threaded BLAS).
"""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

N_FRAMES = 100_000


def prototype(shared: pathlib.Path):
    specification = importlib.util.spec_from_file_location("prototype", shared / "prototypes/variable_projection.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    shared, binary = pathlib.Path(sys.argv[1]), sys.argv[2]
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    matrix = shared / "data/allier2026_assemblies/baseline.npz"
    with np.load(matrix) as archive:
        weights = max((archive[key] for key in archive.files), key=lambda a: a.ndim).astype(np.float32)
    numpy_loop = prototype(shared).simulate

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [binary, "simulate", "--preset", "baseline", "--weights", matrix, "--seed", "42"]
            subprocess.run([*command, "--out", pathlib.Path(folder) / "RUN"], check=True, capture_output=True)

    times = {"numpy": [], "neuroloom": []}
    for _ in range(repeats):
        times["neuroloom"].append(seconds(ours))
        times["numpy"].append(seconds(lambda: numpy_loop(weights, N_FRAMES, 1)))
        print("  ".join(f"{name} {runs[-1]:.2f} s" for name, runs in times.items()), flush=True)
    fastest = {name: min(runs) for name, runs in times.items()}
    print(f"fastest: numpy {fastest['numpy']:.2f} s, neuroloom {fastest['neuroloom']:.2f} s: "
          f"{fastest['numpy'] / fastest['neuroloom']:.2f}x")


if __name__ == "__main__":
    main()
