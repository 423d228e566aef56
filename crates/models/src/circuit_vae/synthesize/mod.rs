//! New circuits on demand: codes whose circuits have the metrics that were asked for.
//!
//! A fitted model enters as two closures: one decodes a code to a circuit, one measures a circuit ([`Generator`]). What
//! is known of codes and metrics is a [`CodeSpace`], fitted to training circuits. With standardised codes s, predicted
//! metrics W s + c, asked values y* and start s0:
//!
//! | [`Controller`] | step | measures while it steers |
//! |---|---|---|
//! | `line` | (y* - y(s0)) w / \|w\|² for each target in turn | no |
//! | `line-orth` | W⁺ (y* - y(s0)), held metrics among the rows of W | no |
//! | `line-mahalanobis` | S W' (W S W' + tau)⁻¹ (y* - y(s0)), S the covariance of codes: stays where codes are | no |
//! | `gradient` | Adam on sum ((g(s) - y*) / sd)² + lambda \|s\|² / 2, g an MLP fitted to the training circuits | no |
//! | `closed-loop` | secant and bisection along `line-mahalanobis` on the measured mean of 16 draws | yes |
//! | `closed-loop-tilt` | the same, then a [`Tilt`] of the decoder's probabilities where the code does not reach | yes |
//!
//! The tilt is not part of the code: p(state) is multiplied by exp(theta features of the dyad), the least change of the
//! decoder's distribution in the sense of relative entropy that shifts the expected features. It is reported on its own.
//!
//! Closed loops move along what the decoder makes of codes, if [`CodeSpace::probed`] measured it: of data, what goes with
//! a metric in training circuits may be the neurons, which no code changes.
//!
//! What a controller reached is measured on fresh draws that it has not seen.
//!
//! That circuits are generated for set values of six metrics is from the caption of the paper's figure 5; the algorithm
//! could not be read. The four of ours are compared on one table.

mod closed_loop;
mod controller;
mod curve;
mod decoder;
mod generator;
mod gradient;
mod line;
mod line_orthogonal;
mod metrics;
mod novelty;
mod outcome;
mod probe;
mod search;
mod space;
mod surrogate;
mod tilt;

#[cfg(test)]
mod tests;

pub use controller::{Controller, Request, Steered, SteeringConfig, Target, steer};
pub use curve::{ControlCurve, CurveConfig, CurvePoint, control_curve};
pub use decoder::decoder;
pub use generator::{Decode, Generator, Measure, Measured};
pub use metrics::{TARGETS, measure_targets};
pub use novelty::{Novelty, novelty, wiring_distance};
pub use outcome::{Outcome, TargetOutcome, synthesize};
pub use space::{CodeSpace, MetricModel};
pub use surrogate::{Surrogate, SurrogateConfig};
pub use tilt::Tilt;
