"""Makes crates/io/tests/golden: small files written by numpy, scipy, pandas, pyarrow and zarr.

    python reference/io_golden.py

Made with numpy 2.3.5, scipy 1.17.1, pandas 3.1.1, pyarrow 26.0.1, zarr 3.1.6. The values are
x[k, t, i] = 100 k + t + i / 4, exact in every float type from 16 bits on; x[0, 2, 1] is missing where
the file is called `missing`.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse
import zarr

GOLDEN = Path(__file__).resolve().parent.parent / "crates/io/tests/golden"


def values(n_trials=1, n_frames=6, n_neurons=3):
    k, t, i = np.indices((n_trials, n_frames, n_neurons))
    return 100.0 * k + t + i / 4


def numpy_files():
    x = values()[0]
    for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
        np.save(GOLDEN / f"float_{dtype[0].replace('<', 'little').replace('>', 'big')}_{dtype[1:]}.npy", x.astype(dtype))
    for dtype in ["<i2", ">i4", "<i8", "<u2", ">u8", "|i1", "|u1"]:
        name = dtype.replace("<", "little_").replace(">", "big_").replace("|", "")
        np.save(GOLDEN / f"int_{name}.npy", np.arange(18).reshape(6, 3).astype(dtype))
    np.save(GOLDEN / "bool.npy", np.arange(18).reshape(6, 3) % 2 == 0)
    np.save(GOLDEN / "fortran.npy", np.asfortranarray(x.astype("f4")))
    np.save(GOLDEN / "fortran_trials.npy", np.asfortranarray(values(2).astype("f8")))
    missing = x.astype("f4")
    missing[2, 1] = np.nan
    extra = {"time_s": np.arange(6) * 0.6, "names": np.array(["AVAL", "AVA\u00e9", "RIM?"])}
    np.savez(GOLDEN / "stored.npz", traces=missing, **extra)
    np.savez_compressed(GOLDEN / "compressed.npz", traces=missing, **extra)
    np.savez_compressed(GOLDEN / "trials.npz", activity=values(2), dt=0.25, neuron_ids=np.array([2**53 + 1, 5, -7]))
    np.savez(GOLDEN / "pickled.npz", activity=np.array([[1, "a"], [None, 2]], dtype=object))
    np.save(GOLDEN / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(GOLDEN / "complex.npy", x.astype("c8"))
    np.save(GOLDEN / "dates.npy", np.array([["2026-01-01", "2026-01-02"]], dtype="M8[D]"))


def matrices():
    # A[pre, post]: 0 -> 1 (2), 0 -> 2 (3), 2 -> 2 (1).
    a = np.array([[0, 2, 3], [0, 0, 0], [0, 0, 1]])
    scipy.sparse.save_npz(GOLDEN / "csr_int.npz", scipy.sparse.csr_matrix(a))
    scipy.sparse.save_npz(GOLDEN / "csr_float.npz", scipy.sparse.csr_array(-a.astype("f8") / 2))
    scipy.sparse.save_npz(GOLDEN / "csc.npz", scipy.sparse.csc_matrix(a))
    scipy.sparse.save_npz(GOLDEN / "coo.npz", scipy.sparse.coo_matrix(a))
    csr = scipy.sparse.csr_matrix(a)
    np.savez(
        GOLDEN / "csr_pattern_uint16.npz",
        indptr=csr.indptr,
        indices=csr.indices.astype("u2"),
        shape=np.array(csr.shape),
    )
    np.savez(GOLDEN / "dense.npz", weight_matrix=a.T.astype("f4") / 4, neuron_ids=np.array(["A", "B", "C"]))
    np.savez(GOLDEN / "dense_pre_post.npz", m=a, orientation=np.array("pre,post"))


def tables():
    x = values()[0]
    x[2, 1] = np.nan
    frame = pd.DataFrame(x, columns=["AVAL", "AVAR", "RIM?"])
    frame.to_csv(GOLDEN / "pandas_index.csv")
    frame.insert(0, "time_s", np.arange(6) * 0.6)
    frame.to_csv(GOLDEN / "pandas.csv.gz", index=False, compression={"method": "gzip", "mtime": 0})
    frame.to_parquet(GOLDEN / "pandas.parquet")
    types = {"AVAL": pa.float16(), "AVAR": pa.int32(), "RIM": pa.float64()}
    table = {name: pa.array(np.arange(6).astype(kind.to_pandas_dtype())) for name, kind in types.items()}
    for codec in ["snappy", "zstd", "gzip", "lz4", "none"]:
        pq.write_table(pa.table(table), GOLDEN / f"mixed_{codec}.parquet", compression=codec)
    edges = pd.DataFrame(
        {
            "pre": np.array([2**53 + 1, 2**53 + 1, 5], dtype="i8"),
            "post": np.array([5, 5, 5], dtype="u8"),
            "n_syn": np.array([2, 3, 1], dtype="u1"),
            "type": pd.Categorical(["chemical", "electrical", "chemical"]),
        }
    )
    edges.to_parquet(GOLDEN / "edges.parquet")
    edges.astype({"pre": "f8"}).to_parquet(GOLDEN / "edges_float_ids.parquet")


def zarrs():
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    x = values(2, 25, 3).astype("f4")
    x[0, 2, 1] = np.nan
    codecs = {"zstd": ZstdCodec(), "gzip": GzipCodec(), "blosc": BloscCodec(), "plain": None}
    for name, codec in codecs.items():
        path = GOLDEN / f"{name}.zarr"
        shutil.rmtree(path, ignore_errors=True)
        group = zarr.open_group(path, mode="w", zarr_format=3)
        group.attrs.update({"dt_s": 0.1, "unit": "dF/F", "neuron_ids": [2**53 + 1, "AVAL", 7]})
        # Chunks that cut the neurons too, which neuroloom itself never writes.
        chunks = (1, 10, 3) if codec is None else (1, 10, 2)
        array = group.create_array("activity", shape=x.shape, dtype="f4", chunks=chunks, compressors=codec and [codec])
        array[:] = x
    path = GOLDEN / "lone.zarr"
    shutil.rmtree(path, ignore_errors=True)
    array = zarr.create_array(path, shape=(25, 3), dtype="f8", chunks=(10, 3), zarr_format=3)
    array[:] = values(1, 25, 3)[0]
    path = GOLDEN / "version2.zarr"
    shutil.rmtree(path, ignore_errors=True)
    zarr.create_array(path, shape=(4, 3), dtype="f4", chunks=(4, 3), zarr_format=2)[:] = 1


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    numpy_files()
    matrices()
    tables()
    zarrs()
