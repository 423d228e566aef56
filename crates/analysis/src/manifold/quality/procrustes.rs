//! Coordinates up to what no embedding can know: where it lies, how it is turned, how large it is.

use ndarray::{Array2, ArrayView2, Axis};

use super::check_pair;
use crate::Error;
use crate::linear_algebra::{to_faer, transposed_product};

/// Share of the variance of the truth that the embedding explains after the best shift, rotation or reflection,
/// and scale (orthogonal Procrustes; Schönemann 1966): `(sum of singular values of X'Y)^2` for centred tables of
/// norm 1, which is 1 less the disparity of scipy. In 0..=1. The tables may differ in width.
///
/// # Errors
/// Numbers of points that differ, samples that are not finite, or a table whose points coincide.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::quality::procrustes_r2;
/// let square = array![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
/// let turned = array![[5.0, 5.0], [5.0, 7.0], [3.0, 7.0], [3.0, 5.0]];
/// assert!((procrustes_r2(turned.view(), square.view())? - 1.0).abs() < 1e-12);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn procrustes_r2(embedding: ArrayView2<'_, f64>, truth: ArrayView2<'_, f64>) -> Result<f64, Error> {
    check_pair("the truth", embedding, truth, 2)?;
    let (x, y) = (standardised("the embedding", embedding)?, standardised("the truth", truth)?);
    let cross = transposed_product(x.view(), y.view());
    let hint = "the singular values did not converge; are the numbers of very different size?";
    let singular = to_faer(cross.view()).singular_values();
    let singular = singular.map_err(|_| Error::Singular { what: "the cross-covariance", hint })?;
    Ok(singular.iter().sum::<f64>().powi(2).min(1.0))
}

/// Centred, with the norm 1.
fn standardised(what: &'static str, points: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
    let mean = points.sum_axis(Axis(0)) / points.nrows() as f64;
    let centred = &points - &mean;
    let norm = centred.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
    if norm > 0.0 {
        Ok(centred / norm)
    } else {
        Err(Error::Constant { what, value: mean.first().copied().unwrap_or(0.0) })
    }
}
