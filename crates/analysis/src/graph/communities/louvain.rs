//! Louvain: move nodes until nothing improves, make nodes of the communities, again.

use neuroloom_core::Seed;

use super::network::{Network, Partition, numbered, shuffled};

pub(super) fn search(network: &Network, seed: Seed) -> Vec<u32> {
    let mut rng = seed.rng();
    let mut labels: Vec<u32> = (0..network.n_nodes() as u32).collect();
    let mut current = network.clone();
    loop {
        let n = current.n_nodes();
        let mut partition = Partition::new(&current, (0..n as u32).collect());
        let mut any = false;
        loop {
            let moved = shuffled(n, &mut rng)
                .into_iter()
                .filter(|&node| partition.settle(&current, node as usize))
                .count();
            if moved == 0 {
                break;
            }
            any = true;
        }
        if !any {
            return labels;
        }
        let groups = numbered(&partition.labels);
        labels.iter_mut().for_each(|label| *label = groups[*label as usize]);
        current = current.aggregate(&groups);
    }
}
