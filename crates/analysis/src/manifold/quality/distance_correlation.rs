//! Distances found against true distances, by rank.

use ndarray::ArrayView2;

use crate::Error;
use crate::manifold::distances::check_points;
use crate::manifold::neighbours::Geodesics;
use crate::metrics::check_same_length;
use crate::metrics::regression::spearman;

/// How a latent variable is closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LatentAxis {
    /// Two ends.
    Interval,
    /// A circle of this circumference.
    Circle {
        /// After how much the variable is back where it was.
        period: f64,
    },
}

/// Distances of all pairs on a flat latent space: `sqrt(sum_a d_a^2)` with the shorter way around each circle.
///
/// # Shapes
/// `latents: [point, axis]`, one [`LatentAxis`] a column.
///
/// # Errors
/// Another number of axes, a period that is not positive, or a sample that is not finite.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::quality::{LatentAxis, latent_distances};
/// let angles = array![[0.1], [0.9]];
/// let circle = LatentAxis::Circle { period: 1.0 };
/// assert!((latent_distances(angles.view(), &[circle])?.distance(0, 1) - 0.2).abs() < 1e-12);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn latent_distances(latents: ArrayView2<'_, f64>, axes: &[LatentAxis]) -> Result<Geodesics, Error> {
    check_points(latents, 0)?;
    check_same_length("the latent axes", axes.len(), latents.ncols())?;
    for axis in axes {
        if let LatentAxis::Circle { period } = axis
            && (*period <= 0.0 || !period.is_finite())
        {
            let allowed = "a positive number".into();
            return Err(Error::Value { what: "the period", given: period.to_string(), allowed });
        }
    }
    let distance = |a: usize, b: usize| {
        let along = |(column, axis): (usize, &LatentAxis)| {
            let apart = (latents[[a, column]] - latents[[b, column]]).abs();
            match axis {
                LatentAxis::Interval => apart,
                LatentAxis::Circle { period } => (apart % period).min(period - apart % period),
            }
        };
        axes.iter().enumerate().map(|axis| along(axis).powi(2)).sum::<f64>().sqrt()
    };
    Ok(Geodesics::from_function(latents.nrows(), distance))
}

/// Spearman correlation of found with true distances over all pairs of points that both can measure (pairs in
/// different pieces of a neighbourhood graph have no found distance and are left out).
///
/// In -1..=1, 0 by chance.
///
/// # Errors
/// Numbers of points that differ, fewer than two measured pairs, or distances that are all equal.
pub fn distance_spearman(found: &Geodesics, truth: &Geodesics) -> Result<f64, Error> {
    check_same_length("the true distances", truth.n_points(), found.n_points())?;
    let pairs = found.pairs().into_iter().zip(truth.pairs());
    let (found, truth): (Vec<f64>, Vec<f64>) =
        pairs.filter(|(found, truth)| found.is_finite() && truth.is_finite()).unzip();
    spearman(&found, &truth)
}
