//! Stub matching: outgoing stubs meet incoming stubs at random (the erased configuration model: self and repeated
//! edges are dropped by the graph).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::graph::DirectedGraph;

pub(super) fn sample(graph: &DirectedGraph, rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
    let (pre, mut post): (Vec<u32>, Vec<u32>) = graph.edges().unzip();
    for last in (1..post.len()).rev() {
        post.swap(last, rng.random_range(0..=last));
    }
    pre.into_iter().zip(post).filter(|(pre, post)| pre != post).collect()
}
