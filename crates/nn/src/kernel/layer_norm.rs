//! Layer normalisation with a scale and shift of each segment of rows, then GELU: conditional normalisation (FiLM,
//! Perez et al. 2018) in one pass.
//!
//! y = gelu(scale_s (x - mean(x)) / sqrt(var(x) + 1e-5) + shift_s) for every row x of segment s
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::layer_norm::{self, Segments};
//! let segments = Segments::new(&[1], 16)?;
//! let (scale, shift) = ([0.0; 16], [0.0; 16]);
//! let mut y = [1.0; 16];
//! layer_norm::forward(&segments, (&scale, &shift), &[0.5; 16], &mut y)?;
//! assert_eq!(y, [0.0; 16]); // gelu(0)
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::activation::gelu;
use super::tile::LANES;
use crate::Error;
use crate::error::check_length;

/// Added to the variance.
const EPSILON: f32 = 1e-5;

/// Rows in consecutive segments: the neurons of the circuits of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    lengths: Vec<usize>,
    width: usize,
}

/// Where [`backward`] **adds** dL/d(scale) and dL/d(shift), `[segment, width]`, and **writes** dL/dx.
#[derive(Debug)]
pub struct NormGradients<'a> {
    /// dL/d(scale).
    pub scale: &'a mut [f32],
    /// dL/d(shift).
    pub shift: &'a mut [f32],
    /// dL/dx.
    pub inputs: &'a mut [f32],
}

impl Segments {
    /// Segments of so many rows each, all rows `width` long.
    ///
    /// # Errors
    /// [`Error::Value`] for a width that is no multiple of 16.
    pub fn new(lengths: &[usize], width: usize) -> Result<Self, Error> {
        if width == 0 || !width.is_multiple_of(LANES) {
            let given = width.to_string();
            return Err(Error::Value { what: "width of rows", given, allowed: "a multiple of 16" });
        }
        Ok(Self { lengths: lengths.to_vec(), width })
    }

    /// Rows of each segment.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Rows of all segments.
    pub fn n_rows(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The rows of each segment.
    pub fn split<'a>(&self, rows: &'a [f32]) -> Vec<&'a [f32]> {
        let mut rest = rows;
        self.lengths.iter().map(|length| rest.split_off(..length * self.width).unwrap_or_default()).collect()
    }

    /// The rows of each segment, to be changed.
    pub fn split_mut<'a>(&self, rows: &'a mut [f32]) -> Vec<&'a mut [f32]> {
        let mut rest = rows;
        self.lengths
            .iter()
            .map(|length| rest.split_off_mut(..length * self.width).unwrap_or_default())
            .collect()
    }

    pub(super) fn check(&self, what: &'static str, rows: &[f32]) -> Result<(), Error> {
        check_length(what, rows.len(), self.n_rows() * self.width)
    }

    fn check_each(&self, what: &'static str, values: &[f32]) -> Result<(), Error> {
        check_length(what, values.len(), self.lengths.len() * self.width)
    }
}

/// y for every row.
///
/// # Shapes
/// `scale`, `shift` `[segment, width]`; `inputs`, `outputs` `[row, width]`.
///
/// # Errors
/// [`Error::Length`] if an array does not fit.
pub fn forward(
    segments: &Segments,
    (scale, shift): (&[f32], &[f32]),
    inputs: &[f32],
    outputs: &mut [f32],
) -> Result<(), Error> {
    segments.check_each("scales of segments", scale)?;
    segments.check_each("shifts of segments", shift)?;
    segments.check("rows to normalise", inputs)?;
    segments.check("normalised rows", outputs)?;
    let (arch, width) = (Arch::new(), segments.width);
    (segments.split(inputs), segments.split_mut(outputs), scale.par_chunks(width), shift.par_chunks(width))
        .into_par_iter()
        .for_each(|(inputs, outputs, scale, shift)| {
            arch.dispatch(ForwardSegment { scale, shift, inputs, outputs });
        });
    Ok(())
}

/// From dL/dy to dL/d(scale), dL/d(shift) and dL/dx; y is computed again.
///
/// # Shapes
/// As in [`forward`].
///
/// # Errors
/// [`Error::Length`] if an array does not fit.
pub fn backward(
    segments: &Segments,
    (scale, shift): (&[f32], &[f32]),
    (inputs, output_gradients): (&[f32], &[f32]),
    gradients: NormGradients<'_>,
) -> Result<(), Error> {
    segments.check_each("scales of segments", scale)?;
    segments.check_each("shifts of segments", shift)?;
    segments.check_each("scale gradients", gradients.scale)?;
    segments.check_each("shift gradients", gradients.shift)?;
    segments.check("rows to normalise", inputs)?;
    segments.check("gradients of normalised rows", output_gradients)?;
    segments.check("gradients of rows", gradients.inputs)?;
    let (arch, width) = (Arch::new(), segments.width);
    (
        (segments.split(inputs), segments.split(output_gradients), segments.split_mut(gradients.inputs)),
        (scale.par_chunks(width), shift.par_chunks(width)),
        (gradients.scale.par_chunks_mut(width), gradients.shift.par_chunks_mut(width)),
    )
        .into_par_iter()
        .for_each(|(rows, (scale, shift), (scale_gradient, shift_gradient))| {
            arch.dispatch(BackwardSegment { rows, scale, shift, scale_gradient, shift_gradient });
        });
    Ok(())
}

struct ForwardSegment<'a> {
    scale: &'a [f32],
    shift: &'a [f32],
    inputs: &'a [f32],
    outputs: &'a mut [f32],
}

impl WithSimd for ForwardSegment<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.scale.len();
        let (scale, _) = S::as_simd_f32s(self.scale);
        let (shift, _) = S::as_simd_f32s(self.shift);
        for (x, y) in self.inputs.chunks(width).zip(self.outputs.chunks_mut(width)) {
            let (x, _) = S::as_simd_f32s(x);
            let (y, _) = S::as_mut_simd_f32s(y);
            let moments = Moments::of(simd, x, width);
            for (((x, y), scale), shift) in x.iter().zip(y).zip(scale).zip(shift) {
                *y = gelu(simd, simd.mul_add_e_f32s(moments.normal(simd, *x), *scale, *shift)).0;
            }
        }
    }
}

struct BackwardSegment<'a> {
    /// x, dL/dy, dL/dx.
    rows: (&'a [f32], &'a [f32], &'a mut [f32]),
    scale: &'a [f32],
    shift: &'a [f32],
    scale_gradient: &'a mut [f32],
    shift_gradient: &'a mut [f32],
}

impl WithSimd for BackwardSegment<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.scale.len();
        let (scale, _) = S::as_simd_f32s(self.scale);
        let (shift, _) = S::as_simd_f32s(self.shift);
        let (scale_gradient, _) = S::as_mut_simd_f32s(self.scale_gradient);
        let (shift_gradient, _) = S::as_mut_simd_f32s(self.shift_gradient);
        let (x, dy, dx) = self.rows;
        for ((x, dy), dx) in x.chunks(width).zip(dy.chunks(width)).zip(dx.chunks_mut(width)) {
            let (x, dy) = (S::as_simd_f32s(x).0, S::as_simd_f32s(dy).0);
            let (dx, _) = S::as_mut_simd_f32s(dx);
            let moments = Moments::of(simd, x, width);
            let (mut sum, mut product) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
            for k in 0..x.len() {
                let normal = moments.normal(simd, x[k]);
                let (_, slope) = gelu(simd, simd.mul_add_e_f32s(normal, scale[k], shift[k]));
                let inner = simd.mul_f32s(dy[k], slope);
                scale_gradient[k] = simd.mul_add_e_f32s(inner, normal, scale_gradient[k]);
                shift_gradient[k] = simd.add_f32s(shift_gradient[k], inner);
                let inner = simd.mul_f32s(inner, scale[k]);
                sum = simd.add_f32s(sum, inner);
                product = simd.mul_add_e_f32s(inner, normal, product);
                dx[k] = inner;
            }
            let share = (width as f32).recip();
            let mean = simd.splat_f32s(simd.reduce_sum_f32s(sum) * share);
            let along = simd.splat_f32s(-simd.reduce_sum_f32s(product) * share);
            for (dx, x) in dx.iter_mut().zip(x) {
                let centred = simd.sub_f32s(*dx, mean);
                let rest = simd.mul_add_e_f32s(along, moments.normal(simd, *x), centred);
                *dx = simd.mul_f32s(rest, moments.inverse_deviation);
            }
        }
    }
}

/// Mean and inverse standard deviation of a row.
#[derive(Clone, Copy)]
struct Moments<V> {
    mean: V,
    inverse_deviation: V,
}

impl<V: Copy> Moments<V> {
    #[inline(always)]
    fn of<S: Simd<f32s = V>>(simd: S, row: &[V], width: usize) -> Self {
        let share = (width as f32).recip();
        let mut sum = simd.splat_f32s(0.0);
        for x in row {
            sum = simd.add_f32s(sum, *x);
        }
        let mean = simd.splat_f32s(simd.reduce_sum_f32s(sum) * share);
        let mut square = simd.splat_f32s(0.0);
        for x in row {
            let centred = simd.sub_f32s(*x, mean);
            square = simd.mul_add_e_f32s(centred, centred, square);
        }
        let variance = simd.reduce_sum_f32s(square) * share;
        Self { mean, inverse_deviation: simd.splat_f32s((variance + EPSILON).sqrt().recip()) }
    }

    #[inline(always)]
    fn normal<S: Simd<f32s = V>>(&self, simd: S, x: V) -> V {
        simd.mul_f32s(simd.sub_f32s(x, self.mean), self.inverse_deviation)
    }
}
