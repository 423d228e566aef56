//! Asked against achieved over a range of values.

use neuroloom_analysis::metrics::regression::{linear_fit, spearman};
use neuroloom_core::{Circuit, Event, Listener, Seed};
use serde::{Deserialize, Serialize};

use super::controller::{Controller, Request, SteeringConfig, Target, steer};
use super::generator::Generator;
use super::novelty::novelty;
use super::outcome::{Outcome, TargetOutcome, fresh, outcome};
use super::space::CodeSpace;
use super::surrogate::Surrogate;
use crate::Error;

/// Which values are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CurveConfig {
    /// Values spread evenly from the 5 to the 95 % quantile of the training circuits.
    pub n_values: usize,
    /// Further values on either side, at the same distance from each other.
    pub n_beyond: usize,
    /// Circuits drawn for each value.
    pub n_draws: usize,
    /// Settings of the controller.
    pub steering: SteeringConfig,
}

impl Default for CurveConfig {
    fn default() -> Self {
        Self { n_values: 9, n_beyond: 2, n_draws: 32, steering: SteeringConfig::default() }
    }
}

/// One value of a control curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Whether it is between the 5 and 95 % quantiles of the training circuits.
    pub inside: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// How well a controller controls one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlCurve {
    /// The controller.
    pub controller: Controller,
    /// The metric.
    pub metric: String,
    /// All values, ascending.
    pub points: Vec<CurvePoint>,
    /// Rank correlation of achieved means with asked values, inside the training range; 0 if nothing moved.
    pub spearman: f64,
    /// Slope of achieved means on asked values, inside the training range; 1 is control, 0 is none.
    pub slope: f64,
    /// Mean over the values inside the range of |achieved mean - asked| / |asked|.
    pub relative_error: f64,
    /// The largest of these.
    pub worst_relative_error: f64,
    /// Mean absolute error of single circuits inside the range, in standard deviations of the training circuits.
    pub mean_absolute_error_sd: f64,
    /// The same for circuits drawn without steering: what doing nothing scores.
    pub unsteered_error_sd: f64,
    /// Smallest and largest mean that was achieved, beyond the training range included.
    pub reached: (f64, f64),
    /// Mean over the values of the largest |side effect|, in standard deviations.
    pub largest_side_effect: f64,
}

/// Asks for values of one metric and measures what comes out, everything from fresh draws.
///
/// # Errors
/// As [`steer`]; [`Error::Interrupted`].
pub fn control_curve(
    controller: Controller,
    model: (&Generator<'_>, &CodeSpace),
    metric: usize,
    (config, training): (&CurveConfig, &[&Circuit]),
    (seed, listener): (Seed, &dyn Listener),
) -> Result<ControlCurve, Error> {
    let (generator, space) = model;
    let asked = asked(space, metric, config)?;
    let surrogate = match controller {
        Controller::Gradient => Some(Surrogate::fit(space, &config.steering.surrogate, seed)?),
        _ => None,
    };
    listener.emit(Event::Started { stage: "control curve", total: Some(asked.len() as u64) });
    let mut points = Vec::with_capacity(asked.len());
    for (place, &(value, inside)) in asked.iter().enumerate() {
        if listener.cancelled() {
            return Err(Error::Interrupted { stage: "control curve" });
        }
        let targets = [Target { metric, value }];
        let request = Request { start: space.mean_code(), targets: &targets, held: &[] };
        let seed = seed.nth(place as u64);
        let steered = steer(controller, model, &request, (&config.steering, surrogate.as_ref()), seed)?;
        let (measured, unsteered) = fresh(generator, &request, &steered, config.n_draws, seed)?;
        // Distances to all training circuits would cost more than all else.
        let novelty = novelty(&measured.circuits[..1], &training[..training.len().min(50)]);
        let outcome = outcome(controller, space, &request, (steered, &measured, &unsteered), novelty);
        points.push(CurvePoint { inside, outcome });
        listener.emit(Event::Step { done: place as u64 + 1, loss: None });
    }
    listener.emit(Event::Finished);
    Ok(summary(controller, space, metric, points))
}

fn asked(space: &CodeSpace, metric: usize, config: &CurveConfig) -> Result<Vec<(f64, bool)>, Error> {
    let model = space.metrics().get(metric);
    let (Some(model), 2..) = (model, config.n_values) else {
        let given = format!("metric {metric}, {} values", config.n_values);
        let allowed = format!("one of {} metrics, 2 values or more", space.metrics().len());
        return Err(Error::Config { key: "synthesize.curve", given, allowed });
    };
    let step = (model.high - model.low) / (config.n_values - 1) as f64;
    let beyond = config.n_beyond as i64;
    let values = (-beyond..config.n_values as i64 + beyond).map(|place| {
        let inside = (0..config.n_values as i64).contains(&place);
        (model.low + step * place as f64, inside)
    });
    // A negative number of edges, or none, cannot be asked for.
    let lowest = space.training_metrics().column(metric).iter().copied().fold(f64::INFINITY, f64::min);
    Ok(values.filter(|(value, inside)| *inside || lowest < 0.0 || *value > 0.0).collect())
}

fn summary(
    controller: Controller,
    space: &CodeSpace,
    metric: usize,
    points: Vec<CurvePoint>,
) -> ControlCurve {
    let model = &space.metrics()[metric];
    let targets = |inside_only: bool| -> Vec<&TargetOutcome> {
        let kept = points.iter().filter(|point| point.inside || !inside_only);
        kept.map(|point| &point.outcome.targets[0]).filter(|target| target.achieved.is_finite()).collect()
    };
    let inside = targets(true);
    let asked: Vec<f64> = inside.iter().map(|target| target.asked).collect();
    let achieved: Vec<f64> = inside.iter().map(|target| target.achieved).collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / values.len() as f64 }
    };
    let reached = targets(false);
    let largest = |point: &CurvePoint| {
        point
            .outcome
            .side_effects
            .iter()
            .map(|(_, shift)| shift.abs())
            .filter(|shift| shift.is_finite())
            .fold(0.0, f64::max)
    };
    ControlCurve {
        controller,
        metric: model.name.clone(),
        spearman: spearman(&asked, &achieved).unwrap_or(0.0),
        slope: linear_fit(&asked, &achieved).map_or(0.0, |fit| fit.slope),
        relative_error: mean(&mut inside.iter().map(|target| target.relative_error)),
        worst_relative_error: inside.iter().map(|target| target.relative_error).fold(0.0, f64::max),
        mean_absolute_error_sd: mean(&mut inside.iter().map(|target| target.mean_absolute_error)) / model.sd,
        unsteered_error_sd: mean(&mut inside.iter().map(|target| (target.unsteered - target.asked).abs()))
            / model.sd,
        reached: (
            reached.iter().map(|target| target.achieved).fold(f64::INFINITY, f64::min),
            reached.iter().map(|target| target.achieved).fold(f64::NEG_INFINITY, f64::max),
        ),
        largest_side_effect: mean(&mut points.iter().map(largest)),
        points,
    }
}
