//! Agreement with numpy and scikit-learn on the numbers of `reference/mmd_golden.py`, with ORCA and PyTorch on those
//! of `reference/set_descriptor_golden.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use neuroloom_analysis::graph::DirectedGraph;
use neuroloom_analysis::graph::comparison::{
    LogisticRegression, SetDescription, difference, orbit_counts, orbit_counts_of_five, random_gin_features,
};
use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("set_comparison.json")).unwrap()
}

fn circuits(set: &Value) -> Vec<Circuit> {
    let circuit = |graph: &Value| {
        let n = graph["n"].as_u64().unwrap() as usize;
        let edges: Vec<(u32, u32)> = serde_json::from_value(graph["edges"].clone()).unwrap();
        let (pre, post) = edges.into_iter().unzip();
        let neurons = NeuronTable::new(NeuronId::numbered(n)).unwrap();
        let edges = EdgeList { pre, post, ..EdgeList::default() };
        Circuit::new(Connectome::new(neurons, edges).unwrap(), CircuitOrigin::default())
    };
    set.as_array().unwrap().iter().map(circuit).collect()
}

#[test]
fn every_mmd_is_that_of_numpy() {
    let golden = golden();
    let [one, other] = [0, 1].map(|set| SetDescription::new(&circuits(&golden["sets"][set])).unwrap());
    let found = difference(&one, &other, Seed(1)).unwrap();
    for name in ["degree", "clustering", "spectral", "orbit", "in-degree", "out-degree"] {
        let ours = found.descriptors.iter().find(|one| one.name == name).unwrap();
        for (kind, ours) in [("mmd", ours.mmd), ("rbf_mmd", ours.rbf_mmd)] {
            let expected = golden[name][kind].as_f64().unwrap();
            assert!((ours - expected).abs() < 1e-9, "{name} {kind}: {ours} against {expected}");
        }
    }
}

#[test]
fn logistic_regression_is_that_of_scikit_learn() {
    let golden = &golden()["logistic"];
    let features: Vec<Vec<f64>> = serde_json::from_value(golden["features"].clone()).unwrap();
    let labels: Vec<bool> = serde_json::from_value(golden["labels"].clone()).unwrap();
    let weights: Vec<f64> = serde_json::from_value(golden["weights"].clone()).unwrap();
    let model = LogisticRegression::fit(&features, &labels).unwrap();
    for (ours, expected) in model.weights.iter().zip(&weights) {
        assert!((ours - expected).abs() < 1e-8, "{ours} against {expected}");
    }
    assert!((model.intercept - golden["intercept"].as_f64().unwrap()).abs() < 1e-8);
}

#[test]
fn orbits_of_five_and_the_random_network_are_those_of_orca_and_torch() {
    let golden: Value = serde_json::from_str(include_str!("set_descriptors.json")).unwrap();
    for graph in golden.as_array().unwrap() {
        let edges: Vec<(u32, u32)> = serde_json::from_value(graph["edges"].clone()).unwrap();
        let circuit = DirectedGraph::from_edges(graph["n"].as_u64().unwrap() as usize, &edges).unwrap();
        let expected: Vec<Vec<f64>> = serde_json::from_value(graph["orbits"].clone()).unwrap();
        let four = orbit_counts(&circuit);
        for ((four, five), expected) in four.iter().zip(orbit_counts_of_five(&circuit)).zip(expected) {
            assert_eq!([four.as_slice(), &five].concat(), expected);
        }
        let expected: Vec<f64> = serde_json::from_value(graph["random_gin"].clone()).unwrap();
        let found = random_gin_features(&circuit);
        assert_eq!(found.len(), expected.len());
        for (ours, expected) in found.iter().zip(expected) {
            assert!((ours - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{ours} against {expected}");
        }
    }
}
