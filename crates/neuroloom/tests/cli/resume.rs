//! A run that was killed and resumed ends with the same bytes as one that was not.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Folder, Outcome, files_below};

/// Long enough that a signal arrives while a stage runs.
const EXPERIMENT: &str = "\
seed = 5

[simulate]
preset = \"baseline\"
neurons = 60
frames = 30000
noise = 0.5
";

/// Files with times in them; all others must be equal.
const WITH_TIMES: [&str; 3] = ["log.txt", "metrics.jsonl", "provenance.json"];

#[test]
fn interrupted_in_any_stage_and_resumed_equals_uninterrupted() {
    let whole = Folder::new();
    whole.write("e.toml", EXPERIMENT);
    whole.succeed(&["run", "e.toml", "--out", "out"]);
    for until in ["out/data/truth.npz", "out/data/activity.zarr", "out/wiring.npz", "out/evaluation.json"] {
        let broken = Folder::new();
        broken.write("e.toml", EXPERIMENT);
        let outcome = interrupt_when(&broken, until);
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        // The run may have ended before the signal arrived.
        assert!(matches!(outcome.code, Some(0 | 130)), "{until}: {outcome:?}");
        if outcome.code == Some(130) {
            assert!(
                outcome.stderr.contains("error: ") && outcome.stderr.contains("hint: "),
                "{}",
                outcome.stderr
            );
        }
        broken.succeed(&["run", "e.toml", "--out", "out"]);
        assert_same(&whole, &broken, until);
    }
}

/// Starts a run and sends SIGINT as soon as a file appears.
fn interrupt_when(folder: &Folder, file: &str) -> Outcome {
    let child = folder.start(&["run", "e.toml", "--out", "out"]);
    let started = Instant::now();
    while !folder.path(file).exists() && started.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(1));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    Outcome::of(child.wait_with_output().unwrap())
}

fn assert_same(whole: &Folder, resumed: &Folder, until: &str) {
    let files = |folder: &Folder| -> Vec<String> {
        let all = files_below(&folder.path("out"));
        all.into_iter().filter(|file| !WITH_TIMES.contains(&file.as_str())).collect()
    };
    assert_eq!(files(whole), files(resumed), "after {until}");
    for file in files(whole) {
        let name = format!("out/{file}");
        assert!(whole.bytes(&name) == resumed.bytes(&name), "{file} differs (interrupted after {until})");
    }
}
