//! The graph that both searches work on, and how it shrinks when communities become nodes.

use std::collections::VecDeque;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::DirectedGraph;

/// A link to a neighbour; eight bytes, since the searches read all links again and again. Counts of synapses are exact
/// in a f32, and what is reported comes from the weights of the graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) to: u32,
    pub(super) weight: f32,
}

/// A node's joint links (both directions added up) and strengths. Directed modularity needs no more: inside weight
/// is counted over unordered pairs, and the expectation lives on the strengths.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) starts: Vec<usize>,
    pub(super) links: Vec<Link>,
    pub(super) out: Vec<f64>,
    pub(super) into: Vec<f64>,
    /// Weight of links from a node to itself, which appear when communities become nodes.
    inside: Vec<f64>,
    /// Weight of all edges.
    pub(super) total: f64,
    pub(super) resolution: f64,
}

impl Link {
    pub(super) const NONE: Self = Self { to: 0, weight: 0.0 };
}

impl Network {
    pub(super) fn of(graph: &DirectedGraph, resolution: f64) -> Self {
        let n = graph.n_neurons();
        let (mut out, mut into) = (vec![0.0; n], vec![0.0; n]);
        let mut both = Vec::with_capacity(2 * graph.n_edges());
        for (pre, post, weight) in graph.weighted_edges() {
            out[pre as usize] += weight;
            into[post as usize] += weight;
            both.push((pre, post, weight as f32));
            both.push((post, pre, weight as f32));
        }
        let total = out.iter().sum();
        let (starts, links) = joint_links(n, both);
        Self { starts, links, out, into, inside: vec![0.0; n], total, resolution }
    }

    pub(super) fn n_nodes(&self) -> usize {
        self.out.len()
    }

    pub(super) fn links(&self, node: usize) -> &[Link] {
        &self.links[self.starts[node]..self.starts[node + 1]]
    }

    /// What the modularity gains (times the total weight) if `node`, alone, joins a community to which it has links
    /// of weight `linked` and whose strengths are `out` and `into`.
    #[inline]
    pub(super) fn gain(&self, node: usize, linked: f64, (out, into): (f64, f64)) -> f64 {
        linked - self.resolution * (self.out[node] * into + self.into[node] * out) / self.total
    }

    /// Modularity at the resolution of the search.
    pub(super) fn quality(&self, labels: &[u32]) -> f64 {
        let n_groups = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
        let (mut out, mut into) = (vec![0.0; n_groups], vec![0.0; n_groups]);
        let mut inside: f64 = self.inside.iter().sum();
        for node in 0..self.n_nodes() {
            let group = labels[node];
            out[group as usize] += self.out[node];
            into[group as usize] += self.into[node];
            let linked = self.links(node).iter().filter(|link| labels[link.to as usize] == group);
            inside += 0.5 * linked.map(|link| f64::from(link.weight)).sum::<f64>();
        }
        let expected: f64 = out.iter().zip(&into).map(|(out, into)| out * into).sum();
        (inside - self.resolution * expected / self.total) / self.total
    }

    /// Each group becomes a node.
    pub(super) fn aggregate(&self, labels: &[u32]) -> Self {
        let n = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
        let mut next = Self {
            starts: vec![0],
            links: Vec::new(),
            out: vec![0.0; n],
            into: vec![0.0; n],
            inside: vec![0.0; n],
            ..*self
        };
        let mut links = Tally::new(n);
        for (group, members) in members(labels, n).iter().enumerate() {
            for &node in members {
                next.out[group] += self.out[node as usize];
                next.into[group] += self.into[node as usize];
                next.inside[group] += self.inside[node as usize];
                self.links(node as usize)
                    .iter()
                    .for_each(|link| links.add(labels[link.to as usize], f64::from(link.weight)));
            }
            for (to, weight) in links.drain() {
                match to as usize == group {
                    true => next.inside[group] += 0.5 * weight,
                    false => next.links.push(Link { to, weight: weight as f32 }),
                }
            }
            next.starts.push(next.links.len());
        }
        next
    }
}

/// Nodes of each group, in order.
fn members(labels: &[u32], n_groups: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); n_groups];
    labels.iter().enumerate().for_each(|(node, &label)| members[label as usize].push(node as u32));
    members
}

/// Sums by label.
pub(super) struct Tally {
    sums: Vec<f64>,
    /// The labels that have a sum, in the order in which they were met.
    met: Vec<u32>,
}

impl Tally {
    pub(super) fn new(n: usize) -> Self {
        Self { sums: vec![0.0; n], met: Vec::new() }
    }

    #[inline]
    pub(super) fn add(&mut self, label: u32, weight: f64) {
        let sum = &mut self.sums[label as usize];
        if *sum == 0.0 {
            self.met.push(label);
        }
        *sum += weight;
    }

    pub(super) fn of(&self, label: u32) -> f64 {
        self.sums[label as usize]
    }

    /// The labels met and their sums; leaves none.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let sums = &mut self.sums;
        self.met.drain(..).map(|label| (label, std::mem::take(&mut sums[label as usize])))
    }
}

/// Rows of links by node, links to the same neighbour added up. A counting sort by row keeps the order of input
/// inside a row, so that sums have one order.
fn joint_links(n: usize, both: Vec<(u32, u32, f32)>) -> (Vec<usize>, Vec<Link>) {
    let mut first = vec![0; n + 1];
    both.iter().for_each(|link| first[link.0 as usize + 1] += 1);
    (0..n).for_each(|node| first[node + 1] += first[node]);
    let mut free = first.clone();
    let mut sorted = vec![Link::NONE; both.len()];
    for (node, to, weight) in both {
        sorted[free[node as usize]] = Link { to, weight };
        free[node as usize] += 1;
    }
    let (mut starts, mut links) = (vec![0], Vec::new());
    let mut place = vec![usize::MAX; n];
    for node in 0..n {
        let begin = links.len();
        for &link in &sorted[first[node]..first[node + 1]] {
            let known = place[link.to as usize];
            if known != usize::MAX && known >= begin {
                let joint: &mut Link = &mut links[known];
                joint.weight += link.weight;
            } else {
                place[link.to as usize] = links.len();
                links.push(link);
            }
        }
        starts.push(links.len());
    }
    (starts, links)
}

/// Labels renamed 0, 1, ... by first appearance.
pub(super) fn numbered(labels: &[u32]) -> Vec<u32> {
    let n_names = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
    let mut names = vec![u32::MAX; n_names];
    let mut next = 0;
    let rename = |&label: &u32| {
        let name = &mut names[label as usize];
        if *name == u32::MAX {
            *name = next;
            next += 1;
        }
        *name
    };
    labels.iter().map(rename).collect()
}

/// All nodes in random order (Fisher and Yates).
pub(super) fn shuffled(n: usize, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    for last in (1..n).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
    order
}

/// Communities while nodes move: labels, strengths, and the links of one node by community.
pub(super) struct Partition {
    pub(super) labels: Vec<u32>,
    pub(super) out: Vec<f64>,
    pub(super) into: Vec<f64>,
    /// Links of the node in hand to each community.
    linked: Tally,
    sizes: Vec<u32>,
    /// Labels that were empty when they were put here.
    empty: Vec<u32>,
}

impl Partition {
    /// From labels that are all below the number of nodes.
    pub(super) fn new(network: &Network, labels: Vec<u32>) -> Self {
        let n = network.n_nodes();
        let (mut out, mut into, mut sizes) = (vec![0.0; n], vec![0.0; n], vec![0; n]);
        for (node, &label) in labels.iter().enumerate() {
            out[label as usize] += network.out[node];
            into[label as usize] += network.into[node];
            sizes[label as usize] += 1;
        }
        let empty = (0..n as u32).filter(|&label| sizes[label as usize] == 0).collect();
        Self { labels, out, into, linked: Tally::new(n), sizes, empty }
    }

    /// Moves nodes until none improves; only neighbours of what moved are looked at again (Ozaki et al. 2016).
    /// Whether any moved.
    pub(super) fn move_all(&mut self, network: &Network, rng: &mut ChaCha8Rng) -> bool {
        let mut queue = VecDeque::from(shuffled(network.n_nodes(), rng));
        let mut waiting = vec![true; network.n_nodes()];
        let mut any = false;
        while let Some(node) = queue.pop_front() {
            waiting[node as usize] = false;
            if !self.settle(network, node as usize) {
                continue;
            }
            any = true;
            let home = self.labels[node as usize];
            for link in network.links(node as usize) {
                if self.labels[link.to as usize] != home && !waiting[link.to as usize] {
                    waiting[link.to as usize] = true;
                    queue.push_back(link.to);
                }
            }
        }
        any
    }

    /// Takes the node out of its community and puts it where the modularity is highest (where it was, if nothing
    /// is strictly better; alone, if every community loses). Whether it moved.
    fn settle(&mut self, network: &Network, node: usize) -> bool {
        let from = self.labels[node];
        self.shift(network, node, -1.0);
        for link in network.links(node) {
            self.linked.add(self.labels[link.to as usize], f64::from(link.weight));
        }
        let gain = |label: u32, linked: f64| {
            network.gain(node, linked, (self.out[label as usize], self.into[label as usize]))
        };
        let mut best = (gain(from, self.linked.of(from)), from);
        let margin = 1e-12 * network.total;
        for (label, linked) in self.linked.drain() {
            let gain = gain(label, linked);
            if gain > best.0 + margin {
                best = (gain, label);
            }
        }
        if best.0 < -margin {
            best.1 = self.empty_label().unwrap_or(best.1);
        }
        self.labels[node] = best.1;
        self.shift(network, node, 1.0);
        best.1 != from
    }

    fn empty_label(&mut self) -> Option<u32> {
        while let Some(label) = self.empty.pop() {
            if self.sizes[label as usize] == 0 {
                return Some(label);
            }
        }
        None
    }

    fn shift(&mut self, network: &Network, node: usize, sign: f64) {
        let label = self.labels[node];
        let place = label as usize;
        self.out[place] += sign * network.out[node];
        self.into[place] += sign * network.into[node];
        if sign > 0.0 {
            self.sizes[place] += 1;
        } else {
            self.sizes[place] -= 1;
            if self.sizes[place] == 0 {
                self.empty.push(label);
            }
        }
    }
}

/// Takes groups apart whose nodes are not all joined; the modularity can only gain.
pub(super) fn split_unjoined(network: &Network, groups: &[u32]) -> Vec<u32> {
    let mut labels = vec![u32::MAX; groups.len()];
    let mut waiting = Vec::new();
    for start in 0..groups.len() {
        if labels[start] != u32::MAX {
            continue;
        }
        labels[start] = start as u32;
        waiting.push(start);
        while let Some(node) = waiting.pop() {
            for link in network.links(node) {
                let place = link.to as usize;
                if groups[place] == groups[node] && labels[place] == u32::MAX {
                    labels[place] = start as u32;
                    waiting.push(place);
                }
            }
        }
    }
    labels
}
