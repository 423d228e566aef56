//! What training circuits say about codes and metrics.

use ndarray::{Array1, Array2, ArrayView2};
use neuroloom_analysis::readout::{FoldConfig, FoldedRidge};
use neuroloom_analysis::statistics::quantiles;

use super::generator::mean_and_sd;
use crate::Error;
use crate::circuit_vae::directions::CodedCircuits;

/// A metric over the training circuits and its prediction from the code.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricModel {
    /// Its name.
    pub name: String,
    /// Weights of the standardised latent numbers.
    pub weights: Vec<f64>,
    /// Prediction at the mean code: the mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// 5 % quantile.
    pub low: f64,
    /// 95 % quantile.
    pub high: f64,
    /// Cross-validated R2 of the prediction.
    pub r2_cv: f64,
}

impl MetricModel {
    /// Predicted metric at a standardised code.
    pub fn predict(&self, standardised: &[f64]) -> f64 {
        self.mean + self.weights.iter().zip(standardised).map(|(w, s)| w * s).sum::<f64>()
    }
}

/// Codes of training circuits, standardised, and linear models of their metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeSpace {
    mean: Vec<f64>,
    sd: Vec<f64>,
    /// Covariance of the standardised codes.
    covariance: Array2<f64>,
    /// `[circuit, dimension]`.
    standardised: Array2<f64>,
    /// `[circuit, metric]`.
    values: Array2<f64>,
    metrics: Vec<MetricModel>,
    /// `[metric, dimension]`: rise of the metrics of decoded circuits, where it was measured.
    responses: Option<Array2<f64>>,
}

impl CodeSpace {
    /// Fits the linear model of every metric; circuits for which a metric is undefined do not count for it.
    ///
    /// # Errors
    /// [`Error::Config`] for a metric that is undefined or constant; what [`FoldedRidge::new`] says.
    pub fn fit(names: &[String], circuits: &CodedCircuits<'_>, folds: &FoldConfig) -> Result<Self, Error> {
        let whole = FoldedRidge::new(circuits.codes, folds)?;
        let (mean, sd) = (whole.input_mean().to_vec(), whole.input_sd().to_vec());
        let standardised = Array2::from_shape_fn(circuits.codes.dim(), |(row, k)| {
            if sd[k] > 0.0 { (circuits.codes[[row, k]] - mean[k]) / sd[k] } else { 0.0 }
        });
        let covariance = standardised.t().dot(&standardised) / standardised.nrows() as f64;
        let model = |(metric, name): (usize, &String)| {
            one_metric(name, &standardised, circuits.metrics.column(metric).to_vec(), folds)
        };
        let metrics: Result<Vec<MetricModel>, Error> = names.iter().enumerate().map(model).collect();
        let values = circuits.metrics.to_owned();
        let metrics = metrics?;
        Ok(Self { mean, sd, covariance, standardised, values, metrics, responses: None })
    }

    /// Models of the metrics, in the order of their names.
    pub fn metrics(&self) -> &[MetricModel] {
        &self.metrics
    }

    /// The metric of a name.
    pub fn metric(&self, name: &str) -> Option<usize> {
        self.metrics.iter().position(|one| one.name == name)
    }

    /// Number of latent numbers.
    pub fn n_dimensions(&self) -> usize {
        self.mean.len()
    }

    /// The mean code.
    pub fn mean_code(&self) -> &[f64] {
        &self.mean
    }

    /// s = (z - mean) / sd; 0 for a latent number that does not vary.
    pub fn standardise(&self, code: &[f64]) -> Vec<f64> {
        let one =
            |(k, z): (usize, &f64)| if self.sd[k] > 0.0 { (z - self.mean[k]) / self.sd[k] } else { 0.0 };
        code.iter().enumerate().map(one).collect()
    }

    /// The code a step of standardised size away.
    pub fn moved(&self, code: &[f64], step: &[f64]) -> Vec<f64> {
        code.iter().zip(step.iter().zip(&self.sd)).map(|(z, (step, sd))| z + step * sd).collect()
    }

    /// Standardised codes of the training circuits.
    pub fn training_codes(&self) -> ArrayView2<'_, f64> {
        self.standardised.view()
    }

    /// Metrics of the training circuits.
    pub fn training_metrics(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// Covariance of the standardised codes.
    pub(super) fn covariance(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// Largest length of a standardised training code: no controller goes much farther.
    pub(super) fn farthest(&self) -> f64 {
        let lengths = self.standardised.rows().into_iter().map(|row| row.dot(&row).sqrt());
        lengths.fold(0.0, f64::max)
    }

    /// Weights of some metrics over their standard deviations, `[metric, dimension]`.
    pub(super) fn scaled_weights(&self, metrics: &[usize]) -> Array2<f64> {
        Array2::from_shape_fn((metrics.len(), self.n_dimensions()), |(row, k)| {
            let model = &self.metrics[metrics[row]];
            model.weights[k] / model.sd
        })
    }

    /// The same of what the decoder makes of codes, where the space was probed.
    pub(super) fn scaled_responses(&self, metrics: &[usize]) -> Array2<f64> {
        let Some(responses) = &self.responses else { return self.scaled_weights(metrics) };
        let of = |(row, k): (usize, usize)| responses[[metrics[row], k]] / self.metrics[metrics[row]].sd;
        Array2::from_shape_fn((metrics.len(), self.n_dimensions()), of)
    }

    pub(super) fn with_responses(mut self, responses: Array2<f64>) -> Self {
        self.responses = Some(responses);
        self
    }

    /// Shift in standard deviations of every metric between what was measured and the training mean of `from`.
    pub(super) fn shifts(&self, measured: &[f64], from: &[f64]) -> Vec<f64> {
        let one = |(metric, model): (usize, &MetricModel)| (measured[metric] - from[metric]) / model.sd;
        self.metrics.iter().enumerate().map(one).collect()
    }
}

fn one_metric(
    name: &str,
    standardised: &Array2<f64>,
    column: Vec<f64>,
    folds: &FoldConfig,
) -> Result<MetricModel, Error> {
    let rows: Vec<usize> = (0..column.len()).filter(|&row| column[row].is_finite()).collect();
    let y: Vec<f64> = rows.iter().map(|&row| column[row]).collect();
    let (mean, sd) = mean_and_sd(&y);
    if sd.is_nan() || sd <= 0.0 {
        let given = format!("{name}, the same or undefined for all training circuits");
        let allowed = "metrics that vary".to_owned();
        return Err(Error::Config { key: "synthesize.set", given, allowed });
    }
    let codes = standardised.select(ndarray::Axis(0), &rows);
    let fit = FoldedRidge::new(codes.view(), folds)?.fit(&y)?;
    let ends = quantiles(&y, &[0.05, 0.95])?;
    let offset = codes.mean_axis(ndarray::Axis(0)).unwrap_or_else(|| Array1::zeros(codes.ncols()));
    let weights = fit.weights;
    // At the mean of all codes, which is not quite that of the circuits that have this metric.
    let shift: f64 = weights.iter().zip(&offset).map(|(w, s)| w * s).sum();
    Ok(MetricModel {
        name: name.to_owned(),
        weights,
        mean: mean - shift,
        sd,
        low: ends[0],
        high: ends[1],
        r2_cv: fit.r2,
    })
}
