//! Every triangle of `U` once, with the states of its three dyads: clustering and the triad census live on it.

use rayon::prelude::*;

use super::{Dyad, UndirectedGraph};

/// Triangles by neuron and by kind. All counts are integers, so that the order of adding does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TriangleCounts {
    /// Triangles of `U` at each neuron.
    pub(super) at_neuron: Vec<u64>,
    /// The same, each counted as often as directed edges can be chosen along its three sides (1 to 8 times).
    pub(super) directed_at_neuron: Vec<u64>,
    /// Triangles by the dyads (a to b, a to c, b to c): index `16 ab + 4 ac + bc`.
    pub(super) by_dyads: [u64; 64],
}

/// Neurons renumbered by degree; each row holds only the neighbours of higher rank. Rows are short even for hubs,
/// which bounds the work by `E^(3/2)` (Chiba and Nishizeki 1985).
struct Ahead {
    neuron_of_rank: Vec<u32>,
    starts: Vec<usize>,
    ranks: Vec<u32>,
    dyads: Vec<u8>,
}

impl TriangleCounts {
    /// Counts the triangles.
    pub(super) fn of(joined: &UndirectedGraph) -> Self {
        let ahead = Ahead::new(joined);
        let n = joined.n_neurons();
        let empty = || (Self::zeros(n), vec![0_u8; n]);
        let by_rank = (0..n)
            .into_par_iter()
            .with_min_len(n / 64 + 1)
            .fold(empty, |(mut counts, mut marks), rank| {
                ahead.visit(rank, &mut marks, &mut counts);
                (counts, marks)
            })
            .map(|(counts, _)| counts)
            .reduce(|| Self::zeros(n), Self::plus);
        by_rank.by_neuron(&ahead.neuron_of_rank)
    }

    /// Number of triangles.
    pub(super) fn total(&self) -> u64 {
        self.by_dyads.iter().sum()
    }

    fn zeros(n: usize) -> Self {
        Self { at_neuron: vec![0; n], directed_at_neuron: vec![0; n], by_dyads: [0; 64] }
    }

    fn plus(mut self, other: Self) -> Self {
        let add = |mine: &mut [u64], theirs: &[u64]| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        add(&mut self.at_neuron, &other.at_neuron);
        add(&mut self.directed_at_neuron, &other.directed_at_neuron);
        add(&mut self.by_dyads, &other.by_dyads);
        self
    }

    fn by_neuron(self, neuron_of_rank: &[u32]) -> Self {
        let mut sorted = Self { by_dyads: self.by_dyads, ..Self::zeros(neuron_of_rank.len()) };
        for (rank, &neuron) in neuron_of_rank.iter().enumerate() {
            sorted.at_neuron[neuron as usize] = self.at_neuron[rank];
            sorted.directed_at_neuron[neuron as usize] = self.directed_at_neuron[rank];
        }
        sorted
    }
}

impl Ahead {
    fn new(joined: &UndirectedGraph) -> Self {
        let n = joined.n_neurons();
        let mut neuron_of_rank: Vec<u32> = (0..n as u32).collect();
        neuron_of_rank.sort_by_key(|&neuron| joined.degree(neuron));
        let mut rank_of_neuron = vec![0_u32; n];
        for (rank, &neuron) in neuron_of_rank.iter().enumerate() {
            rank_of_neuron[neuron as usize] = rank as u32;
        }
        let mut ahead = Self { neuron_of_rank, starts: vec![0], ranks: Vec::new(), dyads: Vec::new() };
        for rank in 0..n {
            let neuron = ahead.neuron_of_rank[rank];
            let mut row: Vec<(u32, u8)> = Vec::new();
            for (&neighbour, &dyad) in joined.neighbours(neuron).iter().zip(joined.dyads(neuron)) {
                let other = rank_of_neuron[neighbour as usize];
                if other as usize > rank {
                    row.push((other, dyad as u8));
                }
            }
            row.sort_unstable();
            ahead.ranks.extend(row.iter().map(|&(other, _)| other));
            ahead.dyads.extend(row.iter().map(|&(_, dyad)| dyad));
            ahead.starts.push(ahead.ranks.len());
        }
        ahead
    }

    fn row(&self, rank: usize) -> (&[u32], &[u8]) {
        let range = self.starts[rank]..self.starts[rank + 1];
        (&self.ranks[range.clone()], &self.dyads[range])
    }

    /// All triangles whose lowest rank is `a`. `marks` is all zero before and after.
    fn visit(&self, a: usize, marks: &mut [u8], counts: &mut TriangleCounts) {
        let (row, dyads) = self.row(a);
        row.iter().zip(dyads).for_each(|(&c, &dyad)| marks[c as usize] = dyad);
        for (&b, &ab) in row.iter().zip(dyads) {
            let (mut n_triangles, mut n_directed) = (0, 0);
            let (third, third_dyads) = self.row(b as usize);
            for (&c, &bc) in third.iter().zip(third_dyads) {
                let ac = marks[c as usize];
                if ac == 0 {
                    continue;
                }
                counts.by_dyads[usize::from(ab << 4 | ac << 2 | bc)] += 1;
                let ways = WAYS[usize::from(ac)] * WAYS[usize::from(bc)] * WAYS[usize::from(ab)];
                n_triangles += 1;
                n_directed += ways;
                counts.at_neuron[c as usize] += 1;
                counts.directed_at_neuron[c as usize] += ways;
            }
            for corner in [a, b as usize] {
                counts.at_neuron[corner] += n_triangles;
                counts.directed_at_neuron[corner] += n_directed;
            }
        }
        row.iter().for_each(|&c| marks[c as usize] = 0);
    }
}

/// Directed edges of a dyad by its bits.
const WAYS: [u64; 4] = [0, 1, 1, 2];

/// The dyad of bits 1, 2 or 3.
pub(super) fn dyad_of_bits(bits: usize) -> Option<Dyad> {
    [None, Some(Dyad::Out), Some(Dyad::In), Some(Dyad::Mutual)][bits & 3]
}
