//! `neuroloom train autoencoder`, `extract`, `stress`, and `run` of a weight-manifold experiment.

use ndarray::Array2;
use neuroloom::io::NamedArray;
use serde_json::Value;

use crate::harness::Folder;

const SMALL: [&str; 9] =
    ["train", "autoencoder", "--fields", "40", "--hidden", "20", "--moments", "1500", "--quiet"];

/// Weights whose columns lie on a ring, in shuffled order, with a truth table in degrees.
fn ring(folder: &Folder, n: usize) {
    let place = |column: usize| (column * 7) % n;
    let weight = |(row, column): (usize, usize)| {
        let angle = std::f64::consts::TAU * place(column) as f64 / n as f64 * (1 + row / 2) as f64;
        if row % 2 == 0 { angle.cos() } else { angle.sin() }
    };
    let matrix = Array2::from_shape_fn((6, n), weight);
    neuroloom::io::write_npz(&folder.path("net.npz"), &[("fc1.weight", NamedArray::from(&matrix))]).unwrap();
    let rows: String =
        (0..n).map(|column| format!("{column},{}\n", 360.0 * place(column) as f64 / n as f64)).collect();
    folder.write("angles.csv", format!("neuron,angle_deg\n{rows}"));
}

fn score<'a>(evaluation: &'a Value, list: &str, name: &str) -> &'a Value {
    let scores = evaluation["pieces"][0]["scores"][list].as_array().unwrap();
    scores.iter().find(|score| score["name"] == name).unwrap()
}

#[test]
fn a_ring_is_trained_read_and_reported() {
    let folder = Folder::new();
    let trained = folder.succeed(&[&SMALL[..8], &["--out", "ring"]].concat());
    assert!(trained.stdout.contains("ring resultant"), "{}", trained.stdout);
    let evaluation = folder.json("ring/evaluation.json");
    assert_eq!(evaluation["topology"]["verdict"], "ring");
    assert_eq!(evaluation["topology"]["is_ring"], 1);
    assert!(evaluation["topology"]["confidence"].as_f64().unwrap() > 0.0);
    assert!(evaluation["network"]["gram_error"].as_f64().unwrap() < 1e-9);
    let resultant = score(&evaluation["extraction"], "agreement", "ring_resultant");
    assert!(resultant["value"].as_f64().unwrap() > 0.99, "{resultant}");
    assert!(resultant["null_mean"].as_f64().unwrap() < 0.6, "{resultant}");
    for name in
        ["model.safetensors", "weights.npz", "tables/latents.csv", "tables/coordinates.csv", "report.html"]
    {
        assert!(folder.path("ring").join(name).is_file(), "{name}");
    }
    let page = String::from_utf8(folder.bytes("ring/report.html")).unwrap();
    assert!(page.contains("What the weights encode"));

    // The folder is weights too, with the truth that it knows; its npz and its table say the same.
    folder.succeed(&["extract", "ring", "--out", "read", "--quiet"]);
    let read = folder.json("read/evaluation.json");
    assert_eq!(read["topology"]["verdict"], "ring");
    let arguments =
        ["extract", "ring/weights.npz", "--truth", "ring/tables/latents.csv", "--out", "again", "--quiet"];
    folder.succeed(&arguments);
    assert_eq!(folder.json("again/evaluation.json")["pieces"], read["pieces"]);

    let drawn = folder.bytes("ring/report.html");
    std::fs::remove_file(folder.path("ring/report.html")).unwrap();
    folder.succeed(&["report", "ring"]);
    assert_eq!(folder.bytes("ring/report.html"), drawn);
}

#[test]
fn finished_stages_are_kept_and_threads_change_nothing() {
    let folder = Folder::new();
    let train = |out: &str, threads: &str| {
        folder.succeed(&[&SMALL[..], &["--threads", threads, "--out", out]].concat())
    };
    train("one", "1");
    train("two", "2");
    for name in ["model.safetensors", "evaluation.json", "tables/coordinates.csv"] {
        assert_eq!(folder.bytes(&format!("one/{name}")), folder.bytes(&format!("two/{name}")), "{name}");
    }
    let written = |name: &str| folder.path(name).metadata().unwrap().modified().unwrap();
    let before = written("one/model.safetensors");
    let again = folder.succeed(&[&SMALL[..8], &["--out", "one"]].concat());
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(written("one/model.safetensors"), before);
}

#[test]
fn weights_of_other_programs_are_read_by_name_and_scored() {
    let folder = Folder::new();
    ring(&folder, 50);
    let told = folder.succeed(&[
        "extract",
        "net.npz",
        "--truth",
        "angles.csv",
        "--out",
        "read",
        "--neighbours",
        "4",
    ]);
    assert!(told.stderr.contains("fc1.weight"), "{}", told.stderr);
    let evaluation = folder.json("read/evaluation.json");
    assert_eq!(evaluation["topology"]["is_ring"], 1);
    let correlation = score(&evaluation, "agreement", "circular_correlation");
    assert!(correlation["value"].as_f64().unwrap() > 0.99, "{correlation}");
    let table = String::from_utf8(folder.bytes("read/tables/coordinates.csv")).unwrap();
    assert_eq!(table.lines().count(), 51);
    assert!(table.starts_with("neuron,cell_type,piece,order,angle_turn,position,coordinate_1"));
    let wrong = folder.run(&["extract", "net.npz", "--input", "fc9", "--out", "x"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("fc9") && wrong.stderr.contains("fc1.weight [6, 50]"), "{}", wrong.stderr);
    let wrong =
        folder.run(&["extract", "net.npz", "--truth", "angles.csv", "--angle", "phase", "--out", "x"]);
    assert!(wrong.code == Some(1) && wrong.stderr.contains("angle_deg"), "{}", wrong.stderr);
}

#[test]
fn a_circuit_is_read_by_type() {
    let folder = Folder::new();
    let n = 30;
    let mut edges = "pre,post,n_syn\n".to_owned();
    for pre in 0..n {
        for step in 1..=4 {
            edges.push_str(&format!("{pre},{},{}\n", (pre + step) % n, 9 - 2 * step));
        }
    }
    let nodes: String =
        (0..n).map(|one| format!("{one},{}\n", if one < n { "EPG" } else { "other" })).collect();
    std::fs::create_dir(folder.path("circuit")).unwrap();
    folder.write("circuit/edges.csv", edges);
    folder.write("circuit/nodes.csv", format!("node_id,cell_type\n{nodes}"));
    folder.succeed(&[
        "extract",
        "circuit",
        "--points",
        "both",
        "--cell-type",
        "EPG",
        "--out",
        "read",
        "--neighbours",
        "4",
    ]);
    let evaluation = folder.json("read/evaluation.json");
    assert_eq!(evaluation["topology"]["is_ring"], 1, "{}", evaluation["topology"]);
    let wrong = folder.run(&["extract", "circuit", "--cell-type", "PEN", "--out", "x"]);
    assert!(wrong.code == Some(1) && wrong.stderr.contains("EPG"), "{}", wrong.stderr);
}

/// A circuit wired as a ring, its neurons in shuffled order: what `reference/ring_circuit.py` makes, without the spread.
#[test]
fn a_ring_is_read_from_wiring_that_was_inferred_from_a_recording() {
    let folder = Folder::new();
    let n = 40;
    let turn = |neuron: usize| ((neuron * 7) % n) as f64 / n as f64;
    let weight = |(post, pre): (usize, usize)| {
        let apart = (turn(post) - turn(pre)).abs();
        let apart = apart.min(1.0 - apart);
        let profile = 1.5 * (-(apart / 0.08).powi(2)).exp() - 0.5 * (-(apart / 0.2).powi(2)).exp();
        if post == pre { 0.0 } else { 5.0 * profile / n as f64 }
    };
    let wired = Array2::from_shape_fn((n, n), weight);
    neuroloom::io::write_npz(&folder.path("ring.npz"), &[("weight_matrix", NamedArray::from(&wired))])
        .unwrap();
    let rows: String = (0..n).map(|neuron| format!("{neuron},{}\n", turn(neuron))).collect();
    folder.write("angles.csv", format!("neuron,angle_turn\n{rows}"));
    let simulated = ["simulate", "--preset", "noise", "--weights", "ring.npz", "--frames", "6000"];
    folder.succeed(&[&simulated[..], &["--noise", "0.5", "--out", "sim", "--quiet"]].concat());
    let inferred = ["infer", "sim/activity.zarr", "--target", "drift", "--evaluate", "none"];
    folder.succeed(&[&inferred[..], &["--out", "fit", "--quiet"]].concat());
    let read = |weights: &str| {
        let how = ["--points", "both", "--spectral", "6", "--truth", "angles.csv", "--shuffles", "3"];
        folder.succeed(&[&["extract", weights][..], &how, &["--out", "read", "--quiet"]].concat());
        folder.json("read/evaluation.json")
    };
    let found = read("fit/wiring.npz");
    assert_eq!(found["topology"]["verdict"], "ring", "{}", found["topology"]);
    let resultant = score(&found, "agreement", "ring_resultant");
    assert!(resultant["value"].as_f64().unwrap() > 0.99, "{resultant}");
    assert!(resultant["null_most"].as_f64().unwrap() < 0.6, "{resultant}");
    // The folder of the fit says the same as its file, and the wiring that was simulated nearly so.
    assert_eq!(read("fit")["pieces"], found["pieces"]);
    let given = read("ring.npz");
    let apart = score(&given, "agreement", "geodesic_spearman")["value"].as_f64().unwrap()
        - score(&found, "agreement", "geodesic_spearman")["value"].as_f64().unwrap();
    assert!(apart.abs() < 0.02, "{apart}");
}

#[test]
fn noise_on_the_inputs_needs_a_network_that_can_be_trained_anew() {
    let folder = Folder::new();
    folder.succeed(&[&SMALL[..], &["--out", "net"]].concat());
    let hurt = ["--damage", "input-noise", "--draws", "2", "--shuffles", "2", "--out", "hurt", "--quiet"];
    folder.succeed(&[&["stress", "net"][..], &hurt].concat());
    let points = folder.json("hurt/evaluation.json")["curves"][0]["points"].clone();
    let mean = |point: usize| points[point]["mean"].as_f64().unwrap();
    assert!(mean(0) > 0.99 && mean(1) > 0.99 && mean(9) < 0.8, "{points}");
    let refused = folder.run(&[&["stress", "net/weights.npz"][..], &hurt].concat());
    assert!(refused.code == Some(1) && refused.stderr.contains("input-noise"), "{}", refused.stderr);
}

#[test]
fn damage_makes_curves_beside_the_null() {
    let folder = Folder::new();
    ring(&folder, 40);
    let arguments =
        ["stress", "net.npz", "--truth", "angles.csv", "--damage", "noise,sign-only", "--draws", "2"];
    folder.succeed(
        &[&arguments[..], &["--neighbours", "4", "--shuffles", "3", "--out", "hurt", "--quiet"]].concat(),
    );
    let curves = folder.json("hurt/evaluation.json")["curves"].clone();
    assert_eq!(curves[0]["score"], "ring_resultant");
    let mean = |point: usize| curves[0]["points"][point]["mean"].as_f64().unwrap();
    assert!(mean(0) > 0.99 && mean(9) < mean(0), "{curves}");
    assert!(curves[0]["null"].as_f64().unwrap() < 0.7);
    assert!(folder.path("hurt/tables/stress.csv").is_file() && folder.path("hurt/report.html").is_file());
}

#[test]
fn a_study_keeps_its_networks_and_says_what_is_wrong() {
    let folder = Folder::new();
    let study = "family = \"weight-manifold\"\nrepeats = 2\n[inputs]\nsteps = 800\n[[inputs.groups]]\nfields-per-axis = 30\n\
                 [model]\nhidden = 12\nl2 = 1e-3\n[extract]\nshuffles = 2\n[[case]]\nname = \"closed\"\n\
                 [[case]]\nname = \"descent\"\nmodel = { solver = \"lbfgs\", gain = 0.5 }\n";
    folder.write("study.toml", study);
    folder.succeed(&["run", "study.toml", "--out", "study", "--quiet"]);
    let evaluation = folder.json("study/evaluation.json");
    let resultant =
        |case: usize| evaluation["cases"][case]["scores"]["ring_resultant"]["mean"].as_f64().unwrap();
    assert!((resultant(0) - resultant(1)).abs() < 0.01, "{evaluation}");
    let runs = folder.bytes("study/tables/runs.json");
    std::fs::remove_file(folder.path("study/evaluation.json")).unwrap();
    folder.succeed(&["run", "study.toml", "--out", "study", "--quiet"]);
    assert_eq!(folder.json("study/evaluation.json"), evaluation);
    assert_eq!(folder.bytes("study/tables/runs.json"), runs);
    // More seeds add networks and keep those that are there.
    folder.write("more.toml", study.replace("repeats = 2", "repeats = 3"));
    folder.succeed(&["run", "more.toml", "--out", "study", "--quiet"]);
    let (before, after): (Value, Value) =
        (serde_json::from_slice(&runs).unwrap(), folder.json("study/tables/runs.json"));
    let (before, after) = (before.as_object().unwrap(), after.as_object().unwrap());
    assert_eq!((before.len(), after.len()), (4, 6));
    assert!(before.keys().all(|key| after.contains_key(key)));
    folder.write("bad.toml", study.replace(", gain = 0.5", ""));
    let refused = folder.run(&["run", "bad.toml"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("gain"), "{}", refused.stderr);
}

#[test]
fn a_price_that_nothing_is_worth_leaves_no_network_and_is_no_failure() {
    let folder = Folder::new();
    let silent = ["--l2", "0", "--l1", "0.1", "--gain", "0.5", "--steps", "600", "--out", "silent"];
    let told = folder.succeed(&[&SMALL[..8], &silent].concat());
    assert!(told.stderr.contains("no-network") || told.stderr.contains("no network"), "{}", told.stderr);
    let evaluation = folder.json("silent/evaluation.json");
    assert_eq!(evaluation["topology"]["verdict"], "no network");
    let network = &evaluation["network"];
    assert_eq!((network["zero_share"].as_f64(), network["converged"].as_bool()), (Some(1.0), Some(true)));
    let bound = network["silencing_price"]["none_pays_from"].as_f64().unwrap();
    assert!(bound < 0.1 && bound > network["silencing_price"]["some_pay_below"].as_f64().unwrap());
    let page = String::from_utf8(folder.bytes("silent/report.html")).unwrap();
    assert!(page.contains("No network"));
    let study = "family = \"weight-manifold\"\n[inputs]\nsteps = 800\n[[inputs.groups]]\nfields-per-axis = 30\n\
                 [model]\nhidden = 12\n[extract]\nshuffles = 2\n[[case]]\nname = \"L2 above c_1\"\n\
                 model = { l2 = 1.0 }\n";
    folder.write("study.toml", study);
    folder.succeed(&["run", "study.toml", "--out", "study", "--quiet"]);
    let verdicts = folder.json("study/evaluation.json")["cases"][0]["verdicts"].clone();
    assert_eq!(verdicts["no network"], 1, "{verdicts}");
}
