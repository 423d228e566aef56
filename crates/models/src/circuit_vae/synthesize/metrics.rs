//! The six metrics that circuits are asked to have.

use neuroloom_analysis::graph::{
    CommunityConfig, DirectedGraph, clustering, communities, path_summary, reciprocity,
};
use neuroloom_core::{Circuit, Synapses};

/// Names of the metrics of [`measure_targets`]. The paper sets six and its text that names them could not be read; that
/// clustering is among what it explains is from a caption, the others are the usual ones.
pub const TARGETS: [&str; 6] =
    ["edges", "reciprocity", "clustering", "path_length", "modularity", "betweenness"];

/// Edges; reciprocity; mean local clustering; mean length of the directed paths that exist; directed modularity
/// (Leiden, one start); mean betweenness. As `analysis::graph` defines them, on the fully observed neurons; NaN where
/// undefined.
pub fn measure_targets(circuit: &Circuit) -> Vec<f64> {
    let Ok(graph) = DirectedGraph::from_connectome(circuit.connectome(), Synapses::Binary) else {
        return vec![f64::NAN; TARGETS.len()];
    };
    let graph = graph.observed_core();
    let paths = path_summary(&graph);
    let search = CommunityConfig { n_starts: 1, ..CommunityConfig::default() };
    let n = graph.n_neurons() as f64;
    // A pair at distance d has d - 1 neurons between its ends, however many ways there are.
    let between: u64 = (0..).zip(&paths.n_pairs_at).map(|(between, pairs): (u64, _)| between * pairs).sum();
    vec![
        graph.n_edges() as f64,
        reciprocity(&graph).reciprocity,
        clustering(&graph).average_local,
        paths.mean_length,
        communities(&graph, &search).map_or(f64::NAN, |found| found.modularity),
        between as f64 / (n * (n - 1.0) * (n - 2.0)),
    ]
}
