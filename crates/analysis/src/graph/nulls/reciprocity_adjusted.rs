//! As many mutual and as many one-way pairs, anywhere.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::edge_set::EdgeSet;
use crate::graph::reciprocity::dyad_totals;
use crate::graph::{DirectedGraph, UndirectedGraph};

pub(super) fn sample(graph: &DirectedGraph, rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
    let n = graph.n_neurons();
    let dyads = dyad_totals(&UndirectedGraph::new(graph));
    let mut taken = EdgeSet::new(n);
    let mut edges = Vec::with_capacity(graph.n_edges());
    for rank in 0..dyads.n_mutual + dyads.n_asymmetric {
        // The order of the two ends is random, so one-way pairs point either way.
        let (pre, post) = loop {
            let (pre, post) = (rng.random_range(0..n as u32), rng.random_range(0..n as u32));
            if pre != post && taken.insert(pre.min(post), pre.max(post)) {
                break (pre, post);
            }
        };
        edges.push((pre, post));
        if rank < dyads.n_mutual {
            edges.push((post, pre));
        }
    }
    edges
}
