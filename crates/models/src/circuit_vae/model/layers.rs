//! Layers with parameters of their own: rows through an MLP, rows through a conditional normalisation.

use std::ops::Range;

use neuroloom_nn::kernel::layer_norm::{self, NormGradients, Segments};
use neuroloom_nn::kernel::{Activation, MlpGradients, NodeMlp};

use super::layout::{Layout, Start};
use crate::Error;

/// An MLP on rows, GELU between its layers.
#[derive(Debug, Clone)]
pub(super) struct Mlp {
    mlp: NodeMlp,
    range: Range<usize>,
}

impl Mlp {
    /// Weights start from a standard deviation of 1 / sqrt(inputs); those of the last layer times `gain`.
    pub(super) fn new(layout: &mut Layout, name: &str, widths: &[usize], gain: f32) -> Result<Self, Error> {
        let mlp = NodeMlp::new(widths, Activation::Gelu)?;
        let start = layout.len();
        let last = widths.len() - 2;
        for (layer, ends) in widths.windows(2).enumerate() {
            let factor = if layer == last { gain } else { 1.0 };
            let deviation = factor / (ends[0] as f32).sqrt();
            layout.add(&format!("{name}.{layer}.weight"), ends, Start::Normal(deviation));
            layout.add(&format!("{name}.{layer}.bias"), &ends[1..], Start::Constant(0.0));
        }
        Ok(Self { mlp, range: start..layout.len() })
    }

    pub(super) fn n_outputs(&self) -> usize {
        self.mlp.n_outputs()
    }

    pub(super) fn forward(&self, parameters: &[f32], rows: &[f32]) -> Result<Vec<f32>, Error> {
        let mut out = vec![0.0; rows.len() / self.mlp.n_inputs() * self.mlp.n_outputs()];
        self.mlp.forward(&parameters[self.range.clone()], rows, &mut out)?;
        Ok(out)
    }

    /// dL/d(rows); the gradients of the parameters are added to `into`.
    pub(super) fn backward(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        rows: &[f32],
        gradients: &[f32],
    ) -> Result<Vec<f32>, Error> {
        let mut inputs = vec![0.0; rows.len()];
        let parts = MlpGradients { parameters: &mut into[self.range.clone()], inputs: Some(&mut inputs) };
        self.mlp.backward(&parameters[self.range.clone()], rows, gradients, parts)?;
        Ok(inputs)
    }

    /// The gradients of the parameters only.
    pub(super) fn backward_parameters(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        rows: &[f32],
        gradients: &[f32],
    ) -> Result<(), Error> {
        let parts = MlpGradients { parameters: &mut into[self.range.clone()], inputs: None };
        Ok(self.mlp.backward(&parameters[self.range.clone()], rows, gradients, parts)?)
    }
}

/// GELU of normalised rows, with scales and shifts that a circuit may change.
#[derive(Debug, Clone)]
pub(super) struct Norm {
    scale: Range<usize>,
    shift: Range<usize>,
}

impl Norm {
    pub(super) fn new(layout: &mut Layout, name: &str, width: usize) -> Self {
        let scale = layout.add(&format!("{name}.scale"), &[width], Start::Constant(1.0));
        let shift = layout.add(&format!("{name}.shift"), &[width], Start::Constant(0.0));
        Self { scale, shift }
    }

    /// `film [segment, (scale, shift)]` is added to the scales and shifts of its segment.
    pub(super) fn forward(
        &self,
        parameters: &[f32],
        (segments, film): (&Segments, &[f32]),
        rows: &[f32],
    ) -> Result<Vec<f32>, Error> {
        let (scale, shift) = self.of_segments(parameters, segments, film);
        let mut out = vec![0.0; rows.len()];
        layer_norm::forward(segments, (&scale, &shift), rows, &mut out)?;
        Ok(out)
    }

    /// dL/d(rows) and dL/d(film).
    pub(super) fn backward(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        (segments, film): (&Segments, &[f32]),
        rows: &[f32],
        gradients: &[f32],
    ) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let (scale, shift) = self.of_segments(parameters, segments, film);
        let (mut scale_gradient, mut shift_gradient) = (vec![0.0; scale.len()], vec![0.0; shift.len()]);
        let mut inputs = vec![0.0; rows.len()];
        let parts =
            NormGradients { scale: &mut scale_gradient, shift: &mut shift_gradient, inputs: &mut inputs };
        layer_norm::backward(segments, (&scale, &shift), (rows, gradients), parts)?;
        let width = segments.width();
        let mut film_gradient = Vec::with_capacity(2 * scale.len());
        for (scale, shift) in scale_gradient.chunks(width).zip(shift_gradient.chunks(width)) {
            add(scale, &mut into[self.scale.clone()]);
            add(shift, &mut into[self.shift.clone()]);
            film_gradient.extend(scale.iter().chain(shift));
        }
        Ok((inputs, film_gradient))
    }

    fn of_segments(&self, parameters: &[f32], segments: &Segments, film: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let n = segments.lengths().len();
        let mut scale = parameters[self.scale.clone()].repeat(n);
        let mut shift = parameters[self.shift.clone()].repeat(n);
        let width = segments.width();
        for (segment, film) in film.chunks(2 * width).enumerate() {
            add(&film[..width], &mut scale[segment * width..][..width]);
            add(&film[width..], &mut shift[segment * width..][..width]);
        }
        (scale, shift)
    }
}

/// `into += values`.
pub(super) fn add(values: &[f32], into: &mut [f32]) {
    into.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// Rows of several arrays behind one another; each array `[row, width]`.
pub(super) fn beside(parts: &[(&[f32], usize)]) -> Vec<f32> {
    let n_rows = parts.first().map_or(0, |(values, width)| values.len() / width.max(&1));
    let mut rows = Vec::with_capacity(parts.iter().map(|(values, _)| values.len()).sum());
    for row in 0..n_rows {
        for (values, width) in parts {
            rows.extend(&values[row * width..][..*width]);
        }
    }
    rows
}

/// Columns `first..first + width` of rows that are `stride` long.
pub(super) fn columns(rows: &[f32], stride: usize, first: usize, width: usize) -> Vec<f32> {
    rows.chunks(stride).flat_map(|row| &row[first..first + width]).copied().collect()
}
