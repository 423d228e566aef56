//! Files as they come: damaged, mislabelled, half understood. Each is a clear error or a stated warning, never a
//! panic and never a silently wrong recording.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array2, array};
use neuroloom_io::{
    ConnectomeOptions, Error, NamedArray, ReadOptions, inspect, open_recording, read_connectome, read_truth,
    read_weight_matrix, write_npy, write_npz,
};
use tempfile::TempDir;

const WITH_DT: ReadOptions =
    ReadOptions { array: None, dt_s: Some(0.1), names: None, orientation: neuroloom_io::Orientation::Auto };

/// A folder with one file.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Opening must fail, name the file, and `inspect` must not panic on it either.
fn refused(path: &Path) -> Error {
    let error = open_recording(path, &WITH_DT).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
    let _ = inspect(path, &WITH_DT);
    error
}

fn refused_text(name: &str, text: &str) -> Error {
    let (_folder, path) = file(name, text.as_bytes());
    refused(&path)
}

fn golden(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)).unwrap()
}

fn edges(text: &str) -> Result<neuroloom_io::ImportedConnectome, Error> {
    let (_folder, path) = file("edges.csv", text.as_bytes());
    read_connectome(&path, &ConnectomeOptions::default())
}

#[test]
fn absent_and_unreadable() {
    let error = refused(Path::new("no_such_file.npz"));
    assert!(matches!(error, Error::Io { .. }));
    assert!(error.hint().unwrap().contains("spelling"));
    let (folder, path) = file("a.xyz", b"abc");
    assert!(matches!(refused(&path), Error::UnknownFormat { .. }));
    // A folder that is no Zarr.
    assert!(matches!(refused(folder.path()), Error::Content { .. }));
}

#[test]
fn empty_files() {
    for name in ["a.npz", "a.npy", "a.csv", "a.csv.gz", "a.parquet"] {
        assert!(matches!(refused_text(name, ""), Error::Empty { .. }), "{name}");
    }
    assert!(matches!(refused_text("a.csv", "time_s,A,B\n"), Error::Empty { .. }));
    assert!(matches!(refused_text("a.csv", "time_s\n0\n1\n"), Error::Empty { .. }));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    write_npz(&path, &[("activity", Array2::<f32>::zeros((0, 3)).into())]).unwrap();
    assert!(matches!(refused(&path), Error::Shape { .. }));
    write_npz(&path, &[]).unwrap();
    refused(&path);
}

#[test]
fn truncation_at_every_length_is_an_error() {
    for name in ["stored.npz", "compressed.npz", "fortran.npy", "pandas.csv.gz", "mixed_zstd.parquet"] {
        let whole = golden(name);
        for keep in (1..whole.len()).step_by(1 + whole.len() / 60) {
            let (_folder, path) = file(name, &whole[..keep]);
            refused(&path);
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for name in ["stored.npz", "compressed.npz", "fortran.npy", "pandas.csv.gz", "mixed_zstd.parquet"] {
        let whole = golden(name);
        for place in (0..whole.len()).step_by(1 + whole.len() / 150) {
            for mask in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] ^= mask;
                let (_folder, path) = file(name, &bytes);
                let _ = open_recording(&path, &WITH_DT).map(|_| ());
                let _ = inspect(&path, &WITH_DT);
            }
        }
    }
}

/// Copies a golden Zarr folder and returns its files.
fn copy_zarr(name: &str, to: &Path) -> Vec<PathBuf> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        fs::create_dir_all(to.join(&folder)).unwrap();
        for child in fs::read_dir(from.join(&folder)).unwrap() {
            let child = folder.join(child.unwrap().file_name());
            if from.join(&child).is_dir() {
                folders.push(child);
            } else {
                fs::copy(from.join(&child), to.join(&child)).unwrap();
                files.push(to.join(child));
            }
        }
    }
    files
}

#[test]
fn flipped_bytes_of_zarr_never_panic() {
    for name in ["zstd.zarr", "gzip.zarr", "blosc.zarr", "plain.zarr"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zarr");
        for file in copy_zarr(name, &path) {
            let whole = fs::read(&file).unwrap();
            for place in (0..whole.len()).step_by(1 + whole.len() / 40) {
                for mask in [0x01, 0x80, 0xff] {
                    let mut bytes = whole.clone();
                    bytes[place] ^= mask;
                    fs::write(&file, &bytes).unwrap();
                    let _ = inspect(&path, &WITH_DT);
                }
                fs::write(&file, &whole[..place]).unwrap();
                let _ = inspect(&path, &WITH_DT);
            }
            fs::write(&file, &whole).unwrap();
        }
    }
}

#[test]
fn damaged_zarr() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zarr");
    let activity = neuroloom_core::Activity::from_frames(
        Array2::from_shape_fn((10, 3), |(t, i)| (t + i) as f32),
        0.1,
        neuroloom_core::NeuronId::numbered(3),
    )
    .unwrap();
    neuroloom_io::write_activity(&path, &activity).unwrap();
    let chunk = path.join("activity/c/0/0/0");
    let bytes = fs::read(&chunk).unwrap();
    fs::write(&chunk, &bytes[..bytes.len() - 4]).unwrap();
    let read = open_recording(&path, &ReadOptions::default()).unwrap();
    let mut out = Array2::zeros((10, 3));
    let error = read.activity.read_frames(0, 0..10, out.view_mut()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("truncated"), "{cause}");
    // A chunk that is not there is missing data, not silence.
    fs::remove_file(&chunk).unwrap();
    read.activity.read_frames(0, 0..10, out.view_mut()).unwrap();
    assert!(out.iter().all(|value| value.is_nan()));
    let json = path.join("activity/zarr.json");
    let text = fs::read_to_string(&json).unwrap();
    for (from, to) in
        [("\"shape\"", "\"shop\""), ("float32", "complex64"), ("\"bytes\"", "\"magic\""), ("{", "")]
    {
        fs::write(&json, text.replacen(from, to, 1)).unwrap();
        let _ = inspect(&path, &WITH_DT);
        assert!(open_recording(&path, &WITH_DT).is_err(), "{from} -> {to}");
    }
    for huge in ["[1, 18446744073709551615, 3]", "[4294967296, 4294967296, 4294967296]"] {
        let shape: String = text.split_whitespace().collect();
        let shape = shape.replacen("\"shape\":[1,10,3]", &format!("\"shape\":{huge}"), 1);
        fs::write(&json, shape).unwrap();
        let _ = open_recording(&path, &WITH_DT).map(|_| ());
    }
}

#[test]
fn wrong_dtypes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let names = NamedArray::Text(vec!["A".to_owned(), "B".to_owned()]);
    write_npz(&path, &[("activity", names)]).unwrap();
    assert!(matches!(refused(&path), Error::Shape { .. } | Error::Dtype { .. }));
    for name in ["pickled.npz", "complex.npy"] {
        let (_folder, path) = file(name, &golden(name));
        let error = refused(&path);
        assert!(matches!(error, Error::Pickled { .. } | Error::Dtype { .. }), "{error}");
    }
    // A bare pickle, as pandas and joblib write it.
    let (_folder, path) = file("a.npy", b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00.");
    let error = refused(&path);
    assert!(matches!(error, Error::Pickled { .. }));
    assert!(error.hint().unwrap().contains("np.savez"));
}

#[test]
fn values_that_f32_cannot_hold_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    for bad in [f64::INFINITY, f64::NEG_INFINITY, 1e39] {
        write_npy(&path, &array![[0.0, 1.0], [bad, 2.0]].into()).unwrap();
        let error = refused(&path);
        assert!(matches!(&error, Error::Element { place, .. } if place == "index [1, 0]"), "{error}");
    }
    let error = refused_text("a.csv", "A,B\n1,2\n3,1e39\n");
    assert!(matches!(&error, Error::Cell { row: 3, column, given, .. } if column == "B" && given == "1e39"));
    refused_text("a.csv", "A,B\n1,2\n3,inf\n");
}

#[test]
fn huge_headers() {
    let mut header = b"\x93NUMPY\x02\x00\xff\xff\xff\x7f".to_vec();
    header.extend([b' '; 100]);
    let (_folder, path) = file("a.npy", &header);
    assert!(matches!(refused(&path), Error::TooLarge { .. }));
    let dict = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000), }\n";
    let mut claims = b"\x93NUMPY\x01\x00".to_vec();
    claims.extend((dict.len() as u16).to_le_bytes());
    claims.extend(dict);
    let (_folder, path) = file("a.npy", &claims);
    assert!(matches!(refused(&path), Error::TooLarge { .. }));
}

#[test]
fn csv_cells() {
    let error = refused_text("a.csv", "time_s,AVAL,AVAR\n0,1,2\n0.1,1\n");
    assert_eq!(error.to_string().split(": ").nth(1).unwrap(), "row 3 has 2 cells, the header has 3 cells");
    let error = refused_text("a.csv", "time_s,AVAL,AVAR\n0,1,2\n0.1,1,n.d.\n");
    assert!(error.to_string().contains("row 3, column `AVAR`: `n.d.` is not allowed"), "{error}");
    let error = refused_text("a.csv", "time_s,AVAL\n0,1\n,1\n");
    assert!(error.to_string().contains("row 3, column `time_s`"), "{error}");
    assert!(matches!(refused_text("a.csv", "0.1,0.2\n0.3,0.4\n"), Error::MissingHeader { .. }));
    assert!(matches!(refused_text("a.csv", "1,0,1\n0,1,1\n"), Error::MissingHeader { .. }));
    assert!(matches!(refused_text("a.csv", "6.485e17,5\n0.3,0.4\n"), Error::MangledId { .. }));
    assert!(matches!(refused_text("a.csv", "pre,post\n1,2\n"), Error::Content { .. }));
    let (_folder, path) = file("a.csv", b"A,B\n1,\xff\xfe\n");
    refused(&path);
    let (_folder, path) = file("a.csv", b"A\0\0B\n1\n");
    assert!(matches!(refused(&path), Error::Corrupt { .. }));
}

#[test]
fn a_blank_line_does_not_shift_time() {
    for text in ["A\n1\n\n3\n", "A,B\n1,2\n\n3,4\n", "A\r\n1\r\n2\r\n\r\n3\r\n"] {
        let error = refused_text("a.csv", text);
        assert!(error.to_string().contains("an empty line before it"), "{error}");
    }
    for text in ["A\n1\n2\n\n\n", "A\r\n1\r\n2\r\n", "A\n1\n2", "\u{feff}A\n1\n2\n", "\"A\"\n1\n2\n"] {
        let (_folder, path) = file("a.csv", text.as_bytes());
        let read = open_recording(&path, &WITH_DT).unwrap();
        assert_eq!(read.activity.shape().n_frames, 2, "{text:?}");
        assert_eq!(read.activity.neuron_ids()[0].to_string(), "A");
    }
}

#[test]
fn separators_spaces_and_missing_values_are_understood() {
    for text in
        ["t;A;B\n0;1;NA\n1; 2;\n", "t\tA\tB\n0\t1\tnan\n1\t2\tN/A\n", "t, A, B\n0, 1, NaN\n1, 2, null\n"]
    {
        let (_folder, path) = file("a.csv", text.as_bytes());
        let read = open_recording(&path, &ReadOptions::default()).unwrap();
        let mut out = Array2::zeros((2, 2));
        read.activity.read_frames(0, 0..2, out.view_mut()).unwrap();
        assert_eq!(out.column(0).to_vec(), [1.0, 2.0], "{text:?}");
        assert!(out.column(1).iter().all(|value| value.is_nan()));
    }
}

#[test]
fn time() {
    let no_dt = |text: &str| {
        let (_folder, path) = file("a.csv", text.as_bytes());
        open_recording(&path, &ReadOptions::default()).map(|read| read.warnings)
    };
    let error = no_dt("A,B\n1,2\n3,4\n").unwrap_err();
    assert!(matches!(error, Error::MissingDt { .. }));
    assert!(error.hint().unwrap().contains("--dt"));
    assert!(matches!(no_dt("frame,A\n0,2\n1,4\n"), Err(Error::MissingDt { .. })));
    assert!(matches!(no_dt("time_s,A\n0,2\n0,4\n"), Err(Error::Element { .. })));
    assert!(matches!(no_dt("time_s,A\n0,2\n"), Err(Error::MissingDt { .. })));
    assert_eq!(no_dt("time_s,A\n0,1\n1,2\n2,4\n3.5,1\n").unwrap()[0].code, "irregular-sampling");
    let (_folder, path) = file("a.csv", b"time_s,A\n0,1\n1,2\n");
    assert_eq!(open_recording(&path, &WITH_DT).unwrap().warnings[0].code, "time-step");
    let codes = |text: &str| -> Vec<String> {
        let (_folder, path) = file("a.csv", text.as_bytes());
        open_recording(&path, &WITH_DT).unwrap().warnings.into_iter().map(|warning| warning.code).collect()
    };
    assert_eq!(codes("time_s,A\n0,1\n0.1,2\n0.2,4\n0.35,1\n"), ["irregular-sampling"]);
    // Useless times do not matter to a user who gave the step.
    assert_eq!(codes("time_s,A\n0,1\n0,2\n"), ["time-step"]);
    for dt_s in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = ReadOptions { dt_s: Some(dt_s), ..WITH_DT };
        assert!(open_recording(&path, &options).is_err(), "{dt_s}");
    }
}

#[test]
fn choices_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let frames = Array2::<f32>::zeros((5, 2));
    write_npz(&path, &[("a", (&frames).into()), ("b", (&frames).into())]).unwrap();
    let error = refused(&path);
    assert!(error.to_string().contains("a [5, 2] <f4, b [5, 2] <f4"), "{error}");
    let options = ReadOptions { array: Some("c".to_owned()), ..WITH_DT };
    let error = open_recording(&path, &options).map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::MissingArray { .. }));
    let names = folder.path().join("names.csv");
    let with_names = |text: &str| {
        fs::write(&names, text).unwrap();
        let options = ReadOptions { array: Some("a".to_owned()), names: Some(names.clone()), ..WITH_DT };
        open_recording(&path, &options).map(|read| read.activity.neuron_ids().to_vec())
    };
    assert!(matches!(with_names("label\nA\nB\nC\n"), Err(Error::Names { .. })));
    assert!(matches!(with_names("index,label\n0,A\n2,B\n"), Err(Error::Names { .. })));
    assert!(matches!(
        with_names("index,label\n0,A\n0,B\n"),
        Err(Error::DuplicateId { first: 2, second: 3, .. })
    ));
    assert!(matches!(with_names("index,label\nx,A\n"), Err(Error::Cell { .. })));
    assert!(matches!(with_names("index,title\n0,A\n"), Err(Error::MissingColumn { .. })));
    assert!(matches!(with_names("label\n6.4e17\nB\n"), Err(Error::MangledId { row: 2, .. })));
    assert_eq!(with_names("index,label\n1,B\n").unwrap()[0].to_string(), "column_0");
}

#[test]
fn holes_and_small_recordings_are_told_by_inspect() {
    let codes = |text: &str| -> Vec<String> {
        let (_folder, path) = file("a.csv", text.as_bytes());
        let found = inspect(&path, &WITH_DT).unwrap();
        found.warnings.into_iter().map(|warning| warning.code).collect()
    };
    assert_eq!(codes("A,B\n1,2\nNA,NA\n3,1\n"), ["missing-samples"]);
    assert_eq!(codes("A,B\n1,2\n1,3\n"), ["constant-neurons"]);
    assert_eq!(codes("A,B\n1,\n2,\n"), ["missing-samples", "empty-neurons"]);
    assert_eq!(codes("A,B,C\n1,2,3\n4,5,6\n"), ["orientation"]);
    assert_eq!(codes("A,A\n1,2\n3,4\n"), ["duplicate-names"]);
    assert!(codes("A\n1\n2\n").is_empty());
    let (_folder, path) = file("a.csv", b"A,B\n1,2\n3,5\n");
    let found = inspect(&path, &ReadOptions::default()).unwrap();
    assert_eq!(found.recording.unwrap().dt_s, None);
    assert_eq!(found.warnings[0].code, "missing-dt");
}

#[test]
fn edge_tables() {
    assert!(matches!(edges("pre,post\n6.485183463405e17,5\n"), Err(Error::MangledId { row: 2, .. })));
    assert!(matches!(edges("pre,post\n5,6\n7,123.0\n"), Err(Error::MangledId { row: 3, .. })));
    let error = edges("sender,post\nA,B\n").unwrap_err();
    assert!(error.to_string().contains("it has: sender, post"), "{error}");
    assert!(matches!(edges("pre,post\nA,\n"), Err(Error::Cell { row: 2, .. })));
    assert!(matches!(edges("pre,post,n_syn\nA,B,NaN\n"), Err(Error::Cell { row: 2, .. })));
    assert!(matches!(edges("pre,post,n_syn\nA,B,-2\n"), Err(Error::Cell { row: 2, .. })));
    assert!(matches!(edges("pre,post,sign\nA,B,2\n"), Err(Error::Cell { row: 2, .. })));
    assert!(matches!(edges("pre,post\n"), Err(Error::Empty { .. })));
    assert!(matches!(edges("pre,post\nA\n"), Err(Error::Ragged { row: 2, .. })));
    let import = edges("pre,post,sign\nA,B,1\nA,B,-1\nB,B,0\n").unwrap();
    let codes: Vec<&str> = import.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["no-synapse-count", "duplicate-edges", "sign-conflict"]);
    assert_eq!(import.connectome.edges().sign, [0, 0]);
}

#[test]
fn node_tables() {
    let folder = tempfile::tempdir().unwrap();
    let read = |nodes: &str| {
        fs::write(folder.path().join("nodes.csv"), nodes).unwrap();
        fs::write(folder.path().join("edges.csv"), "pre,post\nA,B\nA,X\nY,B\nX,Y\nZ,A\n").unwrap();
        read_connectome(folder.path(), &ConnectomeOptions::default())
    };
    let import = read("node_id,x,y,z\nA,1,2,3\nB,1,,3\n").unwrap();
    assert_eq!((import.summary.n_edges, import.summary.n_dangling), (1, 4));
    assert_eq!(import.summary.dangling_examples, ["row 3: A -> X", "row 4: Y -> B", "row 5: X -> Y"]);
    assert_eq!(import.warnings.len(), 2);
    assert!(matches!(read("node_id\nA\nB\nA\n"), Err(Error::DuplicateId { first: 2, second: 4, .. })));
    assert!(matches!(read("node_id,x_um,y_um,z_um\nA,1,2,far\n"), Err(Error::Cell { row: 2, .. })));
    assert!(matches!(read("cell,kind\nA,e\n"), Err(Error::MissingColumn { .. })));
}

#[test]
fn matrices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.npz");
    let write = |arrays: &[(&str, NamedArray<'_>)]| write_npz(&path, arrays).unwrap();
    write(&[("weight_matrix", Array2::<f32>::zeros((2, 3)).into())]);
    assert!(matches!(read_weight_matrix(&path, None), Err(Error::Shape { .. })));
    write(&[("weight_matrix", array![[0.0_f32, f32::NAN], [1.0, 0.0]].into())]);
    assert!(matches!(read_weight_matrix(&path, None), Err(Error::Element { .. })));
    let import = read_connectome(&path, &ConnectomeOptions::default()).unwrap();
    assert_eq!((import.summary.n_edges, import.warnings[0].code.as_str()), (1, "unobserved-pairs"));
    assert!(matches!(read_truth(&path), Err(Error::MissingArray { .. } | Error::Element { .. })));
    let sparse = |indptr: &[i64], indices: &[i64], shape: &[i64]| {
        write(&[("indptr", indptr.into()), ("indices", indices.into()), ("shape", shape.into())]);
        assert!(read_weight_matrix(&path, None).is_err());
        read_connectome(&path, &ConnectomeOptions::default()).unwrap_err()
    };
    assert!(matches!(sparse(&[0, 1, 2], &[0, 2], &[2, 2]), Error::Element { .. }));
    assert!(matches!(sparse(&[0, 1, 2], &[0, -1], &[2, 2]), Error::Element { .. }));
    assert!(matches!(sparse(&[0, 2, 1], &[0], &[2, 2]), Error::Element { .. }));
    assert!(matches!(sparse(&[0, 1], &[0], &[2, 2]), Error::Shape { .. }));
    assert!(matches!(sparse(&[0, 1, 5], &[0, 1], &[2, 2]), Error::Shape { .. }));
    assert!(matches!(sparse(&[0, 1, 2], &[0, 1], &[2, 3]), Error::Shape { .. }));
    assert!(matches!(sparse(&[0, 1, 2], &[0, 1], &[-2, -2]), Error::Shape { .. }));
}
