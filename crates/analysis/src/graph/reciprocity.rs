//! Do connections come back?

use super::{DirectedGraph, Dyad, UndirectedGraph};

/// Mutual connections of the fully observed neurons, beside what chance gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reciprocity {
    /// Pairs joined both ways.
    pub n_mutual: u64,
    /// Pairs joined one way.
    pub n_asymmetric: u64,
    /// Pairs joined both ways that an Erdos-Renyi graph of the same density has on average: `p^2 N (N - 1) / 2`.
    pub n_mutual_expected: f64,
    /// Reciprocated edges over edges, `r = 2 n_mutual / E`; chance is the density. NaN without edges.
    pub reciprocity: f64,
    /// `rho = (r - p) / (1 - p)`: 0 is chance, 1 is all mutual, negative is fewer than chance
    /// (Garlaschelli and Loffredo 2004).
    pub rho: f64,
}

/// Mutual and one-way pairs among the fully observed neurons.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, reciprocity};
/// let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 0), (1, 2)])?;
/// let found = reciprocity(&graph);
/// assert_eq!((found.n_mutual, found.n_asymmetric), (1, 1));
/// assert_eq!(found.n_mutual_expected, 0.75); // p = 1/2, three pairs
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn reciprocity(graph: &DirectedGraph) -> Reciprocity {
    if graph.n_observable_pairs() != all_pairs(graph) {
        return reciprocity(&graph.observed_core());
    }
    let pairs = all_pairs(graph) as f64;
    let n_edges = graph.n_edges() as f64;
    let n_mutual = (0..graph.n_neurons() as u32).map(|neuron| n_returning(graph, neuron)).sum::<u64>() / 2;
    let density = n_edges / pairs;
    let reciprocity = 2.0 * n_mutual as f64 / n_edges;
    Reciprocity {
        n_mutual,
        n_asymmetric: graph.n_edges() as u64 - 2 * n_mutual,
        n_mutual_expected: density * density * pairs / 2.0,
        reciprocity,
        rho: (reciprocity - density) / (1.0 - density),
    }
}

fn all_pairs(graph: &DirectedGraph) -> u64 {
    let n = graph.n_neurons() as u64;
    n * n.saturating_sub(1)
}

/// Receivers of a neuron that also send to it: both rows are ascending, one walk suffices.
fn n_returning(graph: &DirectedGraph, neuron: u32) -> u64 {
    let (out, back) = (graph.successors(neuron), graph.predecessors(neuron));
    let (mut i, mut j, mut n) = (0, 0, 0);
    while i < out.len() && j < back.len() {
        n += u64::from(out[i] == back[j]);
        let (first, second) = (out[i], back[j]);
        i += usize::from(first <= second);
        j += usize::from(second <= first);
    }
    n
}

/// Joined pairs by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DyadTotals {
    pub(super) n_mutual: u64,
    pub(super) n_asymmetric: u64,
}

pub(super) fn dyad_totals(joined: &UndirectedGraph) -> DyadTotals {
    let all = (0..joined.n_neurons() as u32).flat_map(|neuron| joined.dyads(neuron));
    let n_mutual = all.filter(|&&dyad| dyad == Dyad::Mutual).count() as u64 / 2;
    DyadTotals { n_mutual, n_asymmetric: joined.n_pairs() as u64 - n_mutual }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::EdgeMask;

    #[test]
    fn an_axon_that_was_not_traced_cannot_return_anything() {
        // 0 <-> 1 is seen; 2's axon was not traced, so 0 -> 2 has no dyad that could be judged.
        let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 0), (0, 2)]).unwrap();
        let observed = EdgeMask { pre_observed: Some(vec![true, true, false]), post_observed: None };
        let found = reciprocity(&graph.with_observed(observed).unwrap());
        assert_eq!((found.n_mutual, found.n_asymmetric, found.reciprocity), (1, 0, 1.0));
    }
}
