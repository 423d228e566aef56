//! What a mechanism is measured against: simple methods on the same frames.

use ndarray::{Array2, Array3, Axis, s};
use neuroloom_analysis::correlation::{correlation_matrix, partial_correlation};
use neuroloom_analysis::readout::{Penalty, VectorAutoregression};
use neuroloom_core::FrameSource;

use crate::Error;

/// Ridge VAR(1), x(t + 1) = A x(t) + b, drawn towards "nothing changes", its penalty cross-validated in time.
///
/// # Errors
/// [`Error::Analysis`] if there are too few frames.
pub(super) fn autoregression(frames: &Array3<f32>) -> Result<VectorAutoregression, Error> {
    let trials: Vec<_> = frames.outer_iter().collect();
    Ok(VectorAutoregression::fit(&trials, Penalty::blocked())?)
}

/// The next frame of each row, `[row, neuron]`.
pub(super) fn next_frames(model: &VectorAutoregression, frames: &Array2<f64>) -> Array2<f64> {
    frames.dot(&model.weight_matrix.t()) + &model.intercept
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
        ("ridge_var1", autoregression(frames).ok().map(|model| model.weight_matrix)),
    ];
    let finite = |matrix: Array2<f64>| matrix.mapv(|value| if value.is_finite() { value } else { 0.0 });
    guesses.into_iter().filter_map(|(name, matrix)| Some((name, finite(matrix?)))).collect()
}
