//! Where psi starts: the width of one bounded function that leaves the smallest residual on a few rows.

use neuroloom_analysis::statistics::quantile;
use neuroloom_core::{Event, Listener};

use super::eliminate::{Penalties, fit_rows};
use super::equations::Equations;
use super::factor::Factor;
use super::normal::{Design, Normal, NormalSum};
use super::transfer::{Domain, Transfer};
use crate::Error;

/// Quantiles of |x| that are tried as widths.
const QUANTILES: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5];
/// Receivers that rank the widths.
const RANKING_ROWS: usize = 12;
/// Equations per unknown that rank the widths.
const ENOUGH: usize = 4;
/// Samples that the quantiles are taken of.
const SAMPLES: usize = 200_000;

/// Widths worth trying, ascending and distinct.
pub(super) fn candidate_widths(equations: &Equations, domain: Domain) -> Result<Vec<f64>, Error> {
    let stride = (equations.states.len() / SAMPLES).max(1) | 1;
    let distance = |&x: &f32| (f64::from(x) - domain.center).abs();
    let sample: Vec<f64> = equations.states.iter().step_by(stride).map(distance).collect();
    let smallest = 1e-4 * domain.reach();
    let mut widths = QUANTILES
        .iter()
        .map(|&level| Ok(quantile(&sample, level)?.max(smallest)))
        .collect::<Result<Vec<f64>, Error>>()?;
    widths.dedup();
    Ok(widths)
}

/// The normal equations of a design under psi, from equations in memory.
pub(super) fn normal_of(
    design: &Design<'_>,
    equations: &Equations,
    psi: &Transfer,
) -> Result<Normal<'static>, Error> {
    let mut sum = NormalSum::new(design);
    sum.add(design, equations, &psi.senders()?)?;
    Ok(sum.into_normal())
}

/// Ridge in absolute units: relative to the mean diagonal of P'P.
pub(super) fn absolute_ridge(normal: &Normal<'_>, relative: f64) -> f64 {
    let n = normal.gram.nrows();
    let trace: f64 = (0..n).map(|i| normal.gram[(i, i)]).sum();
    relative * trace / n as f64
}

/// Residual of the rows of a design under psi, as a share of the targets.
pub(super) fn residual_share(normal: &Normal<'_>, ridge: f64) -> Result<f64, Error> {
    let penalties = Penalties::negligible(absolute_ridge(normal, ridge));
    let factor = Factor::new(&normal.gram, penalties.ridge)?;
    let loss: f64 = fit_rows(normal, &factor, penalties)?.iter().map(|fit| fit.loss).sum();
    Ok(loss / normal.target_square.iter().sum::<f64>().max(f64::MIN_POSITIVE))
}

/// The best of the candidate widths, with the share of the targets that each leaves.
pub(super) fn scan_widths(
    design: &Design<'_>,
    equations: &Equations,
    domain: Domain,
    ridge: f64,
    events: &dyn Listener,
) -> Result<f64, Error> {
    let widths = candidate_widths(equations, domain)?;
    // Ranking needs fewer rows and equations than fitting.
    let thinned = equations.thinned(ENOUGH * (equations.n + design.bases.n_functions()));
    let receivers = &design.receivers[..design.receivers.len().min(RANKING_ROWS)];
    let (design, equations) = (&Design { receivers, ..*design }, &thinned);
    events.emit(Event::Started { stage: "width of psi", total: Some(widths.len() as u64) });
    let mut best = (f64::INFINITY, 1.0);
    for (done, &width) in widths.iter().enumerate() {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "width of psi" });
        }
        // A coarse spline suffices to rank the widths.
        let psi = Transfer::bounded(domain, width, 24)?;
        let share = residual_share(&normal_of(design, equations, &psi)?, ridge)?;
        if share < best.0 {
            best = (share, width);
        }
        events.emit(Event::Step { done: done as u64 + 1, loss: Some(share) });
    }
    events.emit(Event::Finished);
    Ok(best.1)
}
