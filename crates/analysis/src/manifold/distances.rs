//! Distances between points, and points given by their distances alone.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::Error;

/// What the rows of the array that is handed to a fit are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metric {
    /// Coordinates; the distance of two points is Euclidean.
    #[default]
    Euclidean,
    /// Distances themselves, `[point, point]`, symmetric with a diagonal of zeros.
    Precomputed,
}

/// Euclidean distances of all pairs, `[point, point]`, each from the differences of the coordinates (no
/// cancellation).
///
/// # Errors
/// A sample that is not finite.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::euclidean_distances;
/// assert_eq!(euclidean_distances(array![[0.0, 0.0], [3.0, 4.0]].view())?[[0, 1]], 5.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn euclidean_distances(points: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
    check_points(points, 0)?;
    let source = DistanceSource::new(points, Metric::Euclidean)?;
    let n = points.nrows();
    let rows: Vec<Vec<f64>> = (0..n).into_par_iter().map(|point| source.row(point)).collect();
    Ok(Array2::from_shape_fn((n, n), |(row, column)| rows[row][column]))
}

/// Points or their distances, behind one door.
pub(super) enum DistanceSource<'a> {
    Coordinates(Array2<f64>),
    Distances(ArrayView2<'a, f64>),
}

impl<'a> DistanceSource<'a> {
    /// Checks the numbers; coordinates are copied to rows that lie together.
    pub(super) fn new(points: ArrayView2<'a, f64>, metric: Metric) -> Result<Self, Error> {
        check_points(points, 0)?;
        match metric {
            Metric::Euclidean => Ok(Self::Coordinates(points.as_standard_layout().into_owned())),
            Metric::Precomputed => {
                check_distances(points)?;
                Ok(Self::Distances(points))
            }
        }
    }

    pub(super) fn n_points(&self) -> usize {
        match self {
            Self::Coordinates(points) => points.nrows(),
            Self::Distances(distances) => distances.nrows(),
        }
    }

    pub(super) fn distance(&self, a: usize, b: usize) -> f64 {
        match self {
            Self::Coordinates(points) => euclidean(row_of(points, a), row_of(points, b)),
            Self::Distances(distances) => distances[[a, b]],
        }
    }

    /// Distances from one point to all.
    pub(super) fn row(&self, point: usize) -> Vec<f64> {
        (0..self.n_points()).map(|other| self.distance(point, other)).collect()
    }
}

pub(super) fn row_of(points: &Array2<f64>, point: usize) -> &[f64] {
    let width = points.ncols();
    points.as_slice().map_or(&[], |all| &all[point * width..(point + 1) * width])
}

/// Four sums side by side: one chain of additions would wait for itself.
pub(super) fn euclidean(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (heads, tails) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = heads.remainder().iter().zip(tails.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in heads.zip(tails) {
        for lane in 0..4 {
            sums[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    ((sums[0] + sums[1]) + (sums[2] + sums[3]) + rest).sqrt()
}

/// Squared distances of a block of queries to all points by one matrix product, `|q|^2 + |x|^2 - 2 q.x`, up to
/// rounding of the size [`slack`](Self::slack).
pub(super) struct ApproximateSquares<'a> {
    points: ArrayView2<'a, f64>,
    mean: Array1<f64>,
    centred: Array2<f64>,
    norms: Array1<f64>,
}

impl<'a> ApproximateSquares<'a> {
    pub(super) fn new(points: ArrayView2<'a, f64>) -> Self {
        let mean = points.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(points.ncols()));
        let centred = &points - &mean;
        let norms = centred.rows().into_iter().map(|row| row.dot(&row)).collect();
        Self { points, mean, centred, norms }
    }

    /// `[query, point]`, and how wrong a row may be.
    pub(super) fn block(&self, queries: ArrayView2<'_, f64>) -> (Array2<f64>, Vec<f64>) {
        let queries = &queries - &self.mean;
        let mut squares = Array2::zeros((queries.nrows(), self.points.nrows()));
        general_mat_mul(-2.0, &queries, &self.centred.t(), 0.0, &mut squares);
        let norms: Vec<f64> = queries.rows().into_iter().map(|row| row.dot(&row)).collect();
        for (mut row, &norm) in squares.rows_mut().into_iter().zip(&norms) {
            row.zip_mut_with(&self.norms, |square, &other| *square += norm + other);
        }
        let largest = self.norms.iter().copied().fold(0.0, f64::max);
        (squares, norms.into_iter().map(|norm| self.slack(norm + largest)).collect())
    }

    fn slack(&self, norms: f64) -> f64 {
        8.0 * f64::EPSILON * (self.points.ncols() as f64 + 8.0) * norms
    }
}

/// Rows `first..first + n` of an array.
pub(super) fn rows(points: ArrayView2<'_, f64>, first: usize, n: usize) -> ArrayView2<'_, f64> {
    points.slice_move(s![first..(first + n).min(points.nrows()), ..])
}

pub(super) fn check_points(points: ArrayView2<'_, f64>, needed: usize) -> Result<(), Error> {
    if points.nrows() < needed {
        return Err(Error::TooFew { what: "points", given: points.nrows(), needed });
    }
    match points.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &given)) => Err(Error::NotFinite { what: "points", row, column, given }),
        None => Ok(()),
    }
}

fn check_distances(distances: ArrayView2<'_, f64>) -> Result<(), Error> {
    let (n, columns) = distances.dim();
    if n != columns {
        let (given, allowed) = (format!("[{n}, {columns}]"), format!("[{n}, {n}]"));
        return Err(Error::Shape { what: "precomputed distances", given, allowed });
    }
    let scale = distances.iter().fold(0.0_f64, |scale, &distance| scale.max(distance.abs()));
    for ((row, column), &distance) in distances.indexed_iter() {
        let asymmetry = (distance - distances[[column, row]]).abs();
        let bad_diagonal = row == column && distance.abs() > 1e-12 * scale;
        if distance < 0.0 || asymmetry > 1e-9 * scale || bad_diagonal {
            let given = format!("{distance} at [{row}, {column}]");
            let allowed = "distances of 0 or more, symmetric, 0 on the diagonal".into();
            return Err(Error::Value { what: "precomputed distances", given, allowed });
        }
    }
    Ok(())
}

pub(super) fn check_width(points: ArrayView2<'_, f64>, n_columns: usize) -> Result<(), Error> {
    if points.ncols() == n_columns {
        return Ok(());
    }
    let given = format!("[{}, {}]", points.nrows(), points.ncols());
    Err(Error::Shape { what: "points", given, allowed: format!("[point, {n_columns}]") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn distances_that_are_none_are_refused() {
        let bad = [
            array![[0.0, 1.0], [2.0, 0.0]],
            array![[0.0, -1.0], [-1.0, 0.0]],
            array![[1.0, 1.0], [1.0, 0.0]],
        ];
        for distances in bad {
            let refused = DistanceSource::new(distances.view(), Metric::Precomputed);
            assert!(matches!(refused, Err(Error::Value { .. })));
        }
        let oblong = array![[0.0, 1.0]];
        assert!(matches!(DistanceSource::new(oblong.view(), Metric::Precomputed), Err(Error::Shape { .. })));
    }

    #[test]
    fn squares_by_product_are_within_their_slack_far_from_the_origin() {
        let points = Array2::from_shape_fn((40, 7), |(row, column)| {
            1e6 + ((row * 31 + column * 17) % 23) as f64 / 7.0
        });
        let (squares, slack) = ApproximateSquares::new(points.view()).block(points.view());
        let exact = euclidean_distances(points.view()).unwrap();
        for ((row, column), square) in squares.indexed_iter() {
            assert!((square - exact[[row, column]].powi(2)).abs() <= slack[row]);
        }
    }
}
