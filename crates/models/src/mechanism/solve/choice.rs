//! Whose class shapes psi: candidates are fitted and judged on held-out time.

use ndarray::{Array2, Axis};
use neuroloom_analysis::least_squares::solve_small;
use neuroloom_analysis::spline::CubicCurve;
use neuroloom_core::Event;

use super::eliminate::{Factor, Penalties, fit_row, loss};
use super::equations::{Equations, Scheme};
use super::grouping::group;
use super::normal::{Design, UpdateBases};
use super::plan::{Plan, Psi, ReceiverClass, Search, psi_rows, target_square};
use super::receivers::{favourites, losses, preferences};
use super::refine::{MOST_STEPS, Problem, refine};
use super::senders::Profiles;
use super::start::{absolute_ridge, normal_of};
use super::transfer::{Domain, SenderClasses, Transfer, bounded};
use crate::Error;
use crate::mechanism::TransferChoice;

/// The class of each sender, and the mean shape of each class.
type Classes = (Vec<u32>, Vec<Vec<f64>>);

/// A psi that leaves less than this share of dx/dt needs no classes, or no further ones.
const EXPLAINED: f64 = 1e-5;
/// Above this share noise hides what classes would explain.
const HIDDEN: f64 = 0.3;
/// Fewest neurons that may form classes unasked.
const FEWEST: usize = 40;
/// Stretches of time, and every how many of them one is held out.
const STRETCHES: (usize, usize) = (25, 5);
/// More classes must lower the held-out residual by at least this share.
const WORTHWHILE: f64 = 0.05;
/// Receivers whose held-out residuals are compared.
const JUDGES: usize = 40;
/// Widths of the bounded functions that shapes are combined of, in standard deviations of activity.
const SHAPES: [f64; 4] = [0.08, 0.24, 0.68, 1.9];
/// Widths that a row chooses among, in standard deviations of activity.
const WIDTHS: [f64; 10] = [0.05, 0.08, 0.13, 0.2, 0.32, 0.5, 0.8, 1.3, 2.0, 3.2];
/// Points at which shapes are compared, and how far they reach in standard deviations.
const GRID: (usize, f64) = (61, 1.6);
/// Rows that shapes of senders are fitted on.
const SHAPE_ROWS: usize = 250;
/// Equations per unknown for the search of classes.
const ENOUGH: usize = 8;
/// Most coefficients of shapes: their normal matrix has as many rows and columns.
const MOST_COEFFICIENTS: usize = 9000;
/// Most classes looked for.
const MOST_CLASSES: usize = 8;
/// Steps of psi while the classes are still sought.
const FEW_STEPS: usize = 3;
/// Rounds of fitting psi and asking every neuron again for its class.
const ROUNDS: usize = 3;

/// What the candidates are fitted on.
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
        let of_shared = self.judge(&shared)?;
        let mut tried = vec![("shared", of_shared.share)];
        if of_shared.share > HIDDEN {
            let why = format!(
                "one psi for all: {:.0} % of held-out dx/dt is noise, which hides what classes would explain",
                100.0 * of_shared.share
            );
            return Ok(noted(shared, why));
        }
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
            for (position, receiver) in receivers.iter().enumerate() {
                let fit = fit_row(&train, &factor, penalties, position)?;
                let left = loss(&test, position, fit.weights.as_ref(), fit.coefficients.as_ref());
                let share = left / test.target_square[position].max(f64::MIN_POSITIVE);
                if let Ok(place) = judges.binary_search(receiver) {
                    rows[place] = share.max(1e-12).ln();
                }
            }
        }
        Ok(Verdict::new(rows))
    }

    /// One psi a class of senders; `None` where their shapes form no classes.
    fn by_sender(&self, shared: &Psi) -> Result<Option<Psi>, Error> {
        if SHAPES.len() * self.equations.n > MOST_COEFFICIENTS {
            let why = format!(
                "classes of senders are looked for among at most {} neurons",
                MOST_COEFFICIENTS / SHAPES.len()
            );
            self.search.events.emit(Event::Note(why));
            return Ok(None);
        }
        let bases = self.plan.dense_bases()?;
        let everyone: Vec<usize> = (0..self.equations.n).collect();
        let features = self.bounded_features()?;
        let grid = self.grid();
        let start = combination(&features, &shared.classes[0].transfer.curves()?[0], &grid);
        let thinned = self.equations.thinned(ENOUGH * (self.equations.n + bases.n_functions()));
        let rows = some_of(self.quiet, SHAPE_ROWS);
        let design = Design { bases: &bases, bump: &self.scheme.bump, receivers: &rows };
        let profiles = Profiles {
            design,
            equations: &thinned,
            features: &features,
            grid: &grid,
            ridge: shared.ridge,
            most_steps: 10,
        };
        let shapes = profiles.fit(&start, self.search.events)?;
        let Some((labels, means)) = self.classes(&shapes)? else { return Ok(None) };
        let starts: Vec<_> = means.iter().map(|mean| interpolated(&grid, mean)).collect();
        let transfer = self.start(&starts, labels)?;
        let (class, steps) = self.refined(transfer, everyone, (&bases, MOST_STEPS))?;
        let mut class = class;
        for _ in 0..ROUNDS {
            let labels = self.nearest_class(&class, &profiles)?;
            if labels == class.transfer.class {
                break;
            }
            let transfer = class.transfer.reassigned(self.sender_classes(labels))?;
            class = self.refined(transfer, class.receivers, (&bases, MOST_STEPS))?.0;
        }
        let note = format!("{} classes of senders by the shape of psi", class.transfer.coefficients.len());
        Ok(Some(Psi {
            classes: vec![class],
            bases,
            ridge: shared.ridge,
            update: 0.0,
            width: shared.width,
            steps,
            share: shared.share,
            field: shared.field.clone(),
            notes: [shared.notes.clone(), vec![note]].concat(),
        }))
    }

    /// Every sender is asked again, with the functions of the classes themselves to combine.
    fn nearest_class(&self, class: &ReceiverClass, search: &Profiles<'_>) -> Result<Vec<u32>, Error> {
        let features = class.transfer.curves()?;
        let k = features.len();
        let start: Vec<f64> = (0..self.equations.n * k)
            .map(|place| f64::from(u8::from(class.transfer.class_of(place / k) == place % k)))
            .collect();
        let again = Profiles { features: &features, most_steps: 3, ..*search };
        let shapes = again.fit(&start, self.search.events)?;
        let of_class: Vec<Vec<f64>> = features
            .iter()
            .map(|curve| unit(&search.grid.iter().map(|&x| curve.value(x)).collect::<Vec<_>>()))
            .collect();
        let nearest = |shape: ndarray::ArrayView1<'_, f64>| {
            let distance =
                |one: usize| -> f64 { shape.iter().zip(&of_class[one]).map(|(a, b)| (a - b).powi(2)).sum() };
            (0..k).min_by(|&a, &b| distance(a).total_cmp(&distance(b))).unwrap_or(0) as u32
        };
        Ok(shapes.rows().into_iter().map(nearest).collect())
    }

    /// One psi a class of receivers; `None` where rows do not differ in what they prefer.
    fn by_receiver(&self, start: &Psi) -> Result<Option<Psi>, Error> {
        let bases = self.plan.dense_bases()?;
        let everyone: Vec<usize> = (0..self.equations.n).collect();
        let design = Design { bases: &bases, bump: &self.scheme.bump, receivers: &everyone };
        let thinned = self.equations.thinned(ENOUGH * (self.equations.n + bases.n_functions()));
        let knots = self.plan.transfer_knots;
        let widths: Vec<Transfer> = WIDTHS
            .iter()
            .map(|width| Transfer::bounded(self.plan.domain, width * self.plan.std, knots))
            .collect::<Result<_, _>>()?;
        let of_width = losses(&design, &thinned, &widths, start.ridge, self.search.events)?;
        let chosen = group(&preferences(&of_width), MOST_CLASSES, self.search.seed.split("receivers"))?;
        if chosen.n_clusters < 2 {
            return Ok(None);
        }
        let mut labels = chosen.labels;
        let mut classes = Vec::new();
        for class in 0..chosen.n_clusters {
            let receivers = members(&labels, class);
            let mean = of_width.select(Axis(0), &receivers).mapv(f64::ln).sum_axis(Axis(0));
            let best = favourites(&mean.insert_axis(Axis(0)))[0];
            classes.push(ReceiverClass { transfer: widths[best].clone(), receivers });
        }
        let mut steps = 0;
        for round in 0..=ROUNDS {
            for class in &mut classes {
                let (refined, more) =
                    self.refined(class.transfer.clone(), class.receivers.clone(), (&bases, FEW_STEPS))?;
                (*class, steps) = (refined, steps + more);
            }
            if round == ROUNDS
                || !self.ask_again(&mut classes, &mut labels, (&design, &thinned, start.ridge))?
            {
                break;
            }
        }
        let note = format!("{} classes of receivers by the psi that leaves each the least", classes.len());
        Ok(Some(Psi {
            classes,
            bases,
            ridge: start.ridge,
            update: 0.0,
            width: start.width,
            steps,
            share: start.share,
            field: start.field.clone(),
            notes: [start.notes.clone(), vec![note]].concat(),
        }))
    }

    /// Lets every receiver choose among the psi of the classes; whether any has changed. Classes that nobody
    /// chooses are dropped.
    fn ask_again(
        &self,
        classes: &mut Vec<ReceiverClass>,
        labels: &mut Vec<usize>,
        (design, equations, ridge): (&Design<'_>, &Equations, f64),
    ) -> Result<bool, Error> {
        let candidates: Vec<Transfer> = classes.iter().map(|class| class.transfer.clone()).collect();
        let found = favourites(&losses(design, equations, &candidates, ridge, self.search.events)?);
        let changed = found != *labels;
        for (label, class) in classes.iter_mut().enumerate() {
            class.receivers = members(&found, label);
        }
        classes.retain(|class| class.receivers.len() >= 2);
        let of = |receiver: usize| classes.iter().position(|class| class.receivers.contains(&receiver));
        *labels = (0..found.len()).map(|receiver| of(receiver).unwrap_or(0)).collect();
        for (label, class) in classes.iter_mut().enumerate() {
            class.receivers = members(labels, label);
        }
        Ok(changed)
    }

    /// Classes of senders on top of classes of receivers: the linear part of each sender, from the receivers of
    /// the narrowest psi, which alone can tell it from the psi itself.
    fn by_both(&self, receivers: &Psi) -> Result<Option<Psi>, Error> {
        let grid = self.grid();
        let mut narrowest = (f64::INFINITY, 0);
        for (label, class) in receivers.classes.iter().enumerate() {
            let width = half_height(&class.transfer.curves()?[0], &grid);
            if width < narrowest.0 && class.receivers.len() >= 20 {
                narrowest = (width, label);
            }
        }
        let class = &receivers.classes[narrowest.1];
        let line = Transfer::projected(
            self.plan.domain,
            (self.plan.std, 5),
            &[|x: f64| x - self.plan.domain.center],
            SenderClasses::one(self.plan.domain),
        )?;
        let features = [class.transfer.curves()?, line.curves()?].concat();
        let thinned = self.equations.thinned(ENOUGH * (self.equations.n + receivers.bases.n_functions()));
        let rows = some_of(&class.receivers, SHAPE_ROWS);
        let design = Design { bases: &receivers.bases, bump: &self.scheme.bump, receivers: &rows };
        let profiles = Profiles {
            design,
            equations: &thinned,
            features: &features,
            grid: &grid,
            ridge: receivers.ridge,
            most_steps: 8,
        };
        let shapes = profiles.fit(&[1.0, 0.0], self.search.events)?;
        let Some((labels, means)) = self.classes(&shapes)? else { return Ok(None) };
        let mut classes = Vec::new();
        let mut steps = receivers.steps;
        let center = means.iter().fold(vec![0.0; grid.len()], |sum, mean| {
            sum.iter().zip(mean).map(|(a, b)| a + b / means.len() as f64).collect()
        });
        for class in &receivers.classes {
            // What the linear part of a class differs in from that of all bends every psi alike.
            let own = &class.transfer.curves()?[0];
            let starts: Vec<_> = means
                .iter()
                .map(|mean| {
                    let slope = slope_of(&grid, mean, &center);
                    move |x: f64| own.value(x) + slope * (x - self.plan.domain.center)
                })
                .collect();
            let transfer = self.start(&starts, labels.clone())?;
            let (refined, more) =
                self.refined(transfer, class.receivers.clone(), (&receivers.bases, MOST_STEPS))?;
            classes.push(refined);
            steps += more;
        }
        let note = format!("{} classes of senders by the linear part of psi", means.len());
        let mut psi = Psi {
            classes,
            bases: self.plan.dense_bases()?,
            ridge: receivers.ridge,
            update: 0.0,
            width: receivers.width,
            steps,
            share: receivers.share,
            field: receivers.field.clone(),
            notes: [receivers.notes.clone(), vec![note]].concat(),
        };
        self.settle(&mut psi, &thinned)?;
        Ok(Some(psi))
    }

    /// Receivers choose again among the refined psi of the pairs of classes.
    fn settle(&self, psi: &mut Psi, thinned: &Equations) -> Result<(), Error> {
        let everyone: Vec<usize> = (0..self.equations.n).collect();
        for _ in 0..ROUNDS {
            let design = Design { bases: &psi.bases, bump: &self.scheme.bump, receivers: &everyone };
            let mut labels = vec![0; everyone.len()];
            for (label, class) in psi.classes.iter().enumerate() {
                class.receivers.iter().for_each(|&one| labels[one] = label);
            }
            let changed = self.ask_again(&mut psi.classes, &mut labels, (&design, thinned, psi.ridge))?;
            if !changed {
                break;
            }
            for class in &mut psi.classes {
                *class =
                    self.refined(class.transfer.clone(), class.receivers.clone(), (&psi.bases, FEW_STEPS))?.0;
            }
        }
        Ok(())
    }

    /// psi of one class of receivers by Levenberg-Marquardt on some of its rows.
    fn refined(
        &self,
        start: Transfer,
        receivers: Vec<usize>,
        (bases, most_steps): (&UpdateBases, usize),
    ) -> Result<(ReceiverClass, usize), Error> {
        let quiet: Vec<usize> =
            receivers.iter().copied().filter(|one| self.quiet.binary_search(one).is_ok()).collect();
        let (rows, n_fitted) = psi_rows(quiet, self.search.seed);
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
        Ok((ReceiverClass { transfer: refined.transfer, receivers }, refined.steps))
    }

    /// Labels and mean shapes of classes of senders.
    fn classes(&self, shapes: &Array2<f64>) -> Result<Option<Classes>, Error> {
        let chosen = group(shapes, MOST_CLASSES, self.search.seed.split("senders"))?;
        if chosen.n_clusters < 2 {
            return Ok(None);
        }
        let mean = |class: usize| {
            let some = shapes.select(Axis(0), &members(&chosen.labels, class));
            (0..some.ncols()).map(|place| median(some.column(place).to_vec())).collect()
        };
        let means = (0..chosen.n_clusters).map(mean).collect();
        Ok(Some((chosen.labels.iter().map(|&label| label as u32).collect(), means)))
    }

    fn start<F: Fn(f64) -> f64>(&self, functions: &[F], class: Vec<u32>) -> Result<Transfer, Error> {
        let width = 0.1 * self.plan.std;
        let classes = self.sender_classes(class);
        Transfer::projected(self.plan.domain, (width, self.plan.transfer_knots), functions, classes)
    }

    fn sender_classes(&self, class: Vec<u32>) -> SenderClasses {
        SenderClasses::new(class, &self.plan.lower, &self.plan.upper)
    }

    fn bounded_features(&self) -> Result<Vec<CubicCurve>, Error> {
        let Domain { center, .. } = self.plan.domain;
        let functions: Vec<_> =
            SHAPES.iter().map(|&share| move |x: f64| bounded(x - center, share * self.plan.std)).collect();
        let width = SHAPES[0] * self.plan.std;
        self.of_bounded(width, &functions)
    }

    fn of_bounded<F: Fn(f64) -> f64>(&self, width: f64, functions: &[F]) -> Result<Vec<CubicCurve>, Error> {
        let domain = self.plan.domain;
        let ranges = vec![(domain.lower, domain.upper); functions.len()];
        let classes = SenderClasses { class: Vec::new(), ranges };
        Transfer::projected(domain, (width, 49), functions, classes)?.curves()
    }

    /// Activity at which shapes are compared: as far as it is often visited.
    fn grid(&self) -> Vec<f64> {
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

fn members(labels: &[usize], class: usize) -> Vec<usize> {
    (0..labels.len()).filter(|&one| labels[one] == class).collect()
}

/// At most `most`, evenly picked.
fn some_of(all: &[usize], most: usize) -> Vec<usize> {
    let count = all.len().min(most);
    (0..count).map(|one| all[one * all.len() / count]).collect()
}

/// The combination of functions nearest to a curve on the grid.
fn combination(features: &[CubicCurve], curve: &CubicCurve, grid: &[f64]) -> Vec<f64> {
    let k = features.len();
    let values: Vec<Vec<f64>> =
        grid.iter().map(|&x| features.iter().map(|feature| feature.value(x)).collect()).collect();
    let (mut normal, mut right) = (vec![0.0; k * k], vec![0.0; k]);
    for (f, &x) in values.iter().zip(grid) {
        for a in 0..k {
            right[a] += f[a] * curve.value(x);
            (0..k).for_each(|b| normal[a * k + b] += f[a] * f[b]);
        }
    }
    (0..k).for_each(|a| normal[a * k + a] += 1e-6);
    solve_small(normal, right).unwrap_or_else(|| vec![1.0 / k as f64; k])
}

/// A function through points of the grid, constant beyond it.
fn interpolated<'a>(grid: &'a [f64], values: &'a [f64]) -> impl Fn(f64) -> f64 + 'a {
    move |x| {
        let last = grid.len() - 1;
        let place = ((x - grid[0]) / (grid[1] - grid[0])).clamp(0.0, last as f64);
        let (left, share) = ((place as usize).min(last - 1), place - (place as usize).min(last - 1) as f64);
        values[left] + share * (values[left + 1] - values[left])
    }
}

/// Where a curve first reaches half of its value at the right end of the grid.
fn half_height(curve: &CubicCurve, grid: &[f64]) -> f64 {
    let end = curve.value(grid[grid.len() - 1]);
    let middle = grid.len() / 2;
    grid[middle..].iter().copied().find(|&x| curve.value(x) >= 0.5 * end).unwrap_or(f64::INFINITY)
}

/// Slope of the line nearest to the difference of two curves.
fn slope_of(grid: &[f64], curve: &[f64], from: &[f64]) -> f64 {
    let center = grid[grid.len() / 2];
    let up: f64 = grid.iter().zip(curve).zip(from).map(|((x, a), b)| (x - center) * (a - b)).sum();
    up / grid.iter().map(|x| (x - center).powi(2)).sum::<f64>()
}

fn unit(values: &[f64]) -> Vec<f64> {
    let largest = values.iter().fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    values.iter().map(|value| value / largest).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
