//! Ridge and penalty for recordings that do not determine W: chosen by blocked cross-validation in time.

use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::eliminate::{Factor, Penalties, fit_row, loss};
use super::equations::Equations;
use super::normal::{Design, Normal, NormalSum};
use super::start::{absolute_ridge, candidate_widths};
use super::transfer::{Domain, Transfer};
use crate::Error;

/// Contiguous stretches of time, each predicted from the others.
const FOLDS: usize = 5;
/// Ridges relative to the mean eigenvalue of P'P.
const RIDGES: [f64; 11] = [1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
/// Penalties of phi relative to the mean of B'B.
const UPDATES: [f64; 8] = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 1.0, 10.0];

/// The settings that predict held-out stretches best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chosen {
    pub(super) width: f64,
    pub(super) ridge: f64,
    pub(super) update: f64,
    /// Held-out residual as a share of the targets; above 1 the recording predicts nothing.
    pub(super) share: f64,
}

/// Sums of all equations and of each fold under one psi.
struct Folds {
    total: Normal,
    parts: Vec<Normal>,
}

/// Searches width, ridge and penalty in turn, twice. A given ridge is kept.
pub(super) fn cross_validate(
    design: &Design<'_>,
    equations: &Equations,
    domain: Domain,
    ridge: Option<f64>,
    events: &dyn Listener,
) -> Result<Chosen, Error> {
    let mut widths = candidate_widths(equations, domain)?;
    widths.push(3.0 * domain.reach()); // all but linear
    events.emit(Event::Started { stage: "cross-validation in time", total: Some(2 * widths.len() as u64) });
    let folds: Vec<Folds> =
        widths.iter().map(|&width| Folds::new(design, equations, domain, width)).collect::<Result<_, _>>()?;
    let mut place = widths.len() / 2;
    let mut chosen =
        Chosen { width: widths[place], ridge: ridge.unwrap_or(1.0), update: 0.1, share: f64::INFINITY };
    let ridges = ridge.map_or(RIDGES.to_vec(), |ridge| vec![ridge]);
    for round in 0..2 {
        for &ridge in &ridges {
            chosen = better(&folds[place], design, chosen, Chosen { ridge, ..chosen })?;
        }
        for update in UPDATES {
            chosen = better(&folds[place], design, chosen, Chosen { update, ..chosen })?;
        }
        for (other, &width) in widths.iter().enumerate() {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "cross-validation in time" });
            }
            let next = better(&folds[other], design, chosen, Chosen { width, ..chosen })?;
            if next.width == width {
                place = other;
            }
            chosen = next;
            let done = (round * widths.len() + other + 1) as u64;
            events.emit(Event::Step { done, loss: Some(chosen.share) });
        }
    }
    events.emit(Event::Finished);
    Ok(chosen)
}

fn better(folds: &Folds, design: &Design<'_>, best: Chosen, candidate: Chosen) -> Result<Chosen, Error> {
    let share = folds.held_out_share(design, candidate)?;
    Ok(if share < best.share { Chosen { share, ..candidate } } else { best })
}

impl Folds {
    fn new(design: &Design<'_>, equations: &Equations, domain: Domain, width: f64) -> Result<Self, Error> {
        let psi = Transfer::bounded(domain, width, 24)?.curve()?;
        let mut total = NormalSum::new(design);
        total.add(design, equations, &psi)?;
        let count = equations.len();
        let part = |fold: usize| -> Result<Normal, Error> {
            let range = count * fold / FOLDS..count * (fold + 1) / FOLDS;
            let some = Equations {
                n: equations.n,
                span: equations.span,
                states: equations.states_of(range.clone()).to_vec(),
                targets: equations.targets_of(range).to_vec(),
            };
            let mut sum = NormalSum::new(design);
            sum.add(design, &some, &psi)?;
            Ok(sum.finish())
        };
        Ok(Self { total: total.finish(), parts: (0..FOLDS).map(part).collect::<Result<_, _>>()? })
    }

    fn held_out_share(&self, design: &Design<'_>, settings: Chosen) -> Result<f64, Error> {
        let one = |part: &Normal| -> Result<f64, Error> {
            let train = self.total.without(part);
            let penalties =
                Penalties { ridge: absolute_ridge(&train, settings.ridge), update: settings.update };
            let factor = Factor::new(&train.gram, penalties.ridge)?;
            let rows: Vec<f64> = (0..design.receivers.len())
                .into_par_iter()
                .map(|position| {
                    let fit = fit_row(&train, &factor, penalties, position)?;
                    Ok(loss(part, position, fit.weights.as_ref(), fit.coefficients.as_ref()))
                })
                .collect::<Result<_, Error>>()?;
            Ok(rows.iter().sum())
        };
        let losses: Vec<f64> = self.parts.iter().map(one).collect::<Result<_, _>>()?;
        let scale: f64 = self.total.target_square.iter().sum();
        Ok(losses.iter().sum::<f64>() / scale.max(f64::MIN_POSITIVE))
    }
}
