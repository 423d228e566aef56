//! Streaming normal equations: sums of products over blocks of rows, in a fixed order.
//!
//! A tall matrix P (equations x senders) never exists as a whole. Its blocks are added up into
//! [`SymmetricSum`] = P'P, [`CrossSum`] = P'Y and [`LocalCrossSum`] = B_i'P, where B_i is the spline basis of
//! one neuron, of which four functions are non-zero in a row. The work is cut into tiles that do not depend on
//! the number of threads, so the same blocks give the same bytes on any machine size.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::gram::{RowBlock, SymmetricSum};
//! let mut gram = SymmetricSum::new(2);
//! gram.add(RowBlock::new(&[1.0, 2.0, 3.0, 4.0], 2)?);
//! gram.add(RowBlock::new(&[0.0, 1.0], 2)?);
//! let total = gram.finish();
//! assert_eq!((total[(0, 0)], total[(1, 0)], total[(1, 1)]), (10.0, 14.0, 21.0));
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::Error;

/// Columns of a tile; 256 x 512 doubles of each factor fit the second-level cache.
const TILE: usize = 256;
/// Neurons that share one packed panel in [`LocalCrossSum`].
const NEURONS_A_TASK: usize = 32;

/// A block of equations in row-major order.
#[derive(Debug, Clone, Copy)]
pub struct RowBlock<'a> {
    values: &'a [f64],
    n_columns: usize,
}

impl<'a> RowBlock<'a> {
    /// A block of rows of `n_columns` numbers each.
    ///
    /// # Errors
    /// [`Error::Shape`] if the numbers do not fill whole rows.
    pub fn new(values: &'a [f64], n_columns: usize) -> Result<Self, Error> {
        if n_columns == 0 || !values.len().is_multiple_of(n_columns) {
            return Err(Error::Shape {
                what: "block of equations",
                given: format!("{} numbers", values.len()),
                allowed: format!("whole rows of {n_columns}"),
            });
        }
        Ok(Self { values, n_columns })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.n_columns
    }

    /// One row.
    pub fn row(&self, row: usize) -> &'a [f64] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }

    fn matrix(&self) -> MatRef<'a, f64> {
        MatRef::from_row_major_slice(self.values, self.n_rows(), self.n_columns)
    }
}

/// P'P, summed over blocks of rows of P.
pub struct SymmetricSum {
    n: usize,
    /// Tiles of the lower triangle: (row tile, column tile, values).
    tiles: Vec<(usize, usize, Mat<f64>)>,
}

impl SymmetricSum {
    /// An empty sum for `n` columns.
    pub fn new(n: usize) -> Self {
        let n_tiles = n.div_ceil(TILE);
        let pairs = (0..n_tiles).flat_map(|row| (0..=row).map(move |column| (row, column)));
        let tile = |(row, column)| (row, column, Mat::zeros(span(row, n).len(), span(column, n).len()));
        Self { n, tiles: pairs.map(tile).collect() }
    }

    /// Adds the products of a block of rows, `[rows, n]`.
    pub fn add(&mut self, rows: RowBlock<'_>) {
        let n = self.n;
        let block = rows.matrix();
        self.tiles.par_iter_mut().for_each(|(row, column, sum)| {
            let left = block.subcols(row_start(*row), span(*row, n).len()).transpose();
            let right = block.subcols(row_start(*column), span(*column, n).len());
            matmul(sum.as_mut(), Accum::Add, left, right, 1.0, Par::Seq);
        });
    }

    /// The full symmetric matrix.
    pub fn finish(&self) -> Mat<f64> {
        let mut full = Mat::zeros(self.n, self.n);
        for (row, column, sum) in &self.tiles {
            for (j, global_j) in span(*column, self.n).enumerate() {
                for (i, global_i) in span(*row, self.n).enumerate() {
                    // Diagonal tiles hold both triangles: take the lower one for both.
                    if global_i >= global_j {
                        full[(global_i, global_j)] = sum[(i, j)];
                        full[(global_j, global_i)] = sum[(i, j)];
                    }
                }
            }
        }
        full
    }
}

/// P'Y, summed over blocks of rows of P and Y.
pub struct CrossSum {
    n: usize,
    m: usize,
    /// Rows of a panel: all, or a tile of them where Y has few columns.
    height: usize,
    /// Column by column of tiles.
    panels: Vec<Mat<f64>>,
}

impl CrossSum {
    /// An empty sum for P with `n` and Y with `m` columns.
    pub fn new(n: usize, m: usize) -> Self {
        let height = if m <= TILE { TILE.min(n) } else { n }.max(1);
        let panel = |at: usize| {
            let (tile, part) = (at / n.div_ceil(height), at % n.div_ceil(height));
            Mat::zeros(height.min(n - part * height), span(tile, m).len())
        };
        Self { n, m, height, panels: (0..m.div_ceil(TILE) * n.div_ceil(height)).map(panel).collect() }
    }

    /// Adds the products of a block of rows: `left[rows, n]`, `right[rows, m]`.
    pub fn add(&mut self, left: RowBlock<'_>, right: RowBlock<'_>) {
        let (left, right) = (left.matrix(), right.matrix());
        let (height, parts) = (self.height, self.n.div_ceil(self.height));
        self.panels.par_iter_mut().enumerate().for_each(|(at, sum)| {
            let some = left.subcols(at % parts * height, sum.nrows());
            let panel = right.subcols(row_start(at / parts), sum.ncols());
            matmul(sum.as_mut(), Accum::Add, some.transpose(), panel, 1.0, Par::Seq);
        });
    }

    /// The matrix `[n, m]`.
    pub fn finish(&self) -> Mat<f64> {
        let parts = self.n.div_ceil(self.height);
        let mut full = Mat::zeros(self.n, self.m);
        for (at, sum) in self.panels.iter().enumerate() {
            let (row, column) = (at % parts * self.height, row_start(at / parts));
            full.as_mut().submatrix_mut(row, column, sum.nrows(), sum.ncols()).copy_from(sum);
        }
        full
    }
}

/// One row of a spline basis: four neighbouring functions in one equation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalEntry {
    /// Row of the block.
    pub row: u32,
    /// Index of the first of the four functions.
    pub first: u32,
    /// Their values.
    pub values: [f64; 4],
}

/// B_i'P for many neurons i, each with its own sparse spline basis B_i.
///
/// Only the four non-zero functions of a row are multiplied: a quarter or less of the dense product.
pub struct LocalCrossSum {
    n: usize,
    n_functions: usize,
    /// `[neuron][function][sender]`.
    sums: Vec<f64>,
}

impl LocalCrossSum {
    /// An empty sum for `n_neurons` bases of `n_functions` functions and P with `n` columns.
    pub fn new(n_neurons: usize, n_functions: usize, n: usize) -> Self {
        let mut sums = vec![0.0; n_neurons * n_functions * n];
        // Zeroed memory that is read before it is written costs two page faults a page: half of the time of a first
        // block where there are gigabytes.
        sums.par_chunks_mut(1 << 16).for_each(|part| part.fill(0.0));
        Self { n, n_functions, sums }
    }

    /// Adds a block: `rows[rows, n]` and the entries of each neuron in it.
    pub fn add(&mut self, rows: RowBlock<'_>, entries: &[Vec<LocalEntry>]) {
        let (n, n_functions) = (self.n, self.n_functions);
        let arch = Arch::new();
        let one = n_functions * n;
        self.sums.par_chunks_mut(NEURONS_A_TASK * one).zip(entries.par_chunks(NEURONS_A_TASK)).for_each(
            |(sums, entries)| {
                let sorted: Vec<Vec<LocalEntry>> =
                    entries.iter().map(|one| by_interval(one, n_functions)).collect();
                arch.dispatch(PanelProduct { rows, entries: &sorted, sums, n, one });
            },
        );
    }

    /// B_i'P of one neuron, `[function, sender]`.
    pub fn neuron(&self, neuron: usize) -> MatRef<'_, f64> {
        let one = self.n_functions * self.n;
        MatRef::from_row_major_slice(&self.sums[neuron * one..(neuron + 1) * one], self.n_functions, self.n)
    }
}

/// Entries ordered by their first function, in the order of rows within each: a counting sort.
fn by_interval(entries: &[LocalEntry], n_functions: usize) -> Vec<LocalEntry> {
    let mut starts = vec![0_usize; n_functions + 1];
    for entry in entries {
        starts[entry.first as usize + 1] += 1;
    }
    for function in 0..n_functions {
        starts[function + 1] += starts[function];
    }
    let empty = LocalEntry { row: 0, first: 0, values: [0.0; 4] };
    let mut sorted = vec![empty; entries.len()];
    for entry in entries {
        let place = &mut starts[entry.first as usize];
        sorted[*place] = *entry;
        *place += 1;
    }
    sorted
}

/// The product of one task: a panel of P is packed once and used by all neurons of the task, with 4 x 4
/// accumulators held in registers along each run of rows that share their four functions.
struct PanelProduct<'a> {
    rows: RowBlock<'a>,
    entries: &'a [Vec<LocalEntry>],
    sums: &'a mut [f64],
    n: usize,
    one: usize,
}

impl WithSimd for PanelProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = 4 * S::F64_LANES;
        let mut panel = vec![0.0; self.rows.n_rows() * width];
        for column in (0..self.n).step_by(width) {
            let filled = width.min(self.n - column);
            for (row, packed) in panel.chunks_exact_mut(width).enumerate() {
                packed[..filled].copy_from_slice(&self.rows.row(row)[column..column + filled]);
            }
            for (entries, sums) in self.entries.iter().zip(self.sums.chunks_exact_mut(self.one)) {
                let target = Target { sums, n: self.n, column, filled };
                runs::<S>(simd, entries, &panel, target);
            }
        }
    }
}

/// Where the products of one neuron and one panel go.
struct Target<'a> {
    sums: &'a mut [f64],
    n: usize,
    column: usize,
    filled: usize,
}

#[inline(always)]
fn runs<S: Simd>(simd: S, entries: &[LocalEntry], panel: &[f64], target: Target<'_>) {
    let width = 4 * S::F64_LANES;
    let mut flat = [0.0_f64; 64];
    for run in entries.chunk_by(|left, right| left.first == right.first) {
        let mut sums = [[simd.splat_f64s(0.0); 4]; 4];
        for entry in run {
            let start = entry.row as usize * width;
            let (lanes, _) = S::as_simd_f64s(&panel[start..start + width]);
            let columns = [lanes[0], lanes[1], lanes[2], lanes[3]];
            for (sum, value) in sums.iter_mut().zip(entry.values) {
                let value = simd.splat_f64s(value);
                for (sum, column) in sum.iter_mut().zip(columns) {
                    *sum = simd.mul_add_f64s(value, column, *sum);
                }
            }
        }
        for (function, sum) in sums.iter().enumerate() {
            {
                let (lanes, _) = S::as_mut_simd_f64s(&mut flat[..width]);
                lanes.copy_from_slice(sum);
            }
            let start = (run[0].first as usize + function) * target.n + target.column;
            for (total, value) in target.sums[start..start + target.filled].iter_mut().zip(&flat) {
                *total += value;
            }
        }
    }
}

/// `block * weights'`, row-major: `block[rows, n]`, `weights[m, n]`, result `[rows, m]`.
///
/// # Errors
/// [`Error::Shape`] if the two differ in columns.
pub fn multiply_transposed(block: RowBlock<'_>, weights: RowBlock<'_>) -> Result<Vec<f64>, Error> {
    const ROWS: usize = 128;
    if block.n_columns != weights.n_columns {
        return Err(Error::Shape {
            what: "weights of a product",
            given: format!("{} columns", weights.n_columns),
            allowed: format!("{} columns", block.n_columns),
        });
    }
    let m = weights.n_rows();
    let (left, right) = (block.matrix(), weights.matrix().transpose());
    let mut product = vec![0.0; block.n_rows() * m];
    product.par_chunks_mut((ROWS * m).max(1)).enumerate().for_each(|(task, out)| {
        let n_rows = out.len() / m;
        let target = MatMut::from_row_major_slice_mut(out, n_rows, m);
        matmul(target, Accum::Replace, left.subrows(task * ROWS, n_rows), right, 1.0, Par::Seq);
    });
    Ok(product)
}

fn row_start(tile: usize) -> usize {
    tile * TILE
}

fn span(tile: usize, n: usize) -> std::ops::Range<usize> {
    row_start(tile)..(row_start(tile) + TILE).min(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Array3};
    use proptest::prelude::*;

    /// A deterministic array without structure.
    fn scramble(rows: usize, columns: usize, salt: f64) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 37 + j * 101) as f64 * 0.618 + salt).sin())
    }

    fn naive(left: &Array2<f64>, right: &Array2<f64>) -> Array2<f64> {
        left.t().dot(right)
    }

    #[test]
    fn sums_over_blocks_equal_the_whole() {
        let (rows, n, m) = (301, 300, 270);
        let (p, y) = (scramble(rows, n, 0.1), scramble(rows, m, 0.7));
        let (mut gram, mut cross) = (SymmetricSum::new(n), CrossSum::new(n, m));
        for block in [0..100, 100..101, 101..301] {
            let part =
                |a: &Array2<f64>| a.slice(ndarray::s![block.clone(), ..]).iter().copied().collect::<Vec<_>>();
            gram.add(RowBlock::new(&part(&p), n).unwrap());
            cross.add(RowBlock::new(&part(&p), n).unwrap(), RowBlock::new(&part(&y), m).unwrap());
        }
        let (gram, cross) = (gram.finish(), cross.finish());
        let (expected_gram, expected_cross) = (naive(&p, &p), naive(&p, &y));
        for i in 0..n {
            for j in 0..n {
                assert!((gram[(i, j)] - expected_gram[[i, j]]).abs() < 1e-10);
            }
            for j in 0..m {
                assert!((cross[(i, j)] - expected_cross[[i, j]]).abs() < 1e-10);
            }
        }
    }

    proptest! {
        #[test]
        fn local_sums_equal_the_dense_product(
            rows in 1_usize..90, n in 1_usize..80, n_neurons in 1_usize..40, salt in 0.0_f64..9.0,
        ) {
            let n_functions = 9;
            let p = scramble(rows, n, salt);
            let mut dense = Array3::zeros((n_neurons, rows, n_functions));
            let mut entries = vec![Vec::new(); n_neurons];
            for (neuron, entries) in entries.iter_mut().enumerate() {
                for row in 0..rows {
                    let first = (row * 7 + neuron * 3) % (n_functions - 3);
                    let values = [0.1, 0.2, -0.3, (row as f64 + salt).cos()];
                    entries.push(LocalEntry { row: row as u32, first: first as u32, values });
                    for (m, value) in values.iter().enumerate() {
                        dense[[neuron, row, first + m]] += value;
                    }
                }
            }
            let mut sum = LocalCrossSum::new(n_neurons, n_functions, n);
            sum.add(RowBlock::new(p.as_slice().unwrap(), n).unwrap(), &entries);
            for neuron in 0..n_neurons {
                let expected = dense.index_axis(ndarray::Axis(0), neuron).t().dot(&p);
                let got = sum.neuron(neuron);
                for ((function, sender), value) in expected.indexed_iter() {
                    prop_assert!((got[(function, sender)] - value).abs() < 1e-10);
                }
            }
        }
    }
}
