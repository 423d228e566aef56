//! `neuroloom inspect`.

use crate::harness::Folder;

#[test]
fn a_recording_is_described() {
    let folder = Folder::new();
    folder.recording("a.npz", 40, 3);
    let outcome = folder.succeed(&["inspect", "a.npz"]);
    insta::assert_snapshot!("inspect_recording", outcome.stdout);
    let json: serde_json::Value =
        serde_json::from_str(&folder.succeed(&["inspect", "a.npz", "--json"]).stdout).unwrap();
    assert!(json.is_object());
}

#[test]
fn a_connectome_is_described() {
    let folder = Folder::new();
    folder.write("edges.csv", "pre,post,n_syn\nA,B,3\nB,A,1\nA,A,2\nA,B,1\n");
    let outcome = folder.succeed(&["inspect", "edges.csv"]);
    insta::assert_snapshot!("inspect_connectome", outcome.stdout);
}

#[test]
fn what_cannot_be_understood_is_an_error() {
    let folder = Folder::new();
    folder.write("a.npz", "not a zip");
    let outcome = folder.run(&["inspect", "a.npz"]);
    assert_eq!(outcome.code, Some(1));
    insta::assert_snapshot!("inspect_damaged", outcome.stderr);
}
