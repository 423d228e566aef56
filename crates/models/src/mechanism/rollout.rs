//! The model run forward by itself.

use ndarray::{Array1, Array2};

use super::Mechanism;
use crate::Error;

/// Follows the model by Euler steps of the recording's `dt_s`: row 0 is `start`, `n_frames` rows follow.
///
/// x(t + dt) = x(t) + dt (phi(x) + Omega(t) W psi(x)), Omega as in the first frames of the recording, 1 where
/// there is none.
///
/// # Shapes
/// `start`: one value a neuron; result `[n_frames + 1, neuron]`.
///
/// # Errors
/// [`Error::Mismatch`] if `start` has another number of neurons.
pub fn rollout(mechanism: &Mechanism, start: &[f64], n_frames: usize) -> Result<Array2<f64>, Error> {
    let n = mechanism.n_neurons();
    if start.len() != n {
        return Err(Error::Mismatch { what: "the start of a rollout", given: start.len(), expected: n });
    }
    let dynamics = mechanism.dynamics()?;
    let mut frames = Array2::zeros((n_frames + 1, n));
    let mut x = Array1::from(start.to_vec());
    let mut drift = Array1::zeros(n);
    frames.row_mut(0).assign(&x);
    for frame in 1..=n_frames {
        dynamics.drift_at(&x, frame - 1, drift.view_mut());
        x.scaled_add(mechanism.dt_s, &drift);
        frames.row_mut(frame).assign(&x);
    }
    Ok(frames)
}
