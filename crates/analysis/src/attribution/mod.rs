//! Attribution: how much of a prediction each feature is responsible for (Shapley 1953; Lundberg and Lee 2017).
//!
//! f(x) = base + sum_k phi_k. phi_k is feature k's contribution averaged over all orders in which features become
//! known. What "unknown" means is the choice of the method:
//!
//! | method | unknown features are | exact |
//! |---|---|---|
//! | [`linear`] | at the background mean | yes: w_k (x_k - mean x_k) |
//! | [`tree_interventional`] | those of background rows, whatever the known ones are | yes |
//! | [`tree_path_dependent`] | averaged along the tree by its training rows | yes |
//! | [`kernel`] | those of background rows | up to 2^features coalitions within the budget, else by sampling |
//!
//! All four add up to the prediction exactly. An attribution says what the *model* uses; a feature that only repeats
//! another shares with it or goes without.
//!
//! # Examples
//! ```
//! use ndarray::array;
//! use neuroloom_analysis::attribution::linear;
//! let background = array![[0.0, 0.0], [2.0, 2.0]];
//! let found = linear(&[3.0, -1.0], 10.0, array![[2.0, 1.0]].view(), background.view())?;
//! // f = 10 + 3 x - y; at the background mean (1, 1) it is 12.
//! assert_eq!((found.base, found.values[[0, 0]], found.values[[0, 1]]), (12.0, 3.0, 0.0));
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod beeswarm;
mod entanglement;
mod kernel;
mod linear;
mod tree_interventional;
mod tree_path_dependent;

#[cfg(test)]
mod tests;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::Error;
pub use beeswarm::{Beeswarm, BeeswarmRow, beeswarm};
pub use entanglement::{Entanglement, entanglement};
pub use kernel::{KernelConfig, kernel};
pub use linear::linear;
pub use tree_interventional::tree_interventional;
pub use tree_path_dependent::tree_path_dependent;

/// Contributions of features to predictions: `prediction[row] = base + sum over features of values[row, feature]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The prediction when nothing is known.
    pub base: f64,
    /// `[row, feature]`, in units of the prediction (for a classifier, of the logarithm of the odds).
    pub values: Array2<f64>,
}

impl Attribution {
    /// Base and contributions added up: the predictions.
    pub fn predictions(&self) -> Vec<f64> {
        self.values.rows().into_iter().map(|row| self.base + row.sum()).collect()
    }

    /// Mean of |phi| over the rows: how much each feature matters, `[feature]`.
    pub fn mean_absolute(&self) -> Array1<f64> {
        let n_rows = self.values.nrows().max(1) as f64;
        self.values.mapv(f64::abs).sum_axis(Axis(0)) / n_rows
    }
}

fn check_columns(what: &'static str, given: ArrayView2<'_, f64>, n_features: usize) -> Result<(), Error> {
    if given.ncols() != n_features {
        let shape = format!("[{}, {}]", given.nrows(), given.ncols());
        return Err(Error::Shape { what, given: shape, allowed: format!("[row, {n_features}]") });
    }
    match given.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &given)) => Err(Error::NotFinite { what, row, column, given }),
        None => Ok(()),
    }
}

fn check_background(background: ArrayView2<'_, f64>, n_features: usize) -> Result<(), Error> {
    check_columns("background", background, n_features)?;
    match background.nrows() {
        0 => Err(Error::TooFew { what: "background rows", given: 0, needed: 1 }),
        _ => Ok(()),
    }
}
