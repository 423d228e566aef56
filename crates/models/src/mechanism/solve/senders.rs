//! Classes of senders: one psi_j a sender, all in one Gauss-Newton step of the projected problem.
//!
//! psi_j(x) = sum_k c_jk g_k(x). With F = g(X), [T, N K], and Pi = I - P (P'P)^-1 P', the normal matrix of all N K
//! coefficients is (W'W kron 1) * (F' Pi F), elementwise, and the right side F_jk . (R W)_j. The projection is
//! essential: with W held fixed W has adapted to the wrong psi, and the classes cannot leave it. The scale of psi_j
//! against its column of W is a null direction that the damping absorbs.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use ndarray::Array2;
use neuroloom_analysis::gram::{CrossSum, RowBlock, SymmetricSum, multiply_transposed};
use neuroloom_analysis::spline::CubicCurve;
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::eliminate::{Penalties, RowFit, each_fit};
use super::equations::Equations;
use super::factor::Factor;
use super::normal::{BLOCK, Design, NormalSum, entries, receiver_targets, residuals};
use super::start::absolute_ridge;
use crate::Error;

/// Normal matrix, right side and scale of the damping.
type Linear = (Mat<f64>, Vec<f64>, Vec<f64>);

/// Most damped trials of one step.
const MOST_TRIALS: usize = 6;
/// A step that lowers the loss by less than this share is the last.
const SMALLEST_GAIN: f64 = 0.02;
/// Columns that one task solves for.
const COLUMNS: usize = 64;

/// The shapes of all senders as sums of a few functions.
pub(super) struct Profiles<'a> {
    /// Rows that are fitted while the shapes are.
    pub(super) design: Design<'a>,
    pub(super) equations: &'a Equations,
    /// g_k; 0 at rest.
    pub(super) features: &'a [CubicCurve],
    /// Activity at which shapes are compared and gauged.
    pub(super) grid: &'a [f64],
    /// Relative.
    pub(super) ridge: f64,
    pub(super) most_steps: usize,
}

struct State {
    coefficients: Vec<f64>,
    factor: Factor,
    fits: Vec<RowFit>,
    loss: f64,
}

impl Profiles<'_> {
    /// psi_j on the grid, `[sender, grid]`, of maximum 1, from the same combination of the functions for all senders
    /// or from one each.
    pub(super) fn fit(&self, start: &[f64], events: &dyn Listener) -> Result<Array2<f64>, Error> {
        let (n, k) = (self.equations.n, self.features.len());
        events.emit(Event::Started { stage: "shapes of senders", total: Some(self.most_steps as u64) });
        let coefficients = (0..n * k).map(|place| start[place % start.len()]).collect();
        let square = self.feature_square()?;
        let mut state = self.state(self.gauged(coefficients))?;
        let mut damping = 1e-2;
        for step in 0..self.most_steps {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "shapes of senders" });
            }
            let before = state.loss;
            let Some(next) = self.step(&state, &square, &mut damping)? else { break };
            state = next;
            events.emit(Event::Step { done: step as u64 + 1, loss: Some(state.loss) });
            if before - state.loss < SMALLEST_GAIN * before {
                break;
            }
        }
        events.emit(Event::Finished);
        let on_grid = self.features_on_grid();
        let shape = |(sender, place): (usize, usize)| {
            (0..k).map(|one| state.coefficients[sender * k + one] * on_grid[one][place]).sum()
        };
        Ok(Array2::from_shape_fn((n, self.grid.len()), shape))
    }

    fn features_on_grid(&self) -> Vec<Vec<f64>> {
        let on_grid = |curve: &CubicCurve| self.grid.iter().map(|&x| curve.value(x)).collect();
        self.features.iter().map(on_grid).collect()
    }

    /// Every shape of maximum 1 on the grid, positive at its right end.
    fn gauged(&self, mut coefficients: Vec<f64>) -> Vec<f64> {
        let on_grid = self.features_on_grid();
        for own in coefficients.chunks_exact_mut(self.features.len()) {
            let at = |place: usize| own.iter().zip(&on_grid).map(|(c, g)| c * g[place]).sum::<f64>();
            let largest = (0..self.grid.len()).fold(0.0_f64, |largest, place| largest.max(at(place).abs()));
            let sign = if at(self.grid.len() - 1) < 0.0 { -1.0 } else { 1.0 };
            let scale = sign * largest.max(1e-12);
            own.iter_mut().for_each(|value| *value /= scale);
        }
        coefficients
    }

    /// F of a block, `[equation, sender x function]`, row-major.
    fn feature_block(&self, range: std::ops::Range<usize>) -> Vec<f64> {
        let (n, span, k) = (self.equations.n, self.equations.span, self.features.len());
        let states = self.equations.states_of(range.clone());
        let mut block = vec![0.0; range.len() * n * k];
        block.par_chunks_mut(n * k).zip(states.par_chunks(span * n)).for_each(|(row, states)| {
            for (state, weight) in states.chunks_exact(n).zip(self.design.bump) {
                for (own, &x) in row.chunks_exact_mut(k).zip(state) {
                    for (sum, curve) in own.iter_mut().zip(self.features) {
                        *sum += weight * curve.value(f64::from(x));
                    }
                }
            }
        });
        block
    }

    /// P of a block: the functions of each sender, combined.
    fn message_block(&self, features: &[f64], coefficients: &[f64]) -> Vec<f64> {
        let k = self.features.len();
        let combine = |(own, c): (&[f64], &[f64])| own.iter().zip(c).map(|(f, c)| f * c).sum::<f64>();
        let row = |row: &[f64]| -> Vec<f64> {
            row.chunks_exact(k).zip(coefficients.chunks_exact(k)).map(combine).collect()
        };
        features.par_chunks(self.equations.n * k).flat_map_iter(row).collect()
    }

    fn blocks(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let count = self.equations.len();
        (0..count).step_by(BLOCK).map(move |start| start..(start + BLOCK).min(count))
    }

    /// F'F.
    fn feature_square(&self) -> Result<Mat<f64>, Error> {
        let width = self.equations.n * self.features.len();
        let mut sum = SymmetricSum::new(width);
        for range in self.blocks() {
            sum.add(RowBlock::new(&self.feature_block(range), width)?);
        }
        Ok(sum.finish())
    }

    fn state(&self, coefficients: Vec<f64>) -> Result<State, Error> {
        let mut sum = NormalSum::new(&self.design);
        for range in self.blocks() {
            let message = self.message_block(&self.feature_block(range.clone()), &coefficients);
            sum.add_block(&self.design, self.equations, range, RowBlock::new(&message, self.equations.n)?)?;
        }
        let normal = sum.finish();
        let penalties = Penalties::negligible(absolute_ridge(&normal, self.ridge));
        let factor = Factor::new(&normal.gram, penalties.ridge)?;
        let fits = each_fit(&normal, &factor, penalties, |_, fit| fit)?;
        let loss = fits.iter().map(|fit| fit.loss).sum();
        Ok(State { coefficients, factor, fits, loss })
    }

    fn step(&self, state: &State, square: &Mat<f64>, damping: &mut f64) -> Result<Option<State>, Error> {
        let (normal, right, scale) = self.linearise(state, square)?;
        for _ in 0..MOST_TRIALS {
            let mut damped = normal.clone();
            (0..right.len()).for_each(|place| damped[(place, place)] += *damping * scale[place]);
            if let Ok(factor) = damped.llt(Side::Lower) {
                let mut step = Mat::from_fn(right.len(), 1, |place, _| right[place]);
                factor.solve_in_place(step.as_mut());
                let moved = state.coefficients.iter().enumerate().map(|(place, c)| c + step[(place, 0)]);
                let trial = self.state(self.gauged(moved.collect()))?;
                if trial.loss < state.loss {
                    *damping /= 5.0;
                    return Ok(Some(trial));
                }
            }
            *damping *= 10.0;
        }
        Ok(None)
    }

    /// Normal matrix, right side and scale of the damping of all coefficients.
    fn linearise(&self, state: &State, square: &Mat<f64>) -> Result<Linear, Error> {
        let (n, k, receivers) = (self.equations.n, self.features.len(), self.design.receivers);
        let width = n * k;
        // W' of the fitted rows, [sender, receiver]; W_jj belongs to phi_j.
        let by_sender: Vec<f64> = (0..n * receivers.len())
            .map(|place| (place / receivers.len(), place % receivers.len()))
            .map(|(j, i)| if receivers[i] == j { 0.0 } else { state.fits[i].weights[j] })
            .collect();
        let by_sender = RowBlock::new(&by_sender, receivers.len())?;
        let mut cross = CrossSum::new(width, n);
        let mut right = vec![0.0; width];
        for range in self.blocks() {
            let features = self.feature_block(range.clone());
            let message = self.message_block(&features, &state.coefficients);
            let message = RowBlock::new(&message, n)?;
            cross.add(RowBlock::new(&features, width)?, message);
            let own = entries(&self.design, self.equations, range.clone());
            let targets = receiver_targets(self.equations, range, receivers);
            let residual = residuals(targets, message, &own, &state.fits)?;
            let pulled = multiply_transposed(RowBlock::new(&residual, receivers.len())?, by_sender)?;
            for (features, pulled) in features.chunks_exact(width).zip(pulled.chunks_exact(n)) {
                let own = right.chunks_exact_mut(k).zip(features.chunks_exact(k)).zip(pulled);
                own.for_each(|((sum, f), pull)| sum.iter_mut().zip(f).for_each(|(sum, f)| *sum += f * pull));
            }
        }
        let through = projected(&cross.finish(), &state.factor)?;
        let weights = multiply_transposed(by_sender, by_sender)?;
        let normal = Mat::from_fn(width, width, |a, b| {
            weights[(a / k) * n + b / k]
                * (square[(a, b)] - 0.5 * (through[a * width + b] + through[b * width + a]))
        });
        let scale = (0..width).map(|a| square[(a, a)] * weights[(a / k) * n + a / k] + 1e-300).collect();
        Ok((normal, right, scale))
    }
}

/// F'P G^-1 P'F, row-major.
fn projected(cross: &Mat<f64>, factor: &Factor) -> Result<Vec<f64>, Error> {
    let (width, n) = (cross.nrows(), cross.ncols());
    let starts: Vec<usize> = (0..width).step_by(COLUMNS).collect();
    let solve = |&start: &usize| -> Vec<f64> {
        let count = COLUMNS.min(width - start);
        let mut some = Mat::from_fn(n, count, |row, column| cross[(start + column, row)]);
        factor.solve(some.as_mut());
        (0..count * n).map(|place| some[(place % n, place / n)]).collect()
    };
    let solved: Vec<f64> = starts.par_iter().flat_map_iter(solve).collect();
    let rows: Vec<f64> = (0..width * n).map(|place| cross[(place / n, place % n)]).collect();
    Ok(multiply_transposed(RowBlock::new(&rows, n)?, RowBlock::new(&solved, n)?)?)
}
