//! Where a layer's numbers are: in the parameters (`[in, out]`, then biases) and in the padded working copies.

use std::ops::Range;

use crate::kernel::tile::{LANES, padded};

/// Fewer outputs of the last layer than this are dot products instead of being padded to a vector.
const NARROW: usize = 8;

/// One linear layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    pub(super) n_in: usize,
    pub(super) n_out: usize,
    /// In the parameters: `[in, out]`.
    pub(super) weight: Range<usize>,
    /// In the parameters: `[out]`.
    pub(super) bias: Range<usize>,
    /// Whether the working copies are `[out, padded in]` instead of `[in, padded out]`.
    pub(super) narrow: bool,
    /// In the working copies of parameters and gradients.
    pub(super) matrix: Range<usize>,
    /// Bias in the working copies, padded.
    pub(super) shift: Range<usize>,
}

impl Layer {
    pub(super) fn padded_in(&self) -> usize {
        padded(self.n_in)
    }

    pub(super) fn padded_out(&self) -> usize {
        padded(self.n_out)
    }
}

/// The layers of an MLP with these widths.
pub(super) fn layers(widths: &[usize]) -> Vec<Layer> {
    let (mut plain, mut working) = (0, 0);
    let mut take = |length: usize, padded_length: usize| {
        let ranges = (plain..plain + length, working..working + padded_length);
        (plain, working) = (ranges.0.end, ranges.1.end);
        ranges
    };
    widths
        .windows(2)
        .enumerate()
        .map(|(index, ends)| {
            let (n_in, n_out) = (ends[0], ends[1]);
            // The first layer reads the caller's unpadded rows, hidden layers feed padded ones.
            let narrow = index > 0 && index + 2 == widths.len() && n_out < NARROW;
            let size = if narrow { n_out * padded(n_in) } else { n_in * padded(n_out) };
            let (weight, matrix) = take(n_in * n_out, size);
            let (bias, shift) = take(n_out, padded(n_out));
            Layer { n_in, n_out, weight, bias, narrow, matrix, shift }
        })
        .collect()
}

/// Floats of the working copies.
pub(super) fn working_length(layers: &[Layer]) -> usize {
    layers.last().map_or(0, |layer| layer.shift.end)
}

/// Working copies of the parameters, made once a call and read by all threads.
pub(super) struct Packed {
    /// Per layer as [`Layer::matrix`] and [`Layer::shift`] say.
    pub(super) forward: Vec<f32>,
    /// Per wide layer but the first the transposed weights `[out, padded in]`; else empty.
    pub(super) backward: Vec<Vec<f32>>,
}

impl Packed {
    pub(super) fn forward(layers: &[Layer], parameters: &[f32]) -> Self {
        let mut forward = vec![0.0; working_length(layers)];
        for layer in layers {
            let weight = &parameters[layer.weight.clone()];
            let matrix = &mut forward[layer.matrix.clone()];
            if layer.narrow {
                transpose(weight, layer.n_out, matrix, layer.padded_in());
            } else {
                for (row, wide) in weight.chunks(layer.n_out).zip(matrix.chunks_mut(layer.padded_out())) {
                    wide[..row.len()].copy_from_slice(row);
                }
            }
            forward[layer.shift.clone()][..layer.n_out].copy_from_slice(&parameters[layer.bias.clone()]);
        }
        Self { forward, backward: Vec::new() }
    }

    pub(super) fn both(layers: &[Layer], parameters: &[f32]) -> Self {
        let transposed = |(index, layer): (usize, &Layer)| {
            if index == 0 || layer.narrow {
                return Vec::new();
            }
            let mut matrix = vec![0.0; layer.n_out * layer.padded_in()];
            transpose(&parameters[layer.weight.clone()], layer.n_out, &mut matrix, layer.padded_in());
            matrix
        };
        let backward = layers.iter().enumerate().map(transposed).collect();
        Self { backward, ..Self::forward(layers, parameters) }
    }
}

/// Adds padded gradients to plain ones.
pub(super) fn add_gradients(layers: &[Layer], working: &[f32], gradients: &mut [f32]) {
    for layer in layers {
        let matrix = &working[layer.matrix.clone()];
        for (index, gradient) in gradients[layer.weight.clone()].iter_mut().enumerate() {
            let (i, o) = (index / layer.n_out, index % layer.n_out);
            *gradient += if layer.narrow {
                matrix[o * layer.padded_in() + i]
            } else {
                matrix[i * layer.padded_out() + o]
            };
        }
        let shift = &working[layer.shift.clone()];
        for (gradient, partial) in gradients[layer.bias.clone()].iter_mut().zip(shift) {
            *gradient += partial;
        }
    }
}

/// `to[column][row] = from[row][column]`, rows of `to` being `stride` long.
fn transpose(from: &[f32], n_columns: usize, to: &mut [f32], stride: usize) {
    debug_assert!(stride.is_multiple_of(LANES));
    for (row, values) in from.chunks(n_columns).enumerate() {
        for (column, value) in values.iter().enumerate() {
            to[column * stride + row] = *value;
        }
    }
}
