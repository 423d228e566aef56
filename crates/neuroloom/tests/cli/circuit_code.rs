//! `neuroloom train circuits` and what follows it.

use crate::harness::{Folder, files_below};

/// Circuits for all tests of this file, small enough for seconds.
fn circuits(folder: &Folder) {
    folder.succeed(&["simulate", "tissue", "--neurons", "900", "--reciprocity", "4", "--out", "tissue"]);
    let sample =
        ["sample", "tissue/complete", "--circuits", "60", "--neurons", "25..35", "--max-overlap", "0.9"];
    folder.succeed(&[&sample[..], &["--split", "0.6,0.2,0.2", "--out", "set"]].concat());
}

const TRAIN: &[&str] =
    &["train", "circuits", "set", "--latent", "4", "--width", "16", "--epochs", "6", "--batch", "12"];

fn trained() -> Folder {
    let folder = Folder::new();
    circuits(&folder);
    folder.succeed(&[TRAIN, &["--out", "code"]].concat());
    folder
}

#[test]
fn a_code_is_trained_scored_and_its_page_redrawn() {
    let folder = trained();
    let files = files_below(&folder.path("code"));
    for name in ["config.toml", "provenance.json", "model.safetensors", "evaluation.json", "report.html"] {
        assert!(files.iter().any(|file| file == name), "{name} in {files:?}");
    }
    let found = folder.json("code/evaluation.json");
    let sets = found["generation"]["sets"].as_array().unwrap();
    assert_eq!(sets[0], "generated");
    assert!(sets.iter().any(|set| set.as_str().unwrap().contains("DCSBM")), "{sets:?}");
    assert!(sets.iter().any(|set| set.as_str().unwrap().contains("floor")), "{sets:?}");
    let ratio = |place: usize| found["generation"]["reciprocity_ratio"][place].as_f64().unwrap();
    assert!(ratio(0) > 0.2 && (ratio(1) - 1.0).abs() < 0.25, "generated {} fitted {}", ratio(0), ratio(1));
    let page = folder.bytes("code/report.html");
    folder.succeed(&["report", "code"]);
    assert!(page == folder.bytes("code/report.html"), "the page is drawn from the folder alone");
    // Nothing has changed: nothing runs again.
    let again = folder.succeed(&[TRAIN, &["--out", "code"]].concat());
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let folder = trained();
    folder.succeed(&[TRAIN, &["--out", "single", "--threads", "1"]].concat());
    for name in ["model.safetensors", "evaluation.json", "data/generated/edges.parquet"] {
        assert!(folder.bytes(&format!("code/{name}")) == folder.bytes(&format!("single/{name}")), "{name}");
    }
}

#[test]
fn a_killed_training_goes_on_to_the_same_bytes() {
    let folder = Folder::new();
    circuits(&folder);
    let long =
        ["train", "circuits", "set", "--latent", "4", "--width", "16", "--epochs", "60", "--patience", "0"];
    folder.succeed(&[&long[..], &["--out", "whole"]].concat());
    let mut child = folder.start(&[&long[..], &["--out", "killed"]].concat());
    let checkpoint = folder.path("killed/checkpoints/train.safetensors");
    while !checkpoint.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.path("killed/model.safetensors").exists(), "it was killed while it trained");
    let resumed = folder.succeed(&[&long[..], &["--out", "killed"]].concat());
    assert!(resumed.stderr.contains("goes on after step"), "{}", resumed.stderr);
    for name in ["model.safetensors", "evaluation.json"] {
        assert!(folder.bytes(&format!("whole/{name}")) == folder.bytes(&format!("killed/{name}")), "{name}");
    }
}

#[test]
fn a_comparison_of_sets_is_redrawn_from_its_folder() {
    let folder = Folder::new();
    circuits(&folder);
    folder.succeed(&["compare", "set", "set", "--out", "compared"]);
    let page = folder.bytes("compared/report.html");
    std::fs::remove_file(folder.path("compared/report.html")).unwrap();
    folder.succeed(&["report", "compared"]);
    assert!(page == folder.bytes("compared/report.html"));
}

#[test]
fn circuits_of_two_sources_are_put_on_one_map() {
    let folder = Folder::new();
    circuits(&folder);
    folder.succeed(&[
        "simulate",
        "tissue",
        "--neurons",
        "900",
        "--reciprocity",
        "1",
        "--out",
        "other",
        "--seed",
        "5",
    ]);
    let sample =
        ["sample", "other/complete", "--circuits", "60", "--neurons", "25..35", "--max-overlap", "0.9"];
    folder.succeed(&[&sample[..], &["--split", "0.6,0.2,0.2", "--out", "other_set"]].concat());
    let atlas = [
        "atlas",
        "one=set",
        "two:layer=other_set",
        "--latent",
        "4",
        "--epochs",
        "5",
        "--out",
        "atlas",
        "--json",
    ];
    let outcome = folder.succeed(&atlas);
    let found: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(found["sources"], serde_json::json!(["one", "two"]));
    assert_eq!(found["chance"], 0.5);
    assert!(found["accuracy_metrics"].as_f64().unwrap() > 0.6, "{found}");
    let page = String::from_utf8(folder.bytes("atlas/report.html")).unwrap();
    assert!(page.contains("Atlas of circuits") && page.contains("N and E alone"));
    let outcome = folder.run(&["atlas", "one=set", "--out", "alone"]);
    assert!(outcome.stderr.contains("two sources"), "{}", outcome.stderr);
}

#[test]
fn what_cannot_be_coded_says_why() {
    let folder = trained();
    let wrong = |arguments: &[&str]| {
        let outcome = folder.run(arguments);
        assert_ne!(outcome.code, Some(0), "{arguments:?}");
        outcome.stderr
    };
    assert!(
        wrong(&["train", "circuits", "set", "--circuits", "9", "--out", "x"])
            .contains("a set is cut already")
    );
    assert!(wrong(&["train", "circuits", "set", "--latent", "0", "--out", "x"]).contains("latent"));
    assert!(wrong(&["train", "circuits", "nowhere", "--out", "x"]).contains("nowhere"));
}
