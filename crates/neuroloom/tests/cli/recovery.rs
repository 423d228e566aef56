//! A known circuit, simulated and fitted through the command line, is found again: above a bar and above what
//! correlations find.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use crate::harness::Folder;

#[test]
fn a_hundred_neurons_are_found_again() {
    let folder = Folder::new();
    folder.succeed(&["simulate", "--neurons", "100", "--frames", "20000", "--seed", "11", "--out", "sim"]);
    folder.succeed(&["infer", "sim/activity.zarr", "--truth", "sim/truth.npz", "--out", "fit"]);
    let evaluation = folder.json("fit/evaluation.json");
    let connectivity = &evaluation["connectivity"];
    let r2 = connectivity["r2_linear_fit"].as_f64().unwrap();
    let slope = connectivity["slope"].as_f64().unwrap();
    let baselines = evaluation["baselines"]["connectivity"].as_array().unwrap();
    let correlation = baselines.iter().find(|one| one["method"] == "correlation").unwrap();
    let null = correlation["r2_linear_fit"].as_f64().unwrap();
    assert!(r2 > 0.99, "R2 {r2}");
    assert!((slope - 1.0).abs() < 0.02, "slope {slope}");
    assert!(r2 > null + 0.5, "R2 {r2}, correlation {null}");
}

#[test]
fn noise_in_each_step_does_not_bias_the_difference_target() {
    let folder = Folder::new();
    folder.succeed(&[
        "simulate",
        "--neurons",
        "30",
        "--frames",
        "60000",
        "--noise",
        "0.5",
        "--seed",
        "12",
        "--out",
        "sim",
    ]);
    folder.succeed(&["infer", "sim/activity.zarr", "--truth", "sim/truth.npz", "--out", "fit"]);
    let evaluation = folder.json("fit/evaluation.json");
    let connectivity = &evaluation["connectivity"];
    let slope = connectivity["slope"].as_f64().unwrap();
    let coverage = connectivity["coverage_90"].as_f64().unwrap();
    assert!((slope - 1.0).abs() < 0.1, "slope {slope}");
    assert!((0.85..=0.95).contains(&coverage), "coverage of the 90 % intervals {coverage}");
}
