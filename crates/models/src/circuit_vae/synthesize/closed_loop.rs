//! Steps judged by what the decoded circuits measure.
//!
//! One target: a root of (measured mean - target) along the lever of `line-mahalanobis`, from what the decoder makes of
//! codes where the space was [`probed`](CodeSpace::probed). Several targets, or a target
//! that the code does not reach and a tilt that is allowed: Broyden's method (1965) on all levers, each step the
//! shortest that solves the linear model (Gauss-Newton with a Levenberg term), shortened until it helps. Every
//! measurement uses the same random numbers, so that differences are due to the levers.

use ndarray::{Array1, Array2};
use neuroloom_core::Seed;

use super::controller::{Request, Steered, SteeringConfig};
use super::generator::Generator;
use super::line_orthogonal::levers;
use super::search::{Interval, root};
use super::space::CodeSpace;
use super::tilt::Tilt;
use crate::Error;

/// What may be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Code,
    CodeAndTilt,
}

/// Change of an entry of the tilt whose effect is measured.
const PROBE: f64 = 0.3;

/// A tilt costs this many times as much as a step of one standard deviation along the code: it is a means of last
/// resort.
const TILT_COST: f64 = 2.0;

/// Measurements of the last corrections at most.
const POLISHING: usize = 6;

/// Longest step of Broyden's method.
const LONGEST: f64 = 2.0;

/// Entries of a tilt at most: odds times 150.
const STEEPEST: f64 = 5.0;

pub(super) struct ClosedLoop<'a> {
    generator: &'a Generator<'a>,
    space: &'a CodeSpace,
    request: &'a Request<'a>,
    config: &'a SteeringConfig,
    seed: Seed,
    /// `[dimension, target]`.
    levers: Array2<f64>,
    /// Metrics that are watched: targets, then held ones.
    metrics: Vec<usize>,
    wanted: Vec<f64>,
    n_draws: usize,
    n_evaluations: usize,
}

/// One step for each target along its lever, then the entries of the tilt.
type Setting = Array1<f64>;

impl<'a> ClosedLoop<'a> {
    pub(super) fn new(
        (generator, space): (&'a Generator<'a>, &'a CodeSpace),
        request: &'a Request<'a>,
        config: &'a SteeringConfig,
        seed: Seed,
    ) -> Result<Self, Error> {
        let metrics = request.watched();
        let weights = space.scaled_responses(&metrics);
        let levers = levers(space, (&weights, request.targets.len()), Some(config.ridge))?;
        let wanted = request.targets.iter().map(|target| target.value).collect();
        Ok(Self {
            generator,
            space,
            request,
            config,
            seed,
            levers,
            metrics,
            wanted,
            n_draws: config.n_draws,
            n_evaluations: 0,
        })
    }

    pub(super) fn steer(mut self, reach: Reach) -> Result<Steered, Error> {
        let n_targets = self.request.targets.len();
        let rest = Setting::zeros(n_targets + Tilt::NAMES.len());
        let unsteered = self.measured(&rest)?;
        for (place, held) in self.request.held.iter().enumerate() {
            self.wanted.push(unsteered[n_targets + place]);
            debug_assert!(self.metrics[n_targets + place] == *held, "held metrics follow the targets");
        }
        let mut setting = rest;
        if self.metrics.len() == 1 {
            setting[0] = self.along_lever(unsteered[0])?;
        }
        let mut found = self.measured(&setting)?;
        if (self.metrics.len() > 1 || reach == Reach::CodeAndTilt) && !self.content(&found) {
            (setting, found) = self.broyden((setting, found), self.config.max_evaluations, reach)?;
        }
        if self.config.polish_draws > self.n_draws {
            self.n_draws = self.config.polish_draws;
            let reach = if self.place(&setting).1.is_none() { Reach::Code } else { reach };
            found = self.measured(&setting)?;
            (setting, found) = self.broyden((setting, found), POLISHING, reach)?;
        }
        found.truncate(n_targets);
        let (code, tilt) = self.place(&setting);
        Ok(Steered { code, tilt, n_evaluations: self.n_evaluations, expected: found })
    }

    fn along_lever(&mut self, unsteered: f64) -> Result<f64, Error> {
        let target = self.request.targets[0];
        let model = &self.space.metrics()[target.metric];
        let interval = Interval {
            first: (target.value - unsteered) / model.sd,
            // One unit is one standard deviation of the metric, as predicted.
            limit: 20.0,
            tolerance: self.config.tolerance * self.size(0),
            budget: self.config.max_evaluations,
        };
        if self.levers.iter().all(|value| *value == 0.0) {
            return Ok(0.0);
        }
        let n_settings = 1 + Tilt::NAMES.len();
        let value = |step: f64| {
            let mut setting = Setting::zeros(n_settings);
            setting[0] = step;
            Ok(self.measured(&setting)?[0] - target.value)
        };
        root(value, unsteered - target.value, &interval)
    }

    /// Code and tilt of a setting; a code beyond reach is drawn back to the edge.
    fn place(&self, setting: &Setting) -> (Vec<f64>, Tilt) {
        let n_targets = self.request.targets.len();
        let step = self.levers.dot(&setting.slice(ndarray::s![..n_targets]));
        let start = self.space.standardise(self.request.start);
        let step = within(&start, &step.to_vec(), self.config.reach * self.space.farthest());
        let entry = |place: usize| setting[n_targets + place].clamp(-STEEPEST, STEEPEST);
        let tilt = Tilt::from_entries([entry(0), entry(1), entry(2), entry(3)]);
        (self.space.moved(self.request.start, &step), tilt)
    }

    /// Means of the watched metrics.
    fn measured(&mut self, setting: &Setting) -> Result<Vec<f64>, Error> {
        let (code, tilt) = self.place(setting);
        self.n_evaluations += 1;
        let found = self.generator.measure_at((&code, &tilt), self.n_draws, self.seed.split("steering"))?;
        Ok(self.metrics.iter().map(|&metric| found.mean[metric]).collect())
    }

    /// What a relative error is relative to: the target, or a tenth of a standard deviation where that is larger.
    fn size(&self, place: usize) -> f64 {
        self.wanted[place].abs().max(0.1 * self.space.metrics()[self.metrics[place]].sd)
    }

    fn content(&self, found: &[f64]) -> bool {
        let near = |place: usize| {
            (found[place] - self.wanted[place]).abs() <= self.config.tolerance * self.size(place)
        };
        (0..self.request.targets.len()).all(near)
    }

    /// Errors in standard deviations; undefined ones count as far away.
    fn residual(&self, found: &[f64]) -> Array1<f64> {
        let one = |place: usize| {
            let error = (found[place] - self.wanted[place]) / self.space.metrics()[self.metrics[place]].sd;
            if error.is_finite() { error } else { 10.0 }
        };
        (0..found.len()).map(one).collect()
    }

    fn broyden(
        &mut self,
        (mut setting, mut found): (Setting, Vec<f64>),
        budget: usize,
        reach: Reach,
    ) -> Result<(Setting, Vec<f64>), Error> {
        let (n_targets, n_metrics) = (self.request.targets.len(), self.metrics.len());
        let mut slopes = Array2::zeros((n_metrics, setting.len()));
        // By the linear model a lever moves its own target and nothing else.
        (0..n_targets).for_each(|target| slopes[[target, target]] = 1.0);
        let mut residual = self.residual(&found);
        if reach == Reach::CodeAndTilt {
            for entry in n_targets..setting.len() {
                let mut probe = setting.clone();
                probe[entry] += PROBE;
                let moved = self.measured(&probe)?;
                let change = (self.residual(&moved) - &residual) / PROBE;
                slopes.column_mut(entry).assign(&change);
            }
        }
        let budget = self.n_evaluations + budget;
        let mut damping = 1e-3;
        while self.n_evaluations < budget && !self.content(&found) {
            let step = shortest(&slopes, &residual, (n_targets, damping))?;
            let tried = &setting + &step;
            let there = self.measured(&tried)?;
            let change = self.residual(&there);
            // Broyden's update: the smallest change of the slopes that explains what the step did.
            let surprise = &change - &residual - slopes.dot(&step);
            let squares = step.dot(&step);
            if squares < 1e-12 {
                break;
            }
            for (metric, surprise) in surprise.iter().enumerate() {
                slopes.row_mut(metric).scaled_add(surprise / squares, &step);
            }
            if change.dot(&change) < residual.dot(&residual) {
                (setting, found, residual) = (tried, there, change);
                damping *= 0.3;
            } else {
                damping *= 10.0;
            }
        }
        Ok((setting, found))
    }
}

/// The step d that minimises |r + J d|² + damping |d|², where a tilt counts [`TILT_COST`] times; at most [`LONGEST`].
fn shortest(
    slopes: &Array2<f64>,
    residual: &Array1<f64>,
    (n_targets, damping): (usize, f64),
) -> Result<Array1<f64>, Error> {
    use faer::linalg::solvers::Solve;
    let n = residual.len();
    let cheapness = |lever: usize| if lever < n_targets { 1.0 } else { 1.0 / (TILT_COST * TILT_COST) };
    let weighted =
        Array2::from_shape_fn(slopes.dim(), |(row, lever)| slopes[[row, lever]] * cheapness(lever));
    let normal = slopes.dot(&weighted.t());
    let matrix = faer::Mat::from_fn(n, n, |row, column| {
        normal[[row, column]] + if row == column { damping } else { 0.0 }
    });
    let factor = matrix.llt(faer::Side::Lower).map_err(|_| Error::Singular { stage: "steering" })?;
    let solution = factor.solve(faer::Mat::from_fn(n, 1, |row, _| -residual[row]));
    let multipliers: Array1<f64> = (0..n).map(|row| solution[(row, 0)]).collect();
    let step = weighted.t().dot(&multipliers);
    let length = step.dot(&step).sqrt();
    Ok(if length > LONGEST { step * (LONGEST / length) } else { step })
}

/// The largest part of a step whose end is not farther from the origin than `limit` (or than the start, if that is
/// farther already).
fn within(start: &[f64], step: &[f64], limit: f64) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (ss, sd, dd) = (dot(start, start), dot(start, step), dot(step, step));
    let room = (limit * limit).max(ss);
    if ss + 2.0 * sd + dd <= room || dd == 0.0 {
        return step.to_vec();
    }
    // The larger root of dd t² + 2 sd t + ss - room.
    let share = (-sd + (sd * sd + dd * (room - ss)).max(0.0).sqrt()) / dd;
    step.iter().map(|value| value * share.clamp(0.0, 1.0)).collect()
}
