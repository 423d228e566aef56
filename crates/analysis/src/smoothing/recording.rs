//! All neurons of a recording, each with its own penalty, gaps respected.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::{FEWEST_FRAMES, PenaltyChoice, PenaltyGrid, SmoothingSpline};
use crate::Error;

/// A smoothed recording; NaN where a stretch between missing samples was too short to smooth.
#[derive(Debug, Clone, PartialEq)]
pub struct SmoothedRecording {
    /// `[time, neuron]`, in the units of the recording.
    pub values: Array2<f32>,
    /// `[time, neuron]`, in units of the recording per second.
    pub derivative: Array2<f32>,
    /// For each neuron the penalty that was chosen; `None` if no stretch was long enough.
    pub choices: Vec<Option<PenaltyChoice>>,
}

/// Smooths every neuron with the penalty that generalized cross-validation picks for it.
///
/// Missing samples (NaN) cut a series into stretches; each is smoothed for itself. The penalty is chosen on
/// the longest stretch, on at most 8192 frames from its middle: more frames cost time and change little.
/// Stretches below [`FEWEST_FRAMES`] frames come out as NaN.
///
/// # Shapes
/// `frames: [time, neuron]`, one trial.
///
/// # Errors
/// `dt_s` not positive, or an infinite sample.
pub fn smooth_recording(frames: ArrayView2<'_, f32>, dt_s: f64) -> Result<SmoothedRecording, Error> {
    if let Some(((row, column), &given)) = frames.indexed_iter().find(|(_, sample)| sample.is_infinite()) {
        return Err(Error::NotFinite { what: "the recording", row, column, given: f64::from(given) });
    }
    let stretches: Vec<Vec<Range<usize>>> =
        frames.columns().into_iter().map(|series| finite_stretches(series.iter().copied())).collect();
    let lengths: BTreeSet<usize> =
        stretches.iter().filter_map(|stretches| judged(stretches)).map(|frames| frames.len()).collect();
    let grid = |length: usize| Ok((length, PenaltyGrid::new(length, dt_s)?));
    let grids = lengths.into_iter().map(grid).collect::<Result<BTreeMap<_, _>, Error>>()?;
    let smooth = |neuron: usize| {
        let series: Vec<f64> = frames.column(neuron).iter().map(|&sample| f64::from(sample)).collect();
        smooth_series(&series, &stretches[neuron], &grids, dt_s)
    };
    let series = (0..frames.ncols()).into_par_iter().map(smooth).collect::<Result<Vec<_>, Error>>()?;
    Ok(SmoothedRecording {
        values: Array2::from_shape_fn(frames.dim(), |(frame, neuron)| series[neuron].values[frame]),
        derivative: Array2::from_shape_fn(frames.dim(), |(frame, neuron)| series[neuron].derivative[frame]),
        choices: series.iter().map(|series| series.choice).collect(),
    })
}

/// The score is flat near its minimum; a few thousand frames place it well enough.
const MAX_CHOICE_FRAMES: usize = 8192;

struct Series {
    values: Vec<f32>,
    derivative: Vec<f32>,
    choice: Option<PenaltyChoice>,
}

fn smooth_series(
    series: &[f64],
    stretches: &[Range<usize>],
    grids: &BTreeMap<usize, PenaltyGrid>,
    dt_s: f64,
) -> Result<Series, Error> {
    let missing = vec![f32::NAN; series.len()];
    let mut result = Series { values: missing.clone(), derivative: missing, choice: None };
    let Some((grid, frames)) = judged(stretches).and_then(|frames| Some((grids.get(&frames.len())?, frames)))
    else {
        return Ok(result);
    };
    let choice = grid.choose(&series[frames])?.1;
    result.choice = Some(choice);
    for stretch in stretches {
        let spline = SmoothingSpline::new(stretch.len(), dt_s, choice.penalty)?;
        let smoothed = spline.smooth(&series[stretch.clone()])?;
        for (offset, frame) in stretch.clone().enumerate() {
            result.values[frame] = smoothed.values[offset] as f32;
            result.derivative[frame] = smoothed.derivative[offset] as f32;
        }
    }
    Ok(result)
}

/// Runs of finite samples that are long enough for a spline.
fn finite_stretches(series: impl Iterator<Item = f32>) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut start = 0;
    for (frame, sample) in series.chain([f32::NAN]).enumerate() {
        if !sample.is_finite() {
            stretches.push(start..frame);
            start = frame + 1;
        }
    }
    stretches.retain(|stretch| stretch.len() >= FEWEST_FRAMES);
    stretches
}

/// The frames on which the penalty is chosen: the middle of the first of the longest stretches.
fn judged(stretches: &[Range<usize>]) -> Option<Range<usize>> {
    let longest = stretches.iter().reduce(|best, next| if next.len() > best.len() { next } else { best })?;
    let n_frames = longest.len().min(MAX_CHOICE_FRAMES);
    let start = longest.start + (longest.len() - n_frames) / 2;
    Some(start..start + n_frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Array2<f32> {
        Array2::from_shape_fn((120, 3), |(frame, neuron)| {
            (frame as f32 * 0.1 + neuron as f32).sin()
                + 0.1 * ((frame * 7919 + neuron * 104_729) % 13) as f32 / 13.0
        })
    }

    #[test]
    fn a_gap_is_left_open_and_the_rest_is_untouched() -> Result<(), Error> {
        let whole = smooth_recording(recording().view(), 0.1)?;
        let mut cut = recording();
        cut[[60, 1]] = f32::NAN;
        cut[[3, 1]] = f32::NAN;
        let smoothed = smooth_recording(cut.view(), 0.1)?;
        assert_eq!(smoothed.values.column(0), whole.values.column(0));
        let missing: Vec<usize> = (0..120).filter(|&frame| smoothed.values[[frame, 1]].is_nan()).collect();
        assert_eq!(missing, [0, 1, 2, 3, 60]);
        assert!((smoothed.derivative[[90, 1]] - whole.derivative[[90, 1]]).abs() < 0.2);
        Ok(())
    }

    #[test]
    fn a_neuron_without_samples_is_reported_as_none() -> Result<(), Error> {
        let mut cut = recording();
        cut.column_mut(2).fill(f32::NAN);
        let smoothed = smooth_recording(cut.view(), 0.1)?;
        assert!(smoothed.choices[2].is_none() && smoothed.choices[1].is_some());
        assert!(smoothed.values.column(2).iter().all(|sample| sample.is_nan()));
        cut[[5, 0]] = f32::INFINITY;
        let error = smooth_recording(cut.view(), 0.1);
        assert!(matches!(error, Err(Error::NotFinite { row: 5, column: 0, .. })));
        Ok(())
    }

    #[test]
    fn one_thread_gives_the_bytes_of_three() -> Result<(), Box<dyn std::error::Error>> {
        let with = |n_threads| -> Result<SmoothedRecording, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| smooth_recording(recording().view(), 0.1))?)
        };
        assert_eq!(with(1)?, with(3)?);
        Ok(())
    }
}
