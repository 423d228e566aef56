//! Degree-preserving swaps of `U`, free or towards a ring lattice: the references of the small-world numbers.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::edge_set::EdgeSet;
use super::mixing_time::mix;
use crate::graph::UndirectedGraph;

/// Random joined pairs with the same numbers of neighbours.
pub(in crate::graph) fn rewired(
    joined: &UndirectedGraph,
    swaps_per_edge: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<(u32, u32)> {
    swapped(joined, swaps_per_edge, rng, |_, _| true)
}

/// The same, but only swaps are taken that bring the ends no further apart on a ring of the neurons in their order:
/// what comes out is as near to a lattice as the degrees allow (Sporns and Zwi 2004).
pub(in crate::graph) fn latticized(
    joined: &UndirectedGraph,
    swaps_per_edge: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<(u32, u32)> {
    let n = joined.n_neurons() as u32;
    let apart = move |(a, b): (u32, u32)| u64::from(a.abs_diff(b).min(n - a.abs_diff(b)));
    let length = move |pairs: [(u32, u32); 2]| apart(pairs[0]) + apart(pairs[1]);
    swapped(joined, swaps_per_edge, rng, move |before, after| length(after) <= length(before))
}

fn swapped(
    joined: &UndirectedGraph,
    swaps_per_edge: usize,
    rng: &mut ChaCha8Rng,
    accept: impl Fn([(u32, u32); 2], [(u32, u32); 2]) -> bool,
) -> Vec<(u32, u32)> {
    let n = joined.n_neurons() as u32;
    let mut pairs: Vec<(u32, u32)> = (0..n)
        .flat_map(|a| joined.neighbours(a).iter().filter(move |&&b| b > a).map(move |&b| (a, b)))
        .collect();
    let mut taken = EdgeSet::of(n as usize, &pairs);
    let sorted = |a: u32, b: u32| (a.min(b), a.max(b));
    let n_pairs = pairs.len();
    mix(n_pairs, swaps_per_edge, || {
        let (one, other) = (rng.random_range(0..n_pairs), rng.random_range(0..n_pairs));
        let ((a, b), (mut c, mut d)) = (pairs[one], pairs[other]);
        if rng.random::<bool>() {
            std::mem::swap(&mut c, &mut d);
        }
        let (first, second) = (sorted(a, d), sorted(c, b));
        let proper = a != c && b != d && a != d && c != b;
        if !proper
            || taken.contains(first.0, first.1)
            || taken.contains(second.0, second.1)
            || !accept([pairs[one], pairs[other]], [first, second])
        {
            return false;
        }
        for (slot, pair) in [(one, first), (other, second)] {
            taken.remove(pairs[slot].0, pairs[slot].1);
            taken.insert(pair.0, pair.1);
            pairs[slot] = pair;
        }
        true
    });
    pairs
}
