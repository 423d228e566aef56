//! The inner problem: for a fixed psi, W and phi by exact least squares.
//!
//! With G = P'P + ridge, one Cholesky factor serves all rows; each row adds a Schur complement of the size of
//! phi:
//!
//! d = (B'B + K - B'P G^-1 P'B)^-1 (B'y - B'P G^-1 P'y),  W_i = G^-1 (P'y - P'B d).
//!
//! The row's own column stays in: W_ii psi gives phi_i the curvature near 0 that a spline on equal knots lacks.
//! It is no weight of the circuit and is handed to phi_i at the end.

use faer::linalg::solvers::Solve;
use faer::{Col, ColRef, Mat, Side};
use rayon::prelude::*;

use super::factor::Factor;
use super::normal::Normal;
use super::one_update::fit_rows_of_one;
use crate::Error;
use crate::mechanism::UpdateChoice;

/// Columns that go through the factor together.
const TOGETHER: usize = 256;
/// Weight of stiffness against size in the penalty of phi. A phi that is penalised at all becomes a line
/// through rest (0, where psi is 0 too) long before it becomes 0: a bent phi of few samples runs away beyond
/// its range, and activity at rest should stay at rest unless the recording says otherwise.
const STIFFNESS: f64 = 1e6;

/// Ridge on W and penalty on phi, both absolute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Penalties {
    /// Added to the diagonal of P'P.
    pub(super) ridge: f64,
    /// Added to the diagonal of B'B, relative to its mean.
    pub(super) update: f64,
    /// Penalty on second differences of the coefficients and on phi at rest, relative to the mean of B'B.
    pub(super) stiffness: f64,
}

impl Penalties {
    /// Only what keeps the factorisations well posed.
    pub(super) fn negligible(ridge: f64) -> Self {
        Self { ridge, update: 1e-12, stiffness: 4e-12 }
    }

    /// A penalty that matters.
    pub(super) fn shrinking(ridge: f64, update: f64) -> Self {
        Self { ridge, update, stiffness: STIFFNESS * update }
    }
}

/// One row of W and its phi.
pub(super) struct RowFit {
    /// W_i, one a sender; at the receiver itself a part of phi_i.
    pub(super) weights: Col<f64>,
    /// Coefficients of phi_i.
    pub(super) coefficients: Col<f64>,
    /// Residual sum of squares.
    pub(super) loss: f64,
    /// G^-1 P'B, `[sender, function]`.
    pub(super) projected: Mat<f64>,
    /// Inverse of the Schur complement, `[function, function]`.
    pub(super) schur_inverse: Mat<f64>,
}

/// Solves all rows: each with a phi of its own, or with one for all.
pub(super) fn fit_rows(
    normal: &Normal<'_>,
    factor: &Factor,
    penalties: Penalties,
) -> Result<Vec<RowFit>, Error> {
    match normal.update {
        UpdateChoice::Own => each_fit(normal, factor, penalties, |_, fit| fit),
        UpdateChoice::Shared => fit_rows_of_one(normal, factor, penalties),
    }
}

/// Solves all rows, each with a phi of its own, and keeps what `of` makes of each. Several rows go through the factor
/// together: it is larger than any cache.
pub(super) fn each_fit<T: Send>(
    normal: &Normal<'_>,
    factor: &Factor,
    penalties: Penalties,
    of: impl Fn(usize, RowFit) -> T + Sync,
) -> Result<Vec<T>, Error> {
    let positions: Vec<usize> = (0..normal.own.len()).collect();
    let width = normal.own.first().map_or(0, Mat::nrows) + 1;
    let some = |positions: &[usize]| -> Result<Vec<T>, Error> {
        let fits = fit_some(normal, factor, penalties, positions)?;
        Ok(positions.iter().zip(fits).map(|(&position, fit)| of(position, fit)).collect())
    };
    let parts = positions.par_chunks((TOGETHER / width).max(1)).map(some);
    Ok(parts.collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect())
}

/// Solves the rows at some positions of the normal equations.
fn fit_some(
    normal: &Normal<'_>,
    factor: &Factor,
    penalties: Penalties,
    positions: &[usize],
) -> Result<Vec<RowFit>, Error> {
    let solved = factor.solve_rows(normal, positions);
    let width = solved.ncols() / positions.len().max(1);
    let one = |(place, &position): (usize, &usize)| {
        let local = normal.local.of(position);
        let functions = width - 1;
        let projected = solved.subcols(place * width, functions).to_owned();
        let projected_target = solved.col(place * width + functions).to_owned();
        let penalty = update_penalty(normal, position, penalties);
        let schur = &normal.own[position] + &penalty - local.transpose() * &projected;
        let schur_inverse = invert(schur)?;
        let own_target = Col::from_fn(functions, |m| normal.own_target[position][m]);
        let right = own_target - local.transpose() * &projected_target;
        let coefficients = &schur_inverse * &right;
        let weights = projected_target - &projected * &coefficients;
        Ok(RowFit { weights, coefficients, loss: 0.0, projected, schur_inverse })
    };
    let mut fits: Vec<RowFit> = positions.iter().enumerate().map(one).collect::<Result<_, Error>>()?;
    let weights = Mat::from_fn(normal.gram.nrows(), fits.len(), |sender, place| fits[place].weights[sender]);
    let through = &normal.gram * &weights;
    for (place, (fit, &position)) in fits.iter_mut().zip(positions).enumerate() {
        fit.loss = quadratic_form(
            normal,
            position,
            (fit.weights.as_ref(), through.col(place)),
            fit.coefficients.as_ref(),
        );
    }
    Ok(fits)
}

/// |y - B d - P w|^2 by its quadratic form: second order in the errors of w and d.
pub(super) fn loss(
    normal: &Normal<'_>,
    position: usize,
    weights: ColRef<'_, f64>,
    coefficients: ColRef<'_, f64>,
) -> f64 {
    let through = &normal.gram * weights;
    quadratic_form(normal, position, (weights, through.as_ref()), coefficients)
}

/// The same where P'P w is known.
fn quadratic_form(
    normal: &Normal<'_>,
    position: usize,
    (weights, through): (ColRef<'_, f64>, ColRef<'_, f64>),
    coefficients: ColRef<'_, f64>,
) -> f64 {
    let cross = normal.cross.col(position);
    let through = through - 2.0 * (cross - normal.local.of(position) * coefficients);
    let inner = &normal.own[position] * coefficients;
    let own: f64 = (0..coefficients.nrows())
        .map(|m| coefficients[m] * (inner[m] - 2.0 * normal.own_target[position][m]))
        .sum();
    (normal.target_square[position] + weights.transpose() * &through + own).max(0.0)
}

/// K: size, second differences and value at rest of phi, relative to the mean of B'B.
pub(super) fn update_penalty(normal: &Normal<'_>, position: usize, penalties: Penalties) -> Mat<f64> {
    let own = &normal.own[position];
    let functions = own.nrows();
    let mean = ((0..functions).map(|m| own[(m, m)]).sum::<f64>() / functions as f64).max(f64::MIN_POSITIVE);
    let (size, stiffness) = (penalties.update * mean, penalties.stiffness * mean);
    let rest = &normal.rest[position];
    let mut penalty = Mat::from_fn(functions, functions, |a, b| stiffness * rest[a] * rest[b]);
    for m in 0..functions {
        penalty[(m, m)] += size;
    }
    for m in 0..functions.saturating_sub(2) {
        for (a, left) in [1.0, -2.0, 1.0].into_iter().enumerate() {
            for (b, right) in [1.0, -2.0, 1.0].into_iter().enumerate() {
                penalty[(m + a, m + b)] += stiffness * left * right;
            }
        }
    }
    penalty
}

/// Inverse of a symmetric matrix that should be positive definite; functions without data make it singular,
/// so the diagonal is raised until it is not.
pub(super) fn invert(matrix: Mat<f64>) -> Result<Mat<f64>, Error> {
    let n = matrix.nrows();
    let symmetric = Mat::from_fn(n, n, |i, j| 0.5 * (matrix[(i, j)] + matrix[(j, i)]));
    let trace: f64 = (0..n).map(|i| symmetric[(i, i)].abs()).sum();
    for power in [0.0, 1e-13, 1e-11, 1e-9, 1e-6] {
        let shifted = &symmetric + Mat::<f64>::identity(n, n) * faer::Scale(power * trace);
        if let Ok(cholesky) = shifted.llt(Side::Lower) {
            let mut inverse = Mat::identity(n, n);
            cholesky.solve_in_place(inverse.as_mut());
            return Ok(inverse);
        }
    }
    Err(Error::Singular { stage: "update functions" })
}
