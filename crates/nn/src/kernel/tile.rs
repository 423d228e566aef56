//! The product under everything: `C[i][j] += sum_l A(i, l) B[l][j]`, B and C in whole vectors.
//!
//! A is read one number at a time with any strides, so that the same loop serves the forward pass (rows of
//! activations times weights), the gradient of inputs (rows of gradients times transposed weights) and the
//! gradient of weights (columns of activations times rows of gradients).

use pulp::Simd;

/// Widths are padded with zeros to this many floats, so that no loop has a ragged end.
pub(super) const LANES: usize = 16;

/// The next multiple of [`LANES`].
pub(super) fn padded(width: usize) -> usize {
    width.next_multiple_of(LANES)
}

/// The left factor: A(i, l) = values[i * row + l * inner].
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) values: &'a [f32],
    pub(super) row: usize,
    pub(super) inner: usize,
}

/// What the sum starts from.
#[derive(Clone, Copy)]
pub(super) enum Start<'a, V> {
    /// Nothing.
    Zero,
    /// One row, the same for every i.
    Row(&'a [V]),
    /// What is there already.
    Add,
}

/// `C[i][j] = start + sum_l A(i, l) B[l][j]` for `n_rows` rows i, `depth` terms l and all vectors j of a row.
#[derive(Clone, Copy)]
pub(super) struct Product<'a, S: Simd> {
    pub(super) left: Left<'a>,
    pub(super) right: &'a [S::f32s],
    pub(super) n_rows: usize,
    pub(super) depth: usize,
    /// Vectors in a row of B and of C.
    pub(super) n_vectors: usize,
    pub(super) start: Start<'a, S::f32s>,
}

impl<S: Simd> Product<'_, S> {
    /// Computes the product into `out`, `[n_rows, n_vectors]`.
    #[inline(always)]
    pub(super) fn run(&self, simd: S, out: &mut [S::f32s]) {
        // As many accumulators as the registers hold: 24 of 32 with AVX-512, 12 of 16 with AVX2.
        match S::F32_LANES {
            16 => self.columns::<6, 4>(simd, out),
            8 => self.columns::<6, 2>(simd, out),
            _ => self.columns::<4, 2>(simd, out),
        }
    }

    #[inline(always)]
    fn columns<const R: usize, const V: usize>(&self, simd: S, out: &mut [S::f32s]) {
        let wide = self.n_vectors - self.n_vectors % V;
        for column in (0..wide).step_by(V) {
            self.rows::<R, V>(simd, column, out);
        }
        for column in wide..self.n_vectors {
            self.rows::<R, 1>(simd, column, out);
        }
    }

    #[inline(always)]
    fn rows<const R: usize, const V: usize>(&self, simd: S, column: usize, out: &mut [S::f32s]) {
        let whole = self.n_rows - self.n_rows % R;
        for row in (0..whole).step_by(R) {
            self.block::<R, V>(simd, row, column, out);
        }
        for row in whole..self.n_rows {
            self.block::<1, V>(simd, row, column, out);
        }
    }

    #[inline(always)]
    fn block<const R: usize, const V: usize>(&self, simd: S, row: usize, column: usize, out: &mut [S::f32s]) {
        let mut sums = [[simd.splat_f32s(0.0); V]; R];
        for (r, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                match self.start {
                    Start::Zero => {}
                    Start::Row(start) => *sum = start[column + v],
                    Start::Add => *sum = out[(row + r) * self.n_vectors + column + v],
                }
            }
        }
        for l in 0..self.depth {
            let right = &self.right[l * self.n_vectors + column..][..V];
            let left = &self.left.values[row * self.left.row + l * self.left.inner..];
            for (r, sums) in sums.iter_mut().enumerate() {
                let factor = simd.splat_f32s(left[r * self.left.row]);
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.mul_add_e_f32s(factor, right[v], *sum);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            out[(row + r) * self.n_vectors + column..][..V].copy_from_slice(sums);
        }
    }
}

/// `sum_l a[l] b[l]` over whole vectors.
#[inline(always)]
pub(super) fn dot<S: Simd>(simd: S, a: &[S::f32s], b: &[S::f32s]) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 2];
    let (a_pairs, a_rest) = a.as_chunks::<2>();
    let (b_pairs, b_rest) = b.as_chunks::<2>();
    for (a, b) in a_pairs.iter().zip(b_pairs) {
        sums[0] = simd.mul_add_e_f32s(a[0], b[0], sums[0]);
        sums[1] = simd.mul_add_e_f32s(a[1], b[1], sums[1]);
    }
    for (a, b) in a_rest.iter().zip(b_rest) {
        sums[0] = simd.mul_add_e_f32s(*a, *b, sums[0]);
    }
    simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1]))
}
