//! dP = R W and dW = R'P in one pass over the rows of W.
//!
//! Rows are taken in groups: a vector of each row stays in registers while all frames pass, and each number of
//! R, once loaded, serves both gradients.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::DenseProduct;
use super::sink::{Sink, load, store};
use crate::kernel::scratch::Scratch;

/// At most this many pieces of W, each with partial sums of dP of its own.
const MAX_CHUNKS: usize = 16;
/// Rows of a group.
const GROUP: usize = 8;

/// Rows of one piece of W.
pub(super) fn chunk_rows(product: &DenseProduct) -> usize {
    product.n_post.div_ceil(MAX_CHUNKS).next_multiple_of(GROUP).max(GROUP)
}

/// Runs all sinks, one a piece of [`chunk_rows`] rows, and writes dP if asked for.
pub(super) fn run<K: Sink>(
    product: &DenseProduct,
    message_gradients: &[f32],
    senders: &[f32],
    sinks: Vec<K>,
    sender_gradients: Option<&mut [f32]>,
) {
    let (n_post, n_pre) = (product.n_post, product.n_pre);
    let n_frames = message_gradients.len() / n_post.max(1);
    let size = n_frames * n_pre;
    let chunk = |index: usize, sink: K, sums: &mut [f32]| {
        let first_row = index * chunk_rows(product);
        let n_rows = chunk_rows(product).min(n_post - first_row);
        let rows = (first_row, n_rows);
        product.arch.dispatch(Rows { n_post, n_pre, n_frames, rows, message_gradients, senders, sink, sums });
    };
    match sender_gradients {
        Some(into) if size > 0 => {
            let mut partials = vec![0.0; sinks.len() * size];
            (sinks, partials.par_chunks_mut(size))
                .into_par_iter()
                .enumerate()
                .for_each(|(index, (sink, sums))| chunk(index, sink, sums));
            into.fill(0.0);
            add_in_order(into, &partials);
        }
        _ => sinks.into_par_iter().enumerate().for_each(|(index, sink)| chunk(index, sink, &mut [])),
    }
}

/// Adds the partial sums, always in the order of the pieces.
fn add_in_order(into: &mut [f32], partials: &[f32]) {
    const SPAN: usize = 1 << 12;
    let size = into.len();
    into.par_chunks_mut(SPAN).enumerate().for_each(|(index, into)| {
        for partial in partials.chunks(size) {
            for (sum, value) in into.iter_mut().zip(&partial[index * SPAN..]) {
                *sum += value;
            }
        }
    });
}

struct Rows<'a, K> {
    n_post: usize,
    n_pre: usize,
    n_frames: usize,
    /// The first row, and how many.
    rows: (usize, usize),
    message_gradients: &'a [f32],
    senders: &'a [f32],
    sink: K,
    /// dP of these rows alone, zero at first; empty if not wanted.
    sums: &'a mut [f32],
}

impl<K: Sink> WithSimd for Rows<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut scratch = Scratch::new(self.n_frames * GROUP);
        let factors = scratch.floats();
        let whole = self.rows.1 - self.rows.1 % GROUP;
        for row in (0..whole).step_by(GROUP) {
            self.group::<S, GROUP>(simd, row, factors);
        }
        for row in whole..self.rows.1 {
            self.group::<S, 1>(simd, row, factors);
        }
    }
}

impl<K: Sink> Rows<'_, K> {
    /// `G` rows; `factors` becomes their part of R, `[frame, G]`.
    #[inline(always)]
    fn group<S: Simd, const G: usize>(&mut self, simd: S, row: usize, factors: &mut [f32]) {
        let (factors, _) = factors.as_chunks_mut::<G>();
        for (frame, factors) in factors[..self.n_frames].iter_mut().enumerate() {
            let at = frame * self.n_post + self.rows.0 + row;
            factors.copy_from_slice(&self.message_gradients[at..at + G]);
        }
        let factors = &factors[..self.n_frames];
        for column in (0..self.n_pre).step_by(S::F32_LANES) {
            let length = S::F32_LANES.min(self.n_pre - column);
            self.vector::<S, G>(simd, (row, column, length), factors);
        }
        for g in 0..G {
            self.sink.end_row(row + g, self.n_pre);
        }
    }

    #[inline(always)]
    fn vector<S: Simd, const G: usize>(
        &mut self,
        simd: S,
        (row, column, length): (usize, usize, usize),
        factors: &[[f32; G]],
    ) {
        let zero = simd.splat_f32s(0.0);
        let mut gradients = [zero; G];
        if self.sums.is_empty() {
            for (frame, factors) in factors.iter().enumerate() {
                let sender = load(simd, &self.senders[frame * self.n_pre + column..][..length]);
                for (gradient, factor) in gradients.iter_mut().zip(factors) {
                    *gradient = simd.mul_add_e_f32s(simd.splat_f32s(*factor), sender, *gradient);
                }
            }
        } else {
            let mut weights = [zero; G];
            for (g, weight) in weights.iter_mut().enumerate() {
                *weight = load(simd, &self.sink.weights()[(row + g) * self.n_pre + column..][..length]);
            }
            for (frame, factors) in factors.iter().enumerate() {
                let span = frame * self.n_pre + column..frame * self.n_pre + column + length;
                let sender = if K::WANTS_GRADIENT { load(simd, &self.senders[span.clone()]) } else { zero };
                let mut sum = load(simd, &self.sums[span.clone()]);
                for g in 0..G {
                    let factor = simd.splat_f32s(factors[g]);
                    sum = simd.mul_add_e_f32s(factor, weights[g], sum);
                    if K::WANTS_GRADIENT {
                        gradients[g] = simd.mul_add_e_f32s(factor, sender, gradients[g]);
                    }
                }
                store(simd, &mut self.sums[span], sum);
            }
        }
        if K::WANTS_GRADIENT {
            for (g, gradient) in gradients.into_iter().enumerate() {
                self.sink.take(simd, (row + g) * self.n_pre + column, length, gradient);
            }
        }
    }
}
