//! The outer problem: the coefficients of psi by Levenberg-Marquardt on the projected residual.
//!
//! r(c) is the residual after W and phi have been eliminated. Kaufman's Jacobian (1975) leaves out the term
//! that vanishes with the residual: column m of row i is the projection of Z_im = sum_j W_ij B_m(x_j) off
//! span[P, B_i]. Everything is formed from sums of products, so no tall matrix is stored:
//!
//! J'J = Z'Z - (P'Z)' G^-1 (P'Z) - C' S^-1 C,  C = B'Z - (P'B)' G^-1 P'Z,  J'r = Z'r.

use faer::Mat;
use neuroloom_analysis::gram::{CrossSum, RowBlock};
use neuroloom_analysis::least_squares::solve_small;
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::NOISE_FREE;
use super::eliminate::{Penalties, RowFit, fit_rows};
use super::equations::Equations;
use super::factor::Factor;
use super::normal::{Design, NormalSum, entries, messages, receiver_targets, residuals, row_major};
use super::start::absolute_ridge;
use super::transfer::Transfer;
use crate::Error;
use crate::mechanism::UpdateChoice;

/// Most accepted steps.
pub(super) const MOST_STEPS: usize = 12;
/// Most damped trials of one step.
const MOST_TRIALS: usize = 6;
/// A step that lowers the loss by less than this share is the last.
const SMALLEST_GAIN: f64 = 1e-3;
/// Equations of one block.
const BLOCK: usize = 512;

/// psi after refinement.
pub(super) struct Refined {
    pub(super) transfer: Transfer,
    pub(super) steps: usize,
    /// What the fitted rows leave of their targets, as a share.
    pub(super) share: f64,
}

/// What refinement works on: the receivers of `design` up to `n_fitted` drive psi, the rest only judge it.
pub(super) struct Problem<'a> {
    pub(super) design: Design<'a>,
    pub(super) n_fitted: usize,
    pub(super) equations: &'a Equations,
    pub(super) ridge: f64,
    /// Sum of squares of the targets of the fitted rows.
    pub(super) scale: f64,
    /// Most accepted steps.
    pub(super) most_steps: usize,
}

struct State {
    transfer: Transfer,
    factor: Factor,
    fits: Vec<RowFit>,
    /// Loss of the fitted and of the judging rows.
    loss: (f64, f64),
    /// Loss of the fitted rows at the start: what the coefficients of psi have to pay for.
    start_loss: f64,
}

/// Refines psi until the loss no longer falls, on the fitted rows and on those that judge.
pub(super) fn refine(
    problem: &Problem<'_>,
    start: Transfer,
    events: &dyn Listener,
) -> Result<Refined, Error> {
    events.emit(Event::Started { stage: "transfer function", total: Some(problem.most_steps as u64) });
    let mut state = problem.state(start)?;
    let mut damping = 1e-3;
    let mut steps = 0;
    for _ in 0..problem.most_steps {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "transfer function" });
        }
        let before = state.loss.0;
        let Some(next) = problem.step(&state, &mut damping)? else { break };
        state = next;
        steps += 1;
        events.emit(Event::Step { done: steps as u64, loss: Some(state.loss.0 / problem.scale) });
        if before - state.loss.0 < problem.smallest_gain(before) * before {
            break;
        }
    }
    events.emit(Event::Finished);
    Ok(Refined { share: state.loss.0 / problem.scale, transfer: state.transfer, steps })
}

impl Problem<'_> {
    /// Share of the loss below which a step is not worth taking. Under noise most of the loss is noise: there a
    /// step counts as soon as it is worth one unit of information.
    fn smallest_gain(&self, loss: f64) -> f64 {
        if loss < NOISE_FREE * self.scale {
            return SMALLEST_GAIN;
        }
        let samples = (self.n_fitted * self.equations.len()) as f64;
        (samples.ln() / samples).min(SMALLEST_GAIN)
    }

    fn state(&self, transfer: Transfer) -> Result<State, Error> {
        let mut sum = NormalSum::new(&self.design);
        sum.add(&self.design, self.equations, &transfer.senders()?)?;
        let normal = sum.finish();
        let penalties = Penalties::negligible(absolute_ridge(&normal, self.ridge));
        let factor = Factor::new(&normal.gram, penalties.ridge)?;
        let fits = fit_rows(&normal, &factor, penalties)?;
        let loss = |fits: &[RowFit]| fits.iter().map(|fit| fit.loss).sum::<f64>();
        let loss = (loss(&fits[..self.n_fitted]), loss(&fits[self.n_fitted..]));
        Ok(State { transfer, factor, fits, loss, start_loss: loss.0 })
    }

    /// One accepted step, or `None` when no damping helps.
    fn step(&self, state: &State, damping: &mut f64) -> Result<Option<State>, Error> {
        let (normal, right) = self.linearise(state)?;
        let m = right.len();
        let mean = (0..m).map(|k| normal[k * m + k]).sum::<f64>() / m as f64;
        for _ in 0..MOST_TRIALS {
            let mut damped = normal.clone();
            for k in 0..m {
                damped[k * m + k] += *damping * (normal[k * m + k].max(0.0) + 1e-9 * mean);
            }
            let Some(step) = solve_small(damped, right.clone()) else {
                *damping *= 10.0;
                continue;
            };
            // More damping promises even less: stop before a costly trial of nothing.
            if promised(&normal, &right, &step) < self.smallest_gain(state.loss.0) * state.loss.0 {
                return Ok(None);
            }
            let trial = State { start_loss: state.start_loss, ..self.state(state.transfer.moved(&step)?)? };
            if trial.loss.0 < state.loss.0 && !self.overfits(state, &trial) {
                *damping = (*damping / 10.0).max(1e-12);
                return Ok(Some(trial));
            }
            *damping *= 10.0;
        }
        Ok(None)
    }

    /// Whether a step helps the rows that judge by no more than noise would: they gain nothing by being fitted,
    /// so one unit of information suffices. Where no row judges, the fitted ones must have gained more since
    /// the start than as many coefficients would by chance (Schwarz 1978).
    fn overfits(&self, from: &State, to: &State) -> bool {
        let judges = self.design.receivers.len() - self.n_fitted;
        let (rows, before, after, coefficients) = match judges {
            0 => (self.n_fitted, from.start_loss, to.loss.0, from.transfer.n_coefficients()),
            rows => (rows, from.loss.1, to.loss.1, 1),
        };
        let samples = (rows * self.equations.len()) as f64;
        samples * (before / after.max(f64::MIN_POSITIVE)).ln() < coefficients as f64 * samples.ln()
    }

    /// J'J and J'r at a state, summed over the fitted rows.
    fn linearise(&self, state: &State) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let design = Design { receivers: &self.design.receivers[..self.n_fitted], ..self.design };
        let fits = &state.fits[..self.n_fitted];
        let n_functions = state.transfer.n_coefficients();
        let mut sums =
            JacobianSums::new(self.equations.n, self.n_fitted, n_functions, design.bases.n_functions());
        let psi = state.transfer.senders()?;
        let weights = row_major(fits);
        for start in (0..self.equations.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(self.equations.len());
            let message = messages(self.equations, range.clone(), &psi, design.bump);
            let block = RowBlock::new(&message, self.equations.n)?;
            let own = entries(&design, self.equations, range.clone());
            let targets = receiver_targets(self.equations, range.clone(), design.receivers);
            let residual = residuals(targets, block, &own, fits)?;
            let moved = self.moves(range, &state.transfer, &weights);
            sums.add(block, &moved, &residual, &own)?;
        }
        Ok(sums.finish(&state.factor, fits, self.design.bases.update))
    }

    /// Z: `[equation, receiver, function]`, how the fitted rows move with each coefficient of psi.
    fn moves(&self, range: std::ops::Range<usize>, psi: &Transfer, weights: &[f64]) -> Vec<f64> {
        let (n, span, receivers) = (self.equations.n, self.equations.span, self.n_fitted);
        let (of_class, functions) = (psi.basis.n_functions(), psi.n_coefficients());
        // Receivers innermost: four short contiguous sums a sender.
        let by_sender: Vec<f64> =
            (0..n * receivers).map(|k| weights[(k % receivers) * n + k / receivers]).collect();
        let states = self.equations.states_of(range.clone());
        let mut moves = vec![0.0; range.len() * receivers * functions];
        let one = receivers * functions;
        moves.par_chunks_mut(one).zip(states.par_chunks(span * n)).for_each(|(moves, states)| {
            let mut sums = vec![0.0; one];
            for (state, weight) in states.chunks_exact(n).zip(self.design.bump) {
                for (j, (&x, sender)) in state.iter().zip(by_sender.chunks_exact(receivers)).enumerate() {
                    let local = psi.basis.local(f64::from(x));
                    let first = psi.class_of(j) * of_class + local.first;
                    for (m, value) in local.values.iter().enumerate() {
                        let start = (first + m) * receivers;
                        let scale = weight * value;
                        for (sum, &w) in sums[start..start + receivers].iter_mut().zip(sender) {
                            *sum += scale * w;
                        }
                    }
                }
            }
            for (receiver, moves) in moves.chunks_exact_mut(functions).enumerate() {
                for (m, value) in moves.iter_mut().enumerate() {
                    *value = sums[m * receivers + receiver];
                }
            }
        });
        moves
    }
}

/// Sums of products with Z.
struct JacobianSums {
    functions: usize,
    /// P'Z, `[sender, receiver x function]`.
    cross: CrossSum,
    /// Z'Z of each receiver.
    square: Vec<Mat<f64>>,
    /// B'Z of each receiver.
    own: Vec<Mat<f64>>,
    /// Z'r, all receivers together.
    right: Vec<f64>,
}

impl JacobianSums {
    fn new(n: usize, receivers: usize, functions: usize, own_functions: usize) -> Self {
        Self {
            functions,
            cross: CrossSum::new(n, receivers * functions),
            square: vec![Mat::zeros(functions, functions); receivers],
            own: vec![Mat::zeros(own_functions, functions); receivers],
            right: vec![0.0; functions],
        }
    }

    fn add(
        &mut self,
        block: RowBlock<'_>,
        moves: &[f64],
        residual: &[f64],
        own: &[Vec<neuroloom_analysis::gram::LocalEntry>],
    ) -> Result<(), Error> {
        let (functions, receivers) = (self.functions, self.square.len());
        let wide = RowBlock::new(moves, receivers * functions)?;
        self.cross.add(block, wide);
        let sums = self.square.par_iter_mut().zip(&mut self.own).zip(own).enumerate();
        sums.for_each(|(receiver, ((square, own_sum), entries))| {
            let of = |row: usize| &wide.row(row)[receiver * functions..(receiver + 1) * functions];
            for row in 0..wide.n_rows() {
                let z = of(row);
                for (a, &left) in z.iter().enumerate() {
                    for (sum, &right) in square.col_as_slice_mut(a).iter_mut().zip(z) {
                        *sum += left * right;
                    }
                }
            }
            for entry in entries {
                let z = of(entry.row as usize);
                for (a, &value) in z.iter().enumerate() {
                    for (m, own_value) in entry.values.iter().enumerate() {
                        own_sum[(entry.first as usize + m, a)] += own_value * value;
                    }
                }
            }
        });
        for row in 0..wide.n_rows() {
            for (receiver, z) in wide.row(row).chunks_exact(functions).enumerate() {
                let r = residual[row * receivers + receiver];
                self.right.iter_mut().zip(z).for_each(|(sum, value)| *sum += value * r);
            }
        }
        Ok(())
    }

    /// J'J (row-major) and J'r.
    fn finish(self, factor: &Factor, fits: &[RowFit], update: UpdateChoice) -> (Vec<f64>, Vec<f64>) {
        let functions = self.functions;
        let cross = self.cross.finish();
        let one = |position: usize| {
            let cross = cross.subcols(position * functions, functions);
            let mut solved = cross.to_owned();
            factor.solve(solved.as_mut());
            let fit = &fits[position];
            let own = &self.own[position] - fit.projected.transpose() * cross;
            let square = &self.square[position] - cross.transpose() * &solved;
            match update {
                UpdateChoice::Own => (square - own.transpose() * (&fit.schur_inverse * &own), own),
                UpdateChoice::Shared => (square, own),
            }
        };
        let (mut rows, own): (Vec<Mat<f64>>, Vec<Mat<f64>>) =
            (0..fits.len()).into_par_iter().map(one).unzip();
        if let (UpdateChoice::Shared, Some(fit)) = (update, fits.first()) {
            // The phi of all rows moves once.
            let all = own.iter().skip(1).fold(own[0].clone(), |sum, own| sum + own);
            rows.push(-(all.transpose() * (&fit.schur_inverse * &all)));
        }
        let mut normal = vec![0.0; functions * functions];
        for row in &rows {
            for a in 0..functions {
                for b in 0..functions {
                    normal[a * functions + b] += 0.5 * (row[(a, b)] + row[(b, a)]);
                }
            }
        }
        (normal, self.right)
    }
}

/// By how much the linear model says that a step lowers the loss: 2 s'J'r - s'J'J s.
fn promised(normal: &[f64], right: &[f64], step: &[f64]) -> f64 {
    let m = step.len();
    let quadratic = |k: usize| normal[k * m..(k + 1) * m].iter().zip(step).map(|(a, s)| a * s).sum::<f64>();
    (0..m).map(|k| step[k] * (2.0 * right[k] - quadratic(k))).sum()
}
