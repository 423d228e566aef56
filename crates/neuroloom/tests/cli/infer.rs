//! `neuroloom infer`.

use std::path::Path;

use crate::harness::{Folder, files_below};

const SIMULATE: &[&str] =
    &["simulate", "--neurons", "20", "--frames", "4000", "--noise", "0.5", "--out", "sim"];
const INFER: &[&str] = &["infer", "sim/activity.zarr", "--truth", "sim/truth.npz", "--out", "fit"];

#[test]
fn a_fit_leaves_a_complete_run_folder() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    let outcome = folder.succeed(INFER);
    let files = files_below(&folder.path("fit"));
    for expected in [
        "config.toml",
        "evaluation.json",
        "log.txt",
        "metrics.jsonl",
        "model.safetensors",
        "provenance.json",
        "report.html",
        "stages.json",
        "tables/exploration.json",
        "tables/types.csv",
        "tables/weights.csv",
        "warnings.json",
        "wiring.npz",
    ] {
        assert!(files.iter().any(|file| file == expected), "{expected} is missing in {files:?}");
    }
    assert!(files.iter().any(|file| file.starts_with("figures/") && file.ends_with(".svg")), "{files:?}");
    assert!(files.iter().all(|file| !file.ends_with(".tmp") && !file.ends_with(".partial")), "{files:?}");
    assert!(outcome.stdout.contains("fit/report.html"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("correlation"), "a score needs its baseline: {}", outcome.stdout);
}

#[test]
fn scores_have_the_names_that_others_build_on() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    let outcome = folder.succeed(&[INFER, &["--json"]].concat());
    let printed: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let evaluation = folder.json("fit/evaluation.json");
    assert_eq!(printed["evaluation"], evaluation);
    for (part, keys) in [
        ("connectivity", &["r2_linear_fit", "slope", "r2_identity"][..]),
        ("types", &["accuracy", "ari", "n_types"]),
        ("functions", &["phi_rmse", "psi_rmse"]),
        ("rollout", &["r2_at_400", "slope_at_400", "r2_at_800", "slope_at_800"]),
    ] {
        for key in keys {
            assert!(evaluation[part][key].is_number(), "{part}.{key}: {evaluation:#}");
        }
    }
    assert!(evaluation["baselines"].is_object() && evaluation.as_object().unwrap().contains_key("forecast"));
}

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    for (threads, out) in [("1", "one"), ("2", "two")] {
        folder.succeed(&[&INFER[..4], &["--threads", threads, "--out", out]].concat());
    }
    for file in [
        "evaluation.json",
        "wiring.npz",
        "model.safetensors",
        "tables/weights.csv",
        "tables/exploration.json",
    ] {
        assert_eq!(folder.bytes(&format!("one/{file}")), folder.bytes(&format!("two/{file}")), "{file}");
    }
}

#[test]
fn without_evaluation_only_the_model_is_written() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    folder.succeed(&[INFER, &["--evaluate", "none", "--frames", "3000"]].concat());
    let files = files_below(&folder.path("fit"));
    assert!(files.iter().any(|file| file == "wiring.npz"));
    assert!(files.iter().all(|file| file != "evaluation.json" && file != "report.html"), "{files:?}");
    let outcome = folder.run(&["report", "fit"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("hint: "), "{}", outcome.stderr);
}

#[test]
fn a_config_of_an_earlier_run_can_be_used_again() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    folder.succeed(&[INFER, &["--evaluate", "none", "--ridge", "0.001", "--seed", "5"]].concat());
    folder.succeed(&["infer", "sim/activity.zarr", "--config", "fit/config.toml", "--out", "again"]);
    assert_eq!(folder.bytes("fit/wiring.npz"), folder.bytes("again/wiring.npz"));
    assert!(String::from_utf8(folder.bytes("again/config.toml")).unwrap().contains("ridge = 0.001"));
}

#[test]
fn standard_error_carries_progress_and_quiet_silences_it() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    let spoken = folder.succeed(&[INFER, &["--evaluate", "none"]].concat());
    assert!(spoken.stderr.contains(" s"), "{}", spoken.stderr);
    let quiet = folder.succeed(&[INFER, &["--evaluate", "none", "-q"]].concat());
    assert!(quiet.stdout.is_empty(), "{}", quiet.stdout);
    assert!(quiet.stderr.lines().all(|line| line.starts_with("warning:")), "{}", quiet.stderr);
}

#[test]
fn a_worm_recording_opens_as_it_is() {
    let shared =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/worm_activity_dag2023"));
    if !shared.is_dir() {
        eprintln!("skipped: {} is absent", shared.display());
        return;
    }
    let folder = Folder::new();
    let recording = shared.join("2022-07-26-31.npz");
    let recording = recording.to_str().unwrap();
    folder.succeed(&["infer", recording, "--array", "traces_zscored", "--dt", "0.6", "--out", "fit"]);
    let horizons = &folder.json("fit/evaluation.json")["forecast"]["horizons"];
    let one_step = &horizons[0];
    assert_eq!(one_step["steps"], 1);
    let (model, linear) = (one_step["model"].as_f64().unwrap(), one_step["ridge_var1"].as_f64().unwrap());
    assert!(model >= linear, "one-step R2 {model} below ridge VAR(1) {linear}");
    assert!(folder.path("fit/report.html").is_file());
}

#[test]
fn what_is_known_of_the_wiring_is_kept() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    let ring =
        |neuron: usize| format!("{neuron},{},{}\n", (neuron + 1) % 20, if neuron < 10 { 1 } else { -1 });
    let edges: String = (0..20).map(ring).collect();
    folder.write("edges.csv", format!("pre,post,sign\n{edges}"));
    let fit: &[&str] = &["infer", "sim/activity.zarr", "--evaluate", "none", "--out", "fit"];
    let weights =
        || neuroloom::io::read_array(&folder.path("fit/wiring.npz"), Some("weight_matrix")).unwrap();
    folder.succeed(&[fit, &["--mask", "edges.csv", "--signs", "given"]].concat());
    for (place, &weight) in weights().indexed_iter() {
        let (post, pre) = (place[0], place[1]);
        assert!(weight == 0.0 || post == (pre + 1) % 20, "{post} {pre} {weight}");
        assert!(weight == 0.0 || (weight > 0.0) == (pre < 10), "{post} {pre} {weight}");
    }
    folder.succeed(&[fit, &["--l1", "0.3", "--signs", "dale"]].concat());
    let absent = weights().iter().filter(|&&weight| weight == 0.0).count();
    assert!((21..400).contains(&absent), "{absent}");
    folder.succeed(&[fit, &["--update", "shared"]].concat());
    for (flags, named) in [
        (&["--signs", "given"][..], "signs"),
        (&["--l1", "1.5"], "l1"),
        (&["--update", "shared", "--transfer", "sender"], "update"),
        (&["--mask", "edges.csv", "--modulation-windows", "4"], "modulation-windows"),
        (&["--mask", "nowhere.csv"], "nowhere.csv"),
        (&["--positions", "edges.csv"], "positions"),
    ] {
        let outcome = folder.run(&[fit, flags].concat());
        assert_eq!(outcome.code, Some(1), "{flags:?}");
        assert!(outcome.stderr.contains(named), "{flags:?}: {}", outcome.stderr);
    }
}

#[test]
fn a_neuron_that_is_left_out_has_no_type() {
    let folder = Folder::new();
    let mut frames = crate::harness::linear_circuit(400, 6);
    frames.column_mut(2).fill(1.0);
    crate::harness::write_recording(&folder.path("a.npz"), frames);
    folder.succeed(&["infer", "a.npz", "--evaluate", "none", "--out", "fit"]);
    let types = neuroloom::io::read_array(&folder.path("fit/wiring.npz"), Some("cell_type")).unwrap();
    assert_eq!(types[[2]], -1.0);
    assert!(types.iter().enumerate().all(|(neuron, &one)| neuron == 2 || one >= 0.0), "{types}");
}
