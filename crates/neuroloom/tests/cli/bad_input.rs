//! Bad input: each file gets a clear error (exit code 1, naming the file) or a stated warning, never a panic.

use std::fs;

use ndarray::Array2;
use neuroloom::io::NamedArray;

use crate::harness::{Folder, linear_circuit, npy, npz, write_recording};

/// What a command must answer.
enum Answer {
    /// Exit code 1 and an `error:` that contains these words.
    Error(&'static [&'static str]),
    /// Exit code 0 and a `warning:` that contains this.
    Warning(&'static str),
}

struct Case {
    name: &'static str,
    prepare: fn(&Folder),
    arguments: &'static [&'static str],
    answer: Answer,
}

const fn refused(
    name: &'static str,
    prepare: fn(&Folder),
    arguments: &'static [&'static str],
    words: &'static [&'static str],
) -> Case {
    Case { name, prepare, arguments, answer: Answer::Error(words) }
}

const fn warned(
    name: &'static str,
    prepare: fn(&Folder),
    arguments: &'static [&'static str],
    words: &'static str,
) -> Case {
    Case { name, prepare, arguments, answer: Answer::Warning(words) }
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let folder = Folder::new();
        (case.prepare)(&folder);
        let outcome = folder.run(case.arguments);
        let said = &outcome.stderr;
        let fine = match &case.answer {
            Answer::Error(words) => {
                outcome.code == Some(1)
                    && said.contains("error: ")
                    && words.iter().all(|word| said.contains(word))
            }
            Answer::Warning(word) => {
                outcome.code == Some(0)
                    && said.lines().any(|line| line.starts_with("warning:") && line.contains(word))
            }
        };
        if !fine || said.contains("panicked") {
            wrong.push(format!("{}: exit {:?}\n{said}", case.name, outcome.code));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

const INFER: &[&str] = &["infer", "a.npz", "--evaluate", "none", "--out", "fit"];
const INFER_WITH_DT: &[&str] = &["infer", "a.npz", "--dt", "0.1", "--evaluate", "none", "--out", "fit"];
const INFER_CSV: &[&str] = &["infer", "a.csv", "--dt", "0.1", "--evaluate", "none", "--out", "fit"];

#[test]
fn damaged_files_are_refused() {
    check(&[
        refused("truncated npz", truncated, INFER, &["a.npz"]),
        refused("not a zip", |folder| folder.write("a.npz", "hello, world"), INFER, &["a.npz"]),
        refused("empty file", |folder| folder.write("a.npz", ""), INFER, &["a.npz"]),
        refused("empty csv", |folder| folder.write("a.csv", ""), INFER_CSV, &["a.csv"]),
        refused("missing file", |_| (), INFER, &["a.npz", "hint: "]),
        refused("a folder", |folder| fs::create_dir(folder.path("a.npz")).unwrap(), INFER, &["a.npz"]),
        refused(
            "zarr without metadata",
            zarr_without_metadata,
            &["infer", "a.zarr", "--out", "fit"],
            &["a.zarr"],
        ),
        refused(
            "unknown extension",
            |folder| folder.write("a.xyz", "1"),
            &["infer", "a.xyz", "--out", "f"],
            &["a.xyz"],
        ),
        refused("huge header", huge_header, &["infer", "a.npy", "--dt", "1", "--out", "fit"], &["a.npy"]),
        refused("huge shape", huge_shape, &["infer", "a.npy", "--dt", "1", "--out", "fit"], &["a.npy"]),
    ]);
}

#[test]
fn wrong_kinds_of_values_are_refused() {
    check(&[
        refused("complex numbers", complex, INFER_WITH_DT, &["a.npz", "c8"]),
        refused("text in place of numbers", text_array, INFER_WITH_DT, &["a.npz"]),
        refused("pickled objects", pickled, INFER_WITH_DT, &["a.npz", "pickle"]),
        refused("infinite values", infinite, INFER, &["a.npz", "inf"]),
        refused(
            "ragged csv",
            |folder| folder.write("a.csv", "A,B\n1,2\n3\n"),
            INFER_CSV,
            &["a.csv", "row 3", "hint: "],
        ),
        refused(
            "text in a number cell",
            |folder| folder.write("a.csv", "A,B\n1,2\n3,x4\n"),
            INFER_CSV,
            &["a.csv", "row 3", "`B`", "x4"],
        ),
        refused(
            "no header",
            |folder| folder.write("a.csv", "1.5,2.5\n3,4\n5,6\n"),
            INFER_CSV,
            &["a.csv", "hint: "],
        ),
    ]);
}

#[test]
fn recordings_that_cannot_answer_are_refused() {
    check(&[
        refused("one neuron", |folder| folder.recording("a.npz", 500, 1), INFER, &["a.npz"]),
        refused("two frames", |folder| folder.recording("a.npz", 2, 5), INFER, &["a.npz"]),
        refused("all values missing", |folder| constant(folder, f32::NAN), INFER, &["a.npz"]),
        refused("all neurons constant", |folder| constant(folder, 1.0), INFER, &["a.npz"]),
        warned("one constant neuron", one_constant_neuron, INFER, "n2"),
        warned("one neuron all missing", one_missing_neuron, INFER, "n2"),
        warned("rows of missing values", missing_rows, INFER, "missing"),
        warned("more neurons than frames", |folder| folder.recording("a.npz", 30, 40), INFER, "orientation"),
        refused(
            "wrong orientation",
            |folder| folder.recording("a.npz", 400, 5),
            &["infer", "a.npz", "--orientation", "neuron-by-time", "--evaluate", "none", "--out", "fit"],
            &["a.npz"],
        ),
    ]);
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let good: fn(&Folder) = |folder| folder.recording("a.npz", 400, 5);
    check(&[
        refused(
            "unknown array",
            good,
            &["infer", "a.npz", "--array", "dff", "--out", "fit"],
            &["dff", "activity"],
        ),
        refused("dt of 0", good, &["infer", "a.npz", "--dt", "0", "--out", "fit"], &["`dt`", "above 0"]),
        refused("negative dt", good, &["infer", "a.npz", "--dt", "-0.1", "--out", "fit"], &["`dt`"]),
        refused(
            "unknown dt",
            |folder| folder.write("a.csv", "A,B\n1,2\n3,4\n"),
            &["infer", "a.csv", "--out", "fit"],
            &["a.csv", "hint: ", "--dt"],
        ),
        refused(
            "too many frames",
            good,
            &["infer", "a.npz", "--frames", "401", "--out", "fit"],
            &["frames", "400"],
        ),
        refused("negative ridge", good, &["infer", "a.npz", "--ridge", "-1", "--out", "fit"], &["ridge"]),
        refused(
            "the output is a file",
            |folder| {
                folder.recording("a.npz", 400, 5);
                folder.write("fit", "x");
            },
            INFER,
            &["fit", "hint: "],
        ),
        refused(
            "drift that is not stored",
            good,
            &["infer", "a.npz", "--target", "drift", "--out", "fit"],
            &["a.npz", "drift"],
        ),
    ]);
}

#[test]
fn references_that_do_not_fit_are_refused() {
    const WITH_TRUTH: &[&str] = &["infer", "a.npz", "--truth", "s/truth.npz", "--out", "fit"];
    const WITH_WIRING: &[&str] = &["infer", "a.npz", "--connectome", "edges.csv", "--out", "fit"];
    check(&[
        refused("a truth of another size", other_truth, WITH_TRUTH, &["truth.npz", "8", "5"]),
        refused(
            "a truth that is none",
            no_truth,
            &["infer", "a.npz", "--truth", "a.npz", "--out", "f"],
            &["a.npz"],
        ),
        refused(
            "a connectome of other neurons",
            |folder| with_edges(folder, "pre,post,n_syn\nAVAL,AVAR,3\n"),
            WITH_WIRING,
            &["edges.csv", "AVAL", "n0"],
        ),
        refused(
            "ids that went through a float",
            |folder| with_edges(folder, "pre,post,n_syn\n6.485183463405e17,123.0,3\n"),
            WITH_WIRING,
            &["edges.csv", "6.485183463405e17", "hint: "],
        ),
        refused(
            "an unknown column",
            |folder| with_edges(folder, "from_here,to_there\nn0,n1\n"),
            WITH_WIRING,
            &["edges.csv", "pre"],
        ),
        warned(
            "repeated names",
            |folder| {
                folder.recording("a.npz", 400, 3);
                folder.write("names.csv", "index,label\n0,AVAL\n1,AVAL\n2,AVAR\n");
            },
            &["infer", "a.npz", "--names", "names.csv", "--evaluate", "none", "--out", "fit"],
            "AVAL",
        ),
    ]);
}

#[test]
fn malformed_experiments_are_refused() {
    const RUN: &[&str] = &["run", "e.toml"];
    check(&[
        refused(
            "unknown key",
            |folder| folder.write("e.toml", "[infer]\nrige = 1\n"),
            RUN,
            &["e.toml", "rige", "ridge"],
        ),
        refused("not toml", |folder| folder.write("e.toml", "[infer\n"), RUN, &["e.toml"]),
        refused(
            "nothing to do",
            |folder| folder.write("e.toml", "seed = 1\n"),
            RUN,
            &["e.toml", "[simulate]"],
        ),
        refused("missing experiment", |_| (), RUN, &["e.toml"]),
        refused("no run to report on", |_| (), &["report", "nowhere"], &["nowhere", "hint: "]),
        refused(
            "impossible simulation",
            |_| (),
            &["simulate", "--neurons", "1", "--out", "sim"],
            &["n_neurons", "1", "allowed"],
        ),
    ]);
}

fn truncated(folder: &Folder) {
    folder.recording("b.npz", 400, 5);
    let bytes = folder.bytes("b.npz");
    folder.write("a.npz", &bytes[..bytes.len() / 2]);
}

fn zarr_without_metadata(folder: &Folder) {
    fs::create_dir_all(folder.path("a.zarr/c")).unwrap();
    folder.write("a.zarr/c/0", [0; 64]);
}

fn huge_header(folder: &Folder) {
    let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
    bytes.extend(u32::MAX.to_le_bytes());
    bytes.extend(b"{'descr': '<f4'");
    folder.write("a.npy", bytes);
}

fn huge_shape(folder: &Folder) {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 1000000), }";
    folder.write("a.npy", npy(header, &[0; 64]));
}

fn complex(folder: &Folder) {
    let header = "{'descr': '<c8', 'fortran_order': False, 'shape': (4, 2), }";
    folder.write("a.npz", npz("activity.npy", &npy(header, &[0; 64])));
}

fn text_array(folder: &Folder) {
    let header = "{'descr': '<U1', 'fortran_order': False, 'shape': (4, 2), }";
    folder.write("a.npz", npz("activity.npy", &npy(header, &[65, 0, 0, 0].repeat(8))));
}

fn pickled(folder: &Folder) {
    let header = "{'descr': '|O', 'fortran_order': False, 'shape': (4, 2), }";
    folder.write("a.npz", npz("activity.npy", &npy(header, b"\x80\x04\x95")));
}

fn infinite(folder: &Folder) {
    let mut values = linear_circuit(400, 5);
    values[[7, 3]] = f32::INFINITY;
    write_recording(&folder.path("a.npz"), values);
}

fn constant(folder: &Folder, value: f32) {
    write_recording(&folder.path("a.npz"), Array2::from_elem((400, 5), value));
}

fn one_constant_neuron(folder: &Folder) {
    let mut values = linear_circuit(400, 5);
    values.column_mut(2).fill(0.25);
    write_recording(&folder.path("a.npz"), values);
}

fn one_missing_neuron(folder: &Folder) {
    let mut values = linear_circuit(400, 5);
    values.column_mut(2).fill(f32::NAN);
    write_recording(&folder.path("a.npz"), values);
}

fn missing_rows(folder: &Folder) {
    let mut values = linear_circuit(400, 5);
    for frame in [20, 21, 250] {
        values.row_mut(frame).fill(f32::NAN);
    }
    write_recording(&folder.path("a.npz"), values);
}

fn other_truth(folder: &Folder) {
    folder.recording("a.npz", 400, 5);
    folder.succeed(&["simulate", "--neurons", "8", "--frames", "20", "--out", "s"]);
}

fn no_truth(folder: &Folder) {
    folder.recording("a.npz", 400, 5);
}

fn with_edges(folder: &Folder, edges: &str) {
    folder.recording("a.npz", 400, 5);
    folder.write("edges.csv", edges);
}

#[test]
fn a_matrix_of_the_wrong_shape_is_no_wiring() {
    let folder = Folder::new();
    let matrix = NamedArray::F32(Array2::<f32>::zeros((4, 3)).into_dyn().into());
    neuroloom::io::write_npz(&folder.path("w.npz"), &[("weight_matrix", matrix)]).unwrap();
    let outcome = folder.run(&["simulate", "--weights", "w.npz", "--out", "sim"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("error: ") && !outcome.stderr.contains("panicked"), "{}", outcome.stderr);
}
