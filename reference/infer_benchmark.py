"""Times `neuroloom infer` against the solver's prototype on the baseline circuit, the two taking turns in one run.

    python reference/infer_benchmark.py ../shared target/release/neuroloom [REPEATS]

Both get 100,000 frames of N = 1000 made with the same wiring, and both use as many of them as they choose (the
prototype one in eight). neuroloom is timed as a whole process, files read and written; the prototype from the moment
it has its frames in memory, as it prints it. Prints each time, peak memory, and the ratio of the fastest runs.

Needs: numpy==2.4.6 scipy==1.17.0 scikit-learn==1.9.1 (any numpy with a threaded BLAS).
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time


def measured(command) -> tuple[float, float, str]:
    """Seconds, peak memory in GB, and what was printed."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1e6, printed


def main() -> None:
    shared, binary = pathlib.Path(sys.argv[1]), sys.argv[2]
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    matrix = shared / "data/allier2026_assemblies/baseline.npz"
    times = {"prototype": [], "neuroloom": []}
    with tempfile.TemporaryDirectory() as folder:
        run, fit = pathlib.Path(folder) / "RUN", pathlib.Path(folder) / "FIT"
        simulate = [binary, "simulate", "--preset", "baseline", "--weights", matrix, "--seed", "42", "--out", run]
        subprocess.run(simulate, check=True, capture_output=True)
        for repeat in range(repeats):
            infer = [binary, "infer", run / "activity.zarr", "--evaluate", "none", "--out", f"{fit}{repeat}"]
            seconds, ours, _ = measured(infer)
            times["neuroloom"].append(seconds)
            prototype = [sys.executable, shared / "prototypes/variable_projection.py", matrix]
            _, theirs, printed = measured(prototype)
            times["prototype"].append(float(re.findall(r"(\d+) s$", printed.strip())[-1]))
            print("  ".join(f"{name} {runs[-1]:.1f} s" for name, runs in times.items()), flush=True)
    fastest = {name: min(runs) for name, runs in times.items()}
    print(f"fastest: prototype {fastest['prototype']:.1f} s and {theirs:.2f} GB, neuroloom {fastest['neuroloom']:.1f} s "
          f"and {ours:.2f} GB: {fastest['prototype'] / fastest['neuroloom']:.1f}x")


if __name__ == "__main__":
    main()
