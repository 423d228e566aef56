//! Edges over pairs, counted by some key, with a prior that keeps rare keys near the overall density.

use std::collections::HashMap;
use std::hash::Hash;

use super::super::pairs::{labels_of, of_circuit};
use crate::circuit_vae::example::GraphExample;

/// Pairs at the overall density that are added to each key.
const PRIOR_PAIRS: f64 = 20.0;

/// Share of edges by key.
#[derive(Debug, Clone)]
pub(super) struct Frequencies<K> {
    counts: HashMap<K, (f64, f64)>,
    /// Edges over pairs of all training circuits.
    pub(super) density: f64,
}

impl<K: Eq + Hash> Frequencies<K> {
    /// Counts over all pairs of these circuits.
    pub(super) fn count(training: &[GraphExample], key: impl Fn(&GraphExample, usize, usize) -> K) -> Self {
        let mut counts: HashMap<K, (f64, f64)> = HashMap::new();
        let (mut edges, mut pairs) = (0.5, 1.0);
        for example in training {
            for ((i, j), edge) in of_circuit(example).zip(labels_of(example)) {
                let count = counts.entry(key(example, i, j)).or_default();
                let edge = if edge { 1.0 } else { 0.0 };
                *count = (count.0 + edge, count.1 + 1.0);
                (edges, pairs) = (edges + edge, pairs + 1.0);
            }
        }
        Self { counts, density: edges / pairs }
    }

    /// (edges + prior x density) / (pairs + prior).
    pub(super) fn of(&self, key: &K) -> f64 {
        let (edges, pairs) = self.counts.get(key).copied().unwrap_or_default();
        (edges + PRIOR_PAIRS * self.density) / (pairs + PRIOR_PAIRS)
    }
}

/// A value for every pair of every circuit.
pub(super) fn each_pair(
    test: &[GraphExample],
    value: impl Fn(&GraphExample, usize, usize) -> f64,
) -> Vec<f64> {
    test.iter()
        .flat_map(|example| of_circuit(example).map(move |(i, j)| (example, i, j)))
        .map(|(example, i, j)| value(example, i, j))
        .collect()
}

/// ln(p / (1 - p)).
pub(super) fn log_odds(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

/// The types of both ends.
pub(in crate::circuit_vae::evaluate) fn types(example: &GraphExample, i: usize, j: usize) -> (u16, u16) {
    (example.conditions.cell_type[i], example.conditions.cell_type[j])
}

/// Distance in steps of a tenth of its logarithm.
pub(super) fn distance_bin(example: &GraphExample, i: usize, j: usize) -> u16 {
    let position = &example.conditions.position;
    let square: f32 = position[i].iter().zip(&position[j]).map(|(a, b)| (a - b) * (a - b)).sum();
    ((1.0 + 10.0 * square.sqrt()).ln() * 8.0) as u16
}
