//! A directed graph in compressed rows, both ways.

use neuroloom_core::{Connectome, EdgeMask, Synapses};

use crate::Error;

/// Neurons `0..n` and the edges between them: compressed sparse rows by sender and by receiver, neighbours in
/// ascending order. Edges from a neuron to itself are left out (and counted), repeated edges add up.
///
/// An edge may carry a weight, and a mask may say which edges could have been seen at all: an edge is observable
/// where its sender's outputs and its receiver's inputs were traced.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectedGraph {
    n_neurons: usize,
    outgoing: Rows,
    incoming: Rows,
    /// One weight an edge, in the order of `outgoing`.
    weights: Option<Vec<f64>>,
    observed: EdgeMask,
    n_self_edges: usize,
}

/// Compressed sparse rows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rows {
    /// Start of each row, and the end of the last.
    starts: Vec<usize>,
    neighbours: Vec<u32>,
}

impl DirectedGraph {
    /// A graph without weights from pairs `(pre, post)`, in any order.
    ///
    /// # Errors
    /// [`Error::Value`] if an end is not below `n_neurons`.
    pub fn from_edges(n_neurons: usize, edges: &[(u32, u32)]) -> Result<Self, Error> {
        let triples: Vec<(u32, u32, f64)> = edges.iter().map(|&(pre, post)| (pre, post, 1.0)).collect();
        Ok(Self { weights: None, ..Self::from_weighted_edges(n_neurons, &triples)? })
    }

    /// A graph from triples `(pre, post, weight)`, in any order; the weights of repeated pairs add up.
    ///
    /// # Errors
    /// [`Error::Value`] if an end is not below `n_neurons`, [`Error::NotFinite`] if a weight is NaN or infinite.
    ///
    /// # Examples
    /// ```
    /// use neuroloom_analysis::graph::DirectedGraph;
    /// let graph = DirectedGraph::from_weighted_edges(2, &[(0, 1, 2.0), (0, 1, 3.0), (1, 1, 9.0)])?;
    /// assert_eq!(graph.weighted_edges().collect::<Vec<_>>(), [(0, 1, 5.0)]);
    /// assert_eq!(graph.n_self_edges(), 1);
    /// # Ok::<(), neuroloom_analysis::Error>(())
    /// ```
    pub fn from_weighted_edges(n_neurons: usize, edges: &[(u32, u32, f64)]) -> Result<Self, Error> {
        check_edges(n_neurons, edges)?;
        let mut sorted: Vec<(u32, u32, f64)> =
            edges.iter().copied().filter(|&(pre, post, _)| pre != post).collect();
        let n_self_edges = edges.len() - sorted.len();
        // Stable, so that repeated edges add up in the order given.
        sorted.sort_by_key(|&(pre, post, _)| (pre, post));
        sorted.dedup_by(|later, first| {
            let same = (later.0, later.1) == (first.0, first.1);
            if same {
                first.2 += later.2;
            }
            same
        });
        let outgoing = Rows::sorted(n_neurons, sorted.iter().map(|&(pre, post, _)| (pre, post)));
        let incoming = outgoing.reversed();
        let weights = Some(sorted.into_iter().map(|(_, _, weight)| weight).collect());
        Ok(Self { n_neurons, outgoing, incoming, weights, observed: EdgeMask::default(), n_self_edges })
    }

    /// The graph of a connectome with its mask; edges of several kinds between two neurons become one.
    /// [`Synapses::Binary`] gives no weights.
    ///
    /// # Errors
    /// As [`DirectedGraph::from_weighted_edges`]; [`Error::Shape`] if the mask does not fit the neurons.
    pub fn from_connectome(connectome: &Connectome, synapses: Synapses) -> Result<Self, Error> {
        let edges = connectome.edges();
        let count = |edge: usize| edges.syn_count.get(edge).map_or(1.0, |&count| f64::from(count));
        let sign = |edge: usize| edges.sign.get(edge).map_or(1.0, |&sign| f64::from(sign));
        let weight = |edge: usize| match synapses {
            Synapses::Binary => 1.0,
            Synapses::Count => count(edge),
            Synapses::Weight => {
                edges.weight.get(edge).map_or_else(|| sign(edge) * count(edge), |&weight| f64::from(weight))
            }
        };
        let triples: Vec<(u32, u32, f64)> =
            (0..edges.len()).map(|edge| (edges.pre[edge], edges.post[edge], weight(edge))).collect();
        let mut graph = Self::from_weighted_edges(connectome.neurons().len(), &triples)?;
        if synapses == Synapses::Binary {
            graph.weights = None;
        }
        graph.with_observed(connectome.observed().clone())
    }

    /// States which edges could have been seen. Edges that could not are left out.
    ///
    /// # Errors
    /// [`Error::Shape`] if the mask does not fit the neurons.
    pub fn with_observed(self, observed: EdgeMask) -> Result<Self, Error> {
        check_mask(&observed, self.n_neurons)?;
        let seen =
            |neuron: u32, mask: &Option<Vec<bool>>| mask.as_ref().is_none_or(|mask| mask[neuron as usize]);
        let keep = |pre, post| seen(pre, &observed.pre_observed) && seen(post, &observed.post_observed);
        if self.edges().all(|(pre, post)| keep(pre, post)) {
            return Ok(Self { observed, ..self });
        }
        let kept: Vec<(u32, u32, f64)> =
            self.weighted_edges().filter(|&(pre, post, _)| keep(pre, post)).collect();
        let mut graph = Self::from_weighted_edges(self.n_neurons, &kept)?;
        if self.weights.is_none() {
            graph.weights = None;
        }
        Ok(Self { observed, n_self_edges: self.n_self_edges, ..graph })
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.n_neurons
    }

    /// Number of edges.
    pub fn n_edges(&self) -> usize {
        self.outgoing.neighbours.len()
    }

    /// Edges from a neuron to itself that were left out.
    pub fn n_self_edges(&self) -> usize {
        self.n_self_edges
    }

    /// Which edges could have been seen.
    pub fn observed(&self) -> &EdgeMask {
        &self.observed
    }

    /// The neurons that `neuron` sends to, ascending.
    ///
    /// # Panics
    /// If `neuron` is not below [`DirectedGraph::n_neurons`]; so do all functions that take a position.
    #[inline]
    pub fn successors(&self, neuron: u32) -> &[u32] {
        self.outgoing.row(neuron)
    }

    /// The neurons that send to `neuron`, ascending.
    #[inline]
    pub fn predecessors(&self, neuron: u32) -> &[u32] {
        self.incoming.row(neuron)
    }

    /// The weights of the edges to [`DirectedGraph::successors`], in their order; `None` without weights.
    pub fn successor_weights(&self, neuron: u32) -> Option<&[f64]> {
        let range = self.outgoing.range(neuron);
        self.weights.as_ref().map(|weights| &weights[range])
    }

    /// Whether there is an edge.
    pub fn has_edge(&self, pre: u32, post: u32) -> bool {
        self.successors(pre).binary_search(&post).is_ok()
    }

    /// All edges `(pre, post)`, ordered by sender, then receiver.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.n_neurons as u32).flat_map(|pre| self.successors(pre).iter().map(move |&post| (pre, post)))
    }

    /// All edges `(pre, post, weight)` in the order of [`DirectedGraph::edges`]; weight 1 without weights.
    pub fn weighted_edges(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        let weight = |edge: usize| self.weights.as_ref().map_or(1.0, |weights| weights[edge]);
        self.edges().enumerate().map(move |(edge, (pre, post))| (pre, post, weight(edge)))
    }

    /// The graph among `neurons`, which are numbered in the order given; weights and mask go with them.
    ///
    /// # Errors
    /// [`Error::Value`] if a neuron is outside the graph or is listed twice.
    pub fn induced(&self, neurons: &[u32]) -> Result<Self, Error> {
        let places = places(neurons, self.n_neurons)?;
        let mut edges = Vec::new();
        for (place, &pre) in neurons.iter().enumerate() {
            let weights = self.successor_weights(pre);
            for (rank, &post) in self.successors(pre).iter().enumerate() {
                if let Some(post) = places[post as usize] {
                    edges.push((place as u32, post, weights.map_or(1.0, |weights| weights[rank])));
                }
            }
        }
        let mut graph = Self::from_weighted_edges(neurons.len(), &edges)?;
        if self.weights.is_none() {
            graph.weights = None;
        }
        let pick = |mask: &Option<Vec<bool>>| {
            mask.as_ref().map(|mask| neurons.iter().map(|&neuron| mask[neuron as usize]).collect())
        };
        let (pre_observed, post_observed) =
            (pick(&self.observed.pre_observed), pick(&self.observed.post_observed));
        Ok(Self { observed: EdgeMask { pre_observed, post_observed }, ..graph })
    }

    /// Positions of the neurons whose outputs and inputs were both traced: only among them is every ordered pair
    /// observable, so that reciprocity, triads, clustering and paths mean what they say.
    pub fn fully_observed(&self) -> Vec<u32> {
        let seen = |mask: &Option<Vec<bool>>, neuron: usize| mask.as_ref().is_none_or(|mask| mask[neuron]);
        let both = |&neuron: &u32| {
            seen(&self.observed.pre_observed, neuron as usize)
                && seen(&self.observed.post_observed, neuron as usize)
        };
        (0..self.n_neurons as u32).filter(both).collect()
    }

    /// The graph among [`DirectedGraph::fully_observed`] neurons, without a mask.
    pub fn observed_core(&self) -> Self {
        let core = self.fully_observed();
        if core.len() == self.n_neurons {
            return Self { observed: EdgeMask::default(), ..self.clone() };
        }
        match self.induced(&core) {
            Ok(graph) => Self { observed: EdgeMask::default(), ..graph },
            // Positions from `fully_observed` are inside and distinct.
            Err(_) => self.clone(),
        }
    }

    /// Number of ordered pairs of different neurons whose edge could have been seen.
    pub fn n_observable_pairs(&self) -> u64 {
        let count = |mask: &Option<Vec<bool>>| {
            mask.as_ref().map_or(self.n_neurons, |mask| mask.iter().filter(|&&seen| seen).count()) as u64
        };
        let own = self.fully_observed().len() as u64;
        count(&self.observed.pre_observed) * count(&self.observed.post_observed) - own
    }

    /// Every edge turned round; the mask too. Weights are dropped.
    pub fn reversed(&self) -> Self {
        let observed = EdgeMask {
            pre_observed: self.observed.post_observed.clone(),
            post_observed: self.observed.pre_observed.clone(),
        };
        let (outgoing, incoming) = (self.incoming.clone(), self.outgoing.clone());
        Self { outgoing, incoming, weights: None, observed, ..*self }
    }
}

impl Rows {
    /// From pairs sorted by (row, neighbour).
    fn sorted(n_rows: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut starts = vec![0; n_rows + 1];
        let mut neighbours = Vec::new();
        for (row, neighbour) in pairs {
            starts[row as usize + 1] += 1;
            neighbours.push(neighbour);
        }
        for row in 0..n_rows {
            starts[row + 1] += starts[row];
        }
        Self { starts, neighbours }
    }

    /// Rows by neighbour; each stays ascending because rows are visited in order.
    fn reversed(&self) -> Self {
        let n_rows = self.starts.len() - 1;
        let mut starts = vec![0; n_rows + 1];
        for &neighbour in &self.neighbours {
            starts[neighbour as usize + 1] += 1;
        }
        for row in 0..n_rows {
            starts[row + 1] += starts[row];
        }
        let mut free = starts.clone();
        let mut neighbours = vec![0; self.neighbours.len()];
        for row in 0..n_rows as u32 {
            for &neighbour in self.row(row) {
                let place = &mut free[neighbour as usize];
                neighbours[*place] = row;
                *place += 1;
            }
        }
        Self { starts, neighbours }
    }

    #[inline]
    fn range(&self, row: u32) -> std::ops::Range<usize> {
        self.starts[row as usize]..self.starts[row as usize + 1]
    }

    #[inline]
    fn row(&self, row: u32) -> &[u32] {
        &self.neighbours[self.range(row)]
    }
}

fn check_edges(n_neurons: usize, edges: &[(u32, u32, f64)]) -> Result<(), Error> {
    for (row, &(pre, post, weight)) in edges.iter().enumerate() {
        if let Some(end) = [pre, post].into_iter().find(|&end| end as usize >= n_neurons) {
            return Err(Error::Value {
                what: "end of an edge",
                given: format!("{end} at row {row}"),
                allowed: format!("positions below {n_neurons}"),
            });
        }
        if !weight.is_finite() {
            return Err(Error::NotFinite { what: "weights of edges", row, column: 0, given: weight });
        }
    }
    Ok(())
}

fn check_mask(observed: &EdgeMask, n_neurons: usize) -> Result<(), Error> {
    let masks = [
        ("observed.pre_observed", &observed.pre_observed),
        ("observed.post_observed", &observed.post_observed),
    ];
    for (what, mask) in masks {
        if let Some(mask) = mask.as_ref().filter(|mask| mask.len() != n_neurons) {
            let (given, allowed) = (format!("[{}]", mask.len()), format!("[{n_neurons}], one a neuron"));
            return Err(Error::Shape { what, given, allowed });
        }
    }
    Ok(())
}

/// Place of each neuron in the list, `None` where it is not listed.
fn places(neurons: &[u32], n_neurons: usize) -> Result<Vec<Option<u32>>, Error> {
    let mut places = vec![None; n_neurons];
    for (place, &neuron) in neurons.iter().enumerate() {
        let slot = places.get_mut(neuron as usize);
        if slot.as_ref().is_none_or(|slot| slot.is_some()) {
            let given = format!("{neuron} at row {place}");
            let allowed = format!("positions below {n_neurons}, each once");
            return Err(Error::Value { what: "neurons of a circuit", given, allowed });
        }
        places[neuron as usize] = Some(place as u32);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges_outside_the_graph_are_refused() {
        assert!(matches!(DirectedGraph::from_edges(2, &[(0, 2)]), Err(Error::Value { .. })));
        let graph = DirectedGraph::from_edges(3, &[(0, 1)]).unwrap();
        assert!(graph.induced(&[0, 3]).is_err() && graph.induced(&[1, 1]).is_err());
        let short = EdgeMask { pre_observed: Some(vec![true]), post_observed: None };
        assert!(matches!(graph.with_observed(short), Err(Error::Shape { .. })));
    }

    #[test]
    fn the_mask_removes_what_could_not_be_seen() {
        // Only 0 and 1 have a traced axon: 2 -> 0 is a chance find. Pairs: 2 senders x 3 receivers - 2 own.
        let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2), (2, 0)]).unwrap();
        let observed = EdgeMask { pre_observed: Some(vec![true, true, false]), post_observed: None };
        let graph = graph.with_observed(observed).unwrap();
        assert_eq!(graph.edges().collect::<Vec<_>>(), [(0, 1), (1, 2)]);
        assert_eq!(graph.n_observable_pairs(), 4);
        let core = graph.observed_core();
        assert_eq!((core.n_neurons(), core.n_edges(), core.n_observable_pairs()), (2, 1, 2));
    }

    proptest! {
        #[test]
        fn both_directions_hold_the_same_edges(edges in prop::collection::vec((0..9_u32, 0..9_u32), 0..60)) {
            let graph = DirectedGraph::from_edges(9, &edges)?;
            let mut expected: Vec<(u32, u32)> = edges.into_iter().filter(|(pre, post)| pre != post).collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(graph.edges().collect::<Vec<_>>(), expected.clone());
            let mut turned: Vec<(u32, u32)> = graph.reversed().edges().map(|(a, b)| (b, a)).collect();
            turned.sort_unstable();
            prop_assert_eq!(turned, expected);
        }

        #[test]
        fn a_circuit_keeps_the_edges_among_its_neurons(
            edges in prop::collection::vec((0..9_u32, 0..9_u32), 0..60), kept in prop::sample::subsequence((0..9_u32).collect::<Vec<_>>(), 0..9)
        ) {
            let graph = DirectedGraph::from_edges(9, &edges)?;
            let circuit = graph.induced(&kept)?;
            for (a, &pre) in kept.iter().enumerate() {
                for (b, &post) in kept.iter().enumerate() {
                    prop_assert_eq!(circuit.has_edge(a as u32, b as u32), graph.has_edge(pre, post));
                }
            }
        }
    }
}
