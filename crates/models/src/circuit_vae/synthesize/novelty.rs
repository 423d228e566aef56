//! How far a circuit is from known ones.

use std::collections::BTreeMap;

use neuroloom_core::Circuit;
use rayon::prelude::*;
use serde::Serialize;

/// Distances of generated circuits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Novelty {
    /// Share of the generated circuits that differ from all earlier ones.
    pub unique: f64,
    /// Mean over generated circuits of the distance to the nearest training circuit.
    pub nearest_training: f64,
    /// Mean over training circuits of the distance to the nearest other one: what `nearest_training` is to be
    /// compared with. Far below it, the generator repeats what it has seen.
    pub nearest_among_training: f64,
}

/// Distances by [`wiring_distance`]; NaN where there are too few circuits.
pub fn novelty(generated: &[Circuit], training: &[&Circuit]) -> Novelty {
    let of = |circuit: &Circuit| Neighbourhoods::of(circuit);
    let made: Vec<Neighbourhoods> = generated.par_iter().map(of).collect();
    let known: Vec<Neighbourhoods> = training.par_iter().map(|circuit| of(circuit)).collect();
    let nearest = |one: &Neighbourhoods, without: Option<usize>| {
        let others = known.iter().enumerate().filter(|(place, _)| Some(*place) != without);
        others.map(|(_, other)| one.distance(other)).fold(f64::INFINITY, f64::min)
    };
    let mean = |values: Vec<f64>| {
        let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        if finite.is_empty() { f64::NAN } else { finite.iter().sum::<f64>() / finite.len() as f64 }
    };
    let n_unique = (0..generated.len())
        .filter(|&place| generated[..place].iter().all(|other| differ(&generated[place], other)))
        .count();
    Novelty {
        unique: if generated.is_empty() { f64::NAN } else { n_unique as f64 / generated.len() as f64 },
        nearest_training: mean(made.par_iter().map(|one| nearest(one, None)).collect()),
        nearest_among_training: mean(
            known.par_iter().enumerate().map(|(place, one)| nearest(one, Some(place))).collect(),
        ),
    }
}

/// Distance of two circuits of any size whose neurons are not matched, 0 to 1: 1 - sum min / sum max of the counts of
/// neighbourhoods. A neighbourhood is what two rounds of Weisfeiler and Lehman's refinement (1968) know of a neuron: its
/// cell type, and, twice, the numbers (on a scale of powers of two) of each kind of sender and receiver. 0 means alike
/// to this test, not identical.
pub fn wiring_distance(one: &Circuit, other: &Circuit) -> f64 {
    Neighbourhoods::of(one).distance(&Neighbourhoods::of(other))
}

/// Rounds of refinement.
const ROUNDS: usize = 2;

/// Counts of neighbourhoods by their label.
struct Neighbourhoods(BTreeMap<u64, u32>);

impl Neighbourhoods {
    fn of(circuit: &Circuit) -> Self {
        let connectome = circuit.connectome();
        let n = circuit.n_neurons();
        let types = connectome.neurons().cell_type();
        let mut labels: Vec<u64> = (0..n)
            .map(|neuron| types.map_or(1, |types| hash(types[neuron].bytes().map(u64::from))))
            .collect();
        let mut counts = BTreeMap::new();
        for _ in 0..ROUNDS {
            let mut kinds: Vec<BTreeMap<(bool, u64), u32>> = vec![BTreeMap::new(); n];
            for (&pre, &post) in connectome.edges().pre.iter().zip(&connectome.edges().post) {
                *kinds[pre as usize].entry((true, labels[post as usize])).or_default() += 1;
                *kinds[post as usize].entry((false, labels[pre as usize])).or_default() += 1;
            }
            let refined = |(neuron, kinds): (usize, &BTreeMap<(bool, u64), u32>)| {
                let parts = kinds.iter().flat_map(|(&(sends, label), &count)| {
                    [u64::from(sends), label, u64::from(count.ilog2())]
                });
                hash(std::iter::once(labels[neuron]).chain(parts))
            };
            // Coarse on purpose: the exact neighbourhood is unique to nearly every neuron.
            let coarse = |neuron: usize| {
                let sends = kinds[neuron]
                    .iter()
                    .filter(|((sends, _), _)| *sends)
                    .map(|(_, count)| *count)
                    .sum::<u32>();
                let hears = kinds[neuron]
                    .iter()
                    .filter(|((sends, _), _)| !*sends)
                    .map(|(_, count)| *count)
                    .sum::<u32>();
                hash([labels[neuron], u64::from((sends + 1).ilog2()), u64::from((hears + 1).ilog2())])
            };
            for neuron in 0..n {
                *counts.entry(coarse(neuron)).or_insert(0) += 1;
            }
            labels = kinds.iter().enumerate().map(refined).collect();
            for &label in &labels {
                *counts.entry(label).or_insert(0) += 1;
            }
        }
        Self(counts)
    }

    fn distance(&self, other: &Self) -> f64 {
        let (mut least, mut most) = (0_u64, 0_u64);
        for (label, &count) in &self.0 {
            let beside = other.0.get(label).copied().unwrap_or(0);
            least += u64::from(count.min(beside));
            most += u64::from(count.max(beside));
        }
        most += other
            .0
            .iter()
            .filter(|(label, _)| !self.0.contains_key(label))
            .map(|(_, &count)| u64::from(count))
            .sum::<u64>();
        if most == 0 { 0.0 } else { 1.0 - least as f64 / most as f64 }
    }
}

/// FNV-1a over words.
fn hash(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(17)
    })
}

fn differ(one: &Circuit, other: &Circuit) -> bool {
    let sorted = |circuit: &Circuit| {
        let edges = circuit.connectome().edges();
        let mut pairs: Vec<(u32, u32)> = edges.pre.iter().copied().zip(edges.post.iter().copied()).collect();
        pairs.sort_unstable();
        pairs
    };
    one.n_neurons() != other.n_neurons() || sorted(one) != sorted(other)
}
