//! Codes placed in two dimensions.

use ndarray::Array2;
use neuroloom_analysis::manifold::Pca;

use crate::Error;

/// Place of each circuit, and how it was found.
pub(super) type Placed = (Vec<(f64, f64)>, String);

/// A map of codes.
///
/// # Errors
/// What the method says.
pub(super) fn place(codes: &Array2<f64>) -> Result<Placed, Error> {
    let pca = Pca::fit(codes.view(), 2.min(codes.ncols()))?;
    let second = |row: usize| if pca.scores.ncols() > 1 { pca.scores[[row, 1]] } else { 0.0 };
    let points = (0..codes.nrows()).map(|row| (pca.scores[[row, 0]], second(row))).collect();
    let share: f64 = pca.explained_variance_ratio.iter().sum();
    Ok((points, format!("principal components, {:.0} % of the variance", 100.0 * share)))
}
