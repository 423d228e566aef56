//! The share of edges among pairs of the same two types: a stochastic block model with known blocks.

use super::frequencies::{Frequencies, each_pair, types};
use crate::circuit_vae::example::GraphExample;

pub(super) fn predict(training: &[GraphExample], test: &[GraphExample]) -> Vec<f64> {
    let frequencies = Frequencies::count(training, types);
    each_pair(test, |example, i, j| frequencies.of(&types(example, i, j)))
}
