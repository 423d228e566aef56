//! What a mechanism is measured against: simple methods on the same frames.

use ndarray::{Array2, Array3, Axis, concatenate, s};
use neuroloom_analysis::correlation::{correlation_matrix, partial_correlation};
use neuroloom_analysis::readout::{Penalty, Ridge};
use neuroloom_core::FrameSource;

use crate::Error;

/// Ridge VAR(1) on differences, x(t + 1) - x(t) = A x(t) + b, penalty cross-validated in time.
///
/// Shrinking A shrinks the forecast towards "nothing changes", which suits slow recordings better than a VAR
/// on x itself (in the five worm recordings of Dag et al. 2023 one-step R2 0.66 against 0.25).
pub(super) struct DifferenceAutoregression {
    ridge: Ridge,
}

impl DifferenceAutoregression {
    /// Fits to trials, `[trial, time, neuron]`.
    pub(super) fn fit(frames: &Array3<f32>) -> Result<Self, Error> {
        let n_frames = frames.len_of(Axis(1));
        let pick = |range: std::ops::Range<usize>| -> Result<Array2<f64>, Error> {
            let parts: Vec<_> =
                frames.outer_iter().map(|trial| trial.slice_move(s![range.clone(), ..])).collect();
            let stacked = concatenate(Axis(0), &parts)
                .map_err(|error| Error::Recording { problem: error.to_string(), hint: String::new() })?;
            Ok(stacked.mapv(f64::from))
        };
        let now = pick(0..n_frames - 1)?;
        let step = pick(1..n_frames)? - &now;
        Ok(Self { ridge: Ridge::fit(now.view(), step.view(), Penalty::blocked())? })
    }

    /// The next frame of each row, `[row, neuron]`.
    pub(super) fn step(&self, frames: &Array2<f64>) -> Result<Array2<f64>, Error> {
        Ok(frames + &self.ridge.predict(frames.view())?)
    }

    /// A[post, pre], per frame.
    pub(super) fn weight_matrix(&self) -> Array2<f64> {
        self.ridge.coefficients.t().as_standard_layout().into_owned()
    }
}

/// Frames that a baseline may use, `[trial, time, neuron]`, gaps filled with the neuron's mean.
///
/// Long recordings give their last `most` frames a trial: a baseline on a thousand neurons need not read all.
pub(super) fn frames_in_memory(source: &dyn FrameSource, most: usize) -> Result<Array3<f32>, Error> {
    let shape = source.shape();
    let n_frames = shape.n_frames.min(most);
    let mut frames = Array3::zeros((shape.n_trials, n_frames, shape.n_neurons));
    for trial in 0..shape.n_trials {
        let range = shape.n_frames - n_frames..shape.n_frames;
        source.read_frames(trial, range, frames.slice_mut(s![trial, .., ..]))?;
    }
    for mut neuron in frames.axis_iter_mut(Axis(2)) {
        let known: Vec<f64> = neuron.iter().filter(|x| x.is_finite()).map(|&x| f64::from(x)).collect();
        let mean = (known.iter().sum::<f64>() / known.len().max(1) as f64) as f32;
        neuron.mapv_inplace(|x| if x.is_finite() { x } else { mean });
    }
    Ok(frames)
}

/// Wiring guesses of simple methods, `[post, pre]`, by name; a method that cannot be computed is left out.
pub(super) fn wiring_guesses(frames: &Array3<f32>) -> Vec<(&'static str, Array2<f64>)> {
    let trials: Vec<_> = frames.outer_iter().collect();
    let guesses = [
        ("correlation", correlation_matrix(&trials).ok()),
        ("partial_correlation", partial_correlation(&trials).ok()),
        ("ridge_var1", DifferenceAutoregression::fit(frames).ok().map(|model| model.weight_matrix())),
    ];
    let finite = |matrix: Array2<f64>| matrix.mapv(|value| if value.is_finite() { value } else { 0.0 });
    guesses.into_iter().filter_map(|(name, matrix)| Some((name, finite(matrix?)))).collect()
}
