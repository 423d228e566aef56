//! Which neurons hang together, one way or both ways.

use super::{DirectedGraph, UndirectedGraph};

/// A partition of the neurons; components are numbered in the order of their first neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// Component of each neuron.
    pub labels: Vec<u32>,
    /// Neurons of each component.
    pub sizes: Vec<usize>,
}

impl Components {
    /// Size of the largest component, 0 without neurons.
    pub fn largest_size(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(0)
    }

    /// The neurons of the largest component, ascending; of the first of several equally large ones.
    pub fn largest(&self) -> Vec<u32> {
        let largest = self.largest_size();
        let label = self.sizes.iter().position(|&size| size == largest).unwrap_or(0) as u32;
        self.members(label)
    }

    /// The neurons of a component, ascending.
    pub fn members(&self, label: u32) -> Vec<u32> {
        (0..self.labels.len() as u32).filter(|&neuron| self.labels[neuron as usize] == label).collect()
    }

    /// Renumbers any labels by first neuron.
    pub(super) fn numbered(raw: &[u32]) -> Self {
        let mut renamed = vec![u32::MAX; raw.len()];
        let mut sizes = Vec::new();
        let labels = raw
            .iter()
            .map(|&label| {
                let name = &mut renamed[label as usize];
                if *name == u32::MAX {
                    *name = sizes.len() as u32;
                    sizes.push(0);
                }
                sizes[*name as usize] += 1;
                *name
            })
            .collect();
        Self { labels, sizes }
    }
}

/// Neurons joined by a path of `U`.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, strong_components, weak_components};
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 0), (1, 2)])?;
/// assert_eq!(weak_components(&graph).sizes, [3, 1]);
/// assert_eq!(strong_components(&graph).labels, [0, 0, 1, 2]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn weak_components(graph: &DirectedGraph) -> Components {
    weak_of(&UndirectedGraph::new(graph))
}

pub(super) fn weak_of(joined: &UndirectedGraph) -> Components {
    let n = joined.n_neurons();
    let mut raw = vec![u32::MAX; n];
    let mut waiting = Vec::new();
    for start in 0..n as u32 {
        if raw[start as usize] != u32::MAX {
            continue;
        }
        raw[start as usize] = start;
        waiting.push(start);
        while let Some(neuron) = waiting.pop() {
            for &neighbour in joined.neighbours(neuron) {
                if raw[neighbour as usize] == u32::MAX {
                    raw[neighbour as usize] = start;
                    waiting.push(neighbour);
                }
            }
        }
    }
    Components::numbered(&raw)
}

/// Neurons with a directed path each way between any two of them (Tarjan 1972, without recursion).
pub fn strong_components(graph: &DirectedGraph) -> Components {
    let mut search = StrongSearch::new(graph.n_neurons());
    for start in 0..graph.n_neurons() as u32 {
        if search.order[start as usize] == UNSEEN {
            search.explore(graph, start);
        }
    }
    Components::numbered(&search.label)
}

const UNSEEN: u32 = u32::MAX;

struct StrongSearch {
    order: Vec<u32>,
    lowest: Vec<u32>,
    label: Vec<u32>,
    open: Vec<u32>,
    n_seen: u32,
}

impl StrongSearch {
    fn new(n: usize) -> Self {
        Self {
            order: vec![UNSEEN; n],
            lowest: vec![0; n],
            label: vec![UNSEEN; n],
            open: Vec::new(),
            n_seen: 0,
        }
    }

    fn enter(&mut self, neuron: u32) -> (u32, usize) {
        self.order[neuron as usize] = self.n_seen;
        self.lowest[neuron as usize] = self.n_seen;
        self.n_seen += 1;
        self.open.push(neuron);
        (neuron, 0)
    }

    fn explore(&mut self, graph: &DirectedGraph, start: u32) {
        let mut path = vec![self.enter(start)];
        while let Some((neuron, next)) = path.last_mut() {
            let neuron = *neuron;
            match self.descend(graph.successors(neuron), neuron, next) {
                Some(unseen) => path.push(self.enter(unseen)),
                None => {
                    path.pop();
                    self.leave(neuron, path.last().map(|&(parent, _)| parent));
                }
            }
        }
    }

    /// Looks at the receivers from `next` on up to the first that was not seen, which is returned.
    fn descend(&mut self, receivers: &[u32], neuron: u32, next: &mut usize) -> Option<u32> {
        let mut lowest = self.lowest[neuron as usize];
        let mut unseen = None;
        while let Some(&receiver) = receivers.get(*next) {
            *next += 1;
            let order = self.order[receiver as usize];
            if order == UNSEEN {
                unseen = Some(receiver);
                break;
            }
            if order < lowest && self.label[receiver as usize] == UNSEEN {
                lowest = order;
            }
        }
        self.lowest[neuron as usize] = lowest;
        unseen
    }

    fn leave(&mut self, neuron: u32, parent: Option<u32>) {
        if self.lowest[neuron as usize] == self.order[neuron as usize] {
            while let Some(member) = self.open.pop() {
                self.label[member as usize] = neuron;
                if member == neuron {
                    break;
                }
            }
        }
        if let Some(parent) = parent {
            self.lower(parent, self.lowest[neuron as usize]);
        }
    }

    fn lower(&mut self, neuron: u32, order: u32) {
        self.lowest[neuron as usize] = self.lowest[neuron as usize].min(order);
    }
}
