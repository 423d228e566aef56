# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""The heading that each EPG neuron of the fly's compass stands for, from the name of its glomerulus alone.

    python reference/compass_angles.py fly_compass_hemibrain angles.csv
    neuroloom extract fly_compass_hemibrain --cell-type EPG --points incoming --unit-norm --truth angles.csv --out compass

The EPGs of the glomeruli L1 to L8 and those of R1 to R8 of the protocerebral bridge each go once round the ellipsoid
body in steps of 45 degrees, in opposite directions and half a step apart (Wolff, Iyer and Rubin 2015; Turner-Evans and
others 2020): angle = 45 k for Rk and 22.5 - 45 k for Lk. Glomeruli 9 hold no EPG that is counted here. Nothing of the
wiring is looked at.

The folder holds nodes.csv(.gz) with the columns node_id, cell_type and glomerulus.
"""

import csv
import gzip
import sys
from pathlib import Path


def angle(glomerulus):
    """Degrees of `L1` to `L8` or `R1` to `R8`; None for any other name."""
    side, number = glomerulus[:1], glomerulus[1:]
    if side not in ("L", "R") or not number.isdigit() or not 1 <= int(number) <= 8:
        return None
    return (45 * int(number) if side == "R" else 22.5 - 45 * int(number)) % 360


def main(folder, out):
    path = next(path for path in (Path(folder) / "nodes.csv.gz", Path(folder) / "nodes.csv") if path.is_file())
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as nodes, open(out, "w", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["neuron", "glomerulus", "angle_deg"])
        n = 0
        for node in csv.DictReader(nodes):
            found = angle(node["glomerulus"])
            if node["cell_type"] == "EPG" and found is not None:
                rows.writerow([node["node_id"], node["glomerulus"], found])
                n += 1
    print(f"{n} EPG neurons with an angle")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
