//! Classes of senders: shapes of all psi_j, their groups, and one psi a group.

use ndarray::{Array2, ArrayView1, Axis};
use neuroloom_analysis::least_squares::solve_small;
use neuroloom_analysis::spline::CubicCurve;
use neuroloom_core::{Event, Listener};

use super::choice::{
    Candidates, ENOUGH, MOST_CLASSES, ROUNDS, SHAPE_ROWS, WORTHWHILE, median, members, some_of,
};
use super::equations::Equations;
use super::grouping::group;
use super::normal::{Design, UpdateBases};
use super::plan::{Psi, ReceiverClass};
use super::refine::MOST_STEPS;
use super::senders::Profiles;
use super::transfer::{Domain, SenderClasses, Transfer, bounded};
use crate::Error;

/// The class of each sender, and the mean shape of each class.
pub(super) type Classes = (Vec<u32>, Vec<Vec<f64>>);

/// Widths of the bounded functions that shapes are combined of, in standard deviations of activity.
const SHAPES: [f64; 4] = [0.08, 0.24, 0.68, 1.9];
/// Most coefficients of shapes: their normal matrix has as many rows and columns.
const MOST_COEFFICIENTS: usize = 9000;

/// Above so many coefficients fewer equations per unknown must do, or the shapes take hours.
const MANY: usize = 4096;
/// Equations per unknown of a row then.
const FEW: usize = 3;

/// Shapes of maximum 1 that differ by less than this (rms) may be one.
const ALIKE: f64 = 0.1;

impl Candidates<'_> {
    /// One psi a class of senders; `None` where their shapes form no classes.
    pub(super) fn by_sender(&self, shared: &Psi) -> Result<Option<Psi>, Error> {
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
        let thinned = self.thinned(&bases);
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
        let class = self.merged(self.settled(class, (&bases, shared.ridge))?, &bases)?;
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

    /// The classes of senders after those with the same psi were made one: clusters of shapes may split what is one.
    fn merged(&self, mut class: ReceiverClass, bases: &UpdateBases) -> Result<ReceiverClass, Error> {
        let grid = self.grid();
        while class.transfer.coefficients.len() > 2 {
            let shapes = shapes_on(&class.transfer.curves()?, &grid);
            let pairs = (0..shapes.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
            let apart = pairs.map(|(a, b)| (distance(&shapes[a], &shapes[b]), (a, b)));
            let Some((nearest, pair)) = apart.min_by(|one, other| one.0.total_cmp(&other.0)) else { break };
            if nearest > ALIKE {
                break;
            }
            let (plan, share) = (self.plan, class.share);
            let transfer = class.transfer.joined(pair, &plan.lower, &plan.upper)?;
            let joined = self.refined(transfer, class.receivers.clone(), (bases, MOST_STEPS))?.0;
            if joined.share > (1.0 + WORTHWHILE) * share {
                break;
            }
            class = joined;
        }
        Ok(class)
    }

    /// The classes of senders after every sender was asked again, as often as one changes.
    pub(super) fn settled(
        &self,
        mut class: ReceiverClass,
        (bases, ridge): (&UpdateBases, f64),
    ) -> Result<ReceiverClass, Error> {
        let thinned = self.thinned(bases);
        let rows = some_of(self.quiet, SHAPE_ROWS);
        let design = Design { bases, bump: &self.scheme.bump, receivers: &rows };
        let grid = self.grid();
        for _ in 0..ROUNDS {
            let features = class.transfer.curves()?;
            let profiles = Profiles {
                design,
                equations: &thinned,
                features: &features,
                grid: &grid,
                ridge,
                most_steps: 3,
            };
            let labels = nearest_class(&class, &profiles, self.search.events)?;
            if labels == class.transfer.class {
                break;
            }
            let transfer = class.transfer.reassigned(self.sender_classes(labels))?;
            class = self.refined(transfer, class.receivers, (bases, MOST_STEPS))?.0;
        }
        Ok(class)
    }

    /// The equations that shapes of senders are fitted to.
    fn thinned(&self, bases: &UpdateBases) -> Equations {
        let n = self.equations.n;
        let enough = if SHAPES.len() * n > MANY { FEW } else { ENOUGH };
        self.equations.thinned(enough * (n + bases.n_functions()))
    }

    /// Labels and mean shapes of classes of senders.
    pub(super) fn classes(&self, shapes: &Array2<f64>) -> Result<Option<Classes>, Error> {
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
}

/// Every sender is asked again, with the functions of the classes themselves to combine.
fn nearest_class(
    class: &ReceiverClass,
    search: &Profiles<'_>,
    events: &dyn Listener,
) -> Result<Vec<u32>, Error> {
    let (features, n) = (search.features, search.equations.n);
    let k = features.len();
    let start: Vec<f64> = (0..n * k)
        .map(|place| f64::from(u8::from(class.transfer.class_of(place / k) == place % k)))
        .collect();
    let shapes = search.fit(&start, events)?;
    let of_class = shapes_on(features, search.grid);
    let nearest = |shape: ArrayView1<'_, f64>| {
        let shape = shape.to_vec();
        let to = |one: &usize| distance(&shape, &of_class[*one]);
        (0..k).min_by(|a, b| to(a).total_cmp(&to(b))).unwrap_or(0) as u32
    };
    Ok(shapes.rows().into_iter().map(nearest).collect())
}

/// Curves on the grid, of maximum 1.
fn shapes_on(curves: &[CubicCurve], grid: &[f64]) -> Vec<Vec<f64>> {
    let shape = |curve: &CubicCurve| unit(&grid.iter().map(|&x| curve.value(x)).collect::<Vec<_>>());
    curves.iter().map(shape).collect()
}

/// Root mean square difference of two shapes.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let square: f64 = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum();
    (square / one.len().max(1) as f64).sqrt()
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

fn unit(values: &[f64]) -> Vec<f64> {
    let largest = values.iter().fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    values.iter().map(|value| value / largest).collect()
}
