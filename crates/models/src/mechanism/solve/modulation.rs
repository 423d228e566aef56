//! Omega_i(t): receivers whose recurrent sum is scaled from outside, constant over windows of time.
//!
//! y_i(t) = phi_i(x_i(t)) + Omega_is sum_j W_ij psi_j(x_j(t)) in window s is bilinear in Omega and W. Both move
//! together by Levenberg-Marquardt steps (one after the other they need ten times as many: windows and senders explain
//! much of the same), and W follows the new Omega exactly before a step is judged: without that the search crawls. Every
//! row has a matrix of its own, which is never formed: each step is solved by conjugate gradients, all rows together,
//! preconditioned by the Gram that all rows share at Omega = 1 and by sum z^2 of each window, z = sum_j W_ij psi_j.
//!
//! **Scale.** Only Omega_i W_i is determined: `row_scale` and `places` say which part is whose. Where every row is
//! scaled from outside, the mean of Omega_i over time is 1.

mod point;
mod verdict;

use faer::{Col, ColRef, Mat, MatMut};
use neuroloom_analysis::gram::{CrossSum, LocalEntry, RowBlock, multiply_transposed};
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use self::point::Point;
use self::verdict::{APART, SCALED, Verdict, calmest};
use super::eliminate::{Factor, Penalties, RowFit, fit_row};
use super::equations::Equations;
use super::normal::{BLOCK, Design, Normal, entries, messages, receiver_targets, row_major};
use super::start::{absolute_ridge, normal_of};
use super::transfer::{Senders, Transfer};
use crate::Error;

/// A row is scaled if its Omega explains so many times what as many free numbers explain by chance.
const BEYOND_CHANCE: f64 = 2.0;
/// Equations per unknown of a row that detection looks at.
const ENOUGH: usize = 6;
/// Rows that one task solves for.
const COLUMNS: usize = 64;
/// Most Gauss-Newton steps.
const ROUNDS: usize = 16;
/// Most conjugate-gradient steps of each.
const STEPS: usize = 60;
/// They end where this share of the first residual is left.
const SOLVED: f64 = 1e-8;
/// The search ends after so many steps that lower the loss by less than
const PATIENCE: usize = 2;
/// this share.
const SMALLEST_GAIN: f64 = 0.01;
/// First damping of Omega, and how it changes after a step that gained and one that did not.
const DAMPING: f64 = 1e-2;
const BOLDER: f64 = 0.2;
const SHYER: f64 = 10.0;

/// Windows of time on which Omega is constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Windows {
    pub(super) count: usize,
    pub(super) n_frames: usize,
}

impl Windows {
    fn of(self, frame: u32) -> usize {
        (self.count * frame as usize / self.n_frames.max(1)).min(self.count - 1)
    }
}

/// Which receivers are scaled from outside.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) windows: Windows,
    /// Ascending.
    pub(super) scaled: Vec<usize>,
    /// Receivers that surely nothing scales: they leave least of their own recurrent sum. Ascending.
    pub(super) calm: Vec<usize>,
    /// Neurons that take part.
    pub(super) n: usize,
}

/// A row that is scaled from outside.
pub(super) struct ScaledRow {
    pub(super) receiver: usize,
    pub(super) weights: Vec<f64>,
    pub(super) coefficients: Vec<f64>,
    /// Omega of each window.
    pub(super) omega: Vec<f64>,
    /// Residual sum of squares as a share of that with Omega = 1.
    pub(super) gain: f64,
}

impl ScaledRow {
    /// Whether Omega explains more of what the row leaves than as many free numbers would by chance.
    pub(super) fn is_scaled(&self, n_equations: usize) -> bool {
        self.gain < 1.0 - BEYOND_CHANCE * self.omega.len() as f64 / n_equations.max(1) as f64
    }

    /// Multiplies W and divides Omega.
    pub(super) fn scale_by(&mut self, factor: f64) {
        self.weights.iter_mut().for_each(|weight| *weight *= factor);
        self.omega.iter_mut().for_each(|omega| *omega /= factor);
    }
}

impl Field {
    /// Fits all rows with Omega = 1 and asks whether what they leave goes with their own recurrent sum.
    pub(super) fn detect(
        design: &Design<'_>,
        equations: &Equations,
        psi: &Transfer,
        (windows, ridge): (Windows, f64),
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        events.emit(Event::Started { stage: "external field", total: None });
        let unknowns = equations.n + design.bases.n_functions() + windows.count;
        let equations = &equations.thinned(ENOUGH * unknowns);
        let normal = normal_of(design, equations, psi)?;
        let problem = Problem::new(design, equations, windows, psi)?;
        let start = Start::new(&normal, ridge, windows.count)?;
        let here = problem.residual(&start.point)?;
        let verdict = Verdict::new(&here, equations.len(), windows.count);
        let rows = 0..design.receivers.len();
        let (scaled, quiet): (Vec<usize>, Vec<usize>) = rows.partition(|&row| verdict.is_scaled(row));
        let calm = calmest(&quiet, |row| verdict.left[row]);
        let receivers = |rows: Vec<usize>| rows.into_iter().map(|row| design.receivers[row]).collect();
        events.emit(Event::Finished);
        Ok(Self { windows, scaled: receivers(scaled), calm: receivers(calm), n: equations.n })
    }

    /// Receivers that psi is fitted to: the calm ones; all, where hardly any are.
    pub(super) fn quiet(&self) -> Vec<usize> {
        match 20 * self.calm.len() < self.n {
            true => (0..self.n).collect(),
            false => self.calm.clone(),
        }
    }

    /// One sentence for the user.
    pub(super) fn describe(&self) -> String {
        format!(
            "{} of {} neurons seem to be scaled from outside (at Omega = 1 they leave {APART:.0} times what others do, or of \
             what they leave {:.0} % more than by chance goes with their own recurrent sum, window by window)",
            self.scaled.len(),
            self.n,
            100.0 * SCALED
        )
    }

    /// W, phi and Omega of the scaled rows of one class of receivers.
    pub(super) fn fit(
        &self,
        design: &Design<'_>,
        equations: &Equations,
        psi: &Transfer,
        ridge: f64,
        events: &dyn Listener,
    ) -> Result<Vec<ScaledRow>, Error> {
        events.emit(Event::Started { stage: "external field", total: Some(ROUNDS as u64) });
        let normal = normal_of(design, equations, psi)?;
        let problem = Problem::new(design, equations, self.windows, psi)?;
        let start = Start::new(&normal, ridge, self.windows.count)?;
        let here = problem.residual(&start.point)?;
        let first = here.loss.clone();
        let mut search = Descent { best: start.point.clone(), here, damping: vec![DAMPING; first.len()] };
        let mut idle = 0;
        for round in 0..ROUNDS {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "external field" });
            }
            let before = search.loss();
            let mut trial = search.best.clone();
            let step = problem.step(&start, (&search.best, &search.here), Moves::Both(&search.damping))?;
            trial.add(&step);
            // W follows the new Omega exactly before the step is judged (variable projection).
            let between = problem.residual(&trial)?;
            trial.add(&problem.step(&start, (&trial, &between), Moves::Wiring)?);
            trial.normalise();
            let there = problem.residual(&trial)?;
            search.keep(&trial, &there);
            let share = search.loss() / first.iter().sum::<f64>();
            events.emit(Event::Step { done: round as u64 + 1, loss: Some(share) });
            idle = if search.loss() > (1.0 - SMALLEST_GAIN) * before { idle + 1 } else { 0 };
            if idle > PATIENCE {
                break;
            }
        }
        let Descent { best: point, here, .. } = search;
        events.emit(Event::Finished);
        Ok((0..design.receivers.len())
            .map(|row| ScaledRow {
                receiver: design.receivers[row],
                weights: point.weights(row).to_vec(),
                coefficients: point.coefficients(row).to_vec(),
                omega: point.omega(row).to_vec(),
                gain: here.loss[row] / first[row].max(f64::MIN_POSITIVE),
            })
            .collect())
    }
}

/// The best that each row has reached, and what it leaves there.
struct Descent {
    best: Point,
    here: Pass,
    /// What holds Omega of each row back, as a share of its own normal equations.
    damping: Vec<f64>,
}

impl Descent {
    fn loss(&self) -> f64 {
        self.here.loss.iter().sum()
    }

    /// Rows that got better move; Omega of the others will be held back more.
    fn keep(&mut self, trial: &Point, there: &Pass) {
        for row in 0..self.damping.len() {
            if there.loss[row] < self.here.loss[row] {
                self.best.copy_row(row, trial);
                self.here.copy_row(row, there);
                self.damping[row] *= BOLDER;
            } else {
                self.damping[row] *= SHYER;
            }
        }
    }
}

/// Where the rows start, and the preconditioner: the normal equations at Omega = 1.
struct Start {
    point: Point,
    factor: Factor,
    fits: Vec<RowFit>,
    local: Vec<Mat<f64>>,
}

impl Start {
    fn new(normal: &Normal<'_>, ridge: f64, windows: usize) -> Result<Self, Error> {
        let penalties = Penalties::negligible(absolute_ridge(normal, ridge));
        let factor = Factor::new(&normal.gram, penalties.ridge)?;
        let fits: Vec<RowFit> = (0..normal.own.len())
            .into_par_iter()
            .map(|position| fit_row(normal, &factor, penalties, position))
            .collect::<Result<_, _>>()?;
        let functions = normal.own.first().map_or(0, Mat::nrows);
        let point = Point {
            widths: [normal.gram.nrows(), functions, windows],
            w: row_major(&fits),
            d: fits.iter().flat_map(|fit| fit.coefficients.iter().copied()).collect(),
            o: vec![1.0; fits.len() * windows],
        };
        let local = (0..fits.len()).map(|row| normal.local.of(row).to_owned()).collect();
        Ok(Self { point, factor, fits, local })
    }

    /// The shared Gram's answer to a gradient of each row, and that of each window.
    fn precondition(&self, gradient: &Point, square: &[f64]) -> Point {
        let [n, functions, _] = gradient.widths;
        let mut answer = gradient.clone();
        // Many rows at a time: the factor is larger than any cache.
        answer.w.par_chunks_mut(COLUMNS * n).for_each(|rows| {
            let count = rows.len() / n;
            self.factor.solve(MatMut::from_column_major_slice_mut(rows, n, count));
        });
        let rows = answer.w.par_chunks_mut(n).zip(answer.d.par_chunks_mut(functions)).enumerate();
        rows.for_each(|(row, (w, d))| {
            let fit = &self.fits[row];
            let through = self.local[row].transpose() * ColRef::from_slice(w);
            let own = &fit.schur_inverse * (Col::from_fn(functions, |m| d[m]) - through);
            let moved = &fit.projected * &own;
            w.iter_mut().enumerate().for_each(|(place, w)| *w -= moved[place]);
            d.iter_mut().enumerate().for_each(|(place, d)| *d = own[place]);
        });
        let own = answer.o.iter_mut().zip(square);
        own.for_each(|(o, square)| *o = if *square > 0.0 { *o / square } else { 0.0 });
        answer
    }
}

/// Sums of one pass over the equations at a point.
struct Pass {
    /// J'(y - f).
    gradient: Point,
    /// Sum of z^2 over each window; `[row, window]`.
    square: Vec<f64>,
    /// Sum of squares of what is left.
    loss: Vec<f64>,
    /// z of all equations, `[equation, row]`.
    z: Vec<f64>,
}

impl Pass {
    fn copy_row(&mut self, row: usize, from: &Self) {
        let (rows, windows) = (self.loss.len(), self.gradient.widths[2]);
        self.gradient.copy_row(row, &from.gradient);
        let own = row * windows..(row + 1) * windows;
        self.square[own.clone()].copy_from_slice(&from.square[own]);
        self.loss[row] = from.loss[row];
        let of_row = self.z.iter_mut().skip(row).step_by(rows);
        of_row.zip(from.z.iter().skip(row).step_by(rows)).for_each(|(to, from)| *to = *from);
    }
}

/// What a pass goes along.
#[derive(Clone, Copy)]
enum Along<'a> {
    /// What the point leaves of the targets.
    Residual,
    /// J v, at the z of the point.
    Direction(&'a Point, &'a [f64]),
}

/// What a step may move.
#[derive(Clone, Copy)]
enum Moves<'a> {
    /// W, phi and Omega, the last held back in each row.
    Both(&'a [f64]),
    /// W and phi alone.
    Wiring,
}

struct Problem<'a> {
    design: Design<'a>,
    equations: &'a Equations,
    windows: Windows,
    senders: Senders,
}

impl<'a> Problem<'a> {
    fn new(
        design: &Design<'a>,
        equations: &'a Equations,
        windows: Windows,
        psi: &Transfer,
    ) -> Result<Self, Error> {
        Ok(Self { design: *design, equations, windows, senders: psi.senders()? })
    }

    /// What a point leaves, and its gradient.
    fn residual(&self, point: &Point) -> Result<Pass, Error> {
        self.pass(point, Along::Residual)
    }

    /// One pass over all equations at a point.
    fn pass(&self, point: &Point, along: Along<'_>) -> Result<Pass, Error> {
        let [n, functions, windows] = point.widths;
        let rows = self.design.receivers.len();
        let mut cross = CrossSum::new(n, rows);
        let mut d = vec![0.0; rows * functions];
        let mut sums = vec![Sums::default(); rows * windows];
        let mut loss = vec![0.0; rows];
        let mut all = Vec::new();
        for start in (0..self.equations.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(self.equations.len());
            let message = messages(self.equations, range.clone(), &self.senders, self.design.bump);
            let block = RowBlock::new(&message, n)?;
            let weights = match along {
                Along::Residual => &point.w,
                Along::Direction(direction, _) => &direction.w,
            };
            let recurrent = multiply_transposed(block, RowBlock::new(weights, n)?)?;
            let (y, z) = match along {
                Along::Residual => {
                    let y = receiver_targets(self.equations, range.clone(), self.design.receivers);
                    all.extend_from_slice(&recurrent);
                    (y, &recurrent[..])
                }
                Along::Direction(_, z) => (recurrent.clone(), &z[range.start * rows..range.end * rows]),
            };
            let own = entries(&self.design, self.equations, range.clone());
            let frames = &self.equations.frames[range];
            // Receivers of a task write to columns of their own: transposed, they are rows.
            let mut left = vec![0.0; z.len()];
            let count = frames.len();
            let tasks = left.par_chunks_mut(count).zip(d.par_chunks_mut(functions));
            let tasks = tasks.zip(sums.par_chunks_mut(windows)).zip(&mut loss).enumerate();
            tasks.for_each(|(row, (((left, d), sums), loss))| {
                let column = Column { row, rows, z, y: &y, own: &own[row], frames };
                match along {
                    Along::Residual => self.left(&column, point, left),
                    Along::Direction(direction, _) => self.moved(&column, (point, direction), left),
                }
                self.sum(&column, point.omega(row), (left, d, sums, loss));
            });
            let scaled: Vec<f64> =
                (0..count * rows).map(|place| left[place % rows * count + place / rows]).collect();
            cross.add(block, RowBlock::new(&scaled, rows)?);
        }
        let cross = cross.finish();
        let w = (0..rows * n).map(|place| cross[(place % n, place / n)]).collect();
        let o = sums.iter().map(|one| one.pull).collect();
        let square = sums.iter().map(|one| one.square).collect();
        Ok(Pass { gradient: Point { widths: point.widths, w, d, o }, square, loss, z: all })
    }

    /// y - phi - Omega z of one row.
    fn left(&self, column: &Column<'_>, point: &Point, left: &mut [f64]) {
        let omega = point.omega(column.row);
        for (time, left) in left.iter_mut().enumerate() {
            let at = column.at(time);
            *left = column.y[at] - omega[self.windows.of(column.frames[time])] * column.z[at];
        }
        column.add_own(point.coefficients(column.row), -1.0, left);
    }

    /// J v of one row: Omega P v_w + B v_d + z v_o; `y` of the column holds P v_w.
    fn moved(&self, column: &Column<'_>, (point, direction): (&Point, &Point), left: &mut [f64]) {
        let (omega, change) = (point.omega(column.row), direction.omega(column.row));
        for (time, left) in left.iter_mut().enumerate() {
            let (at, window) = (column.at(time), self.windows.of(column.frames[time]));
            *left = omega[window] * column.y[at] + change[window] * column.z[at];
        }
        column.add_own(direction.coefficients(column.row), 1.0, left);
    }

    /// Adds the sums of one row; leaves Omega times what was there for P'.
    fn sum(
        &self,
        column: &Column<'_>,
        omega: &[f64],
        (left, d, sums, loss): (&mut [f64], &mut [f64], &mut [Sums], &mut f64),
    ) {
        for entry in column.own {
            let to = &mut d[entry.first as usize..entry.first as usize + 4];
            to.iter_mut().zip(entry.values).for_each(|(to, b)| *to += b * left[entry.row as usize]);
        }
        for (time, left) in left.iter_mut().enumerate() {
            let window = self.windows.of(column.frames[time]);
            let z = column.z[column.at(time)];
            sums[window].square += z * z;
            sums[window].pull += z * *left;
            *loss += *left * *left;
            *left *= omega[window];
        }
    }

    /// The Gauss-Newton step of every row by conjugate gradients.
    fn step(&self, start: &Start, (point, here): (&Point, &Pass), moves: Moves<'_>) -> Result<Point, Error> {
        let windows = self.windows.count;
        // The diagonal of Omega: damped, or 0 where it stays.
        let square: Vec<f64> = match moves {
            Moves::Both(damping) => {
                here.square.iter().enumerate().map(|(at, z)| z * (1.0 + damping[at / windows])).collect()
            }
            Moves::Wiring => vec![0.0; here.square.len()],
        };
        let rows = self.design.receivers.len();
        let dots = |a: &Point, b: &Point| (0..rows).map(|row| a.dot(b, row)).collect::<Vec<f64>>();
        let ratio = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| if *b > 0.0 { a / b } else { 0.0 }).collect()
        };
        let mut residual = here.gradient.clone();
        let mut direction = start.precondition(&residual, &square);
        let mut product = dots(&residual, &direction);
        let enough = SOLVED * product.iter().sum::<f64>();
        let mut step = direction.clone();
        step.combine(0.0, &vec![0.0; rows], &direction);
        for _ in 0..STEPS {
            let mut through = self.pass(point, Along::Direction(&direction, &here.z))?.gradient;
            for (at, (through, along)) in through.o.iter_mut().zip(&direction.o).enumerate() {
                *through += (square[at] - here.square[at]) * along;
            }
            let length = ratio(&product, &dots(&direction, &through));
            step.combine(1.0, &length, &direction);
            residual.combine(1.0, &length.iter().map(|one| -one).collect::<Vec<_>>(), &through);
            let answer = start.precondition(&residual, &square);
            let next = dots(&residual, &answer);
            if next.iter().sum::<f64>() < enough {
                break;
            }
            direction.combine_each(&ratio(&next, &product), &vec![1.0; rows], &answer);
            product = next;
        }
        Ok(step)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    square: f64,
    pull: f64,
}

/// One receiver in a block of equations.
struct Column<'a> {
    row: usize,
    rows: usize,
    z: &'a [f64],
    y: &'a [f64],
    own: &'a [LocalEntry],
    frames: &'a [u32],
}

impl Column<'_> {
    fn at(&self, time: usize) -> usize {
        time * self.rows + self.row
    }

    /// Adds a multiple of B d.
    fn add_own(&self, coefficients: &[f64], factor: f64, to: &mut [f64]) {
        for entry in self.own {
            let local = &coefficients[entry.first as usize..entry.first as usize + 4];
            to[entry.row as usize] +=
                factor * local.iter().zip(entry.values).map(|(c, b)| c * b).sum::<f64>();
        }
    }
}
