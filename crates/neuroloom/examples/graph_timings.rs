//! Times one graph statistic after another on a wiring diagram, on demand: the other side of
//! `reference/graph_benchmark.py`, which writes the name of a statistic on standard input and reads its seconds.
//!
//!     cargo run --release -p neuroloom --example graph_timings -- ../shared/data/fly_larva_brain_winding2023

use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use neuroloom::analysis::graph::nulls::{NullConfig, NullModel, NullSampler};
use neuroloom::analysis::graph::{
    CommunityConfig, CommunitySearch, DirectedGraph, Direction, assortativity, betweenness, clustering,
    common_neighbours, communities, core_numbers, modularity, path_summary, reciprocity, rich_club,
    simplex_counts, spectrum, strong_components, triad_census,
};
use neuroloom::core::{Seed, Synapses};

fn main() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(std::env::args().nth(1).ok_or("give a wiring diagram")?);
    let connectome = neuroloom::io::read_connectome(&path, &Default::default())?.connectome;
    let graph = DirectedGraph::from_connectome(&connectome, Synapses::Binary)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} {}", graph.n_neurons(), graph.n_edges())?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let started = Instant::now();
        let value = run(&graph, line?.trim())?;
        writeln!(out, "{} {value}", started.elapsed().as_secs_f64())?;
        out.flush()?;
    }
    Ok(())
}

/// The statistic as one number, to be compared with that of the peer.
fn run(graph: &DirectedGraph, name: &str) -> Result<f64, Box<dyn Error>> {
    let search = |search, n_starts| {
        communities(graph, &CommunityConfig { search, n_starts, seed: Seed(1), ..CommunityConfig::default() })
    };
    Ok(match name {
        "reciprocity" => reciprocity(graph).reciprocity,
        "clustering" => clustering(graph).average_local,
        "transitivity" => clustering(graph).transitivity,
        "directed clustering" => clustering(graph).average_directed,
        "triad census" => triad_census(graph)[8] as f64,
        "path length" => path_summary(graph).mean_length,
        "closeness" => mean(&path_summary(graph).closeness),
        "betweenness" => mean(&betweenness(graph)),
        "cores" => f64::from(core_numbers(graph).into_iter().max().unwrap_or(0)),
        "strong components" => strong_components(graph).sizes.len() as f64,
        "assortativity" => assortativity(graph, Direction::Out, Direction::In),
        "modularity" => {
            let groups: Vec<u32> = (0..graph.n_neurons() as u32).map(|neuron| neuron % 7).collect();
            modularity(graph, &groups)?
        }
        "Louvain" => search(CommunitySearch::Louvain, 1)?.modularity,
        "Leiden" => search(CommunitySearch::Leiden, 1)?.modularity,
        "rich club" => rich_club(graph).last().copied().unwrap_or(f64::NAN),
        "simplices" => simplex_counts(graph, 5)[5] as f64,
        "common neighbours" => common_neighbours(graph).bias,
        "spectral radius" => spectrum(graph, &no_dense())?.radius,
        "degree-preserving swaps" => {
            let sampler = NullSampler::new(NullModel::DegreePreserving, graph, &NullConfig::default())?;
            black_box(sampler.sample(Seed(1))?).n_edges() as f64
        }
        other => return Err(format!("unknown statistic `{other}`").into()),
    })
}

fn no_dense() -> neuroloom::analysis::graph::SpectralConfig {
    neuroloom::analysis::graph::SpectralConfig {
        n_singular: 1,
        max_neurons_eigenvalues: 0,
        max_neurons_laplacian: 0,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
