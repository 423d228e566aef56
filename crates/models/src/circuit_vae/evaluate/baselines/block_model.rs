//! The degree-corrected block model (Karrer and Newman 2011) told every degree of the test circuit; the rates of the
//! blocks come from the training circuits.
//!
//! lambda_ij = theta_i theta'_j omega_(type i, type j), theta_i = out-degree over the expected one of its type

use super::super::pairs::of_circuit;
use super::degree_product::degrees;
use super::frequencies::{Frequencies, types};
use crate::circuit_vae::example::GraphExample;

/// Edges that are added to the degree of a neuron and to what is expected of it.
const PRIOR_EDGES: f64 = 0.5;

pub(super) fn predict(training: &[GraphExample], test: &[GraphExample]) -> Vec<f64> {
    let omega = Frequencies::count(training, types);
    let of = |example: &GraphExample| {
        let [out, into] = degrees(example);
        let n = example.n_neurons();
        let mut expected = [vec![PRIOR_EDGES; n], vec![PRIOR_EDGES; n]];
        for (i, j) in of_circuit(example) {
            let rate = omega.of(&types(example, i, j));
            expected[0][i] += rate;
            expected[1][j] += rate;
        }
        let theta = |degree: f64, expected: f64| (degree + PRIOR_EDGES) / expected;
        let rate = |(i, j): (usize, usize)| {
            let own = theta(out[i], expected[0][i]) * theta(into[j], expected[1][j]);
            own * omega.of(&types(example, i, j))
        };
        of_circuit(example).map(rate).collect::<Vec<f64>>()
    };
    test.iter().flat_map(of).collect()
}
