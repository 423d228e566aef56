//! The largest eigenvalues of a symmetric operator that is only known by what it does to vectors.
//!
//! Block Krylov iteration with full orthogonalisation; when the basis is full it is replaced by the best
//! approximations in it and goes on from there (thick restart, Wu and Simon 2000).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use neuroloom_core::Seed;
use rand::RngExt;
use rayon::prelude::*;

use crate::Error;
use crate::linear_algebra::{symmetric_eigen, transposed_product};

/// Vectors that the operator is applied to at a time.
pub(super) const BLOCK: usize = 8;

/// How far to go.
pub(super) struct KrylovConfig {
    pub(super) n_wanted: usize,
    /// Residual over the largest size of an eigenvalue.
    pub(super) tolerance: f64,
    /// Columns of the basis before a restart.
    pub(super) max_basis: usize,
    pub(super) max_blocks: usize,
}

impl Default for KrylovConfig {
    fn default() -> Self {
        Self { n_wanted: 2, tolerance: 1e-10, max_basis: 160, max_blocks: 400 }
    }
}

/// Eigenvalues, descending, and their vectors as columns.
pub(super) struct Eigenpairs {
    pub(super) values: Array1<f64>,
    /// `[row, eigenvector]`.
    pub(super) vectors: Array2<f64>,
}

/// The algebraically largest eigenvalues of a symmetric operator on `n` entries; `apply` maps `[n, BLOCK]` to
/// the same shape.
pub(super) fn largest_eigenpairs(
    n: usize,
    config: &KrylovConfig,
    apply: impl Fn(ArrayView2<'_, f64>) -> Array2<f64>,
) -> Result<Eigenpairs, Error> {
    let n_wanted = config.n_wanted.min(n);
    if n <= 2 * BLOCK.max(n_wanted) + 24 {
        return dense(n, n_wanted, apply);
    }
    let max_basis = config.max_basis.max(4 * n_wanted + 4 * BLOCK).min(n - BLOCK);
    let mut basis = Basis::new(n, max_basis + BLOCK);
    let mut next = random_block(n);
    for _ in 0..config.max_blocks {
        basis.orthonormalise(&mut next);
        basis.push(next.view());
        let image = apply(next.view());
        let rest = basis.project(image);
        let ritz = basis.ritz(n_wanted)?;
        let residuals = basis.residuals(&ritz, rest.view());
        let scale = ritz.largest_size.max(f64::MIN_POSITIVE);
        if residuals.iter().all(|&residual| residual <= config.tolerance * scale) {
            return Ok(basis.eigenpairs(&ritz));
        }
        next = rest;
        if basis.n_columns + BLOCK > max_basis {
            let n_kept = (n_wanted + BLOCK).max(max_basis / 3);
            basis.restart(n_kept)?;
        }
    }
    let hint = "its leading eigenvalues did not converge; are they nearly equal, or is a coordinate too many asked for?";
    Err(Error::Singular { what: "the operator of the embedding", hint })
}

/// Small operators as a matrix.
fn dense(
    n: usize,
    n_wanted: usize,
    apply: impl Fn(ArrayView2<'_, f64>) -> Array2<f64>,
) -> Result<Eigenpairs, Error> {
    let mut matrix = Array2::zeros((n, n));
    for first in (0..n).step_by(BLOCK) {
        let mut unit = Array2::zeros((n, BLOCK));
        let width = BLOCK.min(n - first);
        (0..width).for_each(|column| unit[[first + column, column]] = 1.0);
        matrix.slice_mut(s![.., first..first + width]).assign(&apply(unit.view()).slice(s![.., ..width]));
    }
    let (values, vectors) = symmetric_eigen(matrix.view(), "the operator of the embedding")?;
    let best: Vec<usize> = (0..n).rev().take(n_wanted).collect();
    Ok(Eigenpairs { values: values.select(Axis(0), &best), vectors: vectors.select(Axis(1), &best) })
}

fn random_block(n: usize) -> Array2<f64> {
    let mut rng = Seed(0).split("krylov start").rng();
    Array2::from_shape_simple_fn((n, BLOCK), || rng.random::<f64>() - 0.5)
}

/// An orthonormal basis and the operator in it.
struct Basis {
    /// `[n, column]`; only the first `n_columns` are filled.
    columns: Array2<f64>,
    /// `Q'AQ`, `[column, column]`.
    operator: Array2<f64>,
    n_columns: usize,
}

/// The best approximations in a basis.
struct Ritz {
    values: Array1<f64>,
    /// Their coefficients, `[column, approximation]`.
    coefficients: Array2<f64>,
    largest_size: f64,
}

impl Basis {
    fn new(n: usize, capacity: usize) -> Self {
        Self {
            columns: Array2::zeros((n, capacity)),
            operator: Array2::zeros((capacity, capacity)),
            n_columns: 0,
        }
    }

    fn filled(&self) -> ArrayView2<'_, f64> {
        self.columns.slice(s![.., ..self.n_columns])
    }

    /// Removes the parts along the basis and makes the columns orthonormal; the second round removes rounding,
    /// the third serves columns that had to be replaced.
    fn orthonormalise(&self, block: &mut Array2<f64>) {
        for _ in 0..3 {
            self.remove(block);
            orthonormal_columns(block);
        }
    }

    fn remove(&self, block: &mut Array2<f64>) -> Array2<f64> {
        let parts = tall_product(self.filled(), block.view());
        subtract_product(block, self.filled(), parts.view());
        parts
    }

    fn push(&mut self, block: ArrayView2<'_, f64>) {
        self.columns.slice_mut(s![.., self.n_columns..self.n_columns + BLOCK]).assign(&block);
        self.n_columns += BLOCK;
    }

    /// Writes `Q'A q` of the newest block; what of `A q` lies outside the basis.
    fn project(&mut self, mut image: Array2<f64>) -> Array2<f64> {
        let mut parts = self.remove(&mut image);
        parts += &self.remove(&mut image);
        let first = self.n_columns - BLOCK;
        for ((row, column), &part) in parts.indexed_iter() {
            self.operator[[row, first + column]] = part;
            self.operator[[first + column, row]] = part;
        }
        image
    }

    fn ritz(&self, n_wanted: usize) -> Result<Ritz, Error> {
        let n = self.n_columns;
        let small = self.operator.slice(s![..n, ..n]);
        let (values, vectors) = symmetric_eigen(small, "the projected operator")?;
        let best: Vec<usize> = (0..n).rev().take(n_wanted).collect();
        Ok(Ritz {
            largest_size: values[0].abs().max(values[n - 1].abs()),
            values: values.select(Axis(0), &best),
            coefficients: vectors.select(Axis(1), &best),
        })
    }

    /// `|A y - theta y|`: only the newest block's image leaves the basis.
    fn residuals(&self, ritz: &Ritz, rest: ArrayView2<'_, f64>) -> Vec<f64> {
        let gram = transposed_product(rest, rest);
        let newest = ritz.coefficients.slice(s![self.n_columns - BLOCK.., ..]);
        newest.columns().into_iter().map(|part| part.dot(&gram.dot(&part)).max(0.0).sqrt()).collect()
    }

    fn eigenpairs(&self, ritz: &Ritz) -> Eigenpairs {
        let mut vectors = self.filled().dot(&ritz.coefficients);
        for mut vector in vectors.columns_mut() {
            let length = vector.dot(&vector).sqrt();
            vector /= length;
        }
        Eigenpairs { values: ritz.values.clone(), vectors }
    }

    /// Keeps only the best approximations; the operator in them is diagonal.
    fn restart(&mut self, n_kept: usize) -> Result<(), Error> {
        let ritz = self.ritz(n_kept)?;
        let kept = self.filled().dot(&ritz.coefficients);
        self.columns.slice_mut(s![.., ..n_kept]).assign(&kept);
        self.operator.fill(0.0);
        ritz.values.iter().enumerate().for_each(|(at, &value)| self.operator[[at, at]] = value);
        self.n_columns = n_kept;
        Ok(())
    }
}

/// Rows of one task.
const ROWS: usize = 2048;

/// `left' right` of two tall matrices, added up in fixed blocks of rows.
fn tall_product(left: ArrayView2<'_, f64>, right: ArrayView2<'_, f64>) -> Array2<f64> {
    let blocks: Vec<usize> = (0..left.nrows()).step_by(ROWS).collect();
    let part = |&first: &usize| {
        let rows = s![first..(first + ROWS).min(left.nrows()), ..];
        left.slice(rows).t().dot(&right.slice(rows))
    };
    let parts: Vec<Array2<f64>> = blocks.par_iter().map(part).collect();
    parts.into_iter().fold(Array2::zeros((left.ncols(), right.ncols())), |sum, part| sum + part)
}

/// `block -= left parts`.
fn subtract_product(block: &mut Array2<f64>, left: ArrayView2<'_, f64>, parts: ArrayView2<'_, f64>) {
    let tiles: Vec<_> = block.axis_chunks_iter_mut(Axis(0), ROWS).collect();
    tiles.into_par_iter().enumerate().for_each(|(tile, mut rows)| {
        let first = tile * ROWS;
        let left = left.slice(s![first..first + rows.nrows(), ..]);
        general_mat_mul(-1.0, &left, &parts, 1.0, &mut rows);
    });
}

/// Gram-Schmidt; a column that vanishes is replaced by a fixed one.
fn orthonormal_columns(block: &mut Array2<f64>) {
    let n = block.nrows();
    for column in 0..block.ncols() {
        let mut vector = block.column(column).to_owned();
        let before = norm(&vector);
        remove_earlier(&mut vector, block, column);
        if norm(&vector) <= (1e-12 * before).max(f64::MIN_POSITIVE) {
            vector = (0..n).map(|row| ((row * (column + 7) * 7919) % 1009) as f64 - 504.0).collect();
            remove_earlier(&mut vector, block, column);
        }
        vector /= norm(&vector).max(f64::MIN_POSITIVE);
        block.column_mut(column).assign(&vector);
    }
}

/// Removes the parts along the columns before, twice.
fn remove_earlier(vector: &mut Array1<f64>, block: &Array2<f64>, column: usize) {
    for _ in 0..2 {
        for earlier in 0..column {
            let direction = block.column(earlier);
            let along = direction.dot(vector);
            vector.scaled_add(-along, &direction);
        }
    }
}

fn norm(vector: &Array1<f64>) -> f64 {
    vector.dot(vector).sqrt()
}
