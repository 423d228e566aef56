//! Signs that weights must keep, and weights that become exactly zero.

use ndarray::Array2;
use neuroloom_core::Seed;
use rand::RngExt;

use crate::weight_manifold::config::{AutoencoderConfig, Constraint};

/// The sign of every unit that sends: +1 or -1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signs {
    /// Of each input neuron: of a column of A.
    pub(super) input: Vec<f64>,
    /// Of each hidden unit: of a column of B.
    pub(super) hidden: Vec<f64>,
}

impl Signs {
    /// `None` where weights may have any sign.
    pub(super) fn of(config: &AutoencoderConfig, n_inputs: usize, seed: Seed) -> Option<Self> {
        let mut rng = seed.rng();
        let mut draw = |n: usize| -> Vec<f64> {
            (0..n).map(|_| if rng.random_bool(config.excitatory) { 1.0 } else { -1.0 }).collect()
        };
        match config.constraint {
            Constraint::NonNegative => {
                Some(Self { input: vec![1.0; n_inputs], hidden: vec![1.0; config.hidden] })
            }
            Constraint::Dale => Some(Self { input: draw(n_inputs), hidden: draw(config.hidden) }),
            Constraint::Free | Constraint::Tied => None,
        }
    }

    /// Turns weights of the wrong sign round; columns send.
    pub(super) fn fold(&self, weights: &mut Array2<f64>, signs: &[f64]) {
        for mut row in weights.rows_mut() {
            row.iter_mut().zip(signs).for_each(|(weight, sign)| *weight = sign * weight.abs());
        }
    }
}

/// The weight that is nearest to `weight` once its price is paid: shrunk by `threshold`, of the sign it must have.
pub(super) fn nearest(weight: f64, threshold: f64, sign: Option<f64>) -> f64 {
    match sign {
        Some(sign) => sign * (sign * weight - threshold).max(0.0),
        None => weight.signum() * (weight.abs() - threshold).max(0.0),
    }
}

/// Replaces every weight by the nearest one that its price and the sign of its sender allow.
pub(super) fn shrink(weights: &mut Array2<f64>, threshold: f64, signs: Option<&[f64]>) {
    for mut row in weights.rows_mut() {
        for (column, weight) in row.iter_mut().enumerate() {
            *weight = nearest(*weight, threshold, signs.map(|signs| signs[column]));
        }
    }
}
