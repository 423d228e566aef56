//! One phi for all neurons, the published "fixed embedding": rows of W are coupled by it alone.
//!
//! minimise sum_i |y_i - B(x_i) d - P W_i|^2, W_ii = 0. With G^-1_i the inverse of G under W_ii = 0, L_i = P'B_i,
//!
//! d = (sum_i B_i'B_i + K_i - L_i' G^-1_i L_i)^-1 sum_i (B_i'y_i - L_i' G^-1_i P'y_i),  W_i = G^-1_i (P'y_i - L_i d).
//!
//! W_ii psi would give each neuron a phi of its own again, so it is held at 0.

use faer::{Col, Mat};
use rayon::prelude::*;

use super::eliminate::{Penalties, RowFit, invert, loss, update_penalty};
use super::factor::Factor;
use super::normal::Normal;
use crate::Error;

/// One row: what it adds to the equations of d, and what its weights follow from once d is known.
struct Part {
    schur: Mat<f64>,
    right: Col<f64>,
    /// G^-1_i L_i.
    projected: Mat<f64>,
    /// G^-1_i P'y_i.
    target: Col<f64>,
}

/// Solves all rows at once. Each row's Schur complement is that of all rows together.
pub(super) fn fit_rows_of_one(
    normal: &Normal<'_>,
    factor: &Factor,
    penalties: Penalties,
) -> Result<Vec<RowFit>, Error> {
    let rows = 0..normal.own.len();
    let parts: Vec<Part> =
        rows.into_par_iter().map(|position| part(normal, factor, penalties, position)).collect();
    let functions = normal.own.first().map_or(0, Mat::nrows);
    let mut schur = Mat::zeros(functions, functions);
    let mut right = Col::zeros(functions);
    for part in &parts {
        schur += &part.schur;
        right += &part.right;
    }
    let schur_inverse = invert(schur)?;
    let coefficients = &schur_inverse * &right;
    let row = |(position, part): (usize, Part)| {
        let weights = part.target - &part.projected * &coefficients;
        RowFit {
            loss: loss(normal, position, weights.as_ref(), coefficients.as_ref()),
            weights,
            coefficients: coefficients.clone(),
            projected: part.projected,
            schur_inverse: schur_inverse.clone(),
        }
    };
    Ok(parts.into_par_iter().enumerate().map(row).collect())
}

fn part(normal: &Normal<'_>, factor: &Factor, penalties: Penalties, position: usize) -> Part {
    let local = normal.local.of(position);
    let (projected, target) = project(normal, factor, position);
    let own = &normal.own_target[position];
    Part {
        schur: &normal.own[position] + &update_penalty(normal, position, penalties)
            - local.transpose() * &projected,
        right: Col::from_fn(own.len(), |m| own[m]) - local.transpose() * &target,
        projected,
        target,
    }
}

/// G^-1 P'B and G^-1 P'y of one row under W_ii = 0.
fn project(normal: &Normal<'_>, factor: &Factor, position: usize) -> (Mat<f64>, Col<f64>) {
    let mut solved = factor.solve_rows(normal, &[position]);
    let (n, functions) = (solved.nrows(), solved.ncols() - 1);
    let own = normal.receivers[position];
    let held = factor.inverse_column(own);
    for column in 0..=functions {
        let share = solved[(own, column)] / held[own];
        (0..n).for_each(|row| solved[(row, column)] -= held[row] * share);
        // Exactly, so that neurons that share their phi are the same to the last bit.
        solved[(own, column)] = 0.0;
    }
    (solved.subcols(0, functions).to_owned(), solved.col(functions).to_owned())
}
