//! Omega_i(t): receivers whose recurrent sum is scaled from outside, constant over windows of time.
//!
//! y_i(t) = phi_i(x_i(t)) + Omega_is sum_j W_ij psi_j(x_j(t)) in window s is bilinear in Omega and W. Both move
//! together by Levenberg-Marquardt steps (one after the other they need ten times as many: windows and senders explain
//! much of the same), and W follows the new Omega exactly before a step is judged: without that the search crawls. Every
//! row has normal equations of its own. `own_gram` factors them, `descent` refines each step by conjugate gradients.
//!
//! **Scale.** Only Omega_i W_i is determined: `row_scale` and `places` say which part is whose. Where every row is
//! scaled from outside, the mean of Omega_i over time is 1.

mod descent;
mod own_gram;
mod pass;
mod point;
mod restart;
mod search;
mod verdict;

use neuroloom_core::{Event, Listener};

use self::pass::{Group, all_messages};
use self::point::Point;
use self::search::Search;
use self::verdict::{APART, SCALED, Verdict, calmest};
use super::eliminate::{Penalties, each_fit};
use super::equations::Equations;
use super::factor::Factor;
use super::normal::{Design, Normal};
use super::start::{absolute_ridge, normal_of};
use super::transfer::Transfer;
use crate::Error;

/// A row is scaled if its Omega explains so many times what as many free numbers explain by chance.
const BEYOND_CHANCE: f64 = 2.0;
/// Equations per unknown of a row that detection looks at.
const ENOUGH: usize = 6;

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
    /// Residual sum of squares.
    pub(super) loss: f64,
    /// The same with Omega = 1.
    pub(super) first: f64,
    /// Residual over the square of the recurrent sum.
    pub(super) left: f64,
}

impl ScaledRow {
    /// Whether Omega explains more of what the row leaves than as many free numbers would by chance.
    pub(super) fn is_scaled(&self, n_equations: usize) -> bool {
        self.gain() < 1.0 - BEYOND_CHANCE * self.omega.len() as f64 / n_equations.max(1) as f64
    }

    /// Residual sum of squares as a share of that with Omega = 1.
    pub(super) fn gain(&self) -> f64 {
        self.loss / self.first.max(f64::MIN_POSITIVE)
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
        let messages = all_messages(design, equations, psi)?;
        let start = start(&normal, ridge, windows.count)?;
        let here = Group::new(design, equations, &messages, windows).residual(&start)?;
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
        let start = start(&normal_of(design, equations, psi)?, ridge, self.windows.count)?;
        Search::new(design, equations, psi, self.windows, events)?.run(&start)
    }
}

/// All rows at Omega = 1.
fn start(normal: &Normal<'_>, ridge: f64, windows: usize) -> Result<Point, Error> {
    let penalties = Penalties::negligible(absolute_ridge(normal, ridge));
    let factor = Factor::new(&normal.gram, penalties.ridge)?;
    let rows = each_fit(normal, &factor, penalties, |_, fit| (fit.weights, fit.coefficients))?;
    Ok(Point {
        widths: [normal.gram.nrows(), normal.own.first().map_or(0, faer::Mat::nrows), windows],
        w: rows.iter().flat_map(|(weights, _)| weights.iter().copied()).collect(),
        d: rows.iter().flat_map(|(_, coefficients)| coefficients.iter().copied()).collect(),
        o: vec![1.0; rows.len() * windows],
    })
}
