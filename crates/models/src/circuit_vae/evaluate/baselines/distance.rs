//! The share of edges among pairs as far apart.

use super::frequencies::{Frequencies, distance_bin, each_pair};
use crate::circuit_vae::example::GraphExample;

pub(super) fn predict(training: &[GraphExample], test: &[GraphExample]) -> Vec<f64> {
    let frequencies = Frequencies::count(training, distance_bin);
    each_pair(test, |example, i, j| frequencies.of(&distance_bin(example, i, j)))
}
