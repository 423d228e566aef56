//! Swaps of the ends of two edges (Maslov and Sneppen 2002): a -> b, c -> d become a -> d, c -> b.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::edge_set::EdgeSet;
use super::mixing_time::mix;
use crate::graph::DirectedGraph;

pub(super) fn sample(graph: &DirectedGraph, swaps_per_edge: usize, rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
    let mut edges: Vec<(u32, u32)> = graph.edges().collect();
    let mut taken = EdgeSet::of(graph.n_neurons(), &edges);
    let n = edges.len();
    mix(n, swaps_per_edge, || {
        let both = (rng.random_range(0..n), rng.random_range(0..n));
        swap(&mut edges, &mut taken, both)
    });
    edges
}

/// Swaps the receivers of two edges unless that makes a self edge or a repeated one.
#[inline]
pub(super) fn swap(edges: &mut [(u32, u32)], taken: &mut EdgeSet, (one, other): (usize, usize)) -> bool {
    let ((a, b), (c, d)) = (edges[one], edges[other]);
    if a == c || b == d || a == d || c == b || taken.contains(a, d) || taken.contains(c, b) {
        return false;
    }
    taken.remove(a, b);
    taken.remove(c, d);
    taken.insert(a, d);
    taken.insert(c, b);
    edges[one].1 = d;
    edges[other].1 = b;
    true
}
