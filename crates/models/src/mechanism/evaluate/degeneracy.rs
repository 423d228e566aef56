//! How different may another wiring be that explains the recording as well?
//!
//! W' = W + A V', where the columns of V are the directions in which psi(X) varies least and A is random, of such a
//! size that no neuron's recurrent input on the recorded states changes by more than 1 % (rms). If W' differs much
//! from W, neither a forecast nor a rollout can tell the two apart, and a good one proves little.

use faer::{Mat, Side};
use ndarray::{Array2, ArrayView1, ArrayView2, s};
use neuroloom_analysis::gram::{RowBlock, SymmetricSum};
use neuroloom_analysis::metrics::regression::linear_fit;
use neuroloom_core::{FrameSource, Seed};
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::mechanism::{Mechanism, rollout};

/// Allowed change of a neuron's recurrent input, relative to its rms.
const INPUT_CHANGE: f64 = 0.01;
/// Share of all directions that W may move along.
const WEAKEST: usize = 20;
/// More neurons would take minutes.
const MOST_NEURONS: usize = 2500;
/// States a neuron that the directions are taken from.
const STATES_PER_NEURON: usize = 8;
/// Frames read at a time.
const CHUNK: usize = 512;
/// Frames of the rollout.
const FRAMES: usize = 800;

/// Another wiring that the recording hardly tells from the learned one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DegeneracyScores {
    /// Change of each neuron's recurrent input on the recorded states, relative to its rms.
    pub input_change: f64,
    /// Directions along which the weights were changed: those in which psi(X) varies least.
    pub n_directions: usize,
    /// Squared correlation of the changed with the learned weights; 1 = the recording leaves no freedom.
    pub r2_weights: f64,
    /// R2 of the changed model's rollout about the learned model's after 400 frames, from a recorded state.
    pub rollout_r2_at_400: f64,
    /// The same after 800 frames.
    pub rollout_r2_at_800: f64,
}

/// Makes such a wiring and lets both models run; `None` for circuits that are too large, hold
/// missing states or have several classes of receivers.
pub(super) fn score(
    mechanism: &Mechanism,
    activity: &dyn FrameSource,
    seed: Seed,
) -> Result<Option<DegeneracyScores>, Error> {
    let n = mechanism.n_neurons();
    // Receivers of several classes have no psi(X) in common.
    if n > MOST_NEURONS || mechanism.transfer.n_receiver_classes() > 1 {
        return Ok(None);
    }
    let states = states(activity, STATES_PER_NEURON * n)?;
    if states.iter().any(|value| !value.is_finite()) {
        return Ok(None);
    }
    let gram = gram(mechanism, &states)?;
    let eigen = gram.self_adjoint_eigen(Side::Lower).map_err(|_| Error::Singular { stage: "degeneracy" })?;
    let (values, vectors) = (eigen.S().column_vector(), eigen.U());
    let n_directions = (n / WEAKEST).max(1);
    let largest = values[n - 1].max(f64::MIN_POSITIVE);
    let mut rng = seed.split("degeneracy").rng();
    let mut other = mechanism.clone();
    for post in 0..n {
        let allowed = INPUT_CHANGE * input(mechanism, &gram, post) / (n_directions as f64).sqrt();
        for direction in 0..n_directions {
            let spread = values[direction].max(1e-16 * largest).sqrt();
            let sign = if rng.next_u64() & 1 == 0 { 1.0 } else { -1.0 };
            for pre in (0..n).filter(|&pre| pre != post) {
                other.weight_matrix[[post, pre]] += sign * allowed / spread * vectors[(pre, direction)];
            }
        }
    }
    let flat = |model: &Mechanism| model.weight_matrix.iter().copied().collect::<Vec<f64>>();
    let Ok(weights) = linear_fit(&flat(mechanism), &flat(&other)) else { return Ok(None) };
    let start: Vec<f64> = states.row(0).to_vec();
    let (learned, changed) = (rollout(mechanism, &start, FRAMES)?, rollout(&other, &start, FRAMES)?);
    let at = |frame: usize| {
        linear_fit(&learned.row(frame).to_vec(), &changed.row(frame).to_vec())
            .map_or(0.0, |fit| fit.r2_linear_fit)
    };
    Ok(Some(DegeneracyScores {
        input_change: INPUT_CHANGE,
        n_directions,
        r2_weights: weights.r2_linear_fit,
        rollout_r2_at_400: at(FRAMES / 2),
        rollout_r2_at_800: at(FRAMES),
    }))
}

/// Root mean square of W psi(X) of one receiver.
fn input(mechanism: &Mechanism, gram: &Mat<f64>, post: usize) -> f64 {
    let weights = mechanism.weight_matrix.row(post);
    let n = weights.len();
    let square: f64 =
        (0..n).map(|i| weights[i] * (0..n).map(|j| gram[(i, j)] * weights[j]).sum::<f64>()).sum();
    square.max(0.0).sqrt()
}

/// psi(X)'psi(X) / states.
fn gram(mechanism: &Mechanism, states: &Array2<f64>) -> Result<Mat<f64>, Error> {
    let curves = mechanism.transfer.curves()?;
    let classes = &mechanism.transfer.sender_class;
    let mut sum = SymmetricSum::new(states.ncols());
    for block in states.axis_chunks_iter(ndarray::Axis(0), CHUNK) {
        let of_state = |state: ArrayView1<'_, f64>| {
            let senders = state.into_iter().zip(classes);
            senders.map(|(&x, &class)| curves[class as usize].value(x)).collect::<Vec<f64>>()
        };
        let messages: Vec<f64> = block.rows().into_iter().flat_map(of_state).collect();
        sum.add(RowBlock::new(&messages, states.ncols())?);
    }
    let scale = 1.0 / states.nrows() as f64;
    let gram = sum.finish();
    Ok(Mat::from_fn(gram.nrows(), gram.ncols(), |row, column| scale * gram[(row, column)]))
}

/// About `wanted` frames at equal steps over the whole recording.
fn states(activity: &dyn FrameSource, wanted: usize) -> Result<Array2<f64>, Error> {
    let shape = activity.shape();
    let stride = (shape.n_trials * shape.n_frames / wanted.max(1)).max(1);
    let mut values: Vec<f64> = Vec::new();
    for trial in 0..shape.n_trials {
        for start in (0..shape.n_frames).step_by(CHUNK) {
            let end = (start + CHUNK).min(shape.n_frames);
            let mut frames = Array2::zeros((end - start, shape.n_neurons));
            activity.read_frames(trial, start..end, frames.view_mut())?;
            let first = start.next_multiple_of(stride) - start;
            if first < end - start {
                let picked: ArrayView2<'_, f32> = frames.slice(s![first..;stride, ..]);
                values.extend(picked.iter().map(|&value| f64::from(value)));
            }
        }
    }
    let n_rows = values.len() / shape.n_neurons;
    Array2::from_shape_vec((n_rows, shape.n_neurons), values).map_err(|_| Error::Mismatch {
        what: "the recording",
        given: n_rows,
        expected: shape.n_neurons,
    })
}
