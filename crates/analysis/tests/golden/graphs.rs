//! Agreement with networkx, igraph, numpy and scipy on the fifty graphs of `reference/graph_golden.py`.

use std::error::Error;

use neuroloom_analysis::graph::{
    Annotations, CommunityConfig, CommunitySearch, DirectedGraph, Direction, MeasureConfig, Measures,
    communities, degrees, kolmogorov_smirnov, measure, modularity,
};
use neuroloom_core::Silent;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    n: usize,
    edges: Vec<(u32, u32)>,
    numbers: Value,
}

/// Names that stand in the file and in the measures alike.
const SCALARS: [&str; 27] = [
    "density",
    "gini_out",
    "gini_in",
    "in_out_correlation",
    "assortativity_out_in",
    "assortativity_out_out",
    "assortativity_in_in",
    "assortativity_in_out",
    "reciprocity",
    "clustering",
    "clustering_directed",
    "transitivity",
    "common_neighbour_bias",
    "path_length",
    "global_efficiency",
    "reachable",
    "path_length_undirected",
    "diameter_undirected",
    "path_length_largest_strong",
    "n_weak_components",
    "largest_weak_component",
    "n_strong_components",
    "largest_strong_component",
    "betweenness_max",
    "closeness_mean",
    "deepest_core",
    "commutator",
];

/// Eigenvalues of matrices that are not symmetric: what LAPACK itself promises is less than the other numbers.
const EIGENVALUES: [&str; 3] = ["spectral_radius", "spectral_gap", "henrici"];

#[track_caller]
fn assert_close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs();
    assert!(error <= tolerance * expected.abs().max(1.0), "{what}: {found} against {expected}");
}

/// The two sums that stand for a list.
fn sums(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    let weighted = |factor: usize, modulus: usize| {
        values
            .clone()
            .enumerate()
            .map(|(place, value)| value * ((factor * place) % modulus) as f64 / modulus as f64)
            .sum()
    };
    [weighted(7919, 101), weighted(104_729, 97)]
}

#[track_caller]
fn assert_sums(what: &str, values: &[f64], expected: &Value) {
    for (found, expected) in
        sums(values.iter().copied()).into_iter().zip(expected.as_array().into_iter().flatten())
    {
        assert_close(what, found, expected.as_f64().unwrap_or(f64::NAN), 1e-9);
    }
}

fn check(found: &Measures, expected: &Value) {
    for name in SCALARS.into_iter().chain(EIGENVALUES) {
        // `null` stands for what is not defined, which we call NaN or 0.
        let Some(number) = expected[name].as_f64() else { continue };
        // The departure of a normal matrix is the root of a rounding error.
        let tolerance = match name {
            "henrici" => 1e-5,
            name if EIGENVALUES.contains(&name) => 1e-7,
            _ => 1e-9,
        };
        assert_close(name, found.value(name).unwrap_or(f64::NAN), number, tolerance);
    }
    for (place, number) in expected["singular_values"].as_array().into_iter().flatten().enumerate() {
        let name = format!("singular_value_{}", place + 1);
        assert_close(
            &name,
            found.value(&name).unwrap_or(f64::NAN),
            number.as_f64().unwrap_or(f64::NAN),
            1e-9,
        );
    }
    let triads: Vec<u64> = serde_json::from_value(expected["triads"].clone()).unwrap_or_default();
    assert_eq!(found.triads.to_vec(), triads);
    assert_sums("laplacian", found.laplacian.as_deref().unwrap_or_default(), &expected["laplacian"]);
    assert_sums("rich_club", &found.rich_club, &expected["rich_club"]);
    let neurons = &found.neurons;
    let cores: Vec<f64> = neurons.core_number.iter().map(|&core| f64::from(core)).collect();
    let lists = [
        ("betweenness", &neurons.betweenness),
        ("closeness", &neurons.closeness),
        ("clustering", &neurons.clustering),
        ("clustering_directed", &neurons.clustering_directed),
        ("core_number", &cores),
    ];
    for (name, values) in lists {
        assert_sums(name, values, &expected["of_neurons"][name]);
    }
}

fn cases() -> Result<Vec<Case>, Box<dyn Error>> {
    Ok(serde_json::from_str(include_str!("graphs.json"))?)
}

#[test]
fn every_number_agrees_on_fifty_random_graphs() -> Result<(), Box<dyn Error>> {
    let cases = cases()?;
    assert_eq!(cases.len(), 50);
    for case in cases {
        let graph = DirectedGraph::from_edges(case.n, &case.edges)?;
        let found = measure(&graph, &Annotations::default(), &MeasureConfig::default(), &Silent)?;
        check(&found, &case.numbers);
        let groups: Vec<u32> = (0..case.n as u32).map(|neuron| neuron % 4).collect();
        let expected = case.numbers["modularity_of_four_groups"].as_f64().unwrap_or(f64::NAN);
        assert_close("modularity", modularity(&graph, &groups)?, expected, 1e-9);
        let float = |direction| degrees(&graph, direction).into_iter().map(f64::from).collect::<Vec<f64>>();
        let gap = kolmogorov_smirnov(&float(Direction::Out), &float(Direction::In));
        assert_close("ks", gap, case.numbers["ks_of_degrees"].as_f64().unwrap_or(f64::NAN), 1e-9);
    }
    Ok(())
}

#[test]
fn communities_are_as_good_as_those_of_networkx() -> Result<(), Box<dyn Error>> {
    for case in cases()? {
        let graph = DirectedGraph::from_edges(case.n, &case.edges)?;
        let theirs = case.numbers["best_modularity_of_networkx"].as_f64().unwrap_or(f64::NAN);
        for (search, margin) in [(CommunitySearch::Louvain, 0.03), (CommunitySearch::Leiden, 0.01)] {
            let ours =
                communities(&graph, &CommunityConfig { search, ..CommunityConfig::default() })?.modularity;
            assert!(ours >= theirs - margin, "{search:?}: {ours} against {theirs}");
        }
    }
    Ok(())
}
