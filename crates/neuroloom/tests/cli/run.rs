//! `neuroloom run`.

use crate::harness::Folder;

const EXPERIMENT: &str = "\
seed = 3

[simulate]
preset = \"baseline\"
neurons = 12
frames = 3000
noise = 0.5
";

#[test]
fn finished_stages_are_not_run_again_and_changed_ones_are() {
    let folder = Folder::new();
    folder.write("e.toml", EXPERIMENT);
    folder.succeed(&["run", "e.toml"]);
    let first = folder.bytes("runs/e/evaluation.json");
    let modified = |name: &str| folder.path(name).metadata().unwrap().modified().unwrap();
    let (simulated, fitted) = (modified("runs/e/data/truth.npz"), modified("runs/e/model.safetensors"));

    let again = folder.succeed(&["run", "e.toml"]);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert!(again.stdout.contains("report.html"), "the summary is printed all the same: {}", again.stdout);
    assert_eq!(modified("runs/e/model.safetensors"), fitted);

    folder.write("e.toml", format!("{EXPERIMENT}\n[infer]\nridge = 0.1\n"));
    folder.succeed(&["run", "e.toml"]);
    assert_eq!(modified("runs/e/data/truth.npz"), simulated, "the simulation does not depend on the ridge");
    assert_ne!(folder.bytes("runs/e/evaluation.json"), first);
}

#[test]
fn paths_start_in_the_folder_of_the_experiment() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("inside")).unwrap();
    folder.recording("inside/a.npz", 400, 5);
    folder.write("inside/e.toml", "evaluate = \"none\"\n[data]\npath = \"a.npz\"\n");
    folder.succeed(&["run", "inside/e.toml", "--out", "out"]);
    assert!(folder.path("out/wiring.npz").is_file());
    let provenance = folder.json("out/provenance.json");
    assert_eq!(provenance["inputs"][0]["path"], "a.npz");
    assert_eq!(provenance["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_missing_artefact_is_made_again() {
    let folder = Folder::new();
    folder.write("e.toml", EXPERIMENT);
    folder.succeed(&["run", "e.toml", "--out", "out"]);
    let before = folder.bytes("out/evaluation.json");
    std::fs::remove_file(folder.path("out/evaluation.json")).unwrap();
    folder.succeed(&["run", "e.toml", "--out", "out"]);
    assert_eq!(folder.bytes("out/evaluation.json"), before, "scored again with the model from the disk");
}
