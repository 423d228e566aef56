//! Value and slope of a smoothing spline per neuron, chunk by chunk.

use std::ops::Range;

use ndarray::{Array2, ArrayView1};
use neuroloom_analysis::smoothing::{FEWEST_FRAMES, PenaltyGrid, SmoothingSpline};
use neuroloom_core::FrameSource;
use rayon::prelude::*;

use crate::Error;

/// Frames on which the penalties are chosen.
const CHOICE_FRAMES: usize = 4096;
/// Half-widths of the smoothing window that a chunk is extended by on both sides.
const MARGIN: f64 = 8.0;

/// One penalty a neuron, chosen by generalized cross-validation.
pub(super) struct Smoother {
    penalties: Vec<f64>,
    margin: usize,
}

impl Smoother {
    /// Chooses the penalties on the first frames of the first trial.
    pub(super) fn new(source: &dyn FrameSource) -> Result<Self, Error> {
        let shape = source.shape();
        let n_frames = shape.n_frames.min(CHOICE_FRAMES);
        if n_frames < FEWEST_FRAMES {
            return Err(Error::Recording {
                problem: format!(
                    "{n_frames} frames are too few to smooth, at least {FEWEST_FRAMES} are needed"
                ),
                hint: "use `--target difference`".to_owned(),
            });
        }
        let mut frames = Array2::zeros((n_frames, shape.n_neurons));
        source.read_frames(0, 0..n_frames, frames.view_mut())?;
        let grid = PenaltyGrid::new(n_frames, source.dt_s())?;
        // A neuron that is left out later may hold gaps: it gets the penalty of no smoothing to speak of.
        let choose = |neuron: usize| match frames.column(neuron).iter().all(|value| value.is_finite()) {
            true => Ok(grid.choose(&widen(frames.column(neuron)))?.1.penalty),
            false => Ok(source.dt_s().powi(3)),
        };
        let penalties: Vec<f64> =
            (0..shape.n_neurons).into_par_iter().map(choose).collect::<Result<_, Error>>()?;
        let widest = penalties.iter().copied().fold(0.0, f64::max);
        let half_width = (widest * source.dt_s()).powf(0.25) / source.dt_s();
        Ok(Self { penalties, margin: (MARGIN * half_width).clamp(32.0, 2048.0) as usize })
    }

    /// Smoothed values and slopes of some frames, both `[frame, neuron]`.
    pub(super) fn read(
        &self,
        source: &dyn FrameSource,
        trial: usize,
        frames: Range<usize>,
    ) -> Result<(Array2<f32>, Array2<f32>), Error> {
        let shape = source.shape();
        let wide = frames.start.saturating_sub(self.margin)..(frames.end + self.margin).min(shape.n_frames);
        let mut raw = Array2::zeros((wide.len(), shape.n_neurons));
        source.read_frames(trial, wide.clone(), raw.view_mut())?;
        let inside = frames.start - wide.start..frames.end - wide.start;
        let smooth = |neuron: usize| -> Result<Vec<(f32, f32)>, Error> {
            let series = widen(raw.column(neuron));
            if series.iter().any(|value| !value.is_finite()) {
                return Ok(vec![(f32::NAN, f32::NAN); frames.len()]);
            }
            let spline = SmoothingSpline::new(wide.len(), source.dt_s(), self.penalties[neuron])?;
            let smoothed = spline.smooth(&series)?;
            let pairs = smoothed.values[inside.clone()].iter().zip(&smoothed.derivative[inside.clone()]);
            Ok(pairs.map(|(&value, &slope)| (value as f32, slope as f32)).collect())
        };
        let series: Vec<Vec<(f32, f32)>> =
            (0..shape.n_neurons).into_par_iter().map(smooth).collect::<Result<_, _>>()?;
        let dim = (frames.len(), shape.n_neurons);
        let values = Array2::from_shape_fn(dim, |(frame, neuron)| series[neuron][frame].0);
        let slopes = Array2::from_shape_fn(dim, |(frame, neuron)| series[neuron][frame].1);
        Ok((values, slopes))
    }
}

fn widen(series: ArrayView1<'_, f32>) -> Vec<f64> {
    series.iter().map(|&value| f64::from(value)).collect()
}
