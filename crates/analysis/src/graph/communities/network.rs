//! The graph that both searches work on, and how it shrinks when communities become nodes.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::DirectedGraph;

/// A node's joint links (both directions added up) and strengths. Directed modularity needs no more: inside weight
/// is counted over unordered pairs, and the expectation lives on the strengths.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) starts: Vec<usize>,
    pub(super) links: Vec<(u32, f64)>,
    pub(super) out: Vec<f64>,
    pub(super) into: Vec<f64>,
    /// Weight of links from a node to itself, which appear when communities become nodes.
    inside: Vec<f64>,
    /// Weight of all edges.
    pub(super) total: f64,
    pub(super) resolution: f64,
}

impl Network {
    pub(super) fn of(graph: &DirectedGraph, resolution: f64) -> Self {
        let n = graph.n_neurons();
        let (mut out, mut into) = (vec![0.0; n], vec![0.0; n]);
        let mut both = Vec::with_capacity(2 * graph.n_edges());
        for (pre, post, weight) in graph.weighted_edges() {
            out[pre as usize] += weight;
            into[post as usize] += weight;
            both.push((pre, post, weight));
            both.push((post, pre, weight));
        }
        let total = out.iter().sum();
        let (starts, links) = joint_links(n, both);
        Self { starts, links, out, into, inside: vec![0.0; n], total, resolution }
    }

    pub(super) fn n_nodes(&self) -> usize {
        self.out.len()
    }

    pub(super) fn links(&self, node: usize) -> &[(u32, f64)] {
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
            let linked = self.links(node).iter().filter(|link| labels[link.0 as usize] == group);
            inside += 0.5 * linked.map(|link| link.1).sum::<f64>();
        }
        let expected: f64 = out.iter().zip(&into).map(|(out, into)| out * into).sum();
        (inside - self.resolution * expected / self.total) / self.total
    }

    /// Each group becomes a node.
    pub(super) fn aggregate(&self, labels: &[u32]) -> Self {
        let n = labels.iter().max().map_or(0, |&largest| largest as usize + 1);
        let (mut out, mut into, mut inside) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut both = Vec::with_capacity(self.links.len());
        for node in 0..self.n_nodes() {
            let group = labels[node];
            out[group as usize] += self.out[node];
            into[group as usize] += self.into[node];
            inside[group as usize] += self.inside[node];
            for &(neighbour, weight) in self.links(node) {
                let other = labels[neighbour as usize];
                if other == group {
                    inside[group as usize] += 0.5 * weight;
                } else {
                    both.push((group, other, weight));
                }
            }
        }
        let (starts, links) = joint_links(n, both);
        Self { starts, links, out, into, inside, total: self.total, resolution: self.resolution }
    }
}

/// Rows of links by node, links to the same neighbour added up. A counting sort by row keeps the order of input
/// inside a row, so that sums have one order.
fn joint_links(n: usize, both: Vec<(u32, u32, f64)>) -> (Vec<usize>, Vec<(u32, f64)>) {
    let mut first = vec![0; n + 1];
    both.iter().for_each(|link| first[link.0 as usize + 1] += 1);
    (0..n).for_each(|node| first[node + 1] += first[node]);
    let mut free = first.clone();
    let mut sorted = vec![(0, 0.0); both.len()];
    for (node, neighbour, weight) in both {
        sorted[free[node as usize]] = (neighbour, weight);
        free[node as usize] += 1;
    }
    let (mut starts, mut links) = (vec![0], Vec::new());
    let mut place = vec![usize::MAX; n];
    for node in 0..n {
        let begin = links.len();
        for &(neighbour, weight) in &sorted[first[node]..first[node + 1]] {
            let known = place[neighbour as usize];
            if known != usize::MAX && known >= begin {
                let link: &mut (u32, f64) = &mut links[known];
                link.1 += weight;
            } else {
                place[neighbour as usize] = links.len();
                links.push((neighbour, weight));
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
    /// Links of the node in hand to each community; zero for all others.
    linked: Vec<f64>,
    touched: Vec<u32>,
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
        Self { labels, out, into, linked: vec![0.0; n], touched: Vec::new(), sizes, empty }
    }

    /// Takes the node out of its community and puts it where the modularity is highest (where it was, if nothing
    /// is strictly better; alone, if every community loses). Whether it moved.
    pub(super) fn settle(&mut self, network: &Network, node: usize) -> bool {
        let from = self.labels[node];
        self.shift(network, node, -1.0);
        self.gather(network, node);
        let mut best = (self.gain(network, node, from), from);
        let margin = 1e-12 * network.total;
        for index in 0..self.touched.len() {
            let candidate = self.touched[index];
            let gain = self.gain(network, node, candidate);
            if gain > best.0 + margin {
                best = (gain, candidate);
            }
        }
        self.forget();
        if best.0 < -margin {
            best.1 = self.empty_label().unwrap_or(best.1);
        }
        self.labels[node] = best.1;
        self.shift(network, node, 1.0);
        best.1 != from
    }

    fn gain(&self, network: &Network, node: usize, label: u32) -> f64 {
        let place = label as usize;
        network.gain(node, self.linked[place], (self.out[place], self.into[place]))
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

    fn gather(&mut self, network: &Network, node: usize) {
        for &(neighbour, weight) in network.links(node) {
            let label = self.labels[neighbour as usize];
            if self.linked[label as usize] == 0.0 {
                self.touched.push(label);
            }
            self.linked[label as usize] += weight;
        }
    }

    fn forget(&mut self) {
        for label in self.touched.drain(..) {
            self.linked[label as usize] = 0.0;
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
            for &(neighbour, _) in network.links(node) {
                let place = neighbour as usize;
                if groups[place] == groups[node] && labels[place] == u32::MAX {
                    labels[place] = start as u32;
                    waiting.push(place);
                }
            }
        }
    }
    labels
}
