"""Directed wiring of 18 simulated BOLD networks (Sanchez-Romero et al. 2019), one fit a run.

    pip install numpy
    cargo build --release -p neuroloom
    python reference/fmri_benchmark.py ../shared/data target/release/neuroloom [RUNS]

Prints the mean AUROC over networks and runs, all ordered pairs, of |W| beside |correlation|, |partial correlation|
and |ridge VAR(1)| on the same runs; then the same when the runs of a network are given together as trials.
"""
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np


def write_connectome(folder: Path, edges: list[tuple[str, str]], names: list[str]) -> None:
    folder.mkdir()
    (folder / "nodes.csv").write_text("node_id\n" + "".join(f"{name}\n" for name in names))
    (folder / "edges.csv").write_text("pre,post\n" + "".join(f"{pre},{post}\n" for pre, post in edges))


def infer(program: str, values: np.ndarray, names: list[str], connectome: Path, scratch: Path) -> list[float]:
    np.savez(scratch / "run.npz", activity=values, neuron_ids=np.array(names))
    command = [program, "infer", scratch / "run.npz", "--dt", "1", "--connectome", connectome,
               "--out", scratch / "fit", "-q", "--no-progress"]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    evaluation = json.loads((scratch / "fit/evaluation.json").read_text())
    return [evaluation["connectivity"]["auroc"]] + [row["auroc"] for row in evaluation["baselines"]["connectivity"][:3]]


def main() -> None:
    data, program = Path(sys.argv[1]) / "benchmark_fmri_feedback_sanchezromero2019", sys.argv[2]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    with open(data / "ground_truth_edges.csv") as table:
        edges = [(row["network"], row["pre"], row["post"]) for row in csv.DictReader(table)]
    single, together = [], []
    with np.load(data / "bold_first20.npz") as networks:
        for network in networks.files:
            values = networks[network]
            names = [f"X{one + 1}" for one in range(values.shape[2])]
            with tempfile.TemporaryDirectory() as scratch:
                scratch = Path(scratch)
                own = [(pre, post) for name, pre, post in edges if name == network]
                write_connectome(scratch / "truth", own, names)
                rows = [infer(program, values[run], names, scratch / "truth", scratch) for run in range(runs)]
                together.append(infer(program, values[:runs], names, scratch / "truth", scratch))
            single.extend(rows)
            print(network, np.round(np.mean(rows, 0), 3), "together", np.round(together[-1], 3), flush=True)
    print("mean AUROC: model, |correlation|, |partial correlation|, |ridge VAR(1)|:", np.round(np.mean(single, 0), 3))
    print("the same, runs of a network given together:", np.round(np.mean(together, 0), 3))


if __name__ == "__main__":
    main()
