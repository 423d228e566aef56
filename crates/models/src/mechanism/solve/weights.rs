//! All rows of W at a fixed psi, from as many equations as their standard errors ask for.

use ndarray::Array2;
use neuroloom_core::{Event, Listener, Warning};
use rayon::prelude::*;

use super::constrain::{ConstrainedRow, Constraints};
use super::eliminate::{Penalties, RowFit, each_fit, fit_rows};
use super::equations::{Equations, Scheme, Selection};
use super::factor::Factor;
use super::modulation::ScaledRow;
use super::normal::{Design, Normal, NormalSum, UpdateBases};
use super::start::absolute_ridge;
use super::transfer::Senders;
use super::uncertainty::{FittedRow, row_variance, sender_errors, singular_values, variance_inflation};
use super::{Plan, Psi, ReceiverClass, spread};
use crate::Error;
use crate::mechanism::UpdateChoice;

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

impl Row {
    /// Takes the constrained fit. Weights that a bound or a price holds at 0 keep their error of the free fit.
    fn constrain(&mut self, found: ConstrainedRow, n_equations: usize) {
        let freedom = (n_equations as f64 - (found.n_active + found.coefficients.len()) as f64).max(1.0);
        let noise = found.loss / freedom;
        for (error, variance) in self.error.iter_mut().zip(&found.variance) {
            if let Some(variance) = variance {
                *error = (variance * noise).sqrt();
            }
        }
        (self.weights, self.coefficients, self.loss) = (found.weights, found.coefficients, found.loss);
    }
}

impl Weights {
    /// Solves all rows; takes further rounds of equations while the errors are large and there are any.
    pub(super) fn solve(
        scheme: &Scheme<'_>,
        psi: &Psi,
        (plan, constraints): (&Plan<'_>, &Constraints<'_>),
        equations: Equations,
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        events.emit(Event::Started { stage: "weights", total: Some(plan.n_available as u64) });
        let bump = &scheme.bump[..];
        let mut sums: Vec<ClassSum<'_>> = psi
            .classes
            .iter()
            .map(|class| ClassSum::new(class, &psi.bases, bump))
            .collect::<Result<_, _>>()?;
        sums.iter_mut().try_for_each(|sum| sum.add(&equations))?;
        drop(equations);
        let mut selection = plan.selection;
        loop {
            let mut weights = Self::from_sums(&sums, psi)?;
            events.emit(Event::Step { done: weights.n_equations as u64, loss: None });
            let run = contiguous_run(scheme, selection, events)?;
            weights.widen(&sums, &run)?;
            let wanted = weights.equations_wanted()?;
            let mut next = selection.next_round().filter(|_| wanted > weights.n_equations);
            if next.is_none() {
                weights.explain(plan, selection);
                if constraints.any() {
                    weights.constrain(&sums, psi, constraints, events)?;
                    weights.widen(&sums, &run)?;
                }
                events.emit(Event::Finished);
                return Ok(weights);
            }
            let mut taken = weights.n_equations;
            while let Some(round) = next {
                scheme.for_each_block(round, events, |block| {
                    taken += block.len();
                    events.emit(Event::Step { done: taken as u64, loss: None });
                    sums.iter_mut().try_for_each(|sum| sum.add(&block))
                })?;
                selection = round;
                next = round.next_round().filter(|_| wanted > taken);
            }
        }
    }

    /// Receivers.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// W of one receiver, one a sender.
    pub(super) fn row(&self, receiver: usize) -> &[f64] {
        &self.rows[receiver].weights
    }

    /// Takes a row that was solved with its Omega. Its standard errors are those at Omega = 1 with the residual of the
    /// new fit.
    pub(super) fn replace(&mut self, scaled: &ScaledRow) {
        let row = &mut self.rows[scaled.receiver];
        row.weights.clone_from(&scaled.weights);
        row.coefficients.clone_from(&scaled.coefficients);
        let factor = scaled.gain().sqrt();
        row.error.iter_mut().for_each(|error| *error *= factor);
    }

    /// Largest over smallest singular value of psi(X).
    pub(super) fn condition_number(&self) -> f64 {
        condition(&self.singular_values)
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

    fn from_sums(sums: &[ClassSum<'_>], psi: &Psi) -> Result<Self, Error> {
        let n = sums.iter().map(|sum| sum.design.receivers.len()).sum();
        let mut rows: Vec<Option<Row>> = (0..n).map(|_| None).collect();
        let (mut loss, mut square) = (0.0, 0.0);
        let (mut worst, mut n_equations) = (Vec::new(), 0);
        for sum in sums {
            let normal = sum.sum.finish();
            let ridge = absolute_ridge(&normal, psi.ridge);
            let (of_class, singular_values) = class_rows(&normal, psi.penalties(ridge))?;
            loss += of_class.iter().map(|row| row.loss).sum::<f64>();
            square += centred_square(&normal);
            n_equations = normal.n_equations;
            if condition(&singular_values) >= condition(&worst) {
                worst = singular_values;
            }
            for (row, &receiver) in of_class.into_iter().zip(sum.design.receivers) {
                rows[receiver] = Some(row);
            }
        }
        Ok(Self {
            rows: rows.into_iter().flatten().collect(),
            sender_error: Vec::new(),
            singular_values: worst,
            n_equations,
            residual_fraction: loss / square,
            notes: Vec::new(),
        })
    }

    /// Solves all rows again under what is known of the wiring.
    fn constrain(
        &mut self,
        sums: &[ClassSum<'_>],
        psi: &Psi,
        constraints: &Constraints<'_>,
        events: &dyn Listener,
    ) -> Result<(), Error> {
        events.emit(Event::Started { stage: "constrained weights", total: None });
        let n = self.rows.len();
        let of_sender = |sender: usize| {
            let others = self.rows.iter().enumerate().filter(|(receiver, _)| *receiver != sender);
            others.map(|(_, row)| row.weights[sender]).sum()
        };
        let sums_of_senders: Vec<f64> = (0..n).map(of_sender).collect();
        let (mut loss, mut square, mut unsettled) = (0.0, 0.0, 0);
        for sum in sums {
            let normal = sum.sum.finish();
            let penalties = psi.penalties(absolute_ridge(&normal, psi.ridge));
            let solved = constraints.rows(&normal, sum.design.receivers, (penalties, &sums_of_senders))?;
            square += centred_square(&normal);
            for (found, &receiver) in solved.into_iter().zip(sum.design.receivers) {
                loss += found.loss;
                unsettled += usize::from(!found.settled);
                self.rows[receiver].constrain(found, normal.n_equations);
            }
        }
        self.residual_fraction = loss / square;
        self.notes.push(constraints.describe());
        if unsettled > 0 {
            let message = format!("the constrained weights of {unsettled} of {n} neurons did not settle");
            events.emit(Event::Warning(Warning::new("unsettled-rows", message)));
        }
        events.emit(Event::Finished);
        Ok(())
    }

    fn widen(&mut self, sums: &[ClassSum<'_>], run: &Equations) -> Result<(), Error> {
        for sum in sums {
            let receivers = sum.design.receivers;
            let fitted = |&receiver: &usize| {
                let row = &self.rows[receiver];
                FittedRow { weights: &row.weights, coefficients: &row.coefficients }
            };
            let rows: Vec<FittedRow<'_>> = receivers.iter().map(fitted).collect();
            let inflation = variance_inflation(&sum.design, run, &sum.class.transfer, &rows)?;
            for (&receiver, inflation) in receivers.iter().zip(inflation) {
                let factor = inflation.sqrt();
                self.rows[receiver].error.iter_mut().for_each(|error| *error *= factor);
            }
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

/// The normal equations of one class of receivers.
struct ClassSum<'a> {
    class: &'a ReceiverClass,
    design: Design<'a>,
    senders: Senders,
    sum: NormalSum,
}

impl<'a> ClassSum<'a> {
    fn new(class: &'a ReceiverClass, bases: &'a UpdateBases, bump: &'a [f64]) -> Result<Self, Error> {
        let design = Design { bases, bump, receivers: &class.receivers };
        Ok(Self { class, design, senders: class.transfer.senders()?, sum: NormalSum::new(&design) })
    }

    fn add(&mut self, equations: &Equations) -> Result<(), Error> {
        self.sum.add(&self.design, equations, &self.senders)
    }
}

/// The rows of one class with their standard errors, and the singular values of its psi(X).
fn class_rows(normal: &Normal<'_>, penalties: Penalties) -> Result<(Vec<Row>, Vec<f64>), Error> {
    let factor = Factor::new(&normal.gram, penalties.ridge)?;
    let inverse_diagonal = factor.inverse_diagonal();
    let one = |fit: &RowFit| Row {
        error: row_variance(&inverse_diagonal, fit),
        weights: fit.weights.iter().copied().collect(),
        coefficients: fit.coefficients.iter().copied().collect(),
        loss: fit.loss,
    };
    let mut rows: Vec<Row> = match normal.update {
        UpdateChoice::Own => each_fit(normal, &factor, penalties, |_, fit| one(&fit))?,
        UpdateChoice::Shared => fit_rows(normal, &factor, penalties)?.par_iter().map(one).collect(),
    };
    let values = singular_values(&normal.gram, normal.n_equations)?;
    // From variances for unit noise to standard errors, with the noise of each row's residual.
    let n = normal.n_equations as f64;
    let functions = rows.first().map_or(0, |row| row.coefficients.len()) as f64;
    let share = |value: &f64| n * value * value / (n * value * value + penalties.ridge);
    let freedom = (n - values.iter().map(share).sum::<f64>() - functions).max(1.0);
    for row in &mut rows {
        let noise = row.loss / freedom;
        row.error.iter_mut().for_each(|variance| *variance = (*variance * noise).sqrt());
    }
    Ok((rows, values))
}

fn condition(singular_values: &[f64]) -> f64 {
    match (singular_values.first(), singular_values.last()) {
        (Some(first), Some(last)) if *last > 0.0 => first / last,
        (None, _) => 0.0,
        _ => f64::INFINITY,
    }
}

/// Sum of squares of the targets about their means; the functions of a spline add up to one, so that the sum
/// of B'y is the sum of y.
fn centred_square(normal: &Normal<'_>) -> f64 {
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
