//! Scores of one predictor, with intervals over circuits.

use neuroloom_analysis::statistics::{Interval, Resampling, bootstrap_interval, bootstrap_positions};
use serde::{Deserialize, Serialize};

use super::baselines::Told;
use super::pairs::Scored;
use crate::Error;

/// A number with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well a predictor ranks edges above other pairs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairScores {
    /// AUROC over the pairs of all circuits; chance is 0.5.
    pub auroc: Estimate,
    /// Average precision over the pairs of all circuits; chance is the density.
    pub average_precision: Estimate,
    /// Mean over circuits of the AUROC within each.
    pub mean_auroc: Estimate,
    /// Mean over circuits of the average precision within each.
    pub mean_average_precision: Estimate,
}

/// A predictor beside the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictorScores {
    /// Its name.
    pub name: String,
    /// What it is told of a test circuit.
    pub told: Told,
    /// Its scores.
    pub scores: PairScores,
    /// AUROC of the model minus its own, on the same resampled circuits: the model is better where `low` > 0.
    pub auroc_gain: Estimate,
    /// The same of the average precision.
    pub average_precision_gain: Estimate,
}

impl PairScores {
    pub(super) fn new(scored: &Scored, resampling: &Resampling) -> Result<Self, Error> {
        let n = scored.levels.len();
        let pooled = |value: f64, of: fn((f64, f64)) -> f64| {
            let statistic = |positions: &[usize]| of(scored.resampled(positions));
            Ok::<_, Error>(Estimate::new(value, bootstrap_positions(n, statistic, resampling)?))
        };
        let mean = |of: fn(&(f64, f64)) -> f64| {
            let values: Vec<f64> = scored.of_circuits.iter().map(of).collect();
            let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let interval = bootstrap_interval(&values, average, resampling)?;
            Ok::<_, Error>(Estimate::new(interval.estimate, interval))
        };
        Ok(Self {
            auroc: pooled(scored.auroc, |both| both.0)?,
            average_precision: pooled(scored.average_precision, |both| both.1)?,
            mean_auroc: mean(|both| both.0)?,
            mean_average_precision: mean(|both| both.1)?,
        })
    }
}

impl PredictorScores {
    pub(super) fn new(
        name: &str,
        told: Told,
        (own, other): (&Scored, &Scored),
        resampling: &Resampling,
    ) -> Result<Self, Error> {
        let n = own.levels.len();
        let gain = |value: f64, of: fn((f64, f64)) -> f64| {
            let statistic =
                |positions: &[usize]| of(own.resampled(positions)) - of(other.resampled(positions));
            Ok::<_, Error>(Estimate::new(value, bootstrap_positions(n, statistic, resampling)?))
        };
        Ok(Self {
            name: name.to_owned(),
            told,
            scores: PairScores::new(other, resampling)?,
            auroc_gain: gain(own.auroc - other.auroc, |both| both.0)?,
            average_precision_gain: gain(own.average_precision - other.average_precision, |both| both.1)?,
        })
    }
}

impl Estimate {
    pub(super) fn new(value: f64, interval: Interval) -> Self {
        Self { value, low: interval.low, high: interval.high }
    }
}
