//! What the decoder makes of codes, measured before anything is steered.
//!
//! Codes and metrics of training circuits go together for two reasons: the decoder makes the metric from the code, and
//! both follow from the neurons of the circuit. Only the first can be steered. So codes of training circuits are decoded
//! with neurons and random numbers that have nothing to do with them, each beside the mean code with the same neurons
//! and random numbers, and the difference of each metric is regressed on the code.

use ndarray::{Array2, Axis};
use neuroloom_analysis::readout::{FoldConfig, FoldedRidge};
use neuroloom_core::Seed;
use rayon::prelude::*;

use super::generator::Generator;
use super::space::CodeSpace;
use super::tilt::Tilt;
use crate::Error;

/// Codes that are decoded at most.
const MOST_PROBES: usize = 256;

impl CodeSpace {
    /// The same space, whose closed loops move along what the decoder does instead of what goes together in training
    /// circuits. Costs two circuits a training circuit, of 256 at most.
    ///
    /// # Errors
    /// What decoding says.
    pub fn probed(self, generator: &Generator<'_>, seed: Seed) -> Result<Self, Error> {
        let n = self.training_codes().nrows().min(MOST_PROBES);
        let still = vec![0.0; self.n_dimensions()];
        let measured = |step: &[f64], seed: Seed| -> Result<Vec<f64>, Error> {
            let code = self.moved(self.mean_code(), step);
            Ok((generator.measure)(&(generator.decode)(&code, &Tilt::default(), seed)?))
        };
        let change = |row: usize| -> Result<Vec<f64>, Error> {
            let (seed, step) = (seed.nth(row as u64), self.training_codes().row(row).to_vec());
            let (there, here) = (measured(&step, seed)?, measured(&still, seed)?);
            Ok(there.iter().zip(&here).map(|(there, here)| there - here).collect())
        };
        let changes: Result<Vec<Vec<f64>>, Error> = (0..n).into_par_iter().map(change).collect();
        let responses = self.responses_to(&changes?)?;
        Ok(self.with_responses(responses))
    }

    /// `[metric, dimension]`; a metric that is rarely defined keeps its weights, one that never changed gets zeros.
    fn responses_to(&self, changes: &[Vec<f64>]) -> Result<Array2<f64>, Error> {
        let folds = FoldConfig::default();
        let mut responses = Array2::zeros((self.metrics().len(), self.n_dimensions()));
        for (metric, model) in self.metrics().iter().enumerate() {
            let rows: Vec<usize> =
                (0..changes.len()).filter(|&row| changes[row][metric].is_finite()).collect();
            let y: Vec<f64> = rows.iter().map(|&row| changes[row][metric]).collect();
            let weights = match y.len() < folds.n_folds * folds.n_folds {
                true => model.weights.clone(),
                false if y.iter().all(|value| *value == y[0]) => continue,
                false => {
                    let codes = self.training_codes().select(Axis(0), &rows);
                    FoldedRidge::new(codes.view(), &folds)?.fit(&y)?.weights
                }
            };
            responses.row_mut(metric).iter_mut().zip(weights).for_each(|(into, weight)| *into = weight);
        }
        Ok(responses)
    }
}
