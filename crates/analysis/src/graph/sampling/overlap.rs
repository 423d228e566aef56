//! How much two circuits share.

use rayon::prelude::*;

use super::region::Cut;

/// Circuits accepted so far, as sets of bits.
pub(super) struct Overlap {
    accepted: Vec<(Vec<u64>, usize)>,
    n_words: usize,
    largest: f64,
}

impl Overlap {
    pub(super) fn new(n_neurons: usize, largest: f64) -> Self {
        Self { accepted: Vec::new(), n_words: n_neurons.div_ceil(64), largest }
    }

    /// Whether the circuit is different enough from all accepted ones; then it is accepted too.
    pub(super) fn accept(&mut self, members: &[u32]) -> bool {
        let bits = bits(members, self.n_words);
        // With 1 anything goes, the same circuit twice included.
        let too_like =
            |(other, n): &(Vec<u64>, usize)| jaccard((&bits, members.len()), (other, *n)) > self.largest;
        if self.largest < 1.0 && self.accepted.par_iter().any(too_like) {
            return false;
        }
        self.accepted.push((bits, members.len()));
        true
    }
}

/// The largest overlap of each circuit with another.
pub(super) fn largest(cuts: &[&Cut]) -> Vec<f64> {
    let n_words =
        cuts.iter().filter_map(|cut| cut.members.last()).max().map_or(0, |last| *last as usize / 64 + 1);
    let sets: Vec<(Vec<u64>, usize)> =
        cuts.iter().map(|cut| (bits(&cut.members, n_words), cut.members.len())).collect();
    let largest = |(place, one): (usize, &(Vec<u64>, usize))| {
        let others = sets.iter().enumerate().filter(|(other, _)| *other != place);
        others.map(|(_, other)| jaccard((&one.0, one.1), (&other.0, other.1))).fold(0.0, f64::max)
    };
    sets.par_iter().enumerate().map(largest).collect()
}

fn bits(members: &[u32], n_words: usize) -> Vec<u64> {
    let mut bits = vec![0; n_words];
    members.iter().for_each(|&neuron| bits[neuron as usize / 64] |= 1 << (neuron % 64));
    bits
}

fn jaccard((one, n_one): (&[u64], usize), (other, n_other): (&[u64], usize)) -> f64 {
    let n_shared: u32 = one.iter().zip(other).map(|(one, other)| (one & other).count_ones()).sum();
    let n_all = n_one + n_other - n_shared as usize;
    f64::from(n_shared) / n_all.max(1) as f64
}
