//! Every penalty from one eigendecomposition, and the choice among them.

use ndarray::{Array1, Array2, Axis};

use super::moments::{CentredMoments, Moments};
use crate::Error;
use crate::linear_algebra::{symmetric_eigen, transposed_product};

/// How strongly coefficients are drawn towards zero.
///
/// The two choices try 49 penalties, from 1e-8 to 1e4 times the mean eigenvalue of X'X, four per decade,
/// and keep the first of the best. Outputs count alike: errors are taken relative to the spread of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Penalty {
    /// This penalty, at least 0.
    Fixed(f64),
    /// Smallest `RSS n / (n - 1 - effective parameters)^2` (Golub, Heath and Wahba 1979). Quick; too bold on
    /// a slow time series, whose samples are not independent.
    GeneralizedCrossValidation,
    /// Smallest error on contiguous stretches of time that were left out: one refit per fold.
    BlockedCrossValidation {
        /// Number of stretches, at least 2.
        n_folds: usize,
    },
}

impl Penalty {
    /// Blocked cross-validation with five folds: the default for recordings.
    pub fn blocked() -> Self {
        Self::BlockedCrossValidation { n_folds: 5 }
    }

    /// Into how many folds the rows are cut.
    pub(super) fn n_folds(self) -> Result<usize, Error> {
        match self {
            Self::BlockedCrossValidation { n_folds } if n_folds < 2 => Err(Error::Value {
                what: "n_folds",
                given: n_folds.to_string(),
                allowed: "at least 2".into(),
            }),
            Self::BlockedCrossValidation { n_folds } => Ok(n_folds),
            Self::Fixed(penalty) if !(penalty.is_finite() && penalty >= 0.0) => Err(Error::Value {
                what: "penalty",
                given: penalty.to_string(),
                allowed: "at least 0".into(),
            }),
            Self::Fixed(_) | Self::GeneralizedCrossValidation => Ok(1),
        }
    }
}

/// X'X = V diag(eigenvalues) V' and V'X'Y: the solution for any penalty is a rescaling away.
pub(super) struct PenalizedSystem {
    moments: CentredMoments,
    eigenvalues: Array1<f64>,
    /// V, `[input, component]`.
    basis: Array2<f64>,
    /// V'X'Y, `[component, output]`.
    loadings: Array2<f64>,
}

impl PenalizedSystem {
    pub(super) fn new(moments: CentredMoments) -> Result<Self, Error> {
        let (eigenvalues, basis) =
            symmetric_eigen(moments.xx.view(), "the matrix X'X of a ridge regression")?;
        // Rounding may push the eigenvalues of dependent inputs just below zero.
        let eigenvalues = eigenvalues.mapv(|value| value.max(0.0));
        let loadings = transposed_product(basis.view(), moments.xy.view());
        Ok(Self { moments, eigenvalues, basis, loadings })
    }

    /// `[output, input]`.
    pub(super) fn coefficients(&self, penalty: f64) -> Result<Array2<f64>, Error> {
        let largest = self.eigenvalues.iter().fold(0.0_f64, |largest, &value| largest.max(value));
        let smallest = self.eigenvalues.iter().fold(f64::INFINITY, |smallest, &value| smallest.min(value));
        if smallest + penalty <= 1e-14 * largest || largest + penalty == 0.0 {
            let hint = "some inputs are sums of others (or constant): use a penalty above 0";
            return Err(Error::Singular { what: "the matrix X'X of a ridge regression", hint });
        }
        let scaled = &self.loadings * &self.shrink(penalty).insert_axis(Axis(1));
        Ok(transposed_product(scaled.view(), self.basis.t()))
    }

    pub(super) fn choose(&self, penalty: Penalty, total: &Moments, folds: &[Moments]) -> Result<f64, Error> {
        let penalties = self.ladder();
        let scores = match penalty {
            Penalty::Fixed(penalty) => return Ok(penalty),
            Penalty::GeneralizedCrossValidation => {
                penalties.iter().map(|&penalty| self.generalized_score(penalty)).collect()
            }
            Penalty::BlockedCrossValidation { .. } => {
                let mut scores = vec![0.0; penalties.len()];
                for fold in folds.iter().filter(|fold| fold.n_rows() > 0.0) {
                    self.add_held_out_errors(&mut scores, &penalties, [total, fold])?;
                }
                scores
            }
        };
        let better = |best: usize, next: usize| if scores[next] < scores[best] { next } else { best };
        Ok(penalties[(1..scores.len()).fold(0, better)])
    }

    /// The penalties that are tried.
    fn ladder(&self) -> Vec<f64> {
        let mean = self.eigenvalues.mean().unwrap_or(0.0);
        // Constant inputs only: any positive penalty gives coefficients of zero.
        let scale = if mean > 0.0 { mean } else { 1.0 };
        (-32..=16).map(|step| scale * 10_f64.powf(f64::from(step) / 4.0)).collect()
    }

    /// One over the spread of each output; 0 for constant ones, which every penalty predicts alike.
    fn output_weights(&self) -> Array1<f64> {
        self.moments.yy.mapv(|spread| if spread > 0.0 { 1.0 / spread } else { 0.0 })
    }

    fn shrink(&self, penalty: f64) -> Array1<f64> {
        self.eigenvalues.mapv(|value| 1.0 / (value + penalty))
    }

    fn generalized_score(&self, penalty: f64) -> f64 {
        let n_rows = self.moments.n_rows;
        let weights = self.output_weights();
        let shrink = self.shrink(penalty);
        let explained: f64 = (0..shrink.len())
            .map(|component| {
                let power: f64 =
                    self.loadings.row(component).iter().zip(&weights).map(|(z, w)| z * z * w).sum();
                power * shrink[component] * (2.0 - self.eigenvalues[component] * shrink[component])
            })
            .sum();
        let residual = (self.moments.yy.dot(&weights) - explained).max(0.0);
        let free = n_rows - 1.0 - (&self.eigenvalues * &shrink).sum();
        // With more inputs than samples a small penalty fits every sample and has nothing left to judge by.
        if free > 1e-6 * n_rows { residual * n_rows / (free * free) } else { f64::INFINITY }
    }

    /// Adds the squared errors on one fold when predicted from the other rows. With Z = V'X'Y of those rows
    /// and d = 1 / (eigenvalue + penalty), the error is a quadratic form in d, so each further penalty costs
    /// no more than the square of the number of inputs.
    fn add_held_out_errors(
        &self,
        scores: &mut [f64],
        penalties: &[f64],
        [total, fold]: [&Moments; 2],
    ) -> Result<(), Error> {
        let rest = total.without(fold);
        let held_out = fold.about_means_of(&rest);
        let system = Self::new(rest.centred())?;
        let weights = self.output_weights();
        let weighted = &system.loadings * &weights;
        let across =
            (transposed_product(system.basis.view(), held_out.xy.view()) * &weighted).sum_axis(Axis(1));
        let rotated = transposed_product(held_out.xx.view(), system.basis.view());
        let inputs = transposed_product(system.basis.view(), rotated.view());
        let outputs = transposed_product(weighted.t(), system.loadings.t());
        let quadratic = inputs * outputs;
        let spread = held_out.yy.dot(&weights);
        for (score, &penalty) in scores.iter_mut().zip(penalties) {
            let shrink = system.shrink(penalty);
            *score += spread - 2.0 * shrink.dot(&across) + shrink.dot(&quadratic.dot(&shrink));
        }
        Ok(())
    }
}
