//! M = P W': dot products of rows of W with rows of P, blocked for registers and for the first-level cache.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::DenseProduct;

/// Numbers of W in one piece of work.
const CHUNK_WEIGHTS: usize = 1 << 16;
/// Columns of W at a time: a register block's frames of P, so long, stay in the first-level cache.
const PANEL: usize = 1 << 10;

pub(super) fn run(product: &DenseProduct, weights: &[f32], senders: &[f32], messages: &mut [f32]) {
    let (n_post, n_pre) = (product.n_post, product.n_pre);
    if messages.is_empty() {
        return;
    }
    if n_pre == 0 {
        messages.fill(0.0);
        return;
    }
    let n_frames = senders.len() / n_pre;
    let rows = (CHUNK_WEIGHTS / n_pre).max(1).next_multiple_of(6);
    // Receivers first: each piece of work then owns a contiguous part of the result.
    let mut by_post = vec![0.0; n_post * n_frames];
    let pairs = weights.par_chunks(rows * n_pre).zip(by_post.par_chunks_mut(rows * n_frames));
    pairs.for_each(|(weights, sums)| {
        product.arch.dispatch(Rows { n_pre, n_frames, weights, senders, sums });
    });
    for (frame, messages) in messages.chunks_mut(n_post).enumerate() {
        for (message, sums) in messages.iter_mut().zip(by_post.chunks(n_frames)) {
            *message = sums[frame];
        }
    }
}

/// Some rows of W times all frames.
struct Rows<'a> {
    n_pre: usize,
    n_frames: usize,
    weights: &'a [f32],
    senders: &'a [f32],
    /// `[row, frame]`, zero at first.
    sums: &'a mut [f32],
}

impl WithSimd for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for start in (0..self.n_pre).step_by(PANEL) {
            let panel = start..(start + PANEL).min(self.n_pre);
            match S::F32_LANES {
                16 => self.frames::<S, 3, 8>(simd, panel),
                _ => self.frames::<S, 3, 4>(simd, panel),
            }
        }
    }
}

impl Rows<'_> {
    #[inline(always)]
    fn frames<S: Simd, const R: usize, const F: usize>(&mut self, simd: S, panel: Range<usize>) {
        let whole = self.n_frames - self.n_frames % F;
        for frame in (0..whole).step_by(F) {
            self.rows::<S, R, F>(simd, frame, panel.clone());
        }
        for frame in whole..self.n_frames {
            self.rows::<S, R, 1>(simd, frame, panel.clone());
        }
    }

    #[inline(always)]
    fn rows<S: Simd, const R: usize, const F: usize>(&mut self, simd: S, frame: usize, panel: Range<usize>) {
        let n_rows = self.sums.len() / self.n_frames;
        let whole = n_rows - n_rows % R;
        for row in (0..whole).step_by(R) {
            self.block::<S, R, F>(simd, (row, frame), panel.clone());
        }
        for row in whole..n_rows {
            self.block::<S, 1, F>(simd, (row, frame), panel.clone());
        }
    }

    #[inline(always)]
    fn block<S: Simd, const R: usize, const F: usize>(
        &mut self,
        simd: S,
        (row, frame): (usize, usize),
        panel: Range<usize>,
    ) {
        let n = panel.len();
        let mut weights: [&[f32]; R] = [&[]; R];
        for (r, weights) in weights.iter_mut().enumerate() {
            *weights = &self.weights[(row + r) * self.n_pre + panel.start..][..n];
        }
        let mut senders: [&[f32]; F] = [&[]; F];
        for (f, senders) in senders.iter_mut().enumerate() {
            *senders = &self.senders[(frame + f) * self.n_pre + panel.start..][..n];
        }
        let sums = dots::<S, R, F>(simd, weights, senders);
        for (r, sums) in sums.iter().enumerate() {
            for (f, sum) in sums.iter().enumerate() {
                self.sums[(row + r) * self.n_frames + frame + f] += sum;
            }
        }
    }
}

/// All dot products of `R` rows with `F` rows of the same length.
#[inline(always)]
fn dots<S: Simd, const R: usize, const F: usize>(
    simd: S,
    left: [&[f32]; R],
    right: [&[f32]; F],
) -> [[f32; F]; R] {
    let n_vectors = left.first().map_or(0, |row| row.len() / S::F32_LANES);
    let mut left_vectors: [&[S::f32s]; R] = [&[]; R];
    for (vectors, row) in left_vectors.iter_mut().zip(left) {
        *vectors = &S::as_simd_f32s(row).0[..n_vectors];
    }
    let mut right_vectors: [&[S::f32s]; F] = [&[]; F];
    for (vectors, row) in right_vectors.iter_mut().zip(right) {
        *vectors = &S::as_simd_f32s(row).0[..n_vectors];
    }
    let mut sums = [[simd.splat_f32s(0.0); F]; R];
    for k in 0..n_vectors {
        let mut rights = [simd.splat_f32s(0.0); F];
        for (value, vectors) in rights.iter_mut().zip(right_vectors) {
            *value = vectors[k];
        }
        for r in 0..R {
            let value = left_vectors[r][k];
            for f in 0..F {
                sums[r][f] = simd.mul_add_e_f32s(value, rights[f], sums[r][f]);
            }
        }
    }
    let done = n_vectors * S::F32_LANES;
    if left.first().is_some_and(|row| row.len() > done) {
        let mut rights = [simd.splat_f32s(0.0); F];
        for (value, row) in rights.iter_mut().zip(right) {
            *value = simd.partial_load_f32s(&row[done..]);
        }
        for r in 0..R {
            let value = simd.partial_load_f32s(&left[r][done..]);
            for f in 0..F {
                sums[r][f] = simd.mul_add_e_f32s(value, rights[f], sums[r][f]);
            }
        }
    }
    let mut totals = [[0.0; F]; R];
    for (totals, sums) in totals.iter_mut().zip(sums) {
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total = simd.reduce_sum_f32s(sum);
        }
    }
    totals
}
