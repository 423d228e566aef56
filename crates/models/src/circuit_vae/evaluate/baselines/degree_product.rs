//! k_out(i) k_in(j) of the test circuit itself: the configuration model, told every degree.

use super::super::pairs::of_circuit;
use crate::circuit_vae::example::GraphExample;

pub(super) fn predict(test: &[GraphExample]) -> Vec<f64> {
    let of = |example: &GraphExample| {
        let [out, into] = degrees(example);
        of_circuit(example).map(|(i, j)| out[i] * into[j]).collect::<Vec<f64>>()
    };
    test.iter().flat_map(of).collect()
}

/// Out- and in-degrees.
pub(super) fn degrees(example: &GraphExample) -> [Vec<f64>; 2] {
    let n = example.n_neurons();
    let mut degrees = [vec![0.0; n], vec![0.0; n]];
    for (pre, post) in &example.edges {
        degrees[0][*pre as usize] += 1.0;
        degrees[1][*post as usize] += 1.0;
    }
    degrees
}
