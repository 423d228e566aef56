//! The exact nearest neighbours of points.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::super::distances::{
    ApproximateSquares, DistanceSource, Metric, check_points, check_width, euclidean, row_of, rows,
};
use crate::Error;

/// Queries of one matrix product.
const BLOCK: usize = 64;

/// The `k` nearest neighbours of every point: exact, sorted by distance, then by index.
///
/// Candidates come from blocked matrix products and a bound on their rounding; what is kept and returned is
/// computed from differences of coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestNeighbours {
    /// `[point, rank]`; the point itself is not among its neighbours.
    pub indices: Array2<u32>,
    /// `[point, rank]`.
    pub distances: Array2<f64>,
}

impl NearestNeighbours {
    /// The neighbours of each point among the others.
    ///
    /// # Errors
    /// `k` outside 1..points, or a sample that is not finite.
    ///
    /// # Examples
    /// ```
    /// use ndarray::array;
    /// use neuroloom_analysis::manifold::{Metric, NearestNeighbours};
    /// let line = array![[0.0], [1.0], [3.0]];
    /// let nearest = NearestNeighbours::fit(line.view(), 1, Metric::Euclidean)?;
    /// assert_eq!(nearest.indices.column(0).to_vec(), [1, 0, 1]);
    /// # Ok::<(), neuroloom_analysis::Error>(())
    /// ```
    pub fn fit(points: ArrayView2<'_, f64>, k: usize, metric: Metric) -> Result<Self, Error> {
        check_points(points, 0)?;
        check_k(k, points.nrows().saturating_sub(1))?;
        Ok(Self::search(points, points, Search { k, metric, skip_itself: SkipItself::Yes }))
    }

    /// The neighbours of other points among the points of a fit; with [`Metric::Precomputed`] the rows of
    /// `queries` are their distances to the points, and `points` is not read.
    ///
    /// # Errors
    /// `k` outside 1..=points, another number of features, or a sample that is not finite.
    pub fn query(
        points: ArrayView2<'_, f64>,
        queries: ArrayView2<'_, f64>,
        k: usize,
        metric: Metric,
    ) -> Result<Self, Error> {
        check_points(queries, 0)?;
        let n_points = if metric == Metric::Precomputed { queries.ncols() } else { points.nrows() };
        check_k(k, n_points)?;
        if metric == Metric::Euclidean {
            check_width(queries, points.ncols())?;
        }
        Ok(Self::search(points, queries, Search { k, metric, skip_itself: SkipItself::No }))
    }

    fn search(points: ArrayView2<'_, f64>, queries: ArrayView2<'_, f64>, search: Search) -> Self {
        let found: Vec<Vec<(f64, u32)>> = match search.metric {
            Metric::Euclidean => by_product(points, queries, &search),
            Metric::Precomputed => (0..queries.nrows())
                .into_par_iter()
                .map(|query| {
                    let candidates = search.candidates(query, queries.row(query), 0.0);
                    search.nearest(candidates, |other| queries[[query, other]])
                })
                .collect(),
        };
        let shape = (queries.nrows(), search.k);
        Self {
            indices: Array2::from_shape_fn(shape, |(query, rank)| found[query][rank].1),
            distances: Array2::from_shape_fn(shape, |(query, rank)| found[query][rank].0),
        }
    }
}

fn by_product(
    points: ArrayView2<'_, f64>,
    queries: ArrayView2<'_, f64>,
    search: &Search,
) -> Vec<Vec<(f64, u32)>> {
    let (points, queries) = (points.as_standard_layout(), queries.as_standard_layout());
    let squares = ApproximateSquares::new(points.view());
    let (points, queries) = (points.to_owned(), queries.to_owned());
    let blocks: Vec<usize> = (0..queries.nrows()).step_by(BLOCK).collect();
    let of_block = |&first: &usize| -> Vec<Vec<(f64, u32)>> {
        let (block, slack) = squares.block(rows(queries.view(), first, BLOCK));
        let one = |(row, &slack): (usize, &f64)| {
            let query = first + row;
            let candidates = search.candidates(query, block.row(row), slack);
            search.nearest(candidates, |other| euclidean(row_of(&queries, query), row_of(&points, other)))
        };
        slack.iter().enumerate().map(one).collect()
    };
    blocks.par_iter().map(of_block).collect::<Vec<_>>().concat()
}

#[derive(Clone, Copy, PartialEq)]
enum SkipItself {
    Yes,
    No,
}

struct Search {
    k: usize,
    metric: Metric,
    skip_itself: SkipItself,
}

impl Search {
    /// Everything that may be among the `k` nearest if each number is wrong by `slack` at most.
    fn candidates(&self, query: usize, squares: ArrayView1<'_, f64>, slack: f64) -> Vec<u32> {
        let is_other = |other: usize| self.skip_itself == SkipItself::No || other != query;
        let mut sorted: Vec<f64> = squares
            .iter()
            .enumerate()
            .filter(|&(other, _)| is_other(other))
            .map(|(_, &square)| square)
            .collect();
        let (_, kth, _) = sorted.select_nth_unstable_by(self.k - 1, f64::total_cmp);
        let limit = *kth + 2.0 * slack;
        let near = squares.iter().enumerate().filter(|&(other, &square)| square <= limit && is_other(other));
        near.map(|(other, _)| other as u32).collect()
    }

    fn nearest(&self, candidates: Vec<u32>, distance: impl Fn(usize) -> f64) -> Vec<(f64, u32)> {
        let mut found: Vec<(f64, u32)> =
            candidates.into_iter().map(|other| (distance(other as usize), other)).collect();
        found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.truncate(self.k);
        found
    }
}

/// All other points within a radius of each point, by index.
pub(super) fn within_radius(source: &DistanceSource<'_>, radius: f64) -> Vec<Vec<(u32, f64)>> {
    let near = |point: usize| {
        let row = source.row(point).into_iter().enumerate();
        let near = row.filter(|&(other, distance)| other != point && distance <= radius);
        near.map(|(other, distance)| (other as u32, distance)).collect()
    };
    (0..source.n_points()).into_par_iter().map(near).collect()
}

fn check_k(k: usize, most: usize) -> Result<(), Error> {
    if (1..=most).contains(&k) {
        return Ok(());
    }
    let allowed = format!("1 to {most}, the number of other points");
    Err(Error::Value { what: "the number of neighbours", given: k.to_string(), allowed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_definition(points: &Array2<f64>, point: usize, k: usize) -> Vec<(f64, u32)> {
        let mut all: Vec<(f64, u32)> = (0..points.nrows())
            .filter(|&other| other != point)
            .map(|other| (euclidean(row_of(points, point), row_of(points, other)), other as u32))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.truncate(k);
        all
    }

    proptest! {
        // Coordinates on a coarse grid far from the origin: many exact ties and much cancellation.
        #[test]
        fn neighbours_are_those_of_the_definition(
            cells in prop::collection::vec(0..5_i32, 210), offset in 0..2_i32, k in 1..12_usize,
        ) {
            let points = Array2::from_shape_fn((70, 3), |(row, column)| {
                f64::from(offset) * 1e7 + 0.3 * f64::from(cells[3 * row + column])
            });
            let found = NearestNeighbours::fit(points.view(), k, Metric::Euclidean)?;
            for point in 0..70 {
                for (rank, (distance, index)) in by_definition(&points, point, k).into_iter().enumerate() {
                    prop_assert_eq!(found.indices[[point, rank]], index);
                    prop_assert_eq!(found.distances[[point, rank]], distance);
                }
            }
        }
    }
}
