//! The wiring of the source by neuron, and circuits taken out of it.

use neuroloom_core::{Circuit, CircuitOrigin, Connectome};
use rayon::prelude::*;

use super::region::Cut;
use super::{Direction, SamplingSummary};
use crate::Error;

/// Edges of a connectome by their ends.
pub(super) struct Extractor<'a> {
    connectome: &'a Connectome,
    outgoing: EdgesOf,
    incoming: EdgesOf,
}

/// Rows of the edge list by neuron.
struct EdgesOf {
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl EdgesOf {
    fn new(ends: &[u32], n_neurons: usize) -> Self {
        let mut starts = vec![0; n_neurons + 1];
        ends.iter().for_each(|&end| starts[end as usize + 1] += 1);
        for neuron in 0..n_neurons {
            starts[neuron + 1] += starts[neuron];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; ends.len()];
        for (row, &end) in ends.iter().enumerate() {
            rows[next[end as usize]] = row as u32;
            next[end as usize] += 1;
        }
        Self { starts, rows }
    }

    fn of(&self, neuron: u32) -> &[u32] {
        &self.rows[self.starts[neuron as usize]..self.starts[neuron as usize + 1]]
    }
}

impl<'a> Extractor<'a> {
    pub(super) fn new(connectome: &'a Connectome) -> Self {
        let (edges, n) = (connectome.edges(), connectome.neurons().len());
        Self { connectome, outgoing: EdgesOf::new(&edges.pre, n), incoming: EdgesOf::new(&edges.post, n) }
    }

    /// The other ends of a neuron's edges, once an edge.
    pub(super) fn partners(&self, neuron: u32, direction: Direction) -> impl Iterator<Item = u32> {
        self.synapses(neuron, direction).map(|(partner, _)| partner)
    }

    /// The other ends of a neuron's edges with their numbers of synapses.
    pub(super) fn synapses(&self, neuron: u32, direction: Direction) -> impl Iterator<Item = (u32, f64)> {
        let edges = self.connectome.edges();
        let (out, into) = match direction {
            Direction::Out => (self.outgoing.of(neuron), &[][..]),
            Direction::In => (&[][..], self.incoming.of(neuron)),
            Direction::Both => (self.outgoing.of(neuron), self.incoming.of(neuron)),
        };
        let count = |row: u32| edges.syn_count.get(row as usize).map_or(1.0, |&count| f64::from(count));
        let out = out.iter().map(move |&row| (edges.post[row as usize], count(row)));
        out.chain(into.iter().map(move |&row| (edges.pre[row as usize], count(row))))
    }

    /// Takes out every cut, without edges from a neuron to itself.
    pub(super) fn circuits(
        &self,
        cuts: &[(Cut, CircuitOrigin)],
        summary: &mut SamplingSummary,
    ) -> Result<Vec<Circuit>, Error> {
        let n = self.connectome.neurons().len();
        let place = || vec![u32::MAX; n];
        let taken: Result<Vec<(Circuit, usize)>, Error> = cuts
            .par_iter()
            .map_init(place, |place, (cut, origin)| self.circuit(cut, origin, place))
            .collect();
        let taken = taken?;
        summary.n_self_edges += taken.iter().map(|one| one.1).sum::<usize>();
        Ok(taken.into_iter().map(|one| one.0).collect())
    }

    /// `place` is `u32::MAX` everywhere before and after: new positions of the members while it runs.
    fn circuit(
        &self,
        cut: &Cut,
        origin: &CircuitOrigin,
        place: &mut [u32],
    ) -> Result<(Circuit, usize), Error> {
        let edges = self.connectome.edges();
        cut.members.iter().enumerate().for_each(|(new, &old)| place[old as usize] = new as u32);
        let inside = |&row: &usize| place[edges.post[row] as usize] != u32::MAX;
        let rows: Vec<usize> = cut
            .members
            .iter()
            .flat_map(|&neuron| self.outgoing.of(neuron).iter().map(|&row| row as usize).filter(inside))
            .collect();
        let (own, kept): (Vec<usize>, Vec<usize>) =
            rows.into_iter().partition(|&row| edges.pre[row] == edges.post[row]);
        let mut chosen = edges.select(&kept);
        chosen.pre.iter_mut().chain(&mut chosen.post).for_each(|end| *end = place[*end as usize]);
        cut.members.iter().for_each(|&old| place[old as usize] = u32::MAX);
        let members: Vec<usize> = cut.members.iter().map(|&neuron| neuron as usize).collect();
        let neurons = self.connectome.neurons().select(&members)?;
        let connectome =
            Connectome::new(neurons, chosen)?.with_observed(self.connectome.observed().select(&members));
        Ok((Circuit::new(connectome, origin.clone()), own.len()))
    }
}
