//! Attribution of a linear prediction.

use ndarray::{ArrayView1, ArrayView2, Axis};

use super::{Attribution, check_background, check_columns};
use crate::Error;

/// phi_k = w_k (x_k - mean x_k) of f(x) = w x + intercept, the mean over the background: exact.
///
/// # Shapes
/// `weights: [feature]`, `rows: [row, feature]`, `background: [row, feature]`.
///
/// # Errors
/// [`Error::Shape`] for another number of features, [`Error::TooFew`] without background, [`Error::NotFinite`].
pub fn linear(
    weights: &[f64],
    intercept: f64,
    rows: ArrayView2<'_, f64>,
    background: ArrayView2<'_, f64>,
) -> Result<Attribution, Error> {
    check_columns("rows", rows, weights.len())?;
    check_background(background, weights.len())?;
    let mean = background.sum_axis(Axis(0)) / background.nrows() as f64;
    let weights = ArrayView1::from(weights);
    Ok(Attribution { base: intercept + mean.dot(&weights), values: (&rows - &mean) * weights })
}
