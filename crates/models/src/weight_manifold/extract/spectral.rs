//! Adjacency spectral embedding: a large sparse matrix in few coordinates, before neighbours are sought.

use faer::Mat;
use ndarray::{Array2, ArrayView2};
use neuroloom_core::Seed;
use rand_distr::{Distribution, StandardNormal};

use crate::Error;

/// Directions beyond those wanted, which make the wanted ones exact.
const SPARE: usize = 10;
/// Passes over the matrix; each multiplies the ratio of two singular values into the error twice.
const PASSES: usize = 8;

/// U S^(1/2) of the truncated singular value decomposition (Sussman, Tang, Fishkind and Priebe 2012), by randomised
/// subspace iteration (Halko, Martinsson and Tropp 2011).
///
/// # Shapes
/// `matrix: [neuron, feature]` to `[neuron, coordinate]`.
pub(super) fn spectral_embedding(
    matrix: ArrayView2<'_, f64>,
    n: usize,
    seed: Seed,
) -> Result<Array2<f64>, Error> {
    let (n_rows, n_columns) = matrix.dim();
    let n = n.min(n_rows.min(n_columns));
    let width = (n + SPARE).min(n_rows.min(n_columns));
    let rows = Sparse::of(matrix);
    let columns = Sparse::of(matrix.t());
    let mut rng = seed.rng();
    let mut basis = Array2::from_shape_simple_fn((n_columns, width), || StandardNormal.sample(&mut rng));
    for _ in 0..PASSES {
        let left = orthonormal(rows.times(basis.view()));
        basis = orthonormal(columns.times(left.view()));
    }
    let image = rows.times(basis.view());
    let small = Mat::from_fn(n_rows, width, |row, column| image[[row, column]]);
    let svd = small.thin_svd().map_err(|_| Error::Singular { stage: "spectral embedding" })?;
    let (left, values) = (svd.U(), svd.S().column_vector());
    // The sign of a singular vector is free: its entry of largest size shall be positive.
    let sign = |column: usize| {
        let largest = (0..n_rows)
            .map(|row| left[(row, column)])
            .fold(0.0_f64, |best, one| if one.abs() > best.abs() { one } else { best });
        if largest < 0.0 { -1.0 } else { 1.0 }
    };
    let signs: Vec<f64> = (0..n).map(sign).collect();
    Ok(Array2::from_shape_fn((n_rows, n), |(row, column)| {
        signs[column] * left[(row, column)] * values[column].sqrt()
    }))
}

/// The entries of each row that are not zero.
struct Sparse(Vec<Vec<(usize, f64)>>);

impl Sparse {
    fn of(matrix: ArrayView2<'_, f64>) -> Self {
        let row = |row: ndarray::ArrayView1<'_, f64>| {
            row.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect()
        };
        Self(matrix.rows().into_iter().map(row).collect())
    }

    fn times(&self, right: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut product = Array2::zeros((self.0.len(), right.ncols()));
        for (mut into, row) in product.rows_mut().into_iter().zip(&self.0) {
            row.iter().for_each(|&(column, value)| into.scaled_add(value, &right.row(column)));
        }
        product
    }
}

/// Gram and Schmidt, twice, so that rounding leaves nothing; columns that vanish are zero.
fn orthonormal(mut columns: Array2<f64>) -> Array2<f64> {
    for column in 0..columns.ncols() {
        let (before, mut rest) = columns.view_mut().split_at(ndarray::Axis(1), column);
        let mut own = rest.column_mut(0);
        let first = own.dot(&own).sqrt();
        for _ in 0..2 {
            let along = before.t().dot(&own);
            own -= &before.dot(&along);
        }
        let length = own.dot(&own).sqrt();
        if length > 1e-12 * first && length > 0.0 { own /= length } else { own.fill(0.0) }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_products_of_a_matrix_of_low_rank_survive() -> Result<(), Error> {
        // X X' = U S U' for a symmetric positive matrix: the embedding has its inner products.
        let factor =
            Array2::from_shape_fn((40, 3), |(row, column)| (((row * 7 + column * 13) % 11) as f64) / 11.0);
        let matrix = factor.dot(&factor.t());
        let found = spectral_embedding(matrix.view(), 3, Seed(1))?;
        let apart = found.dot(&found.t()) - &matrix;
        assert!(apart.iter().all(|value| value.abs() < 1e-9), "{apart}");
        Ok(())
    }
}
