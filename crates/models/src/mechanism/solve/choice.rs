//! Whose class shapes psi: candidates are fitted and judged on held-out time.

use neuroloom_core::Event;

use super::eliminate::{Penalties, each_fit, loss};
use super::equations::{Equations, Scheme};
use super::factor::Factor;
use super::modulation::Field;
use super::normal::{Design, UpdateBases};
use super::plan::{Plan, Psi, ReceiverClass, Search, psi_rows, target_square};
use super::refine::{MOST_STEPS, Problem, Refined, refine};
use super::sharpen::sharpen;
use super::start::{absolute_ridge, normal_of};
use super::transfer::{Domain, SenderClasses, Transfer};
use crate::Error;
use crate::mechanism::{TransferChoice, UpdateChoice};

/// A psi that leaves less than this share of dx/dt needs no classes, or no further ones.
const EXPLAINED: f64 = 1e-5;
/// Above this share of noise what classes would explain is hidden.
const HIDDEN: f64 = 0.3;
/// Fewest neurons that may form classes unasked.
const FEWEST: usize = 40;
/// Stretches of time, and every how many of them one is held out.
const STRETCHES: (usize, usize) = (25, 5);
/// More classes must lower the held-out residual by at least this share.
pub(super) const WORTHWHILE: f64 = 0.05;
/// Receivers whose held-out residuals are compared.
const JUDGES: usize = 40;
/// Points at which shapes are compared, and how far they reach in standard deviations.
const GRID: (usize, f64) = (61, 1.6);
/// Rows that shapes of senders are fitted on.
pub(super) const SHAPE_ROWS: usize = 250;
/// Equations per unknown for the search of classes.
pub(super) const ENOUGH: usize = 8;
/// Most classes looked for.
pub(super) const MOST_CLASSES: usize = 8;
/// Steps of psi while the classes are still sought.
pub(super) const FEW_STEPS: usize = 3;
/// Rounds of fitting psi and asking every neuron again for its class.
pub(super) const ROUNDS: usize = 3;

/// What the candidates are fitted on.
#[derive(Clone, Copy)]
pub(super) struct Candidates<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) scheme: &'a Scheme<'a>,
    pub(super) equations: &'a Equations,
    pub(super) search: Search<'a>,
    /// Receivers that nothing scales from outside: only they drive and judge psi.
    pub(super) quiet: &'a [usize],
}

/// How much of held-out dx/dt the judging rows leave.
struct Verdict {
    /// Logarithm of the share that each row leaves.
    rows: Vec<f64>,
    /// Median share.
    share: f64,
}

impl Verdict {
    fn new(rows: Vec<f64>) -> Self {
        Self { share: median(rows.clone()).exp(), rows }
    }

    /// Whether `self` beats `other` by more than two standard errors of the mean logarithm over rows, and by enough
    /// to matter.
    fn beats(&self, other: &Self) -> bool {
        let n = self.rows.len() as f64;
        let gains = || other.rows.iter().zip(&self.rows).map(|(a, b)| a - b);
        let mean = gains().sum::<f64>() / n;
        let variance = gains().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        mean > -(1.0 - WORTHWHILE).ln() && mean > 2.0 * (variance / n).sqrt()
    }
}

impl Candidates<'_> {
    /// The psi that was asked for; by default the simplest that no other beats on held-out time.
    pub(super) fn choose(&self, shared: Psi) -> Result<Psi, Error> {
        self.refocused(self.by_choice(shared)?, ROUNDS)
    }

    /// The same psi fitted to the receivers that nothing scales, as often as it shows that these are others.
    fn refocused(&self, psi: Psi, rounds: usize) -> Result<Psi, Error> {
        let Some(field) = self.detected(&psi)?.filter(|_| rounds > 0) else { return self.sharpened(psi) };
        let quiet = field.quiet();
        let again = Candidates { quiet: &quiet, ..*self };
        let refitted = again.refitted(psi, field)?;
        again.refocused(refitted, rounds - 1)
    }

    /// Which receivers are scaled from outside under the fitted psi, where that is not what was thought before: the
    /// error of the psi that it started from hid the field.
    fn detected(&self, psi: &Psi) -> Result<Option<Field>, Error> {
        let Some(before) = &psi.field else { return Ok(None) };
        let mut found = Field { scaled: Vec::new(), calm: Vec::new(), ..before.clone() };
        for class in &psi.classes {
            let design = Design { bases: &psi.bases, bump: &self.scheme.bump, receivers: &class.receivers };
            let given = (before.windows, psi.ridge);
            let of_class =
                Field::detect(&design, self.equations, &class.transfer, given, self.search.events)?;
            found.scaled.extend(of_class.scaled);
            found.calm.extend(of_class.calm);
        }
        found.scaled.sort_unstable();
        found.calm.sort_unstable();
        Ok((found.scaled != before.scaled).then_some(found))
    }

    /// The same psi fitted to the receivers that nothing scales.
    fn refitted(&self, mut psi: Psi, field: Field) -> Result<Psi, Error> {
        for class in &mut psi.classes {
            let receivers = std::mem::take(&mut class.receivers);
            let (refined, steps) =
                self.refined(class.transfer.clone(), receivers, (&psi.bases, MOST_STEPS))?;
            (*class, psi.steps) = (refined, psi.steps + steps);
        }
        if let [class] = &mut psi.classes[..]
            && !class.transfer.class.is_empty()
        {
            *class = self.settled(class.clone(), (&psi.bases, psi.ridge))?;
        }
        let before = psi.field.as_ref().map(Field::describe);
        psi.notes.retain(|note| before.as_ref() != Some(note));
        psi.notes.push(field.describe());
        psi.field = Some(field);
        Ok(psi)
    }

    fn by_choice(&self, shared: Psi) -> Result<Psi, Error> {
        if self.plan.config.update == UpdateChoice::Shared {
            return Ok(noted(shared, "one phi and one psi for all neurons, as was asked for".to_owned()));
        }
        match self.plan.config.transfer {
            TransferChoice::Shared => Ok(shared),
            TransferChoice::Sender => {
                Ok(self.by_sender(&shared)?.unwrap_or_else(|| alone(shared, "senders")))
            }
            TransferChoice::Receiver => {
                Ok(self.by_receiver(&shared)?.unwrap_or_else(|| alone(shared, "receivers")))
            }
            TransferChoice::General => match self.by_receiver(&shared)? {
                Some(receivers) => Ok(self.by_both(&receivers)?.unwrap_or(receivers)),
                None => Ok(self.by_sender(&shared)?.unwrap_or_else(|| alone(shared, "neurons"))),
            },
            TransferChoice::Auto => self.automatic(shared),
        }
    }

    fn automatic(&self, shared: Psi) -> Result<Psi, Error> {
        if self.equations.n < FEWEST {
            return Ok(noted(
                shared,
                format!("one psi for all: classes are looked for from {FEWEST} neurons on"),
            ));
        }
        if shared.share < EXPLAINED {
            let why = format!(
                "one psi for all leaves {:.1e} of dx/dt unexplained: no classes needed",
                shared.share
            );
            return Ok(noted(shared, why));
        }
        let noise = self.noise(&shared)?;
        if noise > HIDDEN {
            let why = format!(
                "one psi for all: {:.0} % of dx/dt may be noise, which hides what classes would explain",
                100.0 * noise.min(1.0)
            );
            return Ok(noted(shared, why));
        }
        let of_shared = self.judge(&shared)?;
        let mut tried = vec![("shared", of_shared.share)];
        let mut best = (shared, of_shared, "shared");
        if let Some(psi) = self.by_sender(&best.0)? {
            let verdict = self.judge(&psi)?;
            tried.push(("sender", verdict.share));
            if verdict.beats(&best.1) {
                best = (psi, verdict, "sender");
            }
        }
        let mut receivers = None;
        if best.1.share >= EXPLAINED {
            receivers = self.by_receiver(&best.0)?;
        }
        if let Some(psi) = receivers {
            let verdict = self.judge(&psi)?;
            tried.push(("receiver", verdict.share));
            let both = self.by_both(&psi)?;
            if verdict.beats(&best.1) {
                best = (psi, verdict, "receiver");
            }
            if let Some(psi) = both {
                let verdict = self.judge(&psi)?;
                tried.push(("general", verdict.share));
                if verdict.beats(&best.1) {
                    best = (psi, verdict, "general");
                }
            }
        }
        let shares: Vec<String> = tried.iter().map(|(name, share)| format!("{name} {share:.2e}")).collect();
        let why = format!(
            "transfer `{}` was chosen: share of held-out dx/dt left unexplained by {}; a richer one must be {:.0} % \
             and two standard errors better",
            best.2,
            shares.join(", "),
            100.0 * WORTHWHILE
        );
        self.search.events.emit(Event::Note(why.clone()));
        Ok(noted(best.0, why))
    }

    /// The most of dx/dt that can be noise: what the fit leaves of the equations that it saw, per degree of freedom.
    ///
    /// What it leaves of held-out time says less: a wrong psi fails there too, without any noise.
    fn noise(&self, psi: &Psi) -> Result<f64, Error> {
        let unknowns = self.equations.n + self.plan.dense_bases()?.n_functions();
        let free = 1.0 - unknowns as f64 / self.equations.len() as f64;
        Ok(if free > 0.0 { psi.share / free } else { f64::INFINITY })
    }

    /// Fits W and phi of the judging rows on four of five stretches of time, scores them on the fifth.
    fn judge(&self, psi: &Psi) -> Result<Verdict, Error> {
        // The same phi for all candidates: psi alone makes the difference.
        let bases = self.plan.dense_bases()?;
        let judges = some_of(self.quiet, JUDGES);
        let thinned = self.equations.thinned(ENOUGH * (self.equations.n + bases.n_functions()));
        let (train, test) = thinned.split(STRETCHES.0, STRETCHES.1);
        let mut rows = vec![0.0; judges.len()];
        for class in &psi.classes {
            let member = |one: &usize| class.receivers.binary_search(one).is_ok();
            let receivers: Vec<usize> = judges.iter().copied().filter(member).collect();
            if receivers.is_empty() {
                continue;
            }
            let design = Design { bases: &bases, bump: &self.scheme.bump, receivers: &receivers };
            let (train, test) =
                (normal_of(&design, &train, &class.transfer)?, normal_of(&design, &test, &class.transfer)?);
            let penalties = Penalties::negligible(absolute_ridge(&train, psi.ridge));
            let factor = Factor::new(&train.gram, penalties.ridge)?;
            let shares = each_fit(&train, &factor, penalties, |position, fit| {
                let left = loss(&test, position, fit.weights.as_ref(), fit.coefficients.as_ref());
                left / test.target_square[position].max(f64::MIN_POSITIVE)
            })?;
            for (share, receiver) in shares.into_iter().zip(&receivers) {
                if let Ok(place) = judges.binary_search(receiver) {
                    rows[place] = share.max(1e-12).ln();
                }
            }
        }
        Ok(Verdict::new(rows))
    }

    /// psi of one class of receivers by Levenberg-Marquardt on some of its rows.
    pub(super) fn refined(
        &self,
        start: Transfer,
        receivers: Vec<usize>,
        (bases, most_steps): (&UpdateBases, usize),
    ) -> Result<(ReceiverClass, usize), Error> {
        let (rows, n_fitted) = self.driving_rows(&receivers);
        let design = Design { bases, bump: &self.scheme.bump, receivers: &rows };
        let scale = target_square(self.equations, &rows[..n_fitted]);
        let problem = Problem {
            design,
            n_fitted,
            equations: self.equations,
            ridge: self.plan.ridge(),
            scale,
            most_steps,
        };
        let refined = refine(&problem, start, self.search.events)?;
        let class = ReceiverClass { transfer: refined.transfer, receivers, share: refined.share };
        Ok((class, refined.steps))
    }

    /// psi of classes on finer knots, where they were fitted to the end; that of all was sharpened before.
    fn sharpened(&self, mut psi: Psi) -> Result<Psi, Error> {
        if psi.is_shared() {
            return Ok(psi);
        }
        for class in &mut psi.classes {
            let (rows, n_fitted) = self.driving_rows(&class.receivers);
            let problem = Problem {
                design: Design { bases: &psi.bases, bump: &self.scheme.bump, receivers: &rows },
                n_fitted,
                equations: self.equations,
                ridge: self.plan.ridge(),
                scale: 1.0,
                most_steps: 0,
            };
            let coarse = Refined { transfer: class.transfer.clone(), steps: 0, share: class.share };
            let finer = sharpen(&problem, coarse, (self.plan, self.class_width()), self.search.events)?;
            psi.steps += finer.steps;
            (class.transfer, class.share) = (finer.transfer, finer.share);
        }
        psi.share = psi.classes.iter().map(|class| class.share).fold(0.0, f64::max);
        Ok(psi)
    }

    /// Rows that drive and judge the psi of a class of receivers.
    fn driving_rows(&self, receivers: &[usize]) -> (Vec<usize>, usize) {
        let quiet: Vec<usize> =
            receivers.iter().copied().filter(|one| self.quiet.binary_search(one).is_ok()).collect();
        psi_rows(quiet, self.search.seed)
    }

    /// psi of classes of senders, one function each, on knots that are dense near rest.
    pub(super) fn start<F: Fn(f64) -> f64>(
        &self,
        functions: &[F],
        class: Vec<u32>,
    ) -> Result<Transfer, Error> {
        let classes = self.sender_classes(class);
        let knots = (self.class_width(), self.plan.transfer_knots);
        Transfer::projected(self.plan.domain, knots, functions, classes)
    }

    /// Scale of the knots of classes: the narrowest psi may be much narrower than what all share.
    fn class_width(&self) -> f64 {
        0.1 * self.plan.std
    }

    pub(super) fn sender_classes(&self, class: Vec<u32>) -> SenderClasses {
        SenderClasses::new(class, &self.plan.lower, &self.plan.upper)
    }

    /// Activity at which shapes are compared: as far as it is often visited.
    pub(super) fn grid(&self) -> Vec<f64> {
        let (points, reach) = GRID;
        let Domain { lower, upper, center } = self.plan.domain;
        let (low, high) =
            ((center - reach * self.plan.std).max(lower), (center + reach * self.plan.std).min(upper));
        (0..points).map(|k| low + (high - low) * k as f64 / (points - 1) as f64).collect()
    }
}

fn noted(mut psi: Psi, note: String) -> Psi {
    psi.notes.push(note);
    psi
}

fn alone(psi: Psi, who: &str) -> Psi {
    noted(psi, format!("the {who} form no classes (silhouette below 0.25): one psi for all"))
}

pub(super) fn members(labels: &[usize], class: usize) -> Vec<usize> {
    (0..labels.len()).filter(|&one| labels[one] == class).collect()
}

/// At most `most`, evenly picked.
pub(super) fn some_of(all: &[usize], most: usize) -> Vec<usize> {
    let count = all.len().min(most);
    (0..count).map(|one| all[one * all.len() / count]).collect()
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
