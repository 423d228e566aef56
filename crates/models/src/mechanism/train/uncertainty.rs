//! How sure each weight is, given the functions found: sigma_i^2 (psi(X)' psi(X))^-1.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use ndarray::Array2;
use neuroloom_analysis::gram::{RowBlock, SymmetricSum};
use neuroloom_core::Listener;

use super::drift::States;
use super::run::Run;
use super::state::State;
use super::transfer_export::Exported;
use crate::Error;
use crate::mechanism::solve::uncertainty::{sender_errors, singular_values};

/// Equations of the Gram matrix as a multiple of the number of neurons.
const EQUATIONS: usize = 6;
/// Equations taken at a time.
const BLOCK: usize = 256;

/// Standard errors of W.
pub(super) struct Errors {
    /// `[post, pre]`; infinite where psi(X) is not shared by all receivers.
    pub(super) standard_error: Array2<f64>,
    pub(super) sender_error: Vec<f64>,
    pub(super) singular_values: Vec<f64>,
}

impl Errors {
    /// Errors for white residuals. Where receivers hear different psi there is no common Gram matrix, and none is
    /// given.
    pub(super) fn new(
        run: &Run<'_>,
        state: &State,
        exported: &Exported,
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        let n = run.model.n;
        let mut errors = Self {
            standard_error: Array2::from_elem((n, n), f64::INFINITY),
            sender_error: vec![0.0; n],
            singular_values: Vec::new(),
        };
        if exported.receiver_class.iter().any(|&class| class != 0) || run.model.field.is_some() {
            return Ok(errors);
        }
        let (gram, square, n_equations) = sums(run, state, exported, events)?;
        errors.singular_values = singular_values(&gram, n_equations)?;
        let trace: f64 = (0..n).map(|i| gram[(i, i)]).sum();
        let shifted =
            Mat::from_fn(n, n, |i, j| gram[(i, j)] + if i == j { 1e-10 * trace / n as f64 } else { 0.0 });
        let cholesky = shifted.llt(Side::Lower).map_err(|_| Error::Singular { stage: "standard errors" })?;
        let mut inverse = Mat::<f64>::identity(n, n);
        cholesky.solve_in_place(inverse.as_mut());
        // All training equations carry information, not only those of the Gram matrix.
        let share = n_equations as f64 / run.division.n_train().max(1) as f64;
        let freedom = (n_equations as f64 - n as f64).max(1.0);
        for (post, square) in square.iter().enumerate() {
            let noise = square / freedom * share;
            for pre in (0..n).filter(|&pre| pre != post) {
                errors.standard_error[[post, pre]] = (noise * inverse[(pre, pre)]).sqrt();
            }
            errors.standard_error[[post, post]] = 0.0;
        }
        let rows =
            |matrix: &Array2<f64>| matrix.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        errors.sender_error = sender_errors(&rows(&exported.weights), &rows(&errors.standard_error))?;
        Ok(errors)
    }

    /// Largest over smallest singular value.
    pub(super) fn condition_number(&self) -> f64 {
        match (self.singular_values.first(), self.singular_values.last()) {
            (Some(first), Some(last)) if *last > 0.0 => first / last,
            _ => f64::INFINITY,
        }
    }
}

/// psi' psi in the gauge, the squared residuals of each row, and the number of equations.
fn sums(
    run: &Run<'_>,
    state: &State,
    exported: &Exported,
    events: &dyn Listener,
) -> Result<(Mat<f64>, Vec<f64>, usize), Error> {
    let n = run.model.n;
    let samples = run.training(0, events)?;
    let n_equations = (EQUATIONS * n).max(4 * BLOCK).min(samples.len()).div_ceil(BLOCK) * BLOCK;
    let mut gram = SymmetricSum::new(n);
    let mut square = vec![0.0; n];
    for block in 0..n_equations / BLOCK {
        let batch = samples.batch(BLOCK, 1, run.seed.split("errors").nth(block as u64));
        let pass = run.model.forward(&state.parameters, States { x: &batch.x, time: &batch.time })?;
        let residual = batch.residual(&pass.drift, n);
        for (place, value) in residual.iter().enumerate() {
            square[place % n] += (f64::from(*value) * run.units.drift).powi(2);
        }
        let heard = batch.average(pass.shared_transfer(), n);
        let scaled =
            |(place, value): (usize, &f32)| f64::from(*value) / exported.scales[exported.place(0, place % n)];
        let rows: Vec<f64> = heard.iter().enumerate().map(scaled).collect();
        gram.add(RowBlock::new(&rows, n)?);
    }
    Ok((gram.finish(), square, n_equations))
}
