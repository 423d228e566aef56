//! Shared nearest neighbours.

use ndarray::ArrayView2;

use super::check_pair;
use crate::Error;
use crate::manifold::distances::Metric;
use crate::manifold::neighbours::NearestNeighbours;

/// Share of the k nearest neighbours of a point that are the same in both tables, averaged over the points.
/// In 0..=1; unrelated tables share `k / (n - 1)`.
///
/// # Errors
/// Numbers of points that differ, samples that are not finite, or k outside 1..n.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::quality::neighbour_overlap;
/// let line = array![[0.0], [1.0], [3.0], [6.0]];
/// assert_eq!(neighbour_overlap(line.view(), (&line * -2.0).view(), 2)?, 1.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn neighbour_overlap(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>, k: usize) -> Result<f64, Error> {
    check_pair("the other table", a, b, 2)?;
    let of_a = NearestNeighbours::fit(a, k, Metric::Euclidean)?;
    let of_b = NearestNeighbours::fit(b, k, Metric::Euclidean)?;
    let rows = of_a.indices.rows().into_iter().zip(of_b.indices.rows());
    let shared: usize =
        rows.map(|(a, b)| a.iter().filter(|&index| b.iter().any(|other| other == index)).count()).sum();
    Ok(shared as f64 / (a.nrows() * k) as f64)
}
