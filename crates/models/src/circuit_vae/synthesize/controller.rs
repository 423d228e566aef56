//! The controllers by name.

use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use super::generator::Generator;
use super::space::CodeSpace;
use super::surrogate::{Surrogate, SurrogateConfig};
use super::tilt::Tilt;
use super::{closed_loop, gradient, line, line_orthogonal};
use crate::Error;

/// How a code is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Controller {
    /// The smallest step that meets the linear prediction, one target after the other.
    Line,
    /// The smallest step that meets the linear predictions of all targets and moves no held metric.
    LineOrth,
    /// The same among codes as they vary in training.
    LineMahalanobis,
    /// Descent on a smooth surrogate.
    Gradient,
    /// Steps judged by what the decoded circuits measure.
    ClosedLoop,
    /// The same, with a tilt of the decoder where the code does not reach.
    ClosedLoopTilt,
}

impl Controller {
    /// All controllers.
    pub const ALL: [Self; 6] = [
        Self::Line,
        Self::LineOrth,
        Self::LineMahalanobis,
        Self::Gradient,
        Self::ClosedLoop,
        Self::ClosedLoopTilt,
    ];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::LineOrth => "line-orth",
            Self::LineMahalanobis => "line-mahalanobis",
            Self::Gradient => "gradient",
            Self::ClosedLoop => "closed-loop",
            Self::ClosedLoopTilt => "closed-loop-tilt",
        }
    }

    /// Whether it measures circuits while it steers.
    pub fn is_closed_loop(self) -> bool {
        matches!(self, Self::ClosedLoop | Self::ClosedLoopTilt)
    }

    /// The controller of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// A metric and the value it is to have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// Position among the metrics of the [`CodeSpace`].
    pub metric: usize,
    /// The value.
    pub value: f64,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request<'a> {
    /// The code to start from: the mean code, a draw from the prior, the code of a given circuit.
    pub start: &'a [f64],
    /// Metrics with their values, each metric once.
    pub targets: &'a [Target],
    /// Metrics that are to stay what they are at the start (`line-orth`, `line-mahalanobis`, closed loops).
    pub held: &'a [usize],
}

impl Request<'_> {
    /// Targets, then held metrics.
    pub(super) fn watched(&self) -> Vec<usize> {
        self.targets.iter().map(|target| target.metric).chain(self.held.iter().copied()).collect()
    }
}

/// Settings of the controllers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SteeringConfig {
    /// Circuits drawn for each measurement of a closed loop.
    pub n_draws: usize,
    /// Circuits drawn for each of the last corrections of a closed loop: the mean of a few draws is off by chance.
    pub polish_draws: usize,
    /// Measurements of a closed loop at most.
    pub max_evaluations: usize,
    /// A closed loop is content below this relative error of its measurement.
    pub tolerance: f64,
    /// tau of `line-mahalanobis`, relative to the variance of a metric that a code explains.
    pub ridge: f64,
    /// Codes may be this many times as long (standardised, from the mean) as the longest training code.
    pub reach: f64,
    /// lambda of `gradient`.
    pub code_penalty: f64,
    /// Steps of `gradient`.
    pub gradient_steps: usize,
    /// How the surrogate of `gradient` is fitted.
    pub surrogate: SurrogateConfig,
}

impl Default for SteeringConfig {
    fn default() -> Self {
        Self {
            n_draws: 16,
            polish_draws: 64,
            max_evaluations: 25,
            tolerance: 0.01,
            ridge: 0.01,
            reach: 1.25,
            code_penalty: 0.01,
            gradient_steps: 200,
            surrogate: SurrogateConfig::default(),
        }
    }
}

/// Where a controller ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Steered {
    /// The code.
    pub code: Vec<f64>,
    /// The tilt; none but for `closed-loop-tilt`.
    pub tilt: Tilt,
    /// Measurements, each of several draws.
    pub n_evaluations: usize,
    /// What the controller expects of each target: predicted, or measured in a closed loop.
    pub expected: Vec<f64>,
}

/// Finds a code (and a tilt) for a request. The surrogate of `gradient` is fitted for each call unless given.
///
/// # Errors
/// [`Error::Config`] for an unknown metric, one that is asked for twice, or a code of the wrong length; what decoding says.
pub fn steer(
    controller: Controller,
    (generator, space): (&Generator<'_>, &CodeSpace),
    request: &Request<'_>,
    (config, surrogate): (&SteeringConfig, Option<&Surrogate>),
    seed: Seed,
) -> Result<Steered, Error> {
    check(space, request)?;
    match controller {
        Controller::Line => Ok(line::steer(space, request)),
        Controller::LineOrth => line_orthogonal::steer(space, request, None),
        Controller::LineMahalanobis => line_orthogonal::steer(space, request, Some(config.ridge)),
        Controller::Gradient => match surrogate {
            Some(surrogate) => gradient::steer((space, surrogate), request, config),
            None => {
                gradient::steer((space, &Surrogate::fit(space, &config.surrogate, seed)?), request, config)
            }
        },
        Controller::ClosedLoop | Controller::ClosedLoopTilt => {
            let tilt = controller == Controller::ClosedLoopTilt;
            closed_loop::ClosedLoop::new((generator, space), request, config, seed)?.steer(match tilt {
                true => closed_loop::Reach::CodeAndTilt,
                false => closed_loop::Reach::Code,
            })
        }
    }
}

fn check(space: &CodeSpace, request: &Request<'_>) -> Result<(), Error> {
    let refused = |key, given: String, allowed: String| Err(Error::Config { key, given, allowed });
    if request.start.len() != space.n_dimensions() {
        return refused(
            "synthesize.start",
            format!("{} numbers", request.start.len()),
            format!("{}", space.n_dimensions()),
        );
    }
    if request.targets.is_empty() {
        return refused("synthesize.set", "nothing".to_owned(), "one metric or more".to_owned());
    }
    let mut seen = Vec::new();
    let asked = request.targets.iter().map(|target| target.metric).chain(request.held.iter().copied());
    for metric in asked {
        if metric >= space.metrics().len() || seen.contains(&metric) {
            let given = format!("metric {metric}{}", if seen.contains(&metric) { " twice" } else { "" });
            return refused(
                "synthesize.set",
                given,
                format!("each of {} metrics once", space.metrics().len()),
            );
        }
        seen.push(metric);
    }
    match request.targets.iter().find(|target| !target.value.is_finite()) {
        Some(target) => refused("synthesize.set", target.value.to_string(), "a finite number".to_owned()),
        None => Ok(()),
    }
}
