"""Infer the wiring of five worms and score it beside simple baselines.

    cargo build --release -p neuroloom
    python reference/worm_benchmark.py ../shared/data target/release/neuroloom

Needs no package. Prints one-step R2 on the last quarter beside persistence and ridge VAR(1), and AUROC of |W| for
chemical synapses, gap junctions (Cook et al. 2019) and the functional atlas (Randi et al. 2023, q < 0.05 among the
pairs that were tested) beside |correlation|, |partial correlation| and |ridge VAR(1)|.
"""
import csv
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path


def atlas_connectome(pairs: Path, folder: Path) -> Path:
    """Tested pairs as an edge table: count 1 where connected (q < 0.05), 0 where tested and not."""
    folder.mkdir()
    with gzip.open(pairs, "rt") as table, open(folder / "edges.csv", "w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["pre", "post", "n_syn"])
        for row in csv.DictReader(table):
            if row["q_wt"] != "" and row["pre_stimulated"] != row["post_responding"]:
                rows.writerow([row["pre_stimulated"], row["post_responding"], int(float(row["q_wt"]) < 0.05)])
    return folder


def infer(program: str, recording: Path, connectome: Path, out: Path) -> dict:
    command = [program, "infer", recording, "--array", "traces_zscored", "--dt", "0.6",
               "--connectome", connectome, "--out", out, "-q", "--no-progress"]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((out / "evaluation.json").read_text())


def aurocs(evaluation: dict, kind: str | None) -> list[float]:
    rows = [evaluation["connectivity"]] + evaluation["baselines"]["connectivity"][:3]
    if kind is None:
        return [row["auroc"] for row in rows]
    return [next(one["auroc"] for one in row["by_kind"] if one["kind"] == kind) for row in rows]


def main() -> None:
    data, program = Path(sys.argv[1]), sys.argv[2]
    totals: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        atlas = atlas_connectome(data / "worm_functional_atlas_randi2023/wt_pairs.csv.gz", scratch / "atlas")
        for recording in sorted((data / "worm_activity_dag2023").glob("*.npz")):
            anatomy = infer(program, recording, data / "worm_cook2019_hermaphrodite", scratch / f"{recording.stem}a")
            function = infer(program, recording, atlas, scratch / f"{recording.stem}f")
            steps = anatomy["forecast"]["horizons"]
            scores = {
                **{f"R2 at {one['steps']} steps": [one["model"], one["persistence"], one["ridge_var1"]] for one in steps},
                "chemical synapses": aurocs(anatomy, "chemical"),
                "gap junctions": aurocs(anatomy, "electrical"),
                "functional atlas": aurocs(function, None),
            }
            print(recording.stem, {name: [round(one, 3) for one in row] for name, row in scores.items()})
            for name, row in scores.items():
                totals.setdefault(name, []).append(row)
    print("\nmean of the five worms")
    print("R2: model, persistence, ridge VAR(1); AUROC: model, |correlation|, |partial correlation|, |ridge VAR(1)|")
    for name, rows in totals.items():
        print(f"{name:18}", *(f"{sum(column) / len(column):.3f}" for column in zip(*rows)))


if __name__ == "__main__":
    main()
