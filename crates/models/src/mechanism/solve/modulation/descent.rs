//! The search of W, phi and Omega of a group of rows.

use rayon::prelude::*;

use super::ScaledRow;
use super::own_gram::{Reduced, RowFactor, WindowGrams};
use super::pass::{Group, Pass};
use super::point::Point;
use crate::Error;

/// Most Levenberg-Marquardt steps.
pub(super) const ROUNDS: usize = 24;
/// Most conjugate-gradient steps of each.
const STEPS: usize = 30;
/// They end where this share of the first residual is left in every row.
const SOLVED: f64 = 1e-8;
/// The search ends after so many steps in which no row lowers its loss by more than
const PATIENCE: usize = 2;
/// this share.
const SMALLEST_GAIN: f64 = 0.01;
/// First damping of Omega, how it changes after a step that gained and one that did not, and its least value.
const DAMPING: f64 = 1e-2;
const BOLDER: f64 = 0.2;
const SHYER: f64 = 10.0;
const LEAST_DAMPING: f64 = 1e-7;

/// The best that each row has reached, and what it leaves there.
pub(super) struct Descent<'a> {
    group: Group<'a>,
    grams: &'a WindowGrams,
    best: Point,
    here: Pass,
    /// Normal equations of the rows at their best.
    factors: Vec<RowFactor>,
    /// What holds Omega of each row back, as a share of its own normal equations.
    damping: Vec<f64>,
    /// Loss of each row at Omega = 1.
    first: Vec<f64>,
    idle: usize,
}

/// What a step may move.
#[derive(Clone, Copy, PartialEq)]
enum Moves {
    /// W, phi and Omega, the last held back in each row.
    All,
    /// W and phi alone.
    Wiring,
}

impl<'a> Descent<'a> {
    /// At a point where W is solved for Omega = 1, or at any other with the loss at Omega = 1.
    pub(super) fn new(
        group: Group<'a>,
        grams: &'a WindowGrams,
        point: Point,
        first: Option<Vec<f64>>,
    ) -> Result<Self, Error> {
        let here = group.residual(&point)?;
        let factors = RowFactor::all(grams, &group, &point, &here)?;
        let damping = vec![DAMPING; here.loss.len()];
        let unsolved = first.is_some();
        let first = first.unwrap_or_else(|| here.loss.clone());
        let mut search = Self { group, grams, best: point, here, factors, damping, first, idle: 0 };
        if unsolved {
            let wiring = search.solve(&search.best, &search.here, Moves::Wiring)?;
            search.best.add(&wiring);
            search.best.normalise();
            search.here = search.group.residual(&search.best)?;
            search.factors = RowFactor::all(grams, &search.group, &search.best, &search.here)?;
        }
        Ok(search)
    }

    /// Share of the first loss that is left.
    pub(super) fn share(&self) -> f64 {
        self.here.loss.iter().sum::<f64>() / self.first.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    }

    pub(super) fn is_done(&self) -> bool {
        self.idle > PATIENCE
    }

    pub(super) fn rows(&self, receivers: &[usize]) -> impl Iterator<Item = ScaledRow> {
        let windows = self.best.widths[2];
        receivers.iter().enumerate().map(move |(row, &receiver)| {
            let total: f64 = self.here.square[row * windows..(row + 1) * windows].iter().sum();
            ScaledRow {
                receiver,
                weights: self.best.weights(row).to_vec(),
                coefficients: self.best.coefficients(row).to_vec(),
                omega: self.best.omega(row).to_vec(),
                loss: self.here.loss[row],
                first: self.first[row],
                left: self.here.loss[row] / total.max(f64::MIN_POSITIVE),
            }
        })
    }

    /// One step of all rows.
    pub(super) fn step(&mut self) -> Result<(), Error> {
        let mut trial = self.best.clone();
        trial.add(&self.solve(&self.best, &self.here, Moves::All)?);
        // W follows the new Omega exactly before the step is judged (variable projection).
        let between = self.group.residual(&trial)?;
        trial.add(&self.solve(&trial, &between, Moves::Wiring)?);
        trial.normalise();
        let there = self.group.residual(&trial)?;
        let gained =
            (0..self.damping.len()).any(|row| there.loss[row] < (1.0 - SMALLEST_GAIN) * self.here.loss[row]);
        self.idle = if gained { 0 } else { self.idle + 1 };
        self.keep(&trial, &there);
        if gained {
            self.factors = RowFactor::all(self.grams, &self.group, &self.best, &self.here)?;
        }
        Ok(())
    }

    /// Rows that got better move; Omega of the others will be held back more.
    fn keep(&mut self, trial: &Point, there: &Pass) {
        for row in 0..self.damping.len() {
            if there.loss[row] < self.here.loss[row] {
                self.best.copy_row(row, trial);
                self.here.copy_row(row, there);
                self.damping[row] = (BOLDER * self.damping[row]).max(LEAST_DAMPING);
            } else {
                self.damping[row] *= SHYER;
            }
        }
    }

    /// The step of every row from a point by conjugate gradients, preconditioned by its factors at its best.
    fn solve(&self, point: &Point, here: &Pass, moves: Moves) -> Result<Point, Error> {
        let windows = point.widths[2];
        let rows = self.group.rows();
        let reduced: Vec<Reduced> = (0..rows)
            .into_par_iter()
            .map(|row| {
                let square = &self.here.square[row * windows..(row + 1) * windows];
                self.factors[row].reduce((moves == Moves::All).then_some((square, self.damping[row])))
            })
            .collect();
        let precondition = |gradient: &Point| {
            let mut answer = gradient.clone();
            let [n, functions, _] = answer.widths;
            let parts = answer.w.par_chunks_mut(n).zip(answer.d.par_chunks_mut(functions));
            let parts = parts.zip(answer.o.par_chunks_mut(windows)).enumerate();
            parts.for_each(|(row, ((w, d), o))| self.factors[row].solve(&reduced[row], [w, d, o]));
            answer
        };
        let dots = |a: &Point, b: &Point| (0..rows).map(|row| a.dot(b, row)).collect::<Vec<f64>>();
        let ratio = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| if *b > 0.0 { a / b } else { 0.0 }).collect()
        };
        let mut residual = here.gradient.clone();
        if moves == Moves::Wiring {
            residual.o.fill(0.0);
        }
        let mut direction = precondition(&residual);
        let mut product = dots(&residual, &direction);
        let enough: Vec<f64> = product.iter().map(|one| SOLVED * one).collect();
        let mut step = direction.clone();
        step.combine(0.0, &vec![0.0; rows], &direction);
        for _ in 0..STEPS {
            let mut through = self.group.along(point, here, &direction)?;
            match moves {
                Moves::Wiring => through.o.fill(0.0),
                Moves::All => {
                    for (at, (through, along)) in through.o.iter_mut().zip(&direction.o).enumerate() {
                        *through += self.damping[at / windows] * here.square[at] * along;
                    }
                }
            }
            let length = ratio(&product, &dots(&direction, &through));
            step.combine(1.0, &length, &direction);
            residual.combine(1.0, &length.iter().map(|one| -one).collect::<Vec<_>>(), &through);
            let answer = precondition(&residual);
            let next = dots(&residual, &answer);
            if next.iter().zip(&enough).all(|(next, enough)| next <= enough) {
                break;
            }
            direction.combine_each(&ratio(&next, &product), &vec![1.0; rows], &answer);
            product = next;
        }
        Ok(step)
    }
}
