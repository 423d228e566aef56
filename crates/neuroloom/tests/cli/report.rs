//! `neuroloom report`: from the folder alone.

use std::fs;

use crate::harness::Folder;

#[test]
fn a_deleted_report_comes_back_byte_for_byte() {
    let folder = Folder::new();
    folder.succeed(&["simulate", "--neurons", "12", "--frames", "3000", "--noise", "0.5", "--out", "sim"]);
    folder.succeed(&["infer", "sim/activity.zarr", "--truth", "sim/truth.npz", "--out", "fit"]);
    let before = folder.bytes("fit/report.html");
    fs::remove_file(folder.path("fit/report.html")).unwrap();
    fs::remove_dir_all(folder.path("fit/figures")).unwrap();
    // Neither the model nor the recording is needed.
    fs::remove_file(folder.path("fit/model.safetensors")).unwrap();
    fs::remove_dir_all(folder.path("sim")).unwrap();
    let outcome = folder.succeed(&["report", "fit"]);
    assert!(outcome.stdout.contains("fit/report.html"), "{}", outcome.stdout);
    assert!(folder.bytes("fit/report.html") == before, "the report differs");
    assert!(folder.path("fit/figures").is_dir());
}

#[test]
fn a_damaged_folder_is_named() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("fit/tables")).unwrap();
    folder.write("fit/provenance.json", "{}");
    folder.write("fit/tables/exploration.json", "{ half");
    let outcome = folder.run(&["report", "fit"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("exploration.json"), "{}", outcome.stderr);
}
