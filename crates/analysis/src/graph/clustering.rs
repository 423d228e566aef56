//! How often are two partners of a neuron partners of each other?

use super::triangles::TriangleCounts;
use super::{DirectedGraph, Dyad, UndirectedGraph};

/// Clustering in three common senses. Neurons with fewer than two neighbours count as 0, as in networkx.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// Of each neuron in `U`: joined pairs of neighbours over pairs of neighbours.
    pub local: Vec<f64>,
    /// Of each neuron, directed: `(A + A')^3_ii / (2 (k (k - 1) - 2 k_mutual))` with `k` edges in all
    /// (Fagiolo 2007).
    pub directed: Vec<f64>,
    /// Mean of `local`.
    pub average_local: f64,
    /// Mean of `directed`.
    pub average_directed: f64,
    /// `3 triangles / paths of length two` of `U`; NaN where there is no such path.
    pub transitivity: f64,
}

/// Clustering coefficients; 0 to 1. Chance in a random graph is the density of `U` (or of the graph, for the
/// directed one).
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, clustering};
/// // a cycle of three and a tail
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (2, 0), (2, 3)])?;
/// let found = clustering(&graph);
/// assert_eq!(found.local, [1.0, 1.0, 1.0 / 3.0, 0.0]);
/// assert_eq!(found.transitivity, 0.6);
/// assert_eq!(found.directed[0], 0.5);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn clustering(graph: &DirectedGraph) -> Clustering {
    let joined = UndirectedGraph::new(graph);
    from_triangles(&joined, &TriangleCounts::of(&joined))
}

pub(super) fn from_triangles(joined: &UndirectedGraph, triangles: &TriangleCounts) -> Clustering {
    let neurons = 0..joined.n_neurons() as u32;
    let pairs =
        |neuron: u32| joined.degree(neuron) as u64 * (joined.degree(neuron) as u64).saturating_sub(1) / 2;
    let local: Vec<f64> =
        neurons.clone().map(|neuron| ratio(triangles.at_neuron[neuron as usize], pairs(neuron))).collect();
    let directed: Vec<f64> = neurons
        .clone()
        .map(|neuron| {
            ratio(triangles.directed_at_neuron[neuron as usize], directed_pairs(joined.dyads(neuron)))
        })
        .collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    Clustering {
        average_local: mean(&local),
        average_directed: mean(&directed),
        local,
        directed,
        transitivity: 3.0 * triangles.total() as f64 / neurons.map(pairs).sum::<u64>() as f64,
    }
}

fn ratio(found: u64, possible: u64) -> f64 {
    if found == 0 { 0.0 } else { found as f64 / possible as f64 }
}

/// Ordered pairs of edges at a neuron that could be closed.
fn directed_pairs(dyads: &[Dyad]) -> u64 {
    let n_edges: u64 = dyads.iter().map(|dyad| dyad.n_edges()).sum();
    let n_mutual = dyads.iter().filter(|&&dyad| dyad == Dyad::Mutual).count() as u64;
    (n_edges * n_edges.saturating_sub(1)).saturating_sub(2 * n_mutual)
}
