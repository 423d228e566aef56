//! Latent variables one by one.

use ndarray::{Array2, ArrayView2};

use super::check_pair;
use crate::Error;
use crate::metrics::clustering::best_matching;
use crate::metrics::regression::pearson;

/// The matching works in whole numbers: correlations in steps of 2^-40.
const STEPS: f64 = (1_u64 << 40) as f64;

/// Mean |Pearson correlation| of the true latents with the found coordinates under the one-to-one matching that
/// makes it largest (MCC; Khemakhem et al. 2020). A latent that is left without a coordinate counts as 0.
///
/// In 0..=1; about `1 / sqrt(n)` and more with many coordinates by chance. Blind to a latent on a circle.
///
/// # Errors
/// Numbers of points that differ, samples that are not finite, or a constant column.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::quality::mean_matched_correlation;
/// let truth = array![[0.0, 1.0], [1.0, -1.0], [2.0, 1.0], [3.0, -1.0]];
/// let swapped = array![[2.0, 0.0], [-2.0, -1.0], [2.0, -2.0], [-2.0, -3.0]];
/// assert!((mean_matched_correlation(swapped.view(), truth.view())? - 1.0).abs() < 1e-9);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn mean_matched_correlation(
    found: ArrayView2<'_, f64>,
    truth: ArrayView2<'_, f64>,
) -> Result<f64, Error> {
    check_pair("the truth", found, truth, 2)?;
    let mut correlations = Array2::zeros((truth.ncols(), found.ncols()));
    for ((latent, coordinate), entry) in correlations.indexed_iter_mut() {
        let (x, y) = (truth.column(latent).to_vec(), found.column(coordinate).to_vec());
        *entry = pearson(&x, &y)?.abs();
    }
    let steps = correlations.mapv(|correlation: f64| (correlation * STEPS) as u64);
    let matched = best_matching(&steps);
    let total: f64 = matched.iter().map(|&(latent, coordinate)| correlations[[latent, coordinate]]).sum();
    Ok(total / truth.ncols().max(1) as f64)
}
