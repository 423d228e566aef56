//! A fitted model as two closures.

use neuroloom_core::{Circuit, Seed};
use rayon::prelude::*;

use super::tilt::Tilt;
use crate::Error;

/// From a code and a tilt to a circuit; the same for the same seed. A decoder that cannot be tilted must return
/// [`Error::Config`] for a tilt that is not none. Draws of one seed at neighbouring codes should use the same random
/// numbers in the same order, so that differences are due to the code.
pub type Decode<'a> = dyn Fn(&[f64], &Tilt, Seed) -> Result<Circuit, Error> + Sync + 'a;

/// From a circuit to its metrics, always as many; NaN where undefined.
pub type Measure<'a> = dyn Fn(&Circuit) -> Vec<f64> + Sync + 'a;

/// A decoder and what is measured of its circuits.
#[derive(Clone, Copy)]
pub struct Generator<'a> {
    /// Makes circuits.
    pub decode: &'a Decode<'a>,
    /// Measures them.
    pub measure: &'a Measure<'a>,
}

/// Metrics of several draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// `[metric]`: mean over the draws that have it; NaN if none has.
    pub mean: Vec<f64>,
    /// `[metric]`: standard deviation over the same draws.
    pub sd: Vec<f64>,
    /// `[draw][metric]`.
    pub values: Vec<Vec<f64>>,
    /// The circuits.
    pub circuits: Vec<Circuit>,
}

impl Generator<'_> {
    /// Draws and measures circuits, draw k with the k-th seed.
    ///
    /// # Errors
    /// What decoding says; [`Error::Config`] for no draws.
    pub fn measure_at(
        &self,
        (code, tilt): (&[f64], &Tilt),
        n_draws: usize,
        seed: Seed,
    ) -> Result<Measured, Error> {
        if n_draws == 0 {
            let (given, allowed) = ("0".to_owned(), "1 or more".to_owned());
            return Err(Error::Config { key: "synthesize.n-draws", given, allowed });
        }
        let draw = |index: usize| {
            let circuit = (self.decode)(code, tilt, seed.nth(index as u64))?;
            Ok(((self.measure)(&circuit), circuit))
        };
        let drawn: Result<Vec<(Vec<f64>, Circuit)>, Error> = (0..n_draws).into_par_iter().map(draw).collect();
        let (values, circuits): (Vec<Vec<f64>>, Vec<Circuit>) = drawn?.into_iter().unzip();
        let n_metrics = values[0].len();
        let summary = |metric: usize| {
            let finite: Vec<f64> =
                values.iter().map(|row| row[metric]).filter(|value| value.is_finite()).collect();
            mean_and_sd(&finite)
        };
        let (mean, sd) = (0..n_metrics).map(summary).unzip();
        Ok(Measured { mean, sd, values, circuits })
    }
}

/// NaN for no value; 0 for the spread of one.
pub(super) fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    neuroloom_analysis::statistics::mean_and_sd(values).unwrap_or((f64::NAN, f64::NAN))
}
