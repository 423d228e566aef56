//! Directions of the code along which a property of circuits changes.
//!
//! Codes are standardised, s = (z - mean) / sd with sd over the training circuits, so that a latent number that hardly
//! varies cannot make a direction by its small scale. For each metric y, a ridge regression y = w s + c, its penalty
//! chosen on folds; the direction is w / |w| in units of s.
//!
//! Beside each score: the same from the numbers of neurons and edges alone (a direction may be nothing but density),
//! the score on regions of tissue that were held out, and a permutation p whose statistic is the whole cross-validated
//! procedure.
//!
//! That the published analysis finds directions in 32 dimensions is from the caption of its figure 4; how it finds
//! them could not be read, and everything here is our own.
//!
//! # Examples
//! ```
//! use ndarray::Array2;
//! use neuroloom_core::Silent;
//! use neuroloom_models::circuit_vae::directions::{CodedCircuits, DirectionConfig, directions};
//! let codes = Array2::from_shape_fn((60, 2), |(row, column)| ((row * (7 + 6 * column)) % 11) as f64);
//! let metrics = Array2::from_shape_fn((60, 1), |(row, _)| codes[[row, 0]] + 2.0 * codes[[row, 1]]);
//! let size = Array2::from_shape_fn((60, 2), |(row, column)| ((row * (3 + 2 * column)) % 7) as f64);
//! let circuits = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
//! let config = DirectionConfig { n_permutations: 99, ..Default::default() };
//! let found = directions(&["clustering".to_owned()], &circuits, None, &config, &Silent)?;
//! assert!(found.directions[0].r2_cv > 0.99 && found.directions[0].p_value == 0.01);
//! # Ok::<(), neuroloom_models::Error>(())
//! ```

mod attribution;
mod map;
mod traversal;

#[cfg(test)]
mod tests;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use neuroloom_analysis::metrics::regression::{r2_identity, spearman};
use neuroloom_analysis::readout::{FoldConfig, FoldedFit, FoldedRidge};
use neuroloom_analysis::statistics::{Resampling, Tail, permutation_null, permutation_p_value, quantiles};
use neuroloom_core::{Event, Listener, Seed};
use serde::{Deserialize, Serialize};

use crate::Error;
pub use attribution::{AttributionConfig, CodeAttribution, Regressor, attribute_metrics};
pub use map::{MapColouring, colour_map};
pub use traversal::{Traversal, TraversalConfig, traverse};

/// Some circuits by code and by metric, one row each.
#[derive(Debug, Clone, Copy)]
pub struct CodedCircuits<'a> {
    /// Mean of each code `[circuit, dimension]`.
    pub codes: ArrayView2<'a, f64>,
    /// `[circuit, metric]`; NaN where undefined.
    pub metrics: ArrayView2<'a, f64>,
    /// Number of neurons, number of edges `[circuit, 2]`.
    pub size: ArrayView2<'a, f64>,
}

/// How directions are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct DirectionConfig {
    /// Folds of the cross-validation.
    pub n_folds: usize,
    /// Penalties on standardised weights.
    pub penalties: Vec<f64>,
    /// Permutations for the p-value.
    pub n_permutations: usize,
    /// Quantile bins of the variant that compares the highest with the lowest.
    pub n_bins: usize,
    /// Seed of folds and permutations.
    pub seed: Seed,
}

impl Default for DirectionConfig {
    fn default() -> Self {
        let FoldConfig { n_folds, penalties, seed } = FoldConfig::default();
        Self { n_folds, penalties, n_permutations: 1000, n_bins: 10, seed }
    }
}

/// The direction of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direction {
    /// The metric.
    pub metric: String,
    /// Circuits for which it is defined.
    pub n_circuits: usize,
    /// w: rise of the metric for one unit of each standardised latent number.
    pub weights: Vec<f64>,
    /// Prediction at the mean code.
    pub intercept: f64,
    /// w / |w|.
    pub unit: Vec<f64>,
    /// The penalty.
    pub penalty: f64,
    /// Cross-validated R2; folds are circuits at random, so circuits that share tissue may stand on both sides.
    pub r2_cv: f64,
    /// R2 on held-out circuits, where they were given: the score to trust.
    pub r2_held_out: Option<f64>,
    /// Rank correlation of the cross-validated predictions with the metric.
    pub spearman: f64,
    /// (1 + permutations of the metric with a cross-validated R2 at least as large) / (1 + permutations).
    pub p_value: f64,
    /// Cross-validated R2 from the numbers of neurons and edges and the density alone.
    pub r2_size: f64,
    /// Cross-validated R2 from the code of what those leave unexplained.
    pub r2_beyond_size: f64,
    /// Mean standardised code of the highest quantile bin less that of the lowest, of length 1.
    pub bin_mean_unit: Vec<f64>,
    /// Cosine between the two directions.
    pub bin_mean_cosine: f64,
}

/// The directions of several metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// One a metric that varies.
    pub directions: Vec<Direction>,
    /// Cosine of each pair, in units of standardised codes: `[direction, direction]`. Of two random directions in d
    /// dimensions it is 0 on average with standard deviation 1 / sqrt(d).
    pub cosine: Array2<f64>,
    /// Metrics without a direction, and why.
    pub left_out: Vec<(String, String)>,
}

/// Finds the direction of every metric.
///
/// # Errors
/// [`Error::Analysis`] for tables that do not fit each other, codes that are not finite or fewer circuits than folds
/// squared; [`Error::Interrupted`].
pub fn directions(
    names: &[String],
    circuits: &CodedCircuits<'_>,
    held_out: Option<&CodedCircuits<'_>>,
    config: &DirectionConfig,
    listener: &dyn Listener,
) -> Result<Directions, Error> {
    check(names, circuits)?;
    held_out.map_or(Ok(()), |other| check(names, other))?;
    listener.emit(Event::Started { stage: "directions", total: Some(names.len() as u64) });
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for (metric, name) in names.iter().enumerate() {
        if listener.cancelled() {
            return Err(Error::Interrupted { stage: "directions" });
        }
        match Question::new(circuits, metric, config) {
            Err(reason) => left_out.push((name.clone(), reason)),
            Ok(question) => found.push(question.answer(name, (circuits, held_out, metric), config)?),
        }
        listener.emit(Event::Step { done: metric as u64 + 1, loss: None });
    }
    listener.emit(Event::Finished);
    let cosine =
        Array2::from_shape_fn((found.len(), found.len()), |(a, b)| dot(&found[a].unit, &found[b].unit));
    Ok(Directions { directions: found, cosine, left_out })
}

/// The circuits for which one metric is defined.
struct Question {
    rows: Vec<usize>,
    y: Vec<f64>,
}

impl Question {
    fn new(circuits: &CodedCircuits<'_>, metric: usize, config: &DirectionConfig) -> Result<Self, String> {
        let column = circuits.metrics.column(metric);
        let rows: Vec<usize> = (0..column.len()).filter(|&row| column[row].is_finite()).collect();
        let y: Vec<f64> = rows.iter().map(|&row| column[row]).collect();
        let needed = config.n_folds * config.n_folds;
        match y.first() {
            Some(first) if y.len() >= needed && y.iter().any(|value| value != first) => Ok(Self { rows, y }),
            Some(first) if y.len() >= needed => Err(format!("it is {first} for all circuits")),
            _ => Err(format!("it is defined for {} circuits, {needed} are needed", y.len())),
        }
    }

    fn answer(
        &self,
        name: &str,
        (circuits, held_out, metric): (&CodedCircuits<'_>, Option<&CodedCircuits<'_>>, usize),
        config: &DirectionConfig,
    ) -> Result<Direction, Error> {
        let folds =
            FoldConfig { n_folds: config.n_folds, penalties: config.penalties.clone(), seed: config.seed };
        let codes = circuits.codes.select(Axis(0), &self.rows);
        let ridge = FoldedRidge::new(codes.view(), &folds)?;
        let fit = ridge.fit(&self.y)?;
        let on_size =
            FoldedRidge::new(size_inputs(&circuits.size.select(Axis(0), &self.rows)).view(), &folds)?;
        let from_size = on_size.fit(&self.y)?;
        let beyond: Vec<f64> = self.y.iter().zip(&from_size.predicted).map(|(y, p)| y - p).collect();
        let standardised = standardised(&codes, &ridge);
        let unit = normalised(&fit.standardised_weights);
        let bin_mean_unit = normalised(&bin_means(&standardised, &self.y, config.n_bins)?);
        Ok(Direction {
            metric: name.to_owned(),
            n_circuits: self.y.len(),
            intercept: self.y.iter().sum::<f64>() / self.y.len() as f64,
            penalty: fit.penalty,
            r2_cv: fit.r2,
            r2_held_out: held_out.and_then(|other| r2_held_out(&fit, other, metric)),
            // Predictions that do not vary rank nothing.
            spearman: spearman(&fit.predicted, &self.y).unwrap_or(0.0),
            p_value: self.p_value(&ridge, fit.r2, config, name)?,
            r2_size: from_size.r2,
            // Where size says all, nothing is left for the code.
            r2_beyond_size: ridge.r2(&beyond).unwrap_or(0.0),
            bin_mean_cosine: dot(&unit, &bin_mean_unit),
            bin_mean_unit,
            unit,
            weights: fit.standardised_weights,
        })
    }

    fn p_value(
        &self,
        ridge: &FoldedRidge,
        observed: f64,
        config: &DirectionConfig,
        name: &str,
    ) -> Result<f64, Error> {
        let shuffled = |order: &[usize]| {
            let values: Vec<f64> = order.iter().map(|&row| self.y[row]).collect();
            ridge.r2(&values).unwrap_or(f64::NEG_INFINITY)
        };
        let seed = config.seed.split(name);
        let resampling = Resampling { n_resamples: config.n_permutations, seed, ..Resampling::default() };
        let null = permutation_null(self.y.len(), shuffled, &resampling)?;
        Ok(permutation_p_value(observed, &null, Tail::Upper)?)
    }
}

fn standardised(codes: &Array2<f64>, ridge: &FoldedRidge) -> Array2<f64> {
    (codes - ridge.input_mean()) * ridge.input_sd().mapv(|sd| if sd > 0.0 { 1.0 / sd } else { 0.0 })
}

/// Neurons, edges and density.
fn size_inputs(size: &Array2<f64>) -> Array2<f64> {
    let density = |row: usize| {
        let n = size[[row, 0]];
        if n > 1.0 { size[[row, 1]] / (n * (n - 1.0)) } else { 0.0 }
    };
    Array2::from_shape_fn(
        (size.nrows(), 3),
        |(row, column)| if column < 2 { size[[row, column]] } else { density(row) },
    )
}

fn r2_held_out(fit: &FoldedFit, circuits: &CodedCircuits<'_>, metric: usize) -> Option<f64> {
    let column = circuits.metrics.column(metric);
    let (predicted, observed): (Vec<f64>, Vec<f64>) = (0..column.len())
        .filter(|&row| column[row].is_finite())
        .map(|row| (fit.predict(circuits.codes.row(row)), column[row]))
        .unzip();
    r2_identity(&predicted, &observed).ok()
}

/// Mean code of the highest quantile bin less that of the lowest.
fn bin_means(codes: &Array2<f64>, y: &[f64], n_bins: usize) -> Result<Vec<f64>, Error> {
    let share = 1.0 / n_bins.max(2) as f64;
    let ends = quantiles(y, &[share, 1.0 - share])?;
    let mean = |inside: &dyn Fn(f64) -> bool| {
        let rows: Vec<usize> = (0..y.len()).filter(|&row| inside(y[row])).collect();
        codes.select(Axis(0), &rows).mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(codes.ncols()))
    };
    Ok((mean(&|value| value >= ends[1]) - mean(&|value| value <= ends[0])).to_vec())
}

fn normalised(vector: &[f64]) -> Vec<f64> {
    let length = dot(vector, vector).sqrt();
    vector.iter().map(|value| if length > 0.0 { value / length } else { 0.0 }).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn check(names: &[String], circuits: &CodedCircuits<'_>) -> Result<(), Error> {
    let n = circuits.codes.nrows();
    let fits = circuits.metrics.dim() == (n, names.len()) && circuits.size.dim() == (n, 2);
    if fits {
        return Ok(());
    }
    let given = format!("metrics {:?}, size {:?}", circuits.metrics.shape(), circuits.size.shape());
    let allowed = format!("[{n}, {}] and [{n}, 2]", names.len());
    Err(neuroloom_analysis::Error::Shape { what: "coded circuits", given, allowed }.into())
}
