//! Swaps among one-way pairs and among mutual pairs, apart: every neuron keeps how many it sends to, receives from,
//! and has both ways.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::edge_set::EdgeSet;
use super::mixing_time::mix;
use crate::graph::DirectedGraph;

pub(super) fn sample(graph: &DirectedGraph, swaps_per_edge: usize, rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
    let returns = |&(pre, post): &(u32, u32)| graph.has_edge(post, pre);
    let mut one_way: Vec<(u32, u32)> = graph.edges().filter(|edge| !returns(edge)).collect();
    let mut mutual: Vec<(u32, u32)> = graph.edges().filter(|edge| edge.0 < edge.1 && returns(edge)).collect();
    // A pair is taken, whichever way its edges go.
    let mut taken = EdgeSet::new(graph.n_neurons());
    for &(pre, post) in one_way.iter().chain(&mutual) {
        taken.insert(pre.min(post), pre.max(post));
    }
    let n_dyads = one_way.len() + mutual.len();
    mix(n_dyads, swaps_per_edge, || {
        let first = rng.random_range(0..n_dyads);
        if first < one_way.len() {
            let second = rng.random_range(0..one_way.len());
            swap(&mut one_way, &mut taken, (first, second))
        } else {
            let second = rng.random_range(0..mutual.len());
            // Either end of a mutual pair may go either way.
            if rng.random::<bool>() {
                let (a, b) = mutual[second];
                mutual[second] = (b, a);
            }
            swap(&mut mutual, &mut taken, (first - one_way.len(), second))
        }
    });
    let mutual = mutual.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]);
    one_way.into_iter().chain(mutual).collect()
}

/// Swaps the second ends of two pairs of the same kind unless a pair would join a neuron with itself or fall on one
/// that is joined already.
fn swap(pairs: &mut [(u32, u32)], taken: &mut EdgeSet, (one, other): (usize, usize)) -> bool {
    let ((a, b), (c, d)) = (pairs[one], pairs[other]);
    let is_taken = |x: u32, y: u32| taken.contains(x.min(y), x.max(y));
    if a == c || b == d || a == d || c == b || is_taken(a, d) || is_taken(c, b) {
        return false;
    }
    for (x, y) in [(a, b), (c, d)] {
        taken.remove(x.min(y), x.max(y));
    }
    for (x, y) in [(a, d), (c, b)] {
        taken.insert(x.min(y), x.max(y));
    }
    pairs[one].1 = d;
    pairs[other].1 = b;
    true
}
