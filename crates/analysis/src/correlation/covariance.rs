//! A covariance matrix that can be inverted although there are few frames.

use ndarray::{Array2, ArrayView2, Axis};

use crate::Error;
use crate::linear_algebra::transposed_product;

/// A covariance matrix drawn towards a multiple of the identity.
#[derive(Debug, Clone, PartialEq)]
pub struct ShrunkCovariance {
    /// `(1 - shrinkage) S + shrinkage mean(diag S) I`, `[neuron, neuron]`.
    pub covariance: Array2<f64>,
    /// 0 = the sample covariance, 1 = the multiple of the identity.
    pub shrinkage: f64,
}

/// Covariance with the shrinkage that has the smallest expected squared error (Ledoit and Wolf 2004);
/// `S = X'X / n` about the mean, as in scikit-learn.
///
/// # Shapes
/// `samples: [sample, variable]`, in comparable units: the target is a multiple of the identity.
///
/// # Errors
/// Fewer than two samples, no variable, or a sample that is not finite.
pub fn ledoit_wolf(samples: ArrayView2<'_, f64>) -> Result<ShrunkCovariance, Error> {
    let (n_samples, n_variables) = samples.dim();
    if n_samples < 2 || n_variables == 0 {
        return Err(Error::TooFew {
            what: "samples of a covariance",
            given: n_samples.min(n_variables),
            needed: 2,
        });
    }
    if let Some(((row, column), &given)) = samples.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(Error::NotFinite { what: "samples", row, column, given });
    }
    let (n, p) = (n_samples as f64, n_variables as f64);
    let centred = &samples - &(samples.sum_axis(Axis(0)) / n);
    let mut covariance = transposed_product(centred.view(), centred.view()) / n;
    let mean_variance = covariance.diag().sum() / p;
    // b^2: how far single samples x x' scatter about S; d^2: how far S lies from the target.
    let fourth: f64 = centred.rows().into_iter().map(|row| row.dot(&row).powi(2)).sum();
    let squares: f64 = covariance.iter().map(|entry| entry * entry).sum();
    let distance = (squares - p * mean_variance * mean_variance) / p;
    let scatter = ((fourth / n - squares) / (p * n)).min(distance);
    let shrinkage = if scatter > 0.0 { scatter / distance } else { 0.0 };
    covariance *= 1.0 - shrinkage;
    covariance.diag_mut().mapv_inplace(|entry| entry + shrinkage * mean_variance);
    Ok(ShrunkCovariance { covariance, shrinkage })
}

/// The columns with mean 0 and variance 1, and which of them are constant (those become 0).
pub(super) fn standardized(mut frames: Array2<f64>) -> (Array2<f64>, Vec<bool>) {
    let mut constant = Vec::with_capacity(frames.ncols());
    for mut series in frames.columns_mut() {
        let n_frames = series.len() as f64;
        let (first, mean) = (series[0], series.sum() / n_frames);
        constant.push(series.iter().all(|&sample| sample == first));
        series.mapv_inplace(|sample| sample - mean);
        let sd = (series.dot(&series) / n_frames).sqrt();
        let is_constant = constant.last() == Some(&true);
        series.mapv_inplace(|sample| if is_constant { 0.0 } else { sample / sd });
    }
    (frames, constant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn samples_without_scatter_are_not_shrunk() -> Result<(), Error> {
        // S = (1 1 / 1 1): the scatter of x x' about S is 0, hence no shrinkage
        let shrunk = ledoit_wolf(array![[1.0, 1.0], [-1.0, -1.0]].view())?;
        assert_eq!((shrunk.shrinkage, shrunk.covariance[[0, 1]]), (0.0, 1.0));
        Ok(())
    }

    #[test]
    fn fewer_samples_than_variables_still_give_an_invertible_matrix() -> Result<(), Error> {
        let samples = Array2::from_shape_fn((5, 12), |(row, column)| ((row * 31 + column * 17) % 23) as f64);
        let shrunk = ledoit_wolf(samples.view())?;
        assert!(shrunk.shrinkage > 0.0 && shrunk.shrinkage <= 1.0);
        crate::linear_algebra::inverse_of_positive_definite(shrunk.covariance.view(), "S")?;
        assert!(ledoit_wolf(samples.slice(ndarray::s![..1, ..])).is_err());
        Ok(())
    }
}
