//! Leiden: as Louvain, but the communities are refined before they become nodes, so that a community can be taken
//! apart later, and each is connected.

use std::borrow::Cow;
use std::collections::VecDeque;

use neuroloom_core::Seed;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::network::{Network, Partition, numbered, shuffled, split_unjoined};

/// How readily the refinement takes a community that is not the best (theta of Traag et al. 2019).
const RANDOMNESS: f64 = 0.01;
/// Modularity that a repetition must gain to be followed by another.
const LEAST_GAIN: f64 = 1e-9;
/// Each search is repeated on its own result until it gains nothing, at most so often.
const MAX_ITERATIONS: usize = 20;

pub(super) fn search(network: &Network, seed: Seed) -> Vec<u32> {
    let mut rng = seed.rng();
    let mut labels: Vec<u32> = (0..network.n_nodes() as u32).collect();
    let mut quality = f64::NEG_INFINITY;
    for _ in 0..MAX_ITERATIONS {
        let next = iterate(network, labels.clone(), &mut rng);
        let next_quality = network.quality(&next);
        if next_quality <= quality + LEAST_GAIN {
            break;
        }
        (labels, quality) = (next, next_quality);
    }
    split_unjoined(network, &labels)
}

/// One pass from the neurons to the last aggregation, beginning with `labels`.
fn iterate(network: &Network, mut labels: Vec<u32>, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut node_of_neuron: Vec<u32> = (0..network.n_nodes() as u32).collect();
    let mut current = Cow::Borrowed(network);
    loop {
        let mut partition = Partition::new(&current, labels);
        move_fast(&current, &mut partition, rng);
        let groups = numbered(&partition.labels);
        let refined = numbered(&refine(&current, &groups, rng));
        let n_refined = refined.iter().max().map_or(0, |&largest| largest as usize + 1);
        if n_refined == current.n_nodes() {
            return numbered(&node_of_neuron.iter().map(|&node| groups[node as usize]).collect::<Vec<u32>>());
        }
        let mut next_labels = vec![0; n_refined];
        for (node, &part) in refined.iter().enumerate() {
            next_labels[part as usize] = groups[node];
        }
        node_of_neuron.iter_mut().for_each(|node| *node = refined[*node as usize]);
        current = Cow::Owned(current.aggregate(&refined));
        labels = next_labels;
    }
}

/// Moves nodes until none improves; only neighbours of what moved are looked at again.
fn move_fast(network: &Network, partition: &mut Partition, rng: &mut ChaCha8Rng) {
    let mut queue = VecDeque::from(shuffled(network.n_nodes(), rng));
    let mut waiting = vec![true; network.n_nodes()];
    while let Some(node) = queue.pop_front() {
        waiting[node as usize] = false;
        if !partition.settle(network, node as usize) {
            continue;
        }
        let home = partition.labels[node as usize];
        for &(neighbour, _) in network.links(node as usize) {
            if partition.labels[neighbour as usize] != home && !waiting[neighbour as usize] {
                waiting[neighbour as usize] = true;
                queue.push_back(neighbour);
            }
        }
    }
}

/// Splits each group: its nodes begin alone, and well connected ones join well connected parts of the same group.
fn refine(network: &Network, groups: &[u32], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut parts = Parts::new(network, groups);
    for node in shuffled(network.n_nodes(), rng) {
        if parts.alone[node as usize] && parts.is_well_connected(network, groups, node as usize) {
            parts.join(network, groups, (node as usize, rng));
        }
    }
    parts.labels
}

/// The parts of all groups while they grow.
struct Parts {
    labels: Vec<u32>,
    alone: Vec<bool>,
    out: Vec<f64>,
    into: Vec<f64>,
    /// Links of each part to the rest of its group.
    outside: Vec<f64>,
    group_out: Vec<f64>,
    group_into: Vec<f64>,
    /// Links of the node in hand to each part; zero for all others.
    linked: Vec<f64>,
    /// The parts it is linked to, in the order in which they were met.
    met: Vec<u32>,
}

impl Parts {
    fn new(network: &Network, groups: &[u32]) -> Self {
        let n = network.n_nodes();
        let (mut group_out, mut group_into) = (vec![0.0; n], vec![0.0; n]);
        let mut outside = vec![0.0; n];
        for node in 0..n {
            group_out[groups[node] as usize] += network.out[node];
            group_into[groups[node] as usize] += network.into[node];
            outside[node] = inner_links(network, groups, node).map(|(_, weight)| weight).sum();
        }
        let (out, into) = (network.out.clone(), network.into.clone());
        Self {
            labels: (0..n as u32).collect(),
            alone: vec![true; n],
            out,
            into,
            outside,
            group_out,
            group_into,
            linked: vec![0.0; n],
            met: Vec::new(),
        }
    }

    /// Whether a part has at least as many links to the rest of its group as its degrees explain.
    fn is_well_connected(&self, network: &Network, groups: &[u32], part: usize) -> bool {
        let group = groups[part] as usize;
        let (out, into) = (self.out[part], self.into[part]);
        let expected = out * (self.group_into[group] - into) + into * (self.group_out[group] - out);
        self.outside[part] >= network.resolution * expected / network.total
    }

    /// Puts a node that is alone into a part of its group, drawn with weight `exp(gain / theta)` among those that
    /// lose nothing; staying alone is one of the choices.
    fn join(&mut self, network: &Network, groups: &[u32], (node, rng): (usize, &mut ChaCha8Rng)) {
        for (neighbour, weight) in inner_links(network, groups, node) {
            let part = self.labels[neighbour as usize];
            if self.linked[part as usize] == 0.0 {
                self.met.push(part);
            }
            self.linked[part as usize] += weight;
        }
        let mut choices = vec![(node as u32, 0.0, 0.0)];
        let mut met = std::mem::take(&mut self.met);
        for part in met.drain(..) {
            let place = part as usize;
            let weight = std::mem::take(&mut self.linked[place]);
            let gain = network.gain(node, weight, (self.out[place], self.into[place]));
            if gain >= 0.0 && self.is_well_connected(network, groups, place) {
                choices.push((part, gain, weight));
            }
        }
        self.met = met;
        let best = choices.iter().map(|choice| choice.1).fold(0.0, f64::max);
        let weight = |gain: f64| ((gain - best) / RANDOMNESS).exp();
        let mut left = rng.random::<f64>() * choices.iter().map(|choice| weight(choice.1)).sum::<f64>();
        let chosen = choices.iter().find(|choice| {
            left -= weight(choice.1);
            left <= 0.0
        });
        if let Some(&(part, _, linked)) = chosen.filter(|choice| choice.0 as usize != node) {
            self.merge(network, (node, part as usize), linked);
        }
    }

    fn merge(&mut self, network: &Network, (node, part): (usize, usize), linked: f64) {
        self.labels[node] = part as u32;
        (self.alone[node], self.alone[part]) = (false, false);
        self.out[part] += network.out[node];
        self.into[part] += network.into[node];
        self.outside[part] += self.outside[node] - 2.0 * linked;
    }
}

/// Links of a node to others of its group.
fn inner_links<'a>(
    network: &'a Network,
    groups: &'a [u32],
    node: usize,
) -> impl Iterator<Item = (u32, f64)> + 'a {
    network.links(node).iter().copied().filter(move |link| groups[link.0 as usize] == groups[node])
}
