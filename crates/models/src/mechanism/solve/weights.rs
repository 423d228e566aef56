//! All rows of W at a fixed psi, from as many equations as their standard errors ask for.

use ndarray::Array2;
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::eliminate::{Factor, Penalties, fit_row};
use super::equations::{Equations, Scheme, Selection};
use super::normal::{Design, Normal, NormalSum};
use super::start::absolute_ridge;
use super::uncertainty::{FittedRow, row_variance, sender_errors, singular_values, variance_inflation};
use super::{Plan, Psi, spread};
use crate::Error;

/// No more equations are taken once the median relative standard error is below this.
const PRECISE: f64 = 1e-3;
/// Consecutive equations on which the correlation of residuals is measured.
const RUN: usize = 1024;

/// W, phi and their errors, for the neurons that take part.
pub(super) struct Weights {
    rows: Vec<Row>,
    sender_error: Vec<f64>,
    pub(super) singular_values: Vec<f64>,
    pub(super) n_equations: usize,
    /// 1 - R2 of the targets.
    pub(super) residual_fraction: f64,
    pub(super) notes: Vec<String>,
}

/// W and errors at the places of all neurons; zero weights and infinite errors where there is no information.
pub(super) struct Spread {
    pub(super) weight_matrix: Array2<f64>,
    pub(super) standard_error: Array2<f64>,
    pub(super) coefficients: Array2<f64>,
    /// W_ii, which belongs to phi_i.
    pub(super) self_coupling: Vec<f64>,
    pub(super) sender_error: Vec<f64>,
}

struct Row {
    weights: Vec<f64>,
    coefficients: Vec<f64>,
    /// Variance of each weight for unit noise, later its standard error.
    error: Vec<f64>,
    loss: f64,
}

impl Weights {
    /// Solves all rows; takes further rounds of equations while the errors are large and there are any.
    pub(super) fn solve(
        scheme: &Scheme<'_>,
        design: &Design<'_>,
        psi: &Psi,
        plan: &Plan<'_>,
        equations: Equations,
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        events.emit(Event::Started { stage: "weights", total: Some(plan.n_available as u64) });
        let curve = psi.transfer.curve()?;
        let mut sum = NormalSum::new(design);
        sum.add(design, &equations, &curve)?;
        drop(equations);
        let mut selection = plan.selection;
        loop {
            let normal = sum.finish();
            events.emit(Event::Step { done: normal.n_equations as u64, loss: None });
            let mut weights = Self::from_normal(&normal, design, psi)?;
            let run = contiguous_run(scheme, selection, events)?;
            weights.widen(design, &run, psi)?;
            let wanted = weights.equations_wanted()?;
            drop(normal);
            let mut next = selection.next_round().filter(|_| wanted > weights.n_equations);
            if next.is_none() {
                weights.explain(plan, selection);
                events.emit(Event::Finished);
                return Ok(weights);
            }
            let mut taken = weights.n_equations;
            while let Some(round) = next {
                scheme.for_each_block(round, events, |block| {
                    taken += block.len();
                    events.emit(Event::Step { done: taken as u64, loss: None });
                    sum.add(design, &block, &curve)
                })?;
                selection = round;
                next = round.next_round().filter(|_| wanted > taken);
            }
        }
    }

    /// Largest over smallest singular value of psi(X).
    pub(super) fn condition_number(&self) -> f64 {
        match (self.singular_values.first(), self.singular_values.last()) {
            (Some(first), Some(last)) if *last > 0.0 => first / last,
            _ => f64::INFINITY,
        }
    }

    /// The same at the places of all `n` neurons.
    pub(super) fn spread(&self, kept: &[usize], n: usize) -> Spread {
        let functions = self.rows.first().map_or(0, |row| row.coefficients.len());
        let mut weight_matrix = Array2::zeros((n, n));
        let mut standard_error = Array2::from_elem((n, n), f64::INFINITY);
        let mut coefficients = Array2::zeros((n, functions));
        let mut self_coupling = vec![0.0; n];
        for (row, &post) in self.rows.iter().zip(kept) {
            for ((&weight, &error), &pre) in row.weights.iter().zip(&row.error).zip(kept) {
                if post == pre {
                    self_coupling[post] = weight;
                } else {
                    weight_matrix[[post, pre]] = weight;
                    standard_error[[post, pre]] = error;
                }
            }
            coefficients.row_mut(post).iter_mut().zip(&row.coefficients).for_each(|(to, &from)| *to = from);
        }
        let sender_error = spread(&self.sender_error, kept, n, f64::INFINITY);
        Spread { weight_matrix, standard_error, coefficients, self_coupling, sender_error }
    }

    fn from_normal(normal: &Normal, design: &Design<'_>, psi: &Psi) -> Result<Self, Error> {
        let ridge = absolute_ridge(normal, psi.ridge);
        let penalties = match psi.update {
            0.0 => Penalties::negligible(ridge),
            update => Penalties::shrinking(ridge, update),
        };
        let factor = Factor::new(&normal.gram, penalties.ridge)?;
        let one = |position: usize| -> Result<Row, Error> {
            let fit = fit_row(normal, &factor, penalties, position)?;
            Ok(Row {
                error: row_variance(&factor, &fit),
                weights: fit.weights.iter().copied().collect(),
                coefficients: fit.coefficients.iter().copied().collect(),
                loss: fit.loss,
            })
        };
        let rows: Vec<Row> =
            (0..design.receivers.len()).into_par_iter().map(one).collect::<Result<_, _>>()?;
        let singular_values = singular_values(&normal.gram, normal.n_equations)?;
        let mut weights = Self {
            residual_fraction: rows.iter().map(|row| row.loss).sum::<f64>() / centred_square(normal),
            rows,
            sender_error: Vec::new(),
            singular_values,
            n_equations: normal.n_equations,
            notes: Vec::new(),
        };
        weights.scale_errors(penalties.ridge);
        Ok(weights)
    }

    /// From variances for unit noise to standard errors, with the noise of each row's residual.
    fn scale_errors(&mut self, ridge: f64) {
        let n = self.n_equations as f64;
        let functions = self.rows.first().map_or(0, |row| row.coefficients.len()) as f64;
        let kept_directions: f64 =
            self.singular_values.iter().map(|value| n * value * value / (n * value * value + ridge)).sum();
        let freedom = (n - kept_directions - functions).max(1.0);
        for row in &mut self.rows {
            let noise = row.loss / freedom;
            row.error.iter_mut().for_each(|variance| *variance = (*variance * noise).sqrt());
        }
    }

    fn widen(&mut self, design: &Design<'_>, run: &Equations, psi: &Psi) -> Result<(), Error> {
        let rows: Vec<FittedRow<'_>> = self
            .rows
            .iter()
            .map(|row| FittedRow { weights: &row.weights, coefficients: &row.coefficients })
            .collect();
        let inflation = variance_inflation(design, run, &psi.transfer, &rows)?;
        for (row, inflation) in self.rows.iter_mut().zip(inflation) {
            let factor = inflation.sqrt();
            row.error.iter_mut().for_each(|error| *error *= factor);
        }
        let of =
            |pick: fn(&Row) -> &Vec<f64>| self.rows.iter().map(|row| pick(row).clone()).collect::<Vec<_>>();
        self.sender_error = sender_errors(&of(|row| &row.weights), &of(|row| &row.error))?;
        Ok(())
    }

    /// Errors fall with the root of the number of equations.
    fn equations_wanted(&self) -> Result<usize, Error> {
        let error = neuroloom_analysis::statistics::quantile(&self.sender_error, 0.5)?;
        Ok((self.n_equations as f64 * (error / PRECISE).powi(2)).min(1e15) as usize)
    }

    fn explain(&mut self, plan: &Plan<'_>, last: Selection) {
        let why = match last.next_round() {
            Some(_) => "the median standard error is below 0.1 % of the rms weight",
            None => "the recording holds no more",
        };
        self.notes.push(format!("{} of {} equations were used: {why}", self.n_equations, plan.n_available));
    }
}

/// Sum of squares of the targets about their means; the functions of a spline add up to one, so that the sum
/// of B'y is the sum of y.
fn centred_square(normal: &Normal) -> f64 {
    let n = normal.n_equations as f64;
    let rows = normal.target_square.iter().zip(&normal.own_target);
    let total: f64 = rows.map(|(square, own)| square - own.iter().sum::<f64>().powi(2) / n).sum();
    total.max(f64::MIN_POSITIVE)
}

/// Consecutive equations as far apart as those that were used, from the middle of the first trial.
fn contiguous_run(scheme: &Scheme<'_>, last: Selection, events: &dyn Listener) -> Result<Equations, Error> {
    let step = if last.offset == 0 { last.stride } else { last.offset.min(last.stride) };
    scheme.run(step, RUN, events)
}
