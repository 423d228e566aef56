//! Scores of a prediction against a truth.
//!
//! | module | compares | best | chance |
//! |---|---|---|---|
//! | [`regression`] | numbers with numbers | R2 = 1, rmse = 0 | R2 <= 0, pearson 0 |
//! | [`classification`] | scores with yes / no | 1 | AUROC 0.5, average precision = prevalence |
//! | [`separability()`] | groups with features | 1 | 1 / groups |
//! | [`clustering`] | labels with labels, up to renaming | 1 | adjusted Rand index 0 |
//!
//! # Examples
//! ```
//! use neuroloom_analysis::metrics::regression::{linear_fit, r2_identity};
//!
//! // Weights recovered up to their scale: the line fits, the identity does not.
//! let truth = [1.0, 2.0, 3.0];
//! let learned = [2.0, 4.0, 6.0];
//! let fit = linear_fit(&truth, &learned)?;
//! assert_eq!((fit.slope, fit.intercept, fit.r2_linear_fit), (2.0, 0.0, 1.0));
//! assert_eq!(r2_identity(&learned, &truth)?, -6.0);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

pub mod classification;
pub mod clustering;
pub mod regression;
mod separability;

use crate::Error;
pub use separability::separability;

/// Refuses two lists that cannot be compared position by position.
pub(crate) fn check_same_length(what: &'static str, given: usize, expected: usize) -> Result<(), Error> {
    if given == expected {
        return Ok(());
    }
    Err(Error::Shape { what, given: format!("[{given}]"), allowed: format!("[{expected}]") })
}

/// Refuses a list with a NaN or an infinity in it.
pub(crate) fn check_finite<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<(), Error> {
    match values.iter().position(|&value| !value.into().is_finite()) {
        None => Ok(()),
        Some(row) => Err(Error::NotFinite { what, row, column: 0, given: values[row].into() }),
    }
}
