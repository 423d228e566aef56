//! The dimension from k nearest neighbours.

use ndarray::ArrayView2;

use crate::Error;
use crate::manifold::distances::{Metric, check_points};
use crate::manifold::neighbours::NearestNeighbours;

/// The maximum-likelihood estimate of Levina and Bickel (2004), with the inverses averaged over the points (MacKay and
/// Ghahramani 2005): `1 / d = 1 / (n (k - 1)) sum_i sum_(j < k) ln(T_k(i) / T_j(i))`, `T_j(i)` the distance of the j-th
/// neighbour. Points that coincide with another are left out.
///
/// # Errors
/// k outside 2..n, no point with a neighbour apart from it, or a sample that is not finite.
pub fn maximum_likelihood_dimension(points: ArrayView2<'_, f64>, k: usize) -> Result<f64, Error> {
    check_points(points, 3)?;
    if k < 2 {
        let allowed = format!("2 to {}", points.nrows() - 1);
        return Err(Error::Value { what: "the number of neighbours", given: k.to_string(), allowed });
    }
    let nearest = NearestNeighbours::fit(points, k, Metric::Euclidean)?;
    let (mut logs, mut n) = (0.0, 0.0);
    for row in nearest.distances.rows().into_iter().filter(|row| row[0] > 0.0) {
        logs += row.iter().map(|distance| (row[k - 1] / distance).ln()).sum::<f64>();
        n += (k - 1) as f64;
    }
    if logs > 0.0 {
        Ok(n / logs)
    } else {
        Err(Error::Constant { what: "the distance of the neighbours", value: 0.0 })
    }
}
