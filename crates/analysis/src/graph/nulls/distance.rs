//! As many edges in each bin of distance, and of each pair of types if there are several, between any such neurons.
//!
//! One walk over all pairs: a pair becomes an edge with probability (edges still to be placed in its class) / (pairs
//! of its class still to come), which draws each set of edges with equal probability (selection sampling; Fan et al.
//! 1962) and keeps no list of pairs.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::Error;
use crate::graph::DirectedGraph;
use crate::graph::distance::DistanceBins;

pub(super) fn sample(
    graph: &DirectedGraph,
    labels: &[u32],
    (position_um, bin_um): (&[[f64; 3]], f64),
    rng: &mut ChaCha8Rng,
) -> Result<Vec<(u32, u32)>, Error> {
    let n = graph.n_neurons();
    let bins = DistanceBins::new(n, position_um, bin_um)?;
    let n_types = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
    // The last bin is that of unknown positions.
    let n_bins = bins.n_bins + 1;
    let class = |pre: usize, post: usize| {
        let bin = bins.of(pre, post).unwrap_or(n_bins - 1);
        (labels[pre] as usize * n_types + labels[post] as usize) * n_bins + bin
    };
    let mut n_edges = vec![0_u64; n_types * n_types * n_bins];
    graph.edges().for_each(|(pre, post)| n_edges[class(pre as usize, post as usize)] += 1);
    let pairs =
        || (0..n).flat_map(move |pre| (0..n).filter(move |&post| post != pre).map(move |post| (pre, post)));
    let mut n_pairs = vec![0_u64; n_edges.len()];
    pairs().for_each(|(pre, post)| n_pairs[class(pre, post)] += 1);
    let mut edges = Vec::with_capacity(graph.n_edges());
    for (pre, post) in pairs() {
        let class = class(pre, post);
        if n_edges[class] > 0 && rng.random_range(0..n_pairs[class]) < n_edges[class] {
            n_edges[class] -= 1;
            edges.push((pre as u32, post as u32));
        }
        n_pairs[class] -= 1;
    }
    Ok(edges)
}
