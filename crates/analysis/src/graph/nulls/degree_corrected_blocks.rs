//! Degree-preserving swaps between edges whose receivers, or whose senders, are of one type: the microcanonical
//! degree-corrected block model (Karrer and Newman 2011; Peixoto 2017).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::degree_preserving::swap;
use super::edge_set::EdgeSet;
use super::mixing_time::mix;
use crate::graph::DirectedGraph;

pub(super) fn sample(
    graph: &DirectedGraph,
    labels: &[u32],
    (swaps_per_edge, rng): (usize, &mut ChaCha8Rng),
) -> Vec<(u32, u32)> {
    let mut edges: Vec<(u32, u32)> = graph.edges().collect();
    let mut taken = EdgeSet::of(graph.n_neurons(), &edges);
    let n = edges.len();
    let by_post = Groups::new(labels, edges.iter().map(|edge| edge.1));
    let by_pre = Groups::new(labels, edges.iter().map(|edge| edge.0));
    // Swapping receivers of one type keeps the types of both edges. Swapping the senders of two edges is the same
    // as swapping their receivers and then the two edges' places, so each place keeps its pair of types.
    mix(n, swaps_per_edge, || {
        let one = rng.random_range(0..n);
        let same_receivers = rng.random::<bool>();
        let other = if same_receivers { by_post.partner(one, rng) } else { by_pre.partner(one, rng) };
        let swapped = swap(&mut edges, &mut taken, (one, other));
        if swapped && !same_receivers {
            edges.swap(one, other);
        }
        swapped
    });
    edges
}

/// Places of edges by the type of one end, which stays when swaps stay within a group.
struct Groups {
    of_edge: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Groups {
    fn new(labels: &[u32], ends: impl Iterator<Item = u32>) -> Self {
        let n_types = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
        let of_edge: Vec<u32> = ends.map(|end| labels[end as usize]).collect();
        let mut members = vec![Vec::new(); n_types];
        (0..).zip(&of_edge).for_each(|(edge, &label): (u32, _)| members[label as usize].push(edge));
        Self { of_edge, members }
    }

    fn partner(&self, edge: usize, rng: &mut ChaCha8Rng) -> usize {
        let group = &self.members[self.of_edge[edge] as usize];
        group[rng.random_range(0..group.len())] as usize
    }
}
