//! Over how many dimensions is a metric spread, and how many metrics use a dimension?

use ndarray::{Array2, ArrayView2};

use crate::Error;

/// Sharing of dimensions among metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Entanglement {
    /// Of each metric: (sum m_k)² / sum m_k² over the dimensions, m_k = mean |phi_k|. 1 if one dimension does it all,
    /// the number of dimensions if all do alike. NaN where nothing contributes.
    pub participation_ratio: Vec<f64>,
    /// Of each dimension: metrics for which its share of the sum exceeds an even one.
    pub n_metrics: Vec<usize>,
    /// What the ratio of a random direction is on average, 2 d / pi for d dimensions of which all vary alike: a metric
    /// near it uses the dimensions as if they meant nothing to it one by one.
    pub random_direction: f64,
}

/// Participation ratios of mean absolute attributions.
///
/// # Shapes
/// `mean_absolute: [metric, dimension]`, rows as [`super::Attribution::mean_absolute`] gives them.
///
/// # Errors
/// [`Error::TooFew`] without a dimension, [`Error::Value`] for a negative or infinite entry.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::attribution::entanglement;
/// let found = entanglement(array![[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [3.0, 1.0, 0.0, 0.0]].view())?;
/// assert_eq!(found.participation_ratio, [1.0, 4.0, 1.6]);
/// assert_eq!(found.n_metrics, [2, 0, 0, 0]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn entanglement(mean_absolute: ArrayView2<'_, f64>) -> Result<Entanglement, Error> {
    let n_dimensions = mean_absolute.ncols();
    if n_dimensions == 0 {
        return Err(Error::TooFew { what: "dimensions", given: 0, needed: 1 });
    }
    if let Some(value) = mean_absolute.iter().find(|value| !(value.is_finite() && **value >= 0.0)) {
        let allowed = "0 or more".to_owned();
        return Err(Error::Value { what: "a mean absolute attribution", given: value.to_string(), allowed });
    }
    let ratio = |row: ndarray::ArrayView1<'_, f64>| row.sum().powi(2) / row.dot(&row);
    let share: Array2<f64> = {
        let mut share = mean_absolute.to_owned();
        for mut row in share.rows_mut() {
            let total = row.sum();
            if total > 0.0 {
                row /= total;
            }
        }
        share
    };
    // A little above even, so that rounding does not make an even share count.
    let even = (1.0 + 1e-9) / n_dimensions as f64;
    let used = |dimension: usize| share.column(dimension).iter().filter(|share| **share > even).count();
    Ok(Entanglement {
        participation_ratio: mean_absolute.rows().into_iter().map(ratio).collect(),
        n_metrics: (0..n_dimensions).map(used).collect(),
        random_direction: 2.0 * n_dimensions as f64 / std::f64::consts::PI,
    })
}
