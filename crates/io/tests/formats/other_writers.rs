//! Files written by numpy, scipy, pandas, pyarrow and zarr-python (reference/io_golden.py) open as they should.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::path::{Path, PathBuf};

use ndarray::{Array3, array, s};
use neuroloom_core::{FrameShape, FrameSource, NeuronId, Synapses};
use neuroloom_io::{
    ConnectomeOptions, Error, ReadOptions, inspect, open_recording, read_array, read_connectome,
    read_weight_matrix,
};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn with_dt(dt_s: f64) -> ReadOptions {
    ReadOptions { dt_s: Some(dt_s), ..ReadOptions::default() }
}

fn collect(source: &dyn FrameSource) -> Array3<f32> {
    let FrameShape { n_trials, n_frames, n_neurons } = source.shape();
    let mut values = Array3::zeros((n_trials, n_frames, n_neurons));
    for trial in 0..n_trials {
        for start in (0..n_frames).step_by(4) {
            let end = (start + 4).min(n_frames);
            source.read_frames(trial, start..end, values.slice_mut(s![trial, start..end, ..])).unwrap();
        }
    }
    values
}

/// x[k, t, i] = 100 k + t + i / 4
fn expected(n_trials: usize, n_frames: usize) -> Array3<f32> {
    Array3::from_shape_fn((n_trials, n_frames, 3), |(k, t, i)| (100 * k + t) as f32 + i as f32 / 4.0)
}

fn assert_same(given: &Array3<f32>, expected: &Array3<f32>, name: &str) {
    assert_eq!(given.dim(), expected.dim(), "{name}");
    let same = given.iter().zip(expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
    assert!(same, "{name}: {given} {expected}");
}

#[test]
fn every_numpy_dtype_and_order_opens() {
    for name in ["little_f2", "big_f2", "little_f4", "big_f4", "little_f8", "big_f8"] {
        let read = open_recording(&golden(&format!("float_{name}.npy")), &with_dt(1.0)).unwrap();
        assert_same(&collect(&*read.activity), &expected(1, 6), name);
    }
    let counting = Array3::from_shape_fn((1, 6, 3), |(_, t, i)| (3 * t + i) as f32);
    for name in ["little_i2", "big_i4", "little_i8", "little_u2", "big_u8", "i1", "u1"] {
        let read = open_recording(&golden(&format!("int_{name}.npy")), &with_dt(1.0)).unwrap();
        assert_same(&collect(&*read.activity), &counting, name);
    }
    let even = read_array(&golden("bool.npy"), None).unwrap();
    assert_eq!(even.iter().take(4).copied().collect::<Vec<_>>(), [1.0, 0.0, 1.0, 0.0]);
    let read = open_recording(&golden("fortran.npy"), &with_dt(1.0)).unwrap();
    assert_same(&collect(&*read.activity), &expected(1, 6), "fortran");
    let read = open_recording(&golden("fortran_trials.npy"), &with_dt(1.0)).unwrap();
    assert_same(&collect(&*read.activity), &expected(2, 6), "fortran_trials");
}

#[test]
fn npz_archives_open() {
    let mut missing = expected(1, 6);
    missing[[0, 2, 1]] = f32::NAN;
    for name in ["stored.npz", "compressed.npz"] {
        let read = open_recording(&golden(name), &ReadOptions::default()).unwrap();
        assert_same(&collect(&*read.activity), &missing, name);
        assert_eq!(read.activity.dt_s(), 0.6);
        assert_eq!(read.array.as_deref(), Some("traces"));
        let names: Vec<String> = read.activity.neuron_ids().iter().map(NeuronId::to_string).collect();
        assert_eq!(names, ["AVAL", "AVA\u{e9}", "RIM?"]);
    }
    let read = open_recording(&golden("trials.npz"), &ReadOptions::default()).unwrap();
    assert_same(&collect(&*read.activity), &expected(2, 6), "trials");
    assert_eq!(read.activity.neuron_ids()[0], NeuronId::Integer(9_007_199_254_740_993));
    assert_eq!(read.activity.dt_s(), 0.25);
}

#[test]
fn what_is_no_number_is_refused() {
    let open = |name: &str| open_recording(&golden(name), &with_dt(1.0)).map(|_| ()).unwrap_err();
    for name in ["pickled.npz", "pickled.npy"] {
        let error = open(name);
        assert!(matches!(&error, Error::Pickled { .. } | Error::Shape { .. }), "{name}: {error}");
    }
    assert!(matches!(open("pickled.npz"), Error::Pickled { .. }));
    assert!(matches!(read_array(&golden("pickled.npy"), Some("array")), Err(Error::Pickled { .. })));
    assert!(matches!(open("complex.npy"), Error::Dtype { .. }));
    assert!(matches!(open("dates.npy"), Error::Dtype { .. }));
    // The listing shows them all the same.
    assert_eq!(inspect(&golden("trials.npz"), &ReadOptions::default()).unwrap().arrays.len(), 3);
}

#[test]
fn tables_of_pandas_and_pyarrow_open() {
    let mut missing = expected(1, 6);
    missing[[0, 2, 1]] = f32::NAN;
    for name in ["pandas.csv.gz", "pandas.parquet"] {
        let read = open_recording(&golden(name), &ReadOptions::default()).unwrap();
        assert_same(&collect(&*read.activity), &missing, name);
        assert_eq!(read.activity.dt_s(), 0.6, "{name}");
    }
    let read = open_recording(&golden("pandas_index.csv"), &with_dt(1.0)).unwrap();
    assert_same(&collect(&*read.activity), &missing, "pandas_index");
    assert_eq!(read.warnings[0].code, "index-column");
    let counting = Array3::from_shape_fn((1, 6, 3), |(_, t, _)| t as f32);
    for codec in ["snappy", "zstd", "gzip", "lz4", "none"] {
        let read = open_recording(&golden(&format!("mixed_{codec}.parquet")), &with_dt(1.0)).unwrap();
        assert_same(&collect(&*read.activity), &counting, codec);
    }
}

#[test]
fn zarr_python_opens() {
    let mut missing = expected(2, 25);
    missing[[0, 2, 1]] = f32::NAN;
    for name in ["zstd", "gzip", "blosc", "plain"] {
        let read = open_recording(&golden(&format!("{name}.zarr")), &ReadOptions::default()).unwrap();
        assert_same(&collect(&*read.activity), &missing, name);
        assert_eq!(read.activity.dt_s(), 0.1);
        assert_eq!(read.unit.as_deref(), Some("dF/F"));
        let ids = [NeuronId::Integer(9_007_199_254_740_993), NeuronId::from("AVAL"), NeuronId::from(7)];
        assert_eq!(read.activity.neuron_ids(), ids);
    }
    let read = open_recording(&golden("lone.zarr"), &with_dt(1.0)).unwrap();
    assert_same(&collect(&*read.activity), &expected(1, 25), "lone");
    let error = open_recording(&golden("version2.zarr"), &with_dt(1.0)).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[test]
fn matrices_keep_their_orientation() {
    let read = |name: &str| read_connectome(&golden(name), &ConnectomeOptions::default()).unwrap();
    // A[pre, post]: 0 -> 1 (2), 0 -> 2 (3), 2 -> 2 (1).
    let counts = array![[0.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
    for name in ["csr_int.npz", "csc.npz", "dense_pre_post.npz"] {
        let import = read(name);
        assert_eq!(import.connectome.adjacency(Synapses::Count), counts, "{name}");
        assert_eq!(import.summary.n_self_edges, 1);
        assert_eq!(read_weight_matrix(&golden(name), None).unwrap(), counts.t(), "{name}");
    }
    let import = read("csr_float.npz");
    assert_eq!(import.connectome.adjacency(Synapses::Weight), &counts * -0.5);
    assert_eq!(read_weight_matrix(&golden("csr_float.npz"), None).unwrap(), &counts.t() * -0.5);
    let import = read("csr_pattern_uint16.npz");
    assert_eq!(import.connectome.adjacency(Synapses::Count), counts.mapv(|count| f32::from(count > 0.0)));
    let import = read("dense.npz");
    assert_eq!(import.connectome.adjacency(Synapses::Weight), &counts * 0.25);
    assert_eq!(import.connectome.neurons().id()[2], NeuronId::from("C"));
    let error = read_connectome(&golden("coo.npz"), &ConnectomeOptions::default()).unwrap_err();
    assert!(!error.to_string().is_empty());
}

#[test]
fn integer_ids_of_parquet_stay_exact() {
    let import = read_connectome(&golden("edges.parquet"), &ConnectomeOptions::default()).unwrap();
    let ids = [NeuronId::from(5), NeuronId::Integer(9_007_199_254_740_993)];
    assert_eq!(import.connectome.neurons().id(), ids);
    assert_eq!(import.connectome.edges().kind, ["chemical", "electrical", "chemical"]);
    assert_eq!(import.connectome.edges().syn_count, [2.0, 3.0, 1.0]);
    let error =
        read_connectome(&golden("edges_float_ids.parquet"), &ConnectomeOptions::default()).unwrap_err();
    assert!(matches!(error, Error::MangledId { row: 1, .. }), "{error}");
}
