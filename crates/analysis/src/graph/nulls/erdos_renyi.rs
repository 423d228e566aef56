//! As many edges, anywhere: G(n, m).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::edge_set::EdgeSet;
use crate::graph::DirectedGraph;

pub(super) fn sample(graph: &DirectedGraph, rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
    let n = graph.n_neurons();
    let mut taken = EdgeSet::new(n);
    let mut edges = Vec::with_capacity(graph.n_edges());
    while edges.len() < graph.n_edges() {
        let (pre, post) = (rng.random_range(0..n as u32), rng.random_range(0..n as u32));
        if pre != post && taken.insert(pre, post) {
            edges.push((pre, post));
        }
    }
    edges
}
