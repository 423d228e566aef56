//! Leiden: as Louvain, but the communities are refined before they become nodes, so that a community can be taken
//! apart later, and each is connected.

use std::borrow::Cow;

use neuroloom_core::Seed;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::network::{Link, Network, Partition, Tally, numbered, shuffled, split_unjoined};

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
        partition.move_all(&current, rng);
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

/// Splits each group: its nodes begin alone, and well connected ones join well connected parts of the same group.
fn refine(network: &Network, groups: &[u32], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let inner = InnerLinks::new(network, groups);
    let mut parts = Parts::new(network, groups, &inner);
    for node in shuffled(network.n_nodes(), rng) {
        if parts.alone[node as usize] && parts.is_well_connected(network, groups, node as usize) {
            parts.join(network, groups, (inner.of(node as usize), node as usize, rng));
        }
    }
    parts.labels
}

/// Links of each node to others of its group.
struct InnerLinks {
    starts: Vec<usize>,
    links: Vec<Link>,
}

impl InnerLinks {
    fn new(network: &Network, groups: &[u32]) -> Self {
        let mut inner = Self { starts: vec![0], links: vec![Link::NONE; network.links.len()] };
        let mut length = 0;
        for (node, &group) in groups.iter().enumerate() {
            for &link in network.links(node) {
                // Written in any case and kept only if it counts: cheaper than a branch that is often wrong.
                inner.links[length] = link;
                length += usize::from(groups[link.to as usize] == group);
            }
            inner.starts.push(length);
        }
        inner.links.truncate(length);
        inner
    }

    fn of(&self, node: usize) -> &[Link] {
        &self.links[self.starts[node]..self.starts[node + 1]]
    }
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
    /// Links of the node in hand to each part.
    linked: Tally,
    choices: Vec<Choice>,
}

/// A part that a node may join.
struct Choice {
    part: u32,
    gain: f64,
    linked: f64,
}

impl Parts {
    fn new(network: &Network, groups: &[u32], inner: &InnerLinks) -> Self {
        let n = network.n_nodes();
        let (mut group_out, mut group_into) = (vec![0.0; n], vec![0.0; n]);
        for node in 0..n {
            group_out[groups[node] as usize] += network.out[node];
            group_into[groups[node] as usize] += network.into[node];
        }
        let outside = |node: usize| inner.of(node).iter().map(|link| f64::from(link.weight)).sum();
        Self {
            labels: (0..n as u32).collect(),
            alone: vec![true; n],
            out: network.out.clone(),
            into: network.into.clone(),
            outside: (0..n).map(outside).collect(),
            group_out,
            group_into,
            linked: Tally::new(n),
            choices: Vec::new(),
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
    fn join(
        &mut self,
        network: &Network,
        groups: &[u32],
        (inner, node, rng): (&[Link], usize, &mut ChaCha8Rng),
    ) {
        inner.iter().for_each(|link| self.linked.add(self.labels[link.to as usize], f64::from(link.weight)));
        let mut linked = std::mem::replace(&mut self.linked, Tally::new(0));
        let mut choices = std::mem::take(&mut self.choices);
        choices.clear();
        choices.push(Choice { part: node as u32, gain: 0.0, linked: 0.0 });
        for (part, linked) in linked.drain() {
            let place = part as usize;
            let gain = network.gain(node, linked, (self.out[place], self.into[place]));
            if gain >= 0.0 && self.is_well_connected(network, groups, place) {
                choices.push(Choice { part, gain, linked });
            }
        }
        self.linked = linked;
        if let Some(&Choice { part, linked, .. }) =
            draw(&choices, rng).filter(|one| one.part as usize != node)
        {
            self.merge(network, (node, part as usize), linked);
        }
        self.choices = choices;
    }

    fn merge(&mut self, network: &Network, (node, part): (usize, usize), linked: f64) {
        self.labels[node] = part as u32;
        (self.alone[node], self.alone[part]) = (false, false);
        self.out[part] += network.out[node];
        self.into[part] += network.into[node];
        self.outside[part] += self.outside[node] - 2.0 * linked;
    }
}

fn draw<'a>(choices: &'a [Choice], rng: &mut ChaCha8Rng) -> Option<&'a Choice> {
    let best = choices.iter().map(|choice| choice.gain).fold(0.0, f64::max);
    // Below that a weight is a millionth of a millionth of the best one's: not worth its exponential.
    let weight = |choice: &Choice| match (choice.gain - best) / RANDOMNESS {
        exponent if exponent < -27.6 => 0.0,
        exponent => exponent.exp(),
    };
    let mut left = rng.random::<f64>() * choices.iter().map(weight).sum::<f64>();
    choices.iter().find(|choice| {
        left -= weight(choice);
        left <= 0.0
    })
}
