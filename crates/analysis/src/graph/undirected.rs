//! The underlying undirected graph, with the state of each dyad.

use super::DirectedGraph;

/// How two neurons are joined, seen from the first: the bits of [`Dyad::Out`] and [`Dyad::In`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Dyad {
    /// Only from the first to the second.
    Out = 1,
    /// Only from the second to the first.
    In = 2,
    /// Both ways.
    Mutual = 3,
}

impl Dyad {
    /// The same dyad seen from the second neuron.
    #[inline]
    pub fn reversed(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
            Self::Mutual => Self::Mutual,
        }
    }

    /// Number of directed edges: 1 or 2.
    #[inline]
    pub fn n_edges(self) -> u64 {
        if self == Self::Mutual { 2 } else { 1 }
    }
}

/// `U`: two neurons are neighbours if there is an edge either way. Neighbours are ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndirectedGraph {
    starts: Vec<usize>,
    neighbours: Vec<u32>,
    dyads: Vec<Dyad>,
}

impl UndirectedGraph {
    /// Merges outgoing and incoming edges of each neuron.
    pub fn new(graph: &DirectedGraph) -> Self {
        let mut all = Self { starts: vec![0], neighbours: Vec::new(), dyads: Vec::new() };
        for neuron in 0..graph.n_neurons() as u32 {
            all.merge(graph.successors(neuron), graph.predecessors(neuron));
            all.starts.push(all.neighbours.len());
        }
        all
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of joined pairs.
    pub fn n_pairs(&self) -> usize {
        self.neighbours.len() / 2
    }

    /// The neurons joined to `neuron`, ascending.
    #[inline]
    pub fn neighbours(&self, neuron: u32) -> &[u32] {
        &self.neighbours[self.starts[neuron as usize]..self.starts[neuron as usize + 1]]
    }

    /// How `neuron` is joined to each of [`UndirectedGraph::neighbours`].
    #[inline]
    pub fn dyads(&self, neuron: u32) -> &[Dyad] {
        &self.dyads[self.starts[neuron as usize]..self.starts[neuron as usize + 1]]
    }

    /// Number of neighbours.
    #[inline]
    pub fn degree(&self, neuron: u32) -> usize {
        self.starts[neuron as usize + 1] - self.starts[neuron as usize]
    }

    fn merge(&mut self, outgoing: &[u32], incoming: &[u32]) {
        let (mut out, mut back) = (0, 0);
        while out < outgoing.len() || back < incoming.len() {
            let (sent, received) = (outgoing.get(out), incoming.get(back));
            let (neighbour, dyad) = match (sent, received) {
                (Some(&sent), Some(&received)) if sent == received => (sent, Dyad::Mutual),
                (Some(&sent), Some(&received)) if sent > received => (received, Dyad::In),
                (Some(&sent), _) => (sent, Dyad::Out),
                (None, Some(&received)) => (received, Dyad::In),
                (None, None) => break,
            };
            out += usize::from(dyad != Dyad::In);
            back += usize::from(dyad != Dyad::Out);
            self.neighbours.push(neighbour);
            self.dyads.push(dyad);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dyads_are_told_apart() {
        let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 0), (0, 2), (3, 0)]).unwrap();
        let joined = UndirectedGraph::new(&graph);
        assert_eq!(joined.neighbours(0), [1, 2, 3]);
        assert_eq!(joined.dyads(0), [Dyad::Mutual, Dyad::Out, Dyad::In]);
        assert_eq!(joined.dyads(2), [Dyad::In]);
        assert_eq!((joined.n_pairs(), joined.degree(0)), (3, 3));
    }
}
