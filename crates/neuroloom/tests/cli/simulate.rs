//! `neuroloom simulate`.

use crate::harness::Folder;

const SMALL: &[&str] = &["simulate", "--neurons", "12", "--frames", "200", "--out", "sim"];

#[test]
fn a_simulation_is_a_recording_with_its_truth() {
    let folder = Folder::new();
    let outcome = folder.succeed(SMALL);
    assert!(outcome.stdout.contains("frames           201"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("not stored"), "{}", outcome.stdout);
    let recording =
        neuroloom::io::open_recording(&folder.path("sim/activity.zarr"), &Default::default()).unwrap();
    let shape = recording.activity.shape();
    assert_eq!((shape.n_frames, shape.n_neurons), (201, 12));
    assert!(recording.drift.is_none());
    let truth = neuroloom::io::read_truth(&folder.path("sim/truth.npz")).unwrap();
    assert_eq!(truth.n_neurons(), 12);
    assert!(folder.path("sim/config.toml").is_file() && folder.path("sim/provenance.json").is_file());
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let folders: Vec<Folder> = [("1", "7"), ("2", "7"), ("2", "8")]
        .into_iter()
        .map(|(threads, seed)| {
            let folder = Folder::new();
            folder.succeed(&[SMALL, &["--threads", threads, "--seed", seed]].concat());
            folder
        })
        .collect();
    let states = |folder: &Folder| {
        let files = crate::harness::files_below(&folder.path("sim/activity.zarr"));
        files.iter().flat_map(|file| folder.bytes(&format!("sim/activity.zarr/{file}"))).collect::<Vec<u8>>()
    };
    assert_eq!(states(&folders[0]), states(&folders[1]));
    assert_ne!(states(&folders[0]), states(&folders[2]));
    assert_eq!(folders[0].bytes("sim/truth.npz"), folders[1].bytes("sim/truth.npz"));
}

#[test]
fn the_noise_preset_stores_its_drift() {
    let folder = Folder::new();
    let outcome = folder.succeed(&[SMALL, &["--preset", "noise", "--json"]].concat());
    let result: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(result["summary"]["has_drift"], true);
    let recording =
        neuroloom::io::open_recording(&folder.path("sim/activity.zarr"), &Default::default()).unwrap();
    assert!(recording.drift.is_some());
}

#[test]
fn the_bundled_worm_keeps_its_names() {
    let folder = Folder::new();
    folder.succeed(&["simulate", "--bundled", "worm", "--frames", "20", "--out", "sim"]);
    let recording =
        neuroloom::io::open_recording(&folder.path("sim/activity.zarr"), &Default::default()).unwrap();
    let names: Vec<String> = recording.activity.neuron_ids().iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), 302);
    assert!(names.contains(&"AVAL".to_owned()));
}

#[test]
fn every_default_is_written_out() {
    let folder = Folder::new();
    folder.succeed(&[SMALL, &["--seed", "7"]].concat());
    insta::assert_snapshot!("simulate_config", String::from_utf8(folder.bytes("sim/config.toml")).unwrap());
}

/// A limit on the size of files stands for a full disk: the write fails, the process lives.
#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_that_leaves_no_half_recording() {
    let folder = Folder::new();
    let binary = env!("CARGO_BIN_EXE_neuroloom");
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec '{binary}' simulate --neurons 40 --frames 5000 --seed 7 --out sim"
    );
    let mut shell = std::process::Command::new("bash");
    let output = shell.args(["-c", &script]).current_dir(folder.path(".")).output().unwrap();
    let outcome = crate::harness::Outcome::of(output);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("error: ") && outcome.stderr.contains("activity.zarr"),
        "{}",
        outcome.stderr
    );
    assert!(!folder.path("sim/activity.zarr").exists());
}
