//! How far weights are from the balance that every minimum obeys.

use ndarray::{Array1, ArrayView2, Axis};

use crate::weight_manifold::config::{Constraint, HiddenActivation, Penalty};
use crate::weight_manifold::model::{Autoencoder, mean_squares, square};
use crate::weight_manifold::moments::Moments;

/// What the balance depends on besides the network.
#[derive(Debug, Clone, Copy)]
pub struct Balance<'a> {
    /// The prices.
    pub penalty: &'a Penalty,
    /// What the weights obey.
    pub constraint: Constraint,
    /// Moments of the inputs.
    pub moments: &'a Moments,
    /// The inputs, for networks that are not linear.
    pub inputs: ArrayView2<'a, f64>,
}

/// Distance from the balance at a minimum, 0 at one; `None` where there is no such law.
///
/// - Linear, free, without l1: lam_A A A' + lam_H A C A' = lam_B B'B. The distance is the Frobenius norm of the
///   difference over the trace of the left side; with lam_A = lam_B it is |A A' - B'B| / |A|^2.
/// - Linear or ReLU otherwise: scaling a hidden unit's inputs up and its outputs down changes no output, so for each
///   unit lam_A |a|^2 + lam_H E h^2 + l1 |a|_1 = lam_B |b|^2 + l1 |b|_1. The distance is the sum of the differences'
///   sizes over the sum of the left sides.
/// - Nothing is known for tanh, for tied weights (balanced by construction) and without a penalty on B.
pub fn balance_error(model: &Autoencoder, given: &Balance<'_>) -> Option<f64> {
    let penalty = given.penalty;
    let unpriced = penalty.l2_output == 0.0 && penalty.l1 == 0.0;
    if unpriced || given.constraint == Constraint::Tied || model.activation == HiddenActivation::Tanh {
        return None;
    }
    let linear = model.activation == HiddenActivation::Identity;
    let error = if linear && given.constraint == Constraint::Free && penalty.l1 == 0.0 {
        of_matrices(model, given)
    } else {
        of_units(model, given)
    };
    error.is_finite().then_some(error)
}

fn of_matrices(model: &Autoencoder, given: &Balance<'_>) -> f64 {
    let (a, b, penalty) = (&model.input_weights, &model.output_weights, given.penalty);
    let mut left = a.dot(&a.t()) * penalty.l2_input;
    if penalty.activity > 0.0 {
        left = left + a.dot(&given.moments.second).dot(&a.t()) * penalty.activity;
    }
    let apart = &left - &(b.t().dot(b) * penalty.l2_output);
    square(apart.view()).sqrt() / left.diag().sum()
}

fn of_units(model: &Autoencoder, given: &Balance<'_>) -> f64 {
    let penalty = given.penalty;
    let sizes = |weights: ArrayView2<'_, f64>| weights.mapv(f64::abs).sum_axis(Axis(0));
    let squares = |weights: ArrayView2<'_, f64>| weights.mapv(|weight| weight * weight).sum_axis(Axis(0));
    let (a, b) = (model.input_weights.t(), model.output_weights.view());
    let mut left: Array1<f64> = squares(a) * penalty.l2_input + sizes(a) * penalty.l1;
    if penalty.activity > 0.0 {
        left = left + mean_squares(model.encode(given.inputs).view()) * penalty.activity;
    }
    let right = squares(b) * penalty.l2_output + sizes(b) * penalty.l1;
    (&left - &right).mapv(f64::abs).sum() / left.sum()
}
