//! Coordinates whose distances are given distances: the step that classical scaling and Isomap share.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use pulp::Arch;
use rayon::prelude::*;

use super::eigen::{BLOCK, KrylovConfig, largest_eigenpairs};
use super::neighbours::Geodesics;
use crate::Error;

/// Shares of the triangle that are added up apart, so that the result does not depend on the number of threads.
const PARTS: usize = 16;
type Lanes = [f64; BLOCK];

/// Classical scaling (Torgerson 1952) of a table of distances.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scaling {
    /// `[point, coordinate]`.
    pub(super) embedding: Array2<f64>,
    /// Eigenvalues of `-1/2 J D^2 J`, descending.
    pub(super) eigenvalues: Array1<f64>,
    /// Mean of the squared distances from each point to all.
    pub(super) mean_squares: Array1<f64>,
}

impl Scaling {
    /// The coordinates with the largest eigenvalues; coordinates whose eigenvalue is not positive are 0, as are
    /// those beyond the number of points.
    pub(super) fn fit(distances: &Geodesics, n_components: usize) -> Result<Self, Error> {
        let n = distances.n_points();
        let operator = CentredSquares::new(distances);
        let config = KrylovConfig { n_wanted: n_components, tolerance: 1e-12, ..Default::default() };
        let pairs = largest_eigenpairs(n, &config, |block| operator.apply(block))?;
        let mut embedding = Array2::zeros((n, n_components));
        let mut eigenvalues = Array1::zeros(n_components);
        let floor = 1e-12 * pairs.values.first().copied().unwrap_or(0.0);
        for (at, &value) in pairs.values.iter().enumerate() {
            eigenvalues[at] = value;
            if value > floor {
                let vector = pairs.vectors.column(at);
                let sign = sign_of_largest(vector);
                embedding.column_mut(at).assign(&(&vector * (sign * value.sqrt())));
            }
        }
        let mean_squares = operator.mean_squares();
        Ok(Self { embedding, eigenvalues, mean_squares })
    }

    /// Coordinates of a point from its squared distances to the points of the fit (Bengio et al. 2004).
    pub(super) fn place(&self, squares: &[f64]) -> Array1<f64> {
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        let grand = self.mean_squares.mean().unwrap_or(0.0);
        let inner =
            squares.iter().zip(&self.mean_squares).map(|(square, row)| -0.5 * (square - mean - row + grand));
        let inner: Array1<f64> = inner.collect();
        let along = inner.dot(&self.embedding);
        let per_value = |(&along, &value): (&f64, &f64)| if value > 0.0 { along / value } else { 0.0 };
        along.iter().zip(&self.eigenvalues).map(per_value).collect()
    }
}

/// The sign that makes the entry of largest size positive.
pub(super) fn sign_of_largest(vector: ndarray::ArrayView1<'_, f64>) -> f64 {
    // Entries of equal size but for rounding must not decide by it: the first that comes near the largest does.
    let largest = vector.iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
    let first = vector.iter().find(|entry| entry.abs() >= largest * (1.0 - 1e-6));
    if first.is_some_and(|&entry| entry < 0.0) { -1.0 } else { 1.0 }
}

/// `-1/2 J D^2 J` without ever being formed: squares are taken and means removed on the way.
struct CentredSquares<'a> {
    distances: &'a Geodesics,
    /// First rows of the parts: about equal shares of the triangle.
    cuts: Vec<usize>,
}

impl<'a> CentredSquares<'a> {
    fn new(distances: &'a Geodesics) -> Self {
        let n = distances.n_points();
        let cut = |part: usize| {
            let left = 1.0 - (1.0 - part as f64 / PARTS as f64).sqrt();
            ((left * n as f64) as usize).min(n)
        };
        Self { distances, cuts: (0..=PARTS).map(cut).collect() }
    }

    fn apply(&self, block: ArrayView2<'_, f64>) -> Array2<f64> {
        let n = self.distances.n_points();
        let centred = remove_mean(block.to_owned());
        let lanes: Vec<Lanes> =
            centred.rows().into_iter().map(|row| std::array::from_fn(|lane| row[lane])).collect();
        let sums = self.products(&lanes);
        remove_mean(Array2::from_shape_fn((n, BLOCK), |(row, lane)| -0.5 * sums[row][lane]))
    }

    fn mean_squares(&self) -> Array1<f64> {
        let n = self.distances.n_points();
        let sums = self.products(&vec![[1.0; BLOCK]; n]);
        sums.iter().map(|lanes| lanes[0] / n as f64).collect()
    }

    /// `D^2 x`, the squares entry by entry.
    fn products(&self, x: &[Lanes]) -> Vec<Lanes> {
        let arch = Arch::new();
        let part = |part: usize| {
            let mut y = vec![[0.0; BLOCK]; x.len()];
            let rows = self.cuts[part]..self.cuts[part + 1];
            arch.dispatch(|| {
                rows.for_each(|row| add_row(self.distances.upper_row(row), &x[row..], &mut y[row..]))
            });
            y
        };
        let parts: Vec<Vec<Lanes>> = (0..PARTS).into_par_iter().map(part).collect();
        let sum = |row: usize| std::array::from_fn(|lane| parts.iter().map(|part| part[row][lane]).sum());
        (0..x.len()).map(sum).collect()
    }
}

/// Row and column of one point: `x` and `y` begin at it.
#[inline(always)]
fn add_row(distances: &[f64], x: &[Lanes], y: &mut [Lanes]) {
    let own = x[0];
    let mut sum = [0.0; BLOCK];
    for ((distance, x), y) in distances.iter().zip(&x[1..]).zip(&mut y[1..]) {
        let square = distance * distance;
        for lane in 0..BLOCK {
            sum[lane] += square * x[lane];
            y[lane] += square * own[lane];
        }
    }
    for lane in 0..BLOCK {
        y[0][lane] += sum[lane];
    }
}

fn remove_mean(mut block: Array2<f64>) -> Array2<f64> {
    let mean = block.sum_axis(Axis(0)) / block.nrows() as f64;
    block -= &mean;
    block
}
