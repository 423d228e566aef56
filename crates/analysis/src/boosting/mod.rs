//! Gradient-boosted regression trees: predictions of a number or of a probability from features of any scale.
//!
//! F(x) = base + sum over trees of f_t(x). Each tree is fitted to the gradients g_i and Hessians h_i of the loss at
//! the prediction so far; a leaf holds -rate G / (H + l2), and a split is worth
//! G_L² / (H_L + l2) + G_R² / (H_R + l2) - G² / (H + l2) (Friedman 2001; Chen and Guestrin 2016). Features are cut into
//! quantile bins once, trees grow leaf by leaf, the best first (Ke et al. 2017).
//!
//! All sums are in f64 and each is added up in the order of the rows, so the trees are the same bytes for any number
//! of threads. [`crate::attribution`] explains the predictions.
//!
//! # Examples
//! ```
//! use ndarray::Array2;
//! use neuroloom_analysis::boosting::{BoostedTrees, BoostingConfig};
//! let features = Array2::from_shape_fn((200, 2), |(row, column)| if column == 0 { row as f64 } else { 1.0 });
//! let labels: Vec<bool> = (0..200).map(|row| row >= 50 && row < 150).collect();
//! let trees = BoostedTrees::classify(features.view(), &labels, &BoostingConfig::default())?;
//! let probability = trees.predict(features.view())?;
//! assert!(probability[100] > 0.9 && probability[10] < 0.1);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod bins;
mod config;
mod fit;
mod grow;
mod histogram;
mod tree;

#[cfg(test)]
mod tests;

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Error;
pub use config::BoostingConfig;
pub use fit::HeldOut;
pub use tree::Tree;

/// What the sum of the trees means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The expected target; loss (y - F)² / 2.
    SquaredError,
    /// The logarithm of the odds of the positive class; loss log(1 + exp(-F)) or log(1 + exp(F)).
    Logistic,
}

/// A fitted sum of trees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoostedTrees {
    /// What the sum means.
    pub objective: Objective,
    /// Number of features of a row.
    pub n_features: usize,
    /// F before the first tree.
    pub base: f64,
    /// The trees, in the order in which they were fitted.
    pub trees: Vec<Tree>,
}

impl BoostedTrees {
    /// Fits the expectation of a number.
    ///
    /// # Shapes
    /// `features: [row, feature]`, `targets: [row]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the lengths differ, [`Error::TooFew`] below two rows, [`Error::NotFinite`],
    /// [`Error::Value`] for a setting outside its range.
    pub fn regress<T: Copy + Into<f64> + Sync>(
        features: ArrayView2<'_, T>,
        targets: &[f64],
        config: &BoostingConfig,
    ) -> Result<Self, Error> {
        fit::fit(features, targets, Objective::SquaredError, config)
    }

    /// Fits the probability of the positive class.
    ///
    /// # Shapes
    /// `features: [row, feature]`, `labels: [row]`.
    ///
    /// # Errors
    /// As [`BoostedTrees::regress`]; [`Error::Constant`] if all labels are equal.
    pub fn classify<T: Copy + Into<f64> + Sync>(
        features: ArrayView2<'_, T>,
        labels: &[bool],
        config: &BoostingConfig,
    ) -> Result<Self, Error> {
        fit::fit(features, &numbers(labels), Objective::Logistic, config)
    }

    /// The same with the number of trees chosen on rows that were held out: growing ends once the loss on them has not
    /// fallen for `patience` trees, and the trees after the best are dropped.
    ///
    /// # Errors
    /// As [`BoostedTrees::classify`], for either set of rows.
    pub fn classify_until<T: Copy + Into<f64> + Sync>(
        features: ArrayView2<'_, T>,
        labels: &[bool],
        held_out: &HeldOut<'_, T>,
        config: &BoostingConfig,
    ) -> Result<Self, Error> {
        fit::fit_until(features, &numbers(labels), held_out, config)
    }

    /// The expected targets, or the probabilities of the positive class.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of features.
    pub fn predict<T: Copy + Into<f64> + Sync>(
        &self,
        features: ArrayView2<'_, T>,
    ) -> Result<Vec<f64>, Error> {
        let mut values = self.margin(features)?;
        if self.objective == Objective::Logistic {
            values.iter_mut().for_each(|value| *value = sigmoid(*value));
        }
        Ok(values)
    }

    /// F: the expected targets, or the logarithm of the odds. What attributions add up to.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of features.
    pub fn margin<T: Copy + Into<f64> + Sync>(&self, features: ArrayView2<'_, T>) -> Result<Vec<f64>, Error> {
        if features.ncols() != self.n_features {
            let given = format!("[{}, {}]", features.nrows(), features.ncols());
            return Err(Error::Shape {
                what: "features",
                given,
                allowed: format!("[row, {}]", self.n_features),
            });
        }
        let one = |row: usize| {
            let values = features.row(row);
            let leaves = self.trees.iter().map(|tree| tree.predict(|feature| values[feature].into()));
            self.base + leaves.sum::<f64>()
        };
        Ok((0..features.nrows()).into_par_iter().with_min_len(64).map(one).collect())
    }

    /// Mean gain of the splits on each feature, over the sum of all: which features the trees use. Not an attribution.
    pub fn gain_share(&self) -> Vec<f64> {
        let mut gain = vec![0.0; self.n_features];
        for tree in &self.trees {
            for node in 0..tree.len() {
                if let Some(feature) = tree.split_feature(node) {
                    gain[feature] += tree.gain[node];
                }
            }
        }
        let total: f64 = gain.iter().sum();
        if total > 0.0 {
            gain.iter_mut().for_each(|one| *one /= total);
        }
        gain
    }
}

fn numbers(labels: &[bool]) -> Vec<f64> {
    labels.iter().map(|&label| f64::from(u8::from(label))).collect()
}

fn sigmoid(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}
