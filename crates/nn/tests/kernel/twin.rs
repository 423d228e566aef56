//! The same mathematics as the kernels, written as plainly as can be, in f64.

use neuroloom_nn::kernel::{Activation, NodeMlp};

pub(crate) fn activate(activation: Activation, z: f64) -> f64 {
    match activation {
        Activation::Identity => z,
        Activation::Relu => z.max(0.0),
        Activation::Tanh => z.tanh(),
        Activation::Sine { omega } => (f64::from(omega) * z).sin(),
        Activation::Gelu => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (z + 0.044_715 * z.powi(3));
            0.5 * z * (1.0 + inner.tanh())
        }
        _ => unreachable!("an activation without a twin"),
    }
}

/// y = MLP(x), row by row.
pub(crate) fn mlp(shape: &NodeMlp, parameters: &[f64], inputs: &[f64]) -> Vec<f64> {
    inputs.chunks(shape.n_inputs()).flat_map(|row| mlp_row(shape, parameters, row)).collect()
}

fn mlp_row(shape: &NodeMlp, parameters: &[f64], row: &[f64]) -> Vec<f64> {
    let mut values = row.to_vec();
    for layer in 0..shape.n_layers() {
        let weight = &parameters[shape.weight(layer).unwrap()];
        let bias = &parameters[shape.bias(layer).unwrap()];
        let sum = |o: usize| {
            bias[o]
                + values.iter().enumerate().map(|(i, value)| value * weight[i * bias.len() + o]).sum::<f64>()
        };
        let sums: Vec<f64> = (0..bias.len()).map(sum).collect();
        let last = layer + 1 == shape.n_layers();
        values = sums.into_iter().map(|z| if last { z } else { activate(shape.activation(), z) }).collect();
    }
    values
}

/// M = P W'.
pub(crate) fn product(weights: &[f64], senders: &[f64], n_pre: usize) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let frame = |frame| weights.chunks(n_pre).map(move |row| dot(row, frame)).collect::<Vec<f64>>();
    senders.chunks(n_pre).flat_map(frame).collect()
}

/// dL/dx by central differences, for every x.
pub(crate) fn finite_differences(at: &[f64], loss: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const STEP: f64 = 1e-6;
    let mut point = at.to_vec();
    let derivative = |k: usize| {
        let mut side = |step: f64| {
            point[k] = at[k] + step;
            let value = loss(&point);
            point[k] = at[k];
            value
        };
        (side(STEP) - side(-STEP)) / (2.0 * STEP)
    };
    (0..at.len()).map(derivative).collect()
}

pub(crate) fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// Numbers in [-1, 1) from a counter: no generator to agree on, no seed to pass.
pub(crate) fn numbers(n: usize, salt: u32) -> Vec<f32> {
    let mix = |k: usize| {
        let mut x = (k as u32).wrapping_mul(0x9E37_79B9) ^ salt.wrapping_mul(0x85EB_CA6B);
        x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D);
        x = (x ^ (x >> 12)).wrapping_mul(0x297A_2D39);
        (x ^ (x >> 15)) as f32 / 2_147_483_648.0 - 1.0
    };
    (0..n).map(mix).collect()
}

/// Every error below `tolerance` times the largest expected entry (at least 0.1: sums cancel).
pub(crate) fn assert_close(what: &str, found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(0.1_f64, |max, value| max.max(value.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs() / scale;
        assert!(error < tolerance, "{what}[{k}] = {found}, expected {expected} (relative error {error:.1e})");
    }
}
