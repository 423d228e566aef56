//! Louvain: move nodes until nothing improves, make nodes of the communities, again.

use std::borrow::Cow;

use neuroloom_core::Seed;

use super::network::{Network, Partition, numbered};

pub(super) fn search(network: &Network, seed: Seed) -> Vec<u32> {
    let mut rng = seed.rng();
    let mut labels: Vec<u32> = (0..network.n_nodes() as u32).collect();
    let mut current = Cow::Borrowed(network);
    loop {
        let mut partition = Partition::new(&current, (0..current.n_nodes() as u32).collect());
        if !partition.move_all(&current, &mut rng) {
            return labels;
        }
        let groups = numbered(&partition.labels);
        labels.iter_mut().for_each(|label| *label = groups[*label as usize]);
        current = Cow::Owned(current.aggregate(&groups));
    }
}
