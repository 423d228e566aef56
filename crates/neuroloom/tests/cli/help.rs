//! What can be typed, and what a wrong word is answered with.

use crate::harness::Folder;

fn snapshot(name: &str, arguments: &[&str]) {
    let outcome = Folder::new().run(arguments);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    insta::assert_snapshot!(name, outcome.stdout);
}

#[test]
fn every_verb_has_help_with_examples() {
    snapshot("help", &["--help"]);
    let verbs = [
        "simulate",
        "infer",
        "train",
        "distill",
        "compare",
        "inspect",
        "measure",
        "import",
        "export",
        "sample",
        "report",
        "run",
        "demo",
        "extract",
        "stress",
        "explore",
        "synthesize",
        "reservoir",
        "atlas",
    ];
    for verb in verbs {
        let help = Folder::new().run(&[verb, "--help"]).stdout;
        assert!(help.contains("Examples:\n  neuroloom "), "{verb}: {help}");
        snapshot(&format!("help_{verb}"), &[verb, "--help"]);
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let outcome = Folder::new().succeed(&["--version"]);
    assert_eq!(outcome.stdout, format!("neuroloom {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let wrong: [&[&str]; 6] = [
        &["infer"],
        &["unweave"],
        &["infer", "a.npz", "--out", "fit", "--target", "magic"],
        &["simulate", "--preset", "worm", "--out", "sim"],
        &["infer", "a.npz", "--out", "fit", "--threads", "0"],
        &["infer", "a.npz", "--out", "fit", "--dt", "soon"],
    ];
    for arguments in wrong {
        let outcome = Folder::new().run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    }
}
