//! How far is a number from what a null model gives?

use std::sync::atomic::{AtomicU64, Ordering};

use neuroloom_core::{Event, Listener, Seed};
use rayon::prelude::*;

use super::{NullModel, NullSampler};
use crate::Error;
use crate::graph::DirectedGraph;
use crate::statistics::{Tail, mean_and_sd, permutation_p_value};

/// Named numbers of a graph, always the same names in the same order.
pub trait Statistic: Sync {
    /// The names.
    fn names(&self) -> Vec<String>;

    /// The numbers; NaN where undefined.
    ///
    /// # Errors
    /// Whatever the numbers say of the graph.
    fn measure(&self, graph: &DirectedGraph) -> Result<Vec<f64>, Error>;
}

/// Numbers of a graph beside their distribution under a null model.
#[derive(Debug, Clone, PartialEq)]
pub struct NullComparison {
    /// The null model.
    pub model: NullModel,
    /// Samples that were drawn.
    pub n_samples: usize,
    /// One row a number.
    pub rows: Vec<NullRow>,
}

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub struct NullRow {
    /// Its name.
    pub name: String,
    /// Of the graph itself.
    pub observed: f64,
    /// Mean over the samples.
    pub mean: f64,
    /// Standard deviation over the samples.
    pub sd: f64,
    /// `(observed - mean) / sd`; NaN where the null model never varies.
    pub z_score: f64,
    /// Two-sided, from ranks: never below `2 / (samples + 1)`.
    pub p_value: f64,
    /// Of every sample; NaN where undefined.
    pub values: Vec<f64>,
}

/// Samples between two looks at whether the user wants to stop.
const BLOCK: usize = 16;

/// Draws samples, measures them, and places the observed numbers among them. Asked to stop, it keeps the samples
/// that are finished.
///
/// # Errors
/// [`Error::TooFew`] for less than two samples; whatever the statistic says.
pub fn compare_with_null(
    sampler: &NullSampler<'_>,
    statistic: &impl Statistic,
    (n_samples, seed): (usize, Seed),
    listener: &dyn Listener,
) -> Result<NullComparison, Error> {
    if n_samples < 2 {
        return Err(Error::TooFew { what: "samples of a null model", given: n_samples, needed: 2 });
    }
    let observed = statistic.measure(sampler.graph)?;
    listener.emit(Event::Started { stage: sampler.model().name(), total: Some(n_samples as u64) });
    let n_done = AtomicU64::new(0);
    let sample = |index: usize| {
        let random = sampler.sample(seed.nth(index as u64))?;
        let values = statistic.measure(&random)?;
        listener.emit(Event::Step { done: n_done.fetch_add(1, Ordering::Relaxed) + 1, loss: None });
        Ok(values)
    };
    let mut samples: Vec<Vec<f64>> = Vec::with_capacity(n_samples);
    while samples.len() < n_samples && !(listener.cancelled() && samples.len() >= 2) {
        let block = samples.len()..n_samples.min(samples.len() + BLOCK);
        samples.extend(block.into_par_iter().map(sample).collect::<Result<Vec<_>, Error>>()?);
    }
    listener.emit(Event::Finished);
    let rows = statistic.names().into_iter().zip(observed).enumerate();
    let rows = rows
        .map(|(place, (name, observed))| {
            row(name, observed, samples.iter().map(|sample| sample[place]).collect())
        })
        .collect();
    Ok(NullComparison { model: sampler.model(), n_samples: samples.len(), rows })
}

fn row(name: String, observed: f64, values: Vec<f64>) -> NullRow {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let (mean, sd) = mean_and_sd(&finite).unwrap_or((f64::NAN, f64::NAN));
    // Sums in another order differ in the last digits; that is no spread.
    let varies = sd > 1e-12 * mean.abs().max(1e-300);
    let z_score = if varies { (observed - mean) / sd } else { f64::NAN };
    let p_value = permutation_p_value(observed, &finite, Tail::Both).unwrap_or(f64::NAN);
    NullRow { name, observed, mean, sd, z_score, p_value, values }
}
