//! The few matrix operations of this crate that need a factorisation or both cores.
//!
//! `faer` is built without its own threads, so a factorisation has one order of operations; products are
//! cut into tiles of the result, so that every entry is added up in the same order for any number of threads.

use faer::linalg::solvers::{DenseSolveCore, SelfAdjointEigen, Solve};
use faer::{Mat, MatRef, Side};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::Error;

/// Rows of the result that one task adds up.
const TILE: usize = 128;

/// Adds `left' right` to `total`: `left: [time, a]`, `right: [time, b]`, `total: [a, b]`.
pub(crate) fn add_transposed_product(
    total: &mut Array2<f64>,
    left: ArrayView2<'_, f64>,
    right: ArrayView2<'_, f64>,
) {
    let tiles: Vec<_> = total.axis_chunks_iter_mut(Axis(0), TILE).collect();
    tiles.into_par_iter().enumerate().for_each(|(tile, mut entries)| {
        let first = tile * TILE;
        let columns = left.slice(s![.., first..first + entries.nrows()]);
        general_mat_mul(1.0, &columns.t(), &right, 1.0, &mut entries);
    });
}

/// `left' right` for matrices of the size of a covariance.
pub(crate) fn transposed_product(left: ArrayView2<'_, f64>, right: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut product = Array2::zeros((left.ncols(), right.ncols()));
    add_transposed_product(&mut product, left, right);
    product
}

/// Inverse of a symmetric positive definite matrix.
pub(crate) fn inverse_of_positive_definite(
    matrix: ArrayView2<'_, f64>,
    what: &'static str,
) -> Result<Array2<f64>, Error> {
    let hint = "are there neurons that repeat each other exactly, or too few frames?";
    let factor = to_faer(matrix).llt(Side::Lower).map_err(|_| Error::Singular { what, hint })?;
    Ok(from_faer(factor.inverse().as_ref()))
}

/// The x of `matrix x = right` for a symmetric positive definite matrix.
pub(crate) fn solve_positive_definite(
    matrix: ArrayView2<'_, f64>,
    right: &Array1<f64>,
    what: &'static str,
) -> Result<Array1<f64>, Error> {
    let hint = "are there features of very different size?";
    let factor = to_faer(matrix).llt(Side::Lower).map_err(|_| Error::Singular { what, hint })?;
    let right = Mat::from_fn(right.len(), 1, |row, _| right[row]);
    let solution = factor.solve(&right);
    Ok((0..solution.nrows()).map(|row| solution[(row, 0)]).collect())
}

/// Eigenvalues in ascending order and eigenvectors `[row, eigenvector]` of a symmetric matrix.
pub(crate) fn symmetric_eigen(
    matrix: ArrayView2<'_, f64>,
    what: &'static str,
) -> Result<(Array1<f64>, Array2<f64>), Error> {
    let hint = "the eigenvalues did not converge; are the numbers of very different size?";
    let eigen = SelfAdjointEigen::new(to_faer(matrix).as_ref(), Side::Lower)
        .map_err(|_| Error::Singular { what, hint })?;
    let values = eigen.S().column_vector();
    Ok(((0..values.nrows()).map(|index| values[index]).collect(), from_faer(eigen.U())))
}

/// The same numbers as a matrix of `faer`.
pub(crate) fn to_faer(matrix: ArrayView2<'_, f64>) -> Mat<f64> {
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| matrix[[row, column]])
}

/// The same numbers as an array.
pub(crate) fn from_faer(matrix: MatRef<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((matrix.nrows(), matrix.ncols()), |(row, column)| matrix[(row, column)])
}
