"""Writes the HDF5 and Feather files of crates/io/tests/golden that conntility, SONATA and FlyWire users have.

numpy==2.3.5 pandas==3.1.1 tables==3.11.1 h5py==3.16.0 pyarrow==26.0.1

usage: python reference/layout_golden.py crates/io/tests/golden
The frames are written by the calls that conntility's ConnectivityMatrix.to_h5 makes.
"""

import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

out = Path(sys.argv[1])


def conntility(path):
    path.unlink(missing_ok=True)
    ids = np.array([864691135639004475, 864691135771677771, 864691135000000003], dtype=np.int64)
    vertices = pd.DataFrame(
        {
            "pt_root_id": ids,
            "cell_type": ["5P_PT", "23P", "6IT"],
            "x_nm": [1000.0, 2000.0, 3000.0],
            "y_nm": [1.0, 2.0, 3.0],
            "z_nm": [0.0, 0.0, 40.0],
            "indegree": [1, 1, 2],
        }
    )
    matrices = {
        "condensed": (pd.DataFrame({"count": [2, 1, 5], "size": [10.5, 2.0, 7.25]}), [0, 1, 2], [1, 2, 0]),
        "full": (pd.DataFrame({"id": [7, 8, 9], "size": [10.0, 0.5, 2.0]}), [0, 0, 1], [1, 1, 2]),
    }
    for name, (edges, row, column) in matrices.items():
        group = f"connectivity/{name}"
        vertices.to_hdf(path, key=group + "/vertex_properties", format="table", index=False)
        edges.to_hdf(path, key=group + "/edges")
        pd.DataFrame({"row": row, "col": column}).to_hdf(path, key=group + "/edge_indices")
        with h5py.File(path, "a") as file:
            file[group].attrs["NEUROTOP_SHAPE"] = (3, 3)
            file[group].attrs["NEUROTOP_DEFAULT_EDGE"] = "size"
            file[group].attrs["NEUROTOP_CLASS"] = "ConnectivityMatrix"


def sonata(nodes, edges):
    with h5py.File(nodes, "w") as file:
        population = file.create_group("nodes/cortex")
        population["node_type_id"] = np.array([0, 0, 0], dtype=np.int64)
        group = population.create_group("0")
        group["x"], group["y"], group["z"] = np.arange(3.0), np.zeros(3), np.ones(3)
        group["mtype"] = np.array([1, 0, 1], dtype=np.uint32)
        group.create_dataset("@library/mtype", data=["L4_BC", "L5_TPC"], dtype=h5py.string_dtype())
    with h5py.File(edges, "w") as file:
        population = file.create_group("edges/cortex_to_cortex")
        population["edge_type_id"] = np.zeros(2, dtype=np.int64)
        for name, ends in (("source_node_id", [2, 0]), ("target_node_id", [0, 1])):
            population.create_dataset(name, data=np.array(ends, dtype=np.uint64), compression="gzip")
            population[name].attrs["node_population"] = "cortex"
        population["0/nsyns"] = np.array([1, 3], dtype=np.uint16)
        population["0/syn_weight"] = np.array([-1.0, 0.5], dtype=np.float32)


def flywire(path):
    """`flywire_connections_783.feather` in small: LZ4 blocks, neuropils as a dictionary."""
    neurons = np.array([720575940623224444, 720575940630066007], dtype=np.int64)
    frame = pd.DataFrame(
        {
            "pre_root_id": neurons[[0, 0, 1]],
            "post_root_id": neurons[[1, 1, 0]],
            "neuropil": pd.Categorical(["AL_L", "LH_L", "LH_L"]),
            "syn_count": np.array([3, 4, 6], dtype=np.int64),
            "gaba_avg": np.array([0.1, 0.2, 0.9]),
        }
    )
    frame.to_feather(path)


conntility(out / "conntility.h5")
sonata(out / "sonata_nodes.h5", out / "sonata_edges.h5")
flywire(out / "flywire_connections.feather")
