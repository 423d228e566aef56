# /// script
# requires-python = ">=3.10"
# dependencies = ["cect==0.3.5"]
# ///
"""Makes data/worm/{nodes,edges}.csv.gz: the adult hermaphrodite connectome of C. elegans.

    uv run reference/cect_worm.py            (or: pip install cect==0.3.5, then python)

Wiring: Cook et al. 2019, SI 5, corrected July 2020, as read by the MIT-licensed package `cect`.
Neurotransmitters: Wang et al. 2024, from the same package.
The same package version gives the same bytes: rows are sorted and the gzip header has no time stamp.
"""

import csv
import gzip
import io
from pathlib import Path

from cect.Cells import (
    get_primary_classification,
    is_herm_neuron,
    is_known_muscle,
)
from cect.readers.Cook2019DataReader import HERMAPHRODITE, Cook2019DataReader
from cect.readers.Wang2024Reader import Wang2024Reader

FOLDER = Path(__file__).resolve().parent.parent / "data" / "worm"

KIND = {"Generic_CS": "chemical", "Generic_GJ": "electrical"}

NEURON_TYPE = {
    "sensory neuron": "sensory",
    "interneuron": "interneuron",
    "motor neuron": "motor",
    "polymodal neuron": "polymodal",
    "neuron with unknown function": "neuron_other",
}

# Uptake alone, orphans and guesses are no statement about what a neuron releases: such a neuron has none.
RELEASED = [
    "Acetylcholine",
    "Glutamate",
    "GABA",
    "Dopamine",
    "Serotonin",
    "Octopamine",
    "Tyramine",
    "Betaine",
]


def main():
    wiring = Cook2019DataReader(HERMAPHRODITE)
    transmitters = Wang2024Reader(HERMAPHRODITE).all_neurotransmitters
    groups = get_primary_classification()
    write_table("nodes.csv.gz", node_rows(wiring, groups, transmitters))
    write_table("edges.csv.gz", edge_rows(wiring))


def node_rows(wiring, groups, transmitters):
    yield ["node_id", "cell_type", "is_neuron", "neurotransmitter", "cell_group"]
    # Neurons first: the first 302 rows are the nervous system.
    for cell in sorted(wiring.nodes, key=lambda cell: (not is_herm_neuron(cell), cell)):
        found = transmitters.get(cell, [])
        released = "|".join(name for name in RELEASED if name in found)
        yield [cell, cell_type(cell, groups), int(is_herm_neuron(cell)), released, groups[cell]]


def cell_type(cell, groups):
    if is_herm_neuron(cell):
        return NEURON_TYPE[groups[cell]]
    return "muscle" if is_known_muscle(cell) else "other_cell"


def edge_rows(wiring):
    yield ["pre", "post", "kind", "n_syn"]
    rows = []
    for name, kind in KIND.items():
        counts = wiring.connections[name]
        for pre, post in zip(*counts.nonzero()):
            rows.append([wiring.nodes[pre], wiring.nodes[post], kind, int(counts[pre, post])])
    yield from sorted(rows)


def write_table(name, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / name, "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as packed:
            packed.write(text.getvalue().encode())


if __name__ == "__main__":
    main()
