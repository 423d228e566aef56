//! As many edges between each two types, between any of their neurons: the microcanonical stochastic block model
//! (Holland et al. 1983; Peixoto 2012).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::edge_set::EdgeSet;
use crate::graph::DirectedGraph;

pub(super) fn sample(graph: &DirectedGraph, labels: &[u32], rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
    let n_types = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
    let mut members = vec![Vec::new(); n_types];
    (0..).zip(labels).for_each(|(neuron, &label): (u32, _)| members[label as usize].push(neuron));
    let mut taken = EdgeSet::new(graph.n_neurons());
    let mut draw = |pre: u32, post: u32| {
        let (from, to) = (&members[labels[pre as usize] as usize], &members[labels[post as usize] as usize]);
        loop {
            let (pre, post) = (from[rng.random_range(0..from.len())], to[rng.random_range(0..to.len())]);
            if pre != post && taken.insert(pre, post) {
                return (pre, post);
            }
        }
    };
    graph.edges().map(|(pre, post)| draw(pre, post)).collect()
}
