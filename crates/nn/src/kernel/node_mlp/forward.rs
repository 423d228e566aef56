//! Rows through all layers, tile by tile.

use pulp::{Simd, WithSimd};

use super::NodeMlp;
use super::layers::{Layer, Packed};
use crate::kernel::rows::TILE_ROWS;
use crate::kernel::scratch::Scratch;
use crate::kernel::tile::{Left, Product, Start, dot};

/// The forward pass of some rows.
pub(super) struct ForwardChunk<'a> {
    pub(super) mlp: &'a NodeMlp,
    pub(super) packed: &'a Packed,
    pub(super) inputs: &'a [f32],
    pub(super) outputs: &'a mut [f32],
}

impl WithSimd for ForwardChunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { mlp, packed, inputs, outputs } = self;
        let size = TILE_ROWS * mlp.widest();
        let mut scratch = Scratch::new(2 * size);
        let (mut from, mut to) = scratch.floats().split_at_mut(size);
        let tiles =
            inputs.chunks(TILE_ROWS * mlp.n_inputs()).zip(outputs.chunks_mut(TILE_ROWS * mlp.n_outputs()));
        for (inputs, outputs) in tiles {
            let n_rows = inputs.len() / mlp.n_inputs();
            for (index, layer) in mlp.layers.iter().enumerate() {
                let rows = if index == 0 { (inputs, layer.n_in) } else { (&*from, layer.padded_in()) };
                if index + 1 == mlp.layers.len() {
                    last_layer(simd, layer, packed, rows, (&mut *to, &mut *outputs));
                } else {
                    let sums = wide_layer(simd, layer, packed, rows, (n_rows, &mut *to));
                    mlp.activation.apply(simd, sums, &mut []);
                }
                std::mem::swap(&mut from, &mut to);
            }
        }
    }
}

/// `x A + b` into the first `n_rows` padded rows of `to`; `rows` are the inputs and their stride.
#[inline(always)]
pub(super) fn wide_layer<'a, S: Simd>(
    simd: S,
    layer: &Layer,
    packed: &Packed,
    (values, stride): (&[f32], usize),
    (n_rows, to): (usize, &'a mut [f32]),
) -> &'a mut [S::f32s] {
    let (right, _) = S::as_simd_f32s(&packed.forward[layer.matrix.clone()]);
    let (bias, _) = S::as_simd_f32s(&packed.forward[layer.shift.clone()]);
    let (sums, _) = S::as_mut_simd_f32s(&mut to[..n_rows * layer.padded_out()]);
    let left = Left { values, row: stride, inner: 1 };
    let n_vectors = bias.len();
    Product { left, right, n_rows, depth: layer.n_in, n_vectors, start: Start::Row(bias) }.run(simd, sums);
    sums
}

/// The last layer into the caller's rows, which are not padded.
#[inline(always)]
pub(super) fn last_layer<S: Simd>(
    simd: S,
    layer: &Layer,
    packed: &Packed,
    rows: (&[f32], usize),
    (memory, outputs): (&mut [f32], &mut [f32]),
) {
    if layer.narrow {
        let (weights, _) = S::as_simd_f32s(&packed.forward[layer.matrix.clone()]);
        let bias = &packed.forward[layer.shift.clone()];
        let n_vectors = weights.len() / layer.n_out;
        let (values, _) = S::as_simd_f32s(rows.0);
        for (row, outputs) in values.chunks(n_vectors).zip(outputs.chunks_mut(layer.n_out)) {
            for ((output, weights), bias) in outputs.iter_mut().zip(weights.chunks(n_vectors)).zip(bias) {
                *output = dot(simd, row, weights) + bias;
            }
        }
    } else {
        let n_rows = outputs.len() / layer.n_out;
        wide_layer(simd, layer, packed, rows, (n_rows, &mut *memory));
        for (padded, outputs) in memory.chunks(layer.padded_out()).zip(outputs.chunks_mut(layer.n_out)) {
            outputs.copy_from_slice(&padded[..outputs.len()]);
        }
    }
}
