//! Ridge and penalty for recordings that do not determine W: chosen by blocked cross-validation in time.

use neuroloom_core::{Event, Listener};

use super::eliminate::{Penalties, RowFit, fit_rows, loss};
use super::equations::Equations;
use super::factor::Factor;
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
    total: Normal<'static>,
    parts: Vec<Normal<'static>>,
}

/// Searches width, ridge and penalty in turn, twice, then prefers the simpler settings that do as well: the
/// largest ridge and penalty and the narrowest width whose held-out loss is within one standard error of the
/// best (Breiman et al. 1984). A recording that drifts asks for more shrinkage than its own past shows, and a
/// psi that saturates cannot run away on values beyond the recorded ones. A given ridge is kept.
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
    let mut search = Search { folds: &folds, widths: &widths, best: Trial::start(&widths, ridge) };
    let ridges = ridge.map_or(RIDGES.to_vec(), |ridge| vec![ridge]);
    for round in 0..2 {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "cross-validation in time" });
        }
        search.improve(ridges.iter().map(|&ridge| move |trial: Trial| Trial { ridge, ..trial }))?;
        search.improve(UPDATES.iter().map(|&update| move |trial: Trial| Trial { update, ..trial }))?;
        search.improve((0..widths.len()).map(|place| move |trial: Trial| Trial { place, ..trial }))?;
        let done = (round + 1) * widths.len() as u64;
        events.emit(Event::Step { done, loss: Some(search.best.share()) });
    }
    search.simplify((0..widths.len()).map(|place| move |trial: Trial| Trial { place, ..trial }))?;
    search.simplify(ridges.iter().rev().map(|&ridge| move |trial: Trial| Trial { ridge, ..trial }))?;
    search.simplify(UPDATES.iter().rev().map(|&update| move |trial: Trial| Trial { update, ..trial }))?;
    events.emit(Event::Finished);
    let Trial { place, ridge, update, .. } = search.best;
    Ok(Chosen { width: widths[place], ridge, update, share: search.best.share() })
}

/// Settings with the held-out loss of each fold as a share of the targets.
#[derive(Debug, Clone, Copy)]
struct Trial {
    place: usize,
    ridge: f64,
    update: f64,
    losses: [f64; FOLDS],
}

impl Trial {
    fn start(widths: &[f64], ridge: Option<f64>) -> Self {
        Self {
            place: widths.len() / 2,
            ridge: ridge.unwrap_or(1.0),
            update: 0.1,
            losses: [f64::INFINITY; FOLDS],
        }
    }

    fn share(&self) -> f64 {
        self.losses.iter().sum()
    }

    /// Whether the loss exceeds that of the best by no more than the standard error of the difference.
    fn as_good_as(&self, best: &Self) -> bool {
        let differences = self.losses.iter().zip(&best.losses).map(|(a, b)| a - b);
        let mean = differences.clone().sum::<f64>() / FOLDS as f64;
        let variance = differences.map(|one| (one - mean).powi(2)).sum::<f64>() / (FOLDS - 1) as f64;
        mean <= (variance / FOLDS as f64).sqrt()
    }
}

struct Search<'a> {
    folds: &'a [Folds],
    widths: &'a [f64],
    best: Trial,
}

impl Search<'_> {
    fn score(&self, trial: Trial) -> Result<Trial, Error> {
        debug_assert!(trial.place < self.widths.len());
        Ok(Trial { losses: self.folds[trial.place].held_out(trial)?, ..trial })
    }

    /// Takes the candidate of smallest loss.
    fn improve<C: Fn(Trial) -> Trial>(&mut self, candidates: impl Iterator<Item = C>) -> Result<(), Error> {
        for candidate in candidates {
            let trial = self.score(candidate(self.best))?;
            if trial.share() < self.best.share() {
                self.best = trial;
            }
        }
        Ok(())
    }

    /// Takes the first candidate, from the simplest on, that is as good as the best.
    fn simplify<C: Fn(Trial) -> Trial>(&mut self, candidates: impl Iterator<Item = C>) -> Result<(), Error> {
        for candidate in candidates {
            let trial = self.score(candidate(self.best))?;
            if trial.as_good_as(&self.best) {
                self.best = trial;
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Folds {
    fn new(design: &Design<'_>, equations: &Equations, domain: Domain, width: f64) -> Result<Self, Error> {
        let psi = Transfer::bounded(domain, width, 24)?.senders()?;
        let mut total = NormalSum::new(design);
        total.add(design, equations, &psi)?;
        let count = equations.len();
        let part = |fold: usize| -> Result<Normal<'static>, Error> {
            let range = count * fold / FOLDS..count * (fold + 1) / FOLDS;
            let some = Equations {
                n: equations.n,
                span: equations.span,
                states: equations.states_of(range.clone()).to_vec(),
                targets: equations.targets_of(range.clone()).to_vec(),
                frames: equations.frames[range].to_vec(),
            };
            let mut sum = NormalSum::new(design);
            sum.add(design, &some, &psi)?;
            Ok(sum.into_normal())
        };
        Ok(Self { total: total.into_normal(), parts: (0..FOLDS).map(part).collect::<Result<_, _>>()? })
    }

    fn held_out(&self, settings: Trial) -> Result<[f64; FOLDS], Error> {
        let scale = self.total.target_square.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let mut losses = [0.0; FOLDS];
        for (share, part) in losses.iter_mut().zip(&self.parts) {
            let train = self.total.without(part);
            let penalties = Penalties::shrinking(absolute_ridge(&train, settings.ridge), settings.update);
            let factor = Factor::new(&train.gram, penalties.ridge)?;
            let fits = fit_rows(&train, &factor, penalties)?;
            let held_out = |(position, fit): (usize, &RowFit)| {
                loss(part, position, fit.weights.as_ref(), fit.coefficients.as_ref())
            };
            *share = fits.iter().enumerate().map(held_out).sum::<f64>() / scale;
        }
        Ok(losses)
    }
}
