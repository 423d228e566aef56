//! `neuroloom train`.

use std::fs;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use crate::harness::{Folder, files_below};

const SIMULATE: &[&str] =
    &["simulate", "--neurons", "20", "--frames", "2000", "--noise", "0.5", "--out", "sim"];

const CHECKPOINT: &str = "broken/checkpoints/train.safetensors";

/// Files with times in them; all others must be equal.
const WITH_TIMES: [&str; 3] = ["log.txt", "metrics.jsonl", "provenance.json"];

fn train<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual = ["train", "sim/activity.zarr", "--truth", "sim/truth.npz", "--start", "random", "--out", out];
    [&usual[..], more].concat()
}

/// Waits until a run has kept another checkpoint; false if it ended before.
fn kept_another(folder: &Folder, child: &mut Child, before: &Option<Vec<u8>>) -> bool {
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        let now = fs::read(folder.path(CHECKPOINT)).ok();
        if now.is_some() && now != *before {
            return true;
        }
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn killed_at_five_moments_and_resumed_equals_uninterrupted() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    // A checkpoint comes after a second at the earliest: enough steps for more than five on a fast machine.
    let long = ["--epochs", "4", "--steps-per-epoch", "5000", "--batch", "8"];
    folder.succeed(&train("whole", &long));
    for moment in 0..5 {
        let before = fs::read(folder.path(CHECKPOINT)).ok();
        let mut child = folder.start(&train("broken", &long));
        assert!(kept_another(&folder, &mut child, &before), "run {moment} ended before it could be broken");
        // SIGKILL, somewhat later each time: nothing can be tidied up.
        sleep(Duration::from_millis(60 * moment));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!folder.path("broken/report.html").exists(), "run {moment} ended before it could be broken");
    }
    folder.succeed(&train("broken", &long));
    let log = String::from_utf8(folder.bytes("broken/log.txt")).unwrap();
    assert_eq!(log.matches("goes on after step").count(), 5, "{log}");
    let files = |out: &str| -> Vec<String> {
        let all = files_below(&folder.path(out));
        all.into_iter()
            .filter(|file| !WITH_TIMES.contains(&file.as_str()) && !file.contains(".tmp"))
            .collect()
    };
    assert_eq!(files("whole"), files("broken"));
    for file in files("whole").iter().filter(|file| !file.ends_with(".html")) {
        let (a, b) = (folder.bytes(&format!("whole/{file}")), folder.bytes(&format!("broken/{file}")));
        assert!(a == b, "{file} differs");
    }
}

#[test]
fn a_solved_start_is_kept_or_bettered_and_the_report_shows_the_loss() {
    let folder = Folder::new();
    folder.succeed(SIMULATE);
    folder.succeed(&["infer", "sim/activity.zarr", "--truth", "sim/truth.npz", "--out", "solved"]);
    let short = ["--epochs", "2", "--steps-per-epoch", "50", "--start", "solve"];
    let arguments = ["train", "sim/activity.zarr", "--truth", "sim/truth.npz", "--out", "trained"];
    folder.succeed(&[&arguments[..], &short].concat());
    let r2 = |out: &str| {
        folder.json(&format!("{out}/evaluation.json"))["connectivity"]["r2_linear_fit"].as_f64().unwrap()
    };
    assert!(r2("trained") >= r2("solved") - 0.02, "{} {}", r2("trained"), r2("solved"));
    let report = String::from_utf8(folder.bytes("trained/report.html")).unwrap();
    assert!(report.contains("id=\"training\"") && report.contains("closed form"));
    let history = folder.json("trained/tables/training.json");
    assert_eq!(history["points"].as_array().unwrap().last().unwrap()["step"], 100);
    let metrics = String::from_utf8(folder.bytes("trained/metrics.jsonl")).unwrap();
    assert!(metrics.contains("held_out_residual") && metrics.contains("\"stage\":\"train\""));
    let again = folder.succeed(&[&arguments[..], &short].concat());
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let folder = Folder::new();
    folder.recording("a.npz", 300, 5);
    for (arguments, said) in [
        (["--wiring", "masked"], "connectome"),
        (["--batch", "0"], "1 to 65536"),
        (["--rate-weights", "-1"], "0 or above"),
    ] {
        let outcome = folder.run(&[&["train", "a.npz", "--out", "out"][..], &arguments].concat());
        assert_eq!(outcome.code, Some(1), "{arguments:?} {}", outcome.stderr);
        assert!(outcome.stderr.contains(said), "{arguments:?} {}", outcome.stderr);
    }
}
