//! Omega_i(t): receivers whose recurrent sum is scaled from outside, constant over windows of time.
//!
//! y_i(t) = phi_i(x_i(t)) + Omega_is sum_j W_ij psi_j(x_j(t)) in window s is bilinear. Omega given W is one number
//! a window by least squares. W and phi given Omega are least squares with a Gram of their own for every row, which is
//! never formed: conjugate gradients, preconditioned by the Gram that all rows share at Omega = 1, all rows together.
//!
//! **Scale.** Only Omega_i W_i is determined. Receivers draw their weights from one distribution, so a row is scaled
//! until the mean logarithm of its |W| is that of the rows that nothing scales: with N senders and Cauchy weights
//! that is good to 1.6 / sqrt(N). Where every row is scaled from outside, the mean of Omega_i over time is 1.

use faer::{Col, Mat};
use neuroloom_analysis::gram::{CrossSum, LocalEntry, RowBlock, multiply_transposed};
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::eliminate::{Factor, Penalties, RowFit, fit_row};
use super::equations::Equations;
use super::normal::{BLOCK, Design, Normal, entries, messages, receiver_targets, row_major};
use super::start::{absolute_ridge, normal_of};
use super::transfer::{Senders, Transfer};
use crate::Error;

/// Share of a row's residual that goes with its own recurrent sum, window by window, above which the row counts as
/// scaled from outside. By chance it is the inverse number of independent samples of a window.
const SCALED: f64 = 0.25;
/// Alternations between Omega and W.
const ROUNDS: usize = 10;
/// Conjugate-gradient steps for W in each.
const STEPS: usize = 3;
/// An alternation that lowers the loss by less than this share is the last.
const SMALLEST_GAIN: f64 = 0.01;

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
    n: usize,
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
        let normal = normal_of(design, equations, psi)?;
        let problem = Problem::new(design, equations, windows, psi)?;
        let start = Start::new(&normal, ridge)?;
        let omega = vec![1.0; design.receivers.len() * windows.count];
        let pass = problem.pass(&start.point, &omega, Targets::Subtracted)?;
        let share = |row: usize| {
            let of = |sums: &[f64]| sums[row * windows.count..(row + 1) * windows.count].to_vec();
            let (square, pull) = (of(&pass.square), of(&pass.pull));
            let explained: f64 =
                square.iter().zip(&pull).filter(|(z, _)| **z > 0.0).map(|(z, p)| p * p / z).sum();
            explained / pass.loss[row].max(f64::MIN_POSITIVE)
        };
        let scaled = (0..design.receivers.len()).filter(|&row| share(row) > SCALED);
        let scaled = scaled.map(|row| design.receivers[row]).collect();
        events.emit(Event::Finished);
        Ok(Self { windows, scaled, n: equations.n })
    }

    /// Receivers that nothing scales; all, where fewer than a tenth are left.
    pub(super) fn quiet(&self) -> Vec<usize> {
        let quiet: Vec<usize> = (0..self.n).filter(|one| self.scaled.binary_search(one).is_err()).collect();
        match 10 * quiet.len() < self.n {
            true => (0..self.n).collect(),
            false => quiet,
        }
    }

    /// One sentence for the user.
    pub(super) fn describe(&self) -> String {
        format!(
            "{} of {} neurons are scaled from outside (more than {:.0} % of what they leave at Omega = 1 goes with \
             their own recurrent sum, window by window)",
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
        let start = Start::new(&normal, ridge)?;
        let mut point = start.point.clone();
        let mut omega = vec![1.0; design.receivers.len() * self.windows.count];
        let (mut first, mut before) = (Vec::new(), f64::INFINITY);
        let mut loss = Vec::new();
        for round in 0..ROUNDS {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "external field" });
            }
            let pass = problem.pass(&point, &omega, Targets::Subtracted)?;
            if round == 0 {
                first.clone_from(&pass.loss);
            }
            let total: f64 = pass.loss.iter().sum();
            loss = pass.loss.clone();
            events.emit(Event::Step { done: round as u64, loss: Some(total / first.iter().sum::<f64>()) });
            if total > (1.0 - SMALLEST_GAIN) * before {
                break;
            }
            before = total;
            problem.update_omega(&pass, &mut omega, &mut point);
            problem.conjugate_gradients(&start, &mut point, &omega)?;
        }
        events.emit(Event::Finished);
        let windows = self.windows.count;
        Ok((0..design.receivers.len())
            .map(|row| ScaledRow {
                receiver: design.receivers[row],
                weights: point.weights(row).to_vec(),
                coefficients: point.coefficients(row).to_vec(),
                omega: omega[row * windows..(row + 1) * windows].to_vec(),
                gain: loss[row] / first[row].max(f64::MIN_POSITIVE),
            })
            .collect())
    }
}

/// W and phi of all rows: `[row, sender]` and `[row, function]`.
#[derive(Clone)]
struct Point {
    n: usize,
    functions: usize,
    w: Vec<f64>,
    d: Vec<f64>,
}

impl Point {
    fn weights(&self, row: usize) -> &[f64] {
        &self.w[row * self.n..(row + 1) * self.n]
    }

    fn coefficients(&self, row: usize) -> &[f64] {
        &self.d[row * self.functions..(row + 1) * self.functions]
    }

    fn dot(&self, other: &Self, row: usize) -> f64 {
        let of = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        of(self.weights(row), other.weights(row)) + of(self.coefficients(row), other.coefficients(row))
    }

    /// self = share self + scale other, with a share and scale of each row.
    fn combine(&mut self, share: f64, scale: &[f64], other: &Self) {
        let (n, functions) = (self.n, self.functions);
        for (row, &scale) in scale.iter().enumerate() {
            let to = self.w[row * n..(row + 1) * n].iter_mut().zip(other.weights(row));
            to.for_each(|(a, b)| *a = share * *a + scale * b);
            let to = self.d[row * functions..(row + 1) * functions].iter_mut().zip(other.coefficients(row));
            to.for_each(|(a, b)| *a = share * *a + scale * b);
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
    fn new(normal: &Normal<'_>, ridge: f64) -> Result<Self, Error> {
        let penalties = Penalties::negligible(absolute_ridge(normal, ridge));
        let factor = Factor::new(&normal.gram, penalties.ridge)?;
        let fits: Vec<RowFit> = (0..normal.own.len())
            .into_par_iter()
            .map(|position| fit_row(normal, &factor, penalties, position))
            .collect::<Result<_, _>>()?;
        let point = Point {
            n: normal.gram.nrows(),
            functions: normal.own.first().map_or(0, Mat::nrows),
            w: row_major(&fits),
            d: fits.iter().flat_map(|fit| fit.coefficients.iter().copied()).collect(),
        };
        let local = (0..fits.len()).map(|row| normal.local.of(row).to_owned()).collect();
        Ok(Self { point, factor, fits, local })
    }

    /// The shared Gram's answer to a gradient of each row.
    fn precondition(&self, gradient: &Point) -> Point {
        let (n, functions) = (gradient.n, gradient.functions);
        let mut answer = gradient.clone();
        let rows = answer.w.par_chunks_mut(n).zip(answer.d.par_chunks_mut(functions)).enumerate();
        rows.for_each(|(row, (w, d))| {
            let mut solved = Mat::from_fn(n, 1, |place, _| w[place]);
            self.factor.solve(solved.as_mut());
            let fit = &self.fits[row];
            let right = Col::from_fn(functions, |m| d[m]) - self.local[row].transpose() * solved.col(0);
            let own = &fit.schur_inverse * &right;
            let moved = solved.col(0) - &fit.projected * &own;
            w.iter_mut().enumerate().for_each(|(place, w)| *w = moved[place]);
            d.iter_mut().enumerate().for_each(|(place, d)| *d = own[place]);
        });
        answer
    }
}

/// Whether a pass forms A'(y - A x) or A'A x.
#[derive(Clone, Copy, PartialEq)]
enum Targets {
    Subtracted,
    Absent,
}

/// Sums of one pass over the equations.
struct Pass {
    /// A'(y - A x) or A'A x.
    gradient: Point,
    /// Sum of z^2 over each window, z = sum_j W_ij psi_j; `[row, window]`.
    square: Vec<f64>,
    /// Sum of z times what is left.
    pull: Vec<f64>,
    /// Sum of squares of what is left.
    loss: Vec<f64>,
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

    /// One pass over all equations at a point.
    fn pass(&self, point: &Point, omega: &[f64], targets: Targets) -> Result<Pass, Error> {
        let (n, rows, windows) = (point.n, self.design.receivers.len(), self.windows.count);
        let mut cross = CrossSum::new(n, rows);
        let mut d = vec![0.0; rows * point.functions];
        let mut sums = vec![Sums::default(); rows * windows];
        let mut loss = vec![0.0; rows];
        for start in (0..self.equations.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(self.equations.len());
            let message = messages(self.equations, range.clone(), &self.senders, self.design.bump);
            let block = RowBlock::new(&message, n)?;
            let z = multiply_transposed(block, RowBlock::new(&point.w, n)?)?;
            let own = entries(&self.design, self.equations, range.clone());
            let y = match targets {
                Targets::Subtracted => receiver_targets(self.equations, range.clone(), self.design.receivers),
                Targets::Absent => vec![0.0; z.len()],
            };
            let frames = &self.equations.frames[range];
            // Receivers of a task write to columns of their own: transposed, they are rows.
            let mut left = vec![0.0; z.len()];
            let count = frames.len();
            let tasks = left.par_chunks_mut(count).zip(d.par_chunks_mut(point.functions));
            let tasks = tasks.zip(sums.par_chunks_mut(windows)).zip(&mut loss).enumerate();
            tasks.for_each(|(row, (((left, d), sums), loss))| {
                let column = Column { row, rows, z: &z, y: &y, own: &own[row], frames };
                let omega = &omega[row * windows..(row + 1) * windows];
                self.column(&column, point.coefficients(row), omega, (left, d, sums, loss));
            });
            let scaled: Vec<f64> =
                (0..count * rows).map(|place| left[place % rows * count + place / rows]).collect();
            cross.add(block, RowBlock::new(&scaled, rows)?);
        }
        let cross = cross.finish();
        let w = (0..rows * n).map(|place| cross[(place % n, place / n)]).collect();
        let sign = if targets == Targets::Absent { -1.0 } else { 1.0 };
        let mut gradient = Point { n, functions: point.functions, w, d };
        gradient.w.iter_mut().chain(&mut gradient.d).for_each(|value| *value *= sign);
        Ok(Pass {
            gradient,
            square: sums.iter().map(|one| one.square).collect(),
            pull: sums.iter().map(|one| one.pull).collect(),
            loss,
        })
    }

    /// What one row leaves of a block; writes Omega times it for P' and adds the sums of the row.
    fn column(
        &self,
        column: &Column<'_>,
        coefficients: &[f64],
        omega: &[f64],
        (scaled, d, sums, loss): (&mut [f64], &mut [f64], &mut [Sums], &mut f64),
    ) {
        let at = |time: usize| time * column.rows + column.row;
        let mut left: Vec<f64> = (0..scaled.len())
            .map(|time| column.y[at(time)] - omega[self.windows.of(column.frames[time])] * column.z[at(time)])
            .collect();
        for entry in column.own {
            let local = &coefficients[entry.first as usize..entry.first as usize + 4];
            left[entry.row as usize] -= local.iter().zip(entry.values).map(|(c, b)| c * b).sum::<f64>();
        }
        for entry in column.own {
            let to = &mut d[entry.first as usize..entry.first as usize + 4];
            to.iter_mut().zip(entry.values).for_each(|(to, b)| *to += b * left[entry.row as usize]);
        }
        for (time, (&left, to)) in left.iter().zip(scaled).enumerate() {
            let window = self.windows.of(column.frames[time]);
            let z = column.z[at(time)];
            sums[window].square += z * z;
            sums[window].pull += z * left;
            *loss += left * left;
            *to = omega[window] * left;
        }
    }

    /// Omega of each window by least squares, then its mean over time 1: W takes the scale.
    fn update_omega(&self, pass: &Pass, omega: &mut [f64], point: &mut Point) {
        let windows = self.windows.count;
        for (row, own) in omega.chunks_exact_mut(windows).enumerate() {
            for (window, one) in own.iter_mut().enumerate() {
                let place = row * windows + window;
                if pass.square[place] > 0.0 {
                    *one += pass.pull[place] / pass.square[place];
                }
            }
            let mean = own.iter().sum::<f64>() / windows as f64;
            if mean.abs() > 1e-6 {
                own.iter_mut().for_each(|one| *one /= mean);
                point.w[row * point.n..(row + 1) * point.n].iter_mut().for_each(|w| *w *= mean);
            }
        }
    }

    /// A few preconditioned conjugate-gradient steps for W and phi at a given Omega, each row for itself.
    fn conjugate_gradients(&self, start: &Start, point: &mut Point, omega: &[f64]) -> Result<(), Error> {
        let rows = self.design.receivers.len();
        let dots = |a: &Point, b: &Point| (0..rows).map(|row| a.dot(b, row)).collect::<Vec<f64>>();
        let ratio = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| if *b > 0.0 { a / b } else { 0.0 }).collect()
        };
        let mut residual = self.pass(point, omega, Targets::Subtracted)?.gradient;
        let mut direction = start.precondition(&residual);
        let mut product = dots(&residual, &direction);
        for step in 0..STEPS {
            let through = self.pass(&direction, omega, Targets::Absent)?.gradient;
            let length = ratio(&product, &dots(&direction, &through));
            point.combine(1.0, &length, &direction);
            if step + 1 == STEPS {
                break;
            }
            residual.combine(1.0, &length.iter().map(|one| -one).collect::<Vec<_>>(), &through);
            let answer = start.precondition(&residual);
            let next = dots(&residual, &answer);
            let share = ratio(&next, &product);
            let previous = std::mem::replace(&mut direction, answer);
            direction.combine(1.0, &share, &previous);
            product = next;
        }
        Ok(())
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
