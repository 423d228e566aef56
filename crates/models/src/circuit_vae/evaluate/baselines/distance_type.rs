//! Types and distance together: their log odds add up, as if they were independent.

use super::frequencies::{Frequencies, distance_bin, each_pair, log_odds, types};
use crate::circuit_vae::example::GraphExample;

pub(super) fn predict(training: &[GraphExample], test: &[GraphExample]) -> Vec<f64> {
    let by_type = Frequencies::count(training, types);
    let by_distance = Frequencies::count(training, distance_bin);
    each_pair(test, |example, i, j| {
        log_odds(by_type.of(&types(example, i, j))) + log_odds(by_distance.of(&distance_bin(example, i, j)))
    })
}
