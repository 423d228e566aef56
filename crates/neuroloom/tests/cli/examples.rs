//! The experiments in `examples/`: all can be read, also those that are too long to be run by the gate.

use std::path::Path;

use neuroloom::experiment::{Experiment, ExperimentConfig};

#[test]
fn every_example_is_a_complete_experiment() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut n_read = 0;
    for folder in ["mechanism", "mechanism/full", "weight_manifold", "weight_manifold/full"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                Experiment::load(&path).unwrap_or_else(|error| panic!("{error}"));
                n_read += 1;
            }
        }
    }
    assert!(n_read > 10, "{n_read} experiments");
}

#[test]
fn the_full_experiments_are_the_published_ones() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/mechanism/full");
    for entry in std::fs::read_dir(full).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let config = ExperimentConfig::load(&path).unwrap();
            let published = config.simulate.unwrap().published();
            assert!(published.is_some(), "{} differs from the published experiment", path.display());
        }
    }
}
