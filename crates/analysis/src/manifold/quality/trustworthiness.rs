//! Neighbourhoods before and after (Venna and Kaski 2001).

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::check_pair;
use crate::Error;
use crate::manifold::distances::{DistanceSource, Metric};
use crate::manifold::neighbours::NearestNeighbours;

/// How far the neighbours in the embedding are neighbours of the points:
///
/// `T(k) = 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_(j in E_k(i), not in P_k(i)) (r_P(i, j) - k)`
///
/// with the k nearest neighbours `E_k` in the embedding and `P_k` of the points, and the rank `r_P` of j among
/// the distances of the points from i. In 0..=1; points placed at random reach about 0.5. Ties are broken by
/// index.
///
/// # Shapes
/// `points: [point, feature]`, `embedding: [point, coordinate]`.
///
/// # Errors
/// Numbers of points that differ, samples that are not finite, or k outside 1..n/2.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::quality::trustworthiness;
/// let points = Array2::from_shape_fn((20, 3), |(point, axis)| (point * (axis + 2)) as f64);
/// assert_eq!(trustworthiness(points.view(), (&points * 7.0).view(), 5)?, 1.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn trustworthiness(
    points: ArrayView2<'_, f64>,
    embedding: ArrayView2<'_, f64>,
    k: usize,
) -> Result<f64, Error> {
    check_pair("the embedding", points, embedding, 3)?;
    let n = points.nrows();
    if k == 0 || 2 * k >= n {
        let allowed = format!("1 to {}, below half of the {n} points", n.div_ceil(2) - 1);
        return Err(Error::Value { what: "k", given: k.to_string(), allowed });
    }
    let nearest = NearestNeighbours::fit(embedding, k, Metric::Euclidean)?;
    let source = DistanceSource::new(points, Metric::Euclidean)?;
    let excess = |point: usize| -> usize {
        let row = source.row(point);
        let of_neighbour = |&other: &u32| rank(&row, point, other as usize).saturating_sub(k);
        nearest.indices.row(point).iter().map(of_neighbour).sum()
    };
    let excess: usize = (0..n).into_par_iter().map(excess).sum();
    let (n, k) = (n as f64, k as f64);
    Ok(1.0 - 2.0 * excess as f64 / (n * k * (2.0 * n - 3.0 * k - 1.0)))
}

/// How far the neighbours of the points are neighbours in the embedding: [`trustworthiness`] with the two
/// swapped. Low where the embedding tears what belonged together.
///
/// # Errors
/// As [`trustworthiness`].
pub fn continuity(
    points: ArrayView2<'_, f64>,
    embedding: ArrayView2<'_, f64>,
    k: usize,
) -> Result<f64, Error> {
    trustworthiness(embedding, points, k)
}

/// Rank of a point among the others by distance, from 1.
fn rank(row: &[f64], point: usize, of: usize) -> usize {
    let nearer = |other: usize, distance: f64| distance < row[of] || (distance == row[of] && other < of);
    1 + row.iter().enumerate().filter(|&(other, &distance)| other != point && nearer(other, distance)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn one_intruder_worked_out_by_hand() -> Result<(), Error> {
        // On a line 0 1 2 3 10 the embedding swaps the last two of five points, k = 1. Points: neighbours are
        // 1, 0 (tie by index), 1, 2, 3. Embedded at 0 1 2 10 3: neighbours are 1, 0, 1, 4, 2. Ranks of the
        // points: 4 from 3 is at 7, last of 4 (rank 4, excess 3); 2 from 4 has rank 2 (excess 1).
        let points = array![[0.0], [1.0], [2.0], [3.0], [10.0]];
        let embedding = array![[0.0], [1.0], [2.0], [10.0], [3.0]];
        let expected = 1.0 - 2.0 / (5.0 * (10.0 - 3.0 - 1.0)) * 4.0;
        assert!((trustworthiness(points.view(), embedding.view(), 1)? - expected).abs() < 1e-15);
        assert_eq!(
            continuity(embedding.view(), points.view(), 1)?,
            trustworthiness(points.view(), embedding.view(), 1)?
        );
        Ok(())
    }

    #[test]
    fn random_places_score_one_half() -> Result<(), Error> {
        let points = Array2::from_shape_fn((400, 5), |(a, b)| ((a * (b + 3) * 7919) % 997) as f64);
        let shuffled = super::super::shuffled_within_columns(points.view(), neuroloom_core::Seed(1));
        let score = trustworthiness(points.view(), shuffled.view(), 10)?;
        assert!((score - 0.5).abs() < 0.03, "{score}");
        Ok(())
    }
}
