//! Circuits for one request, and what became of it.

use neuroloom_analysis::statistics::chi_square_cdf;
use neuroloom_core::{Circuit, Seed};
use serde::Serialize;

use super::controller::{Controller, Request, Steered, SteeringConfig, steer};
use super::generator::{Generator, Measured};
use super::novelty::{Novelty, novelty};
use super::space::CodeSpace;
use super::tilt::Tilt;
use crate::Error;

/// Asked and achieved of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetOutcome {
    /// The metric.
    pub metric: String,
    /// The value that was asked for.
    pub asked: f64,
    /// What the controller expected.
    pub expected: f64,
    /// Mean over the circuits.
    pub achieved: f64,
    /// Standard deviation over the circuits.
    pub sd: f64,
    /// Mean over the circuits of |value - asked|.
    pub mean_absolute_error: f64,
    /// |achieved - asked| / |asked|; NaN if 0 was asked.
    pub relative_error: f64,
    /// Mean over circuits drawn without steering, from the start.
    pub unsteered: f64,
    /// 5 and 95 % quantile of the training circuits; beyond them it is extrapolation.
    pub training_range: (f64, f64),
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The controller.
    pub controller: Controller,
    /// One a target.
    pub targets: Vec<TargetOutcome>,
    /// Change of every other metric against circuits drawn without steering, in standard deviations over the training
    /// circuits.
    pub side_effects: Vec<(String, f64)>,
    /// The code.
    pub code: Vec<f64>,
    /// The tilt of the decoder: a degree of freedom that is not in the code.
    pub tilt: Tilt,
    /// |z|.
    pub code_length: f64,
    /// Share of draws from the prior with a shorter code (chi-square): near 1 the code is one the decoder has hardly
    /// been trained on.
    pub prior_percentile: f64,
    /// Measurements of several draws that the controller made.
    pub n_evaluations: usize,
    /// Whether the circuits are new.
    pub novelty: Novelty,
}

/// Steers, then draws circuits with fresh random numbers and measures them.
///
/// # Errors
/// As [`steer`].
pub fn synthesize(
    controller: Controller,
    model: (&Generator<'_>, &CodeSpace),
    request: &Request<'_>,
    (config, training, n_circuits): (&SteeringConfig, &[&Circuit], usize),
    seed: Seed,
) -> Result<(Outcome, Vec<Circuit>), Error> {
    let steered = steer(controller, model, request, (config, None), seed)?;
    let (measured, unsteered) = fresh(model.0, request, &steered, n_circuits, seed)?;
    let novelty = novelty(&measured.circuits, training);
    let outcome = outcome(controller, model.1, request, (steered, &measured, &unsteered), novelty);
    Ok((outcome, measured.circuits))
}

/// Circuits of the steered code and of the start, from the same random numbers, which no controller has seen.
pub(super) fn fresh(
    generator: &Generator<'_>,
    request: &Request<'_>,
    steered: &Steered,
    n_circuits: usize,
    seed: Seed,
) -> Result<(Measured, Measured), Error> {
    let seed = seed.split("fresh circuits");
    let measured = generator.measure_at((&steered.code, &steered.tilt), n_circuits, seed)?;
    let unsteered = generator.measure_at((request.start, &Tilt::default()), n_circuits, seed)?;
    Ok((measured, unsteered))
}

pub(super) fn outcome(
    controller: Controller,
    space: &CodeSpace,
    request: &Request<'_>,
    (steered, measured, unsteered): (Steered, &Measured, &Measured),
    novelty: Novelty,
) -> Outcome {
    let target = |(place, target): (usize, &super::Target)| {
        let model = &space.metrics()[target.metric];
        let errors: Vec<f64> = measured
            .values
            .iter()
            .map(|row| (row[target.metric] - target.value).abs())
            .filter(|e| e.is_finite())
            .collect();
        let achieved = measured.mean[target.metric];
        TargetOutcome {
            metric: model.name.clone(),
            asked: target.value,
            expected: steered.expected[place],
            achieved,
            sd: measured.sd[target.metric],
            mean_absolute_error: super::generator::mean_and_sd(&errors).0,
            relative_error: if target.value == 0.0 {
                f64::NAN
            } else {
                ((achieved - target.value) / target.value).abs()
            },
            unsteered: unsteered.mean[target.metric],
            training_range: (model.low, model.high),
        }
    };
    let asked = |metric: usize| request.targets.iter().any(|target| target.metric == metric);
    let shifts = space.shifts(&measured.mean, &unsteered.mean);
    let side_effects = space.metrics().iter().zip(shifts).enumerate().filter(|(metric, _)| !asked(*metric));
    let squares: f64 = steered.code.iter().map(|value| value * value).sum();
    Outcome {
        controller,
        targets: request.targets.iter().enumerate().map(target).collect(),
        side_effects: side_effects.map(|(_, (model, shift))| (model.name.clone(), shift)).collect(),
        tilt: steered.tilt,
        code_length: squares.sqrt(),
        prior_percentile: chi_square_cdf(squares, steered.code.len()),
        n_evaluations: steered.n_evaluations,
        code: steered.code,
        novelty,
    }
}
