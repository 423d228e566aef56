//! Agreement with the Python package `shap` on the same trees: the numbers of `reference/shap_golden.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail where the golden file is malformed")]

use ndarray::Array2;
use neuroloom_analysis::attribution::{Attribution, tree_interventional, tree_path_dependent};
use neuroloom_analysis::boosting::BoostedTrees;

fn matrix(value: &serde_json::Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn assert_agrees(found: &Attribution, expected: &serde_json::Value, kind: &str) {
    let values = matrix(&expected[kind]);
    let error = (&found.values - &values).mapv(f64::abs).fold(0.0_f64, |most, value| most.max(*value));
    let base = expected[format!("{kind}_base")].as_f64().unwrap();
    assert!(error < 1e-6 && (found.base - base).abs() < 1e-6, "{kind}: {error} {} {base}", found.base);
}

#[test]
fn attributions_of_the_same_trees_agree_with_shap_and_add_up() {
    let golden: serde_json::Value = serde_json::from_str(include_str!("shap.json")).unwrap();
    let (rows, background) = (matrix(&golden["rows"]), matrix(&golden["background"]));
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let trees: BoostedTrees = serde_json::from_value(case["model"].clone()).unwrap();
        let path = tree_path_dependent(&trees, rows.view()).unwrap();
        let inter = tree_interventional(&trees, rows.view(), background.view()).unwrap();
        assert_agrees(&path, case, "path_dependent");
        assert_agrees(&inter, case, "interventional");
        for found in [path, inter] {
            for (sum, margin) in found.predictions().iter().zip(trees.margin(rows.view()).unwrap()) {
                assert!((sum - margin).abs() < 1e-9, "{sum} {margin}");
            }
        }
    }
}
