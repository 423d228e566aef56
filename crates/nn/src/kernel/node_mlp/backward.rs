//! Gradients, tile by tile: the forward pass again with all activations kept, then the layers in reverse.

use pulp::{Simd, WithSimd};

use super::forward::{last_layer, wide_layer};
use super::layers::{Layer, Packed};
use super::{NodeMlp, OutputSide};
use crate::kernel::rows::TILE_ROWS;
use crate::kernel::scratch::Scratch;
use crate::kernel::tile::{Left, Product, Start, dot};

/// The backward pass of some rows.
pub(super) struct BackwardChunk<'a> {
    pub(super) mlp: &'a NodeMlp,
    pub(super) packed: &'a Packed,
    pub(super) inputs: &'a [f32],
    pub(super) output_side: OutputSide<'a>,
    pub(super) input_gradients: Option<&'a mut [f32]>,
    /// Padded gradients of the parameters, added to.
    pub(super) partial: &'a mut [f32],
}

impl WithSimd for BackwardChunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let size = TILE_ROWS * self.mlp.widest();
        let n_hidden = self.mlp.layers.len() - 1;
        let n_slopes = if self.mlp.activation.needs_slopes() { n_hidden } else { 0 };
        let mut scratch = Scratch::new((n_hidden + n_slopes + 2) * size);
        let (hidden, memory) = scratch.floats().split_at_mut(n_hidden * size);
        let (slopes, memory) = memory.split_at_mut(n_slopes * size);
        let (gradients, spare) = memory.split_at_mut(size);
        let mut tile = Tile { size, hidden, slopes, gradients, spare };
        let tile_length = TILE_ROWS * self.mlp.n_inputs();
        for index in 0..self.inputs.len().div_ceil(tile_length) {
            self.tile(simd, index, &mut tile);
        }
    }
}

/// Working memory of a tile.
struct Tile<'a> {
    /// Floats of one buffer.
    size: usize,
    /// Activations of each hidden layer.
    hidden: &'a mut [f32],
    /// Slopes of each hidden layer, where the activation needs them.
    slopes: &'a mut [f32],
    /// dL/d(sums) of the layer at hand, and of the one before.
    gradients: &'a mut [f32],
    spare: &'a mut [f32],
}

impl BackwardChunk<'_> {
    #[inline(always)]
    fn tile<S: Simd>(&mut self, simd: S, index: usize, tile: &mut Tile<'_>) {
        let n_in = self.mlp.n_inputs();
        let inputs = &self.inputs[index * TILE_ROWS * n_in..];
        let inputs = &inputs[..inputs.len().min(TILE_ROWS * n_in)];
        let n_rows = inputs.len() / n_in;
        self.keep_activations(simd, inputs, tile);
        self.take_output_gradients(simd, (index * TILE_ROWS, n_rows), inputs, tile);
        for number in (0..self.mlp.layers.len()).rev() {
            let layer = &self.mlp.layers[number];
            let stride = if layer.narrow { layer.n_out } else { layer.padded_out() };
            let gradients = &tile.gradients[..n_rows * stride];
            if number == 0 {
                add_layer_gradients(simd, layer, (inputs, n_in), gradients, self.partial);
                break;
            }
            let below = &tile.hidden[(number - 1) * tile.size..][..n_rows * layer.padded_in()];
            add_layer_gradients(simd, layer, (below, layer.padded_in()), gradients, self.partial);
            let matrix = if layer.narrow {
                &self.packed.forward[layer.matrix.clone()]
            } else {
                &self.packed.backward[number][..]
            };
            let (right, _) = S::as_simd_f32s(matrix);
            let (next, _) = S::as_mut_simd_f32s(&mut tile.spare[..n_rows * layer.padded_in()]);
            let left = Left { values: gradients, row: stride, inner: 1 };
            let n_vectors = right.len() / layer.n_out;
            let depth = layer.n_out;
            Product { left, right, n_rows, depth, n_vectors, start: Start::Zero }.run(simd, next);
            let (values, _) = S::as_simd_f32s(below);
            let slopes = tile.slopes.get((number - 1) * tile.size..).unwrap_or_default();
            self.mlp.activation.scale_by_slope(simd, next, values, S::as_simd_f32s(slopes).0);
            std::mem::swap(&mut tile.gradients, &mut tile.spare);
        }
        self.write_input_gradients(simd, (index * TILE_ROWS, n_rows), tile.gradients);
    }

    /// The forward pass up to the last hidden layer.
    #[inline(always)]
    fn keep_activations<S: Simd>(&self, simd: S, inputs: &[f32], tile: &mut Tile<'_>) {
        let mlp = self.mlp;
        let n_rows = inputs.len() / mlp.n_inputs();
        for (index, layer) in mlp.layers[..mlp.layers.len() - 1].iter().enumerate() {
            let (below, at) = tile.hidden.split_at_mut(index * tile.size);
            let rows = match index {
                0 => (inputs, layer.n_in),
                _ => (&below[(index - 1) * tile.size..], layer.padded_in()),
            };
            let sums = wide_layer(simd, layer, self.packed, rows, (n_rows, at));
            let slopes = match tile.slopes.get_mut(index * tile.size..) {
                Some(slopes) if mlp.activation.needs_slopes() => S::as_mut_simd_f32s(slopes).0,
                _ => &mut [],
            };
            mlp.activation.apply(simd, sums, slopes);
        }
    }

    /// dL/dy of the tile, padded unless the last layer is narrow.
    #[inline(always)]
    fn take_output_gradients<S: Simd>(
        &mut self,
        simd: S,
        (first, n_rows): (usize, usize),
        inputs: &[f32],
        tile: &mut Tile<'_>,
    ) {
        let number = self.mlp.layers.len() - 1;
        let layer = &self.mlp.layers[number];
        let span = first * layer.n_out..(first + n_rows) * layer.n_out;
        let given = match &mut self.output_side {
            OutputSide::Given(gradients) => &gradients[span],
            OutputSide::Asked { first_row, outputs, gradients, loss } => {
                let below = match number {
                    0 => (inputs, layer.n_in),
                    _ => {
                        let last = &tile.hidden[(number - 1) * tile.size..];
                        (&last[..n_rows * layer.padded_in()], layer.padded_in())
                    }
                };
                let outputs = &mut outputs[span.clone()];
                last_layer(simd, layer, self.packed, below, (&mut *tile.spare, &mut *outputs));
                let rows = *first_row + first..*first_row + first + n_rows;
                loss(rows, outputs, &mut gradients[span.clone()]);
                &gradients[span]
            }
        };
        if layer.narrow {
            tile.gradients[..given.len()].copy_from_slice(given);
        } else {
            for (to, from) in tile.gradients.chunks_mut(layer.padded_out()).zip(given.chunks(layer.n_out)) {
                to[..layer.n_out].copy_from_slice(from);
                to[layer.n_out..].fill(0.0);
            }
        }
    }

    /// dL/dx = dL/dz A' of the first layer, which is never narrow.
    #[inline(always)]
    fn write_input_gradients<S: Simd>(
        &mut self,
        simd: S,
        (first, n_rows): (usize, usize),
        gradients: &[f32],
    ) {
        let Some(into) = self.input_gradients.as_deref_mut() else { return };
        let layer = &self.mlp.layers[0];
        let (weights, _) = S::as_simd_f32s(&self.packed.forward[layer.matrix.clone()]);
        let (gradients, _) = S::as_simd_f32s(&gradients[..n_rows * layer.padded_out()]);
        let n_vectors = weights.len() / layer.n_in;
        let into = &mut into[first * layer.n_in..(first + n_rows) * layer.n_in];
        for (row, into) in gradients.chunks(n_vectors).zip(into.chunks_mut(layer.n_in)) {
            for (gradient, weights) in into.iter_mut().zip(weights.chunks(n_vectors)) {
                *gradient = dot(simd, row, weights);
            }
        }
    }
}

/// Adds the gradients of one layer's weights and biases over the rows of a tile.
#[inline(always)]
fn add_layer_gradients<S: Simd>(
    simd: S,
    layer: &Layer,
    (below, stride): (&[f32], usize),
    gradients: &[f32],
    partial: &mut [f32],
) {
    let n_rows = below.len() / stride;
    let (weights, shifts) = partial[layer.matrix.start..layer.shift.end].split_at_mut(layer.matrix.len());
    let (sums, _) = S::as_mut_simd_f32s(weights);
    if layer.narrow {
        let left = Left { values: gradients, row: 1, inner: layer.n_out };
        let (right, _) = S::as_simd_f32s(below);
        let n_vectors = right.len() / n_rows;
        let product =
            Product { left, right, n_rows: layer.n_out, depth: n_rows, n_vectors, start: Start::Add };
        product.run(simd, sums);
        for row in gradients.chunks(layer.n_out) {
            for (shift, gradient) in shifts.iter_mut().zip(row) {
                *shift += gradient;
            }
        }
    } else {
        let left = Left { values: below, row: 1, inner: stride };
        let (right, _) = S::as_simd_f32s(gradients);
        let n_vectors = right.len() / n_rows;
        let product =
            Product { left, right, n_rows: layer.n_in, depth: n_rows, n_vectors, start: Start::Add };
        product.run(simd, sums);
        let (shifts, _) = S::as_mut_simd_f32s(shifts);
        for row in right.chunks(n_vectors) {
            for (shift, gradient) in shifts.iter_mut().zip(row) {
                *shift = simd.add_f32s(*shift, *gradient);
            }
        }
    }
}
