//! Agreement with networkx, igraph, numpy and scipy on ten real wiring diagrams (`reference/graph_golden.py`). Only the
//! numbers are stored here; the edges are read where the data are, else the test has nothing to do.

use std::error::Error;
use std::path::{Path, PathBuf};

use neuroloom::analysis::graph::{Annotations, DirectedGraph, MeasureConfig, measure};
use neuroloom::core::{Silent, Synapses};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    folder: PathBuf,
    kind: Option<String>,
    n: usize,
    numbers: Value,
}

#[test]
fn every_number_agrees_on_ten_real_graphs() -> Result<(), Box<dyn Error>> {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !data.is_dir() {
        eprintln!("skipped: {} is not there", data.display());
        return Ok(());
    }
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden/real_graphs.json"))?;
    assert_eq!(cases.len(), 10);
    for case in cases {
        let connectome =
            neuroloom::io::read_connectome(&data.join(&case.folder), &Default::default())?.connectome;
        let connectome = match &case.kind {
            Some(kind) => connectome.of_kind(kind)?,
            None => connectome,
        };
        let graph = DirectedGraph::from_connectome(&connectome, Synapses::Binary)?;
        assert_eq!(graph.n_neurons(), case.n, "{}", case.folder.display());
        let found = measure(&graph, &Annotations::default(), &MeasureConfig::default(), &Silent)?;
        let numbers = case.numbers.as_object().ok_or("numbers are an object")?;
        let mut n_compared = 0;
        for (name, expected) in numbers {
            let (Some(expected), Some(value)) = (expected.as_f64(), found.value(name)) else { continue };
            // Eigenvalues of a matrix that is not symmetric: less is promised by both sides.
            // The departure of a normal matrix from normality is the root of a rounding error.
            let tolerance = match name.as_str() {
                "henrici" => 1e-5,
                "spectral_radius" | "spectral_gap" => 1e-7,
                _ => 1e-9,
            };
            let error = (value - expected).abs() / expected.abs().max(1.0);
            assert!(error <= tolerance, "{}: {name}: {value} against {expected}", case.folder.display());
            n_compared += 1;
        }
        assert!(n_compared >= 25, "{n_compared}");
        let triads: Vec<u64> = serde_json::from_value(case.numbers["triads"].clone())?;
        assert_eq!(found.triads.to_vec(), triads, "{}", case.folder.display());
        let theirs = case.numbers["best_modularity_of_networkx"].as_f64().ok_or("a modularity")?;
        for name in ["modularity_louvain", "modularity_leiden"] {
            let ours = found.value(name).ok_or("a modularity")?;
            assert!(ours >= theirs - 0.01, "{}: {name} {ours} against {theirs}", case.folder.display());
        }
    }
    Ok(())
}
