//! The dimension from the two nearest neighbours.

use ndarray::ArrayView2;

use crate::Error;
use crate::manifold::distances::{Metric, check_points};
use crate::manifold::neighbours::NearestNeighbours;

/// Points with the largest ratios, which are left out of the fit: 1 in 10, as in the paper.
const LEFT_OUT: f64 = 0.1;

/// TwoNN (Facco et al. 2017): where the density is even over two neighbours, the ratio `mu = r_2 / r_1` of a point's
/// two smallest distances has `-ln(1 - F(mu)) = d ln(mu)`; d is the slope through the origin over the smallest nine
/// tenths of the ratios. Points that coincide with another are left out.
///
/// # Errors
/// Fewer than ten points with a neighbour apart from them, or a sample that is not finite.
pub fn two_nearest_neighbours(points: ArrayView2<'_, f64>) -> Result<f64, Error> {
    check_points(points, 10)?;
    let nearest = NearestNeighbours::fit(points, 2, Metric::Euclidean)?;
    let rows = nearest.distances.rows().into_iter().filter(|row| row[0] > 0.0);
    let mut ratios: Vec<f64> = rows.map(|row| (row[1] / row[0]).ln()).collect();
    if ratios.len() < 10 {
        let what = "points that coincide with no other";
        return Err(Error::TooFew { what, given: ratios.len(), needed: 10 });
    }
    ratios.sort_unstable_by(f64::total_cmp);
    let n = ratios.len() as f64;
    let kept = &ratios[..(n * (1.0 - LEFT_OUT)) as usize];
    let survival = |rank: usize| -(1.0 - (rank + 1) as f64 / n).ln();
    let cross: f64 = kept.iter().enumerate().map(|(rank, ratio)| ratio * survival(rank)).sum();
    let square: f64 = kept.iter().map(|ratio| ratio * ratio).sum();
    if square > 0.0 {
        Ok(cross / square)
    } else {
        Err(Error::Constant { what: "the ratio of the two nearest distances", value: 1.0 })
    }
}
