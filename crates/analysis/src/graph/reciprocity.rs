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
    let core = graph.observed_core();
    let n = core.n_neurons() as f64;
    let dyads = dyad_totals(&UndirectedGraph::new(&core));
    let (n_edges, pairs) = (core.n_edges() as f64, n * (n - 1.0));
    let density = n_edges / pairs;
    let reciprocity = 2.0 * dyads.n_mutual as f64 / n_edges;
    Reciprocity {
        n_mutual: dyads.n_mutual,
        n_asymmetric: dyads.n_asymmetric,
        n_mutual_expected: density * density * pairs / 2.0,
        reciprocity,
        rho: (reciprocity - density) / (1.0 - density),
    }
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
