//! The fitted mechanism: wiring, functions, types, and what the recording could not tell.

mod dynamics;
mod tensors;
mod transfer;
mod update;

use ndarray::Array2;
use neuroloom_core::NeuronId;
use serde::{Deserialize, Serialize};

pub use self::dynamics::Dynamics;
pub use self::transfer::{TransferFunction, TransferFunctions, TransferKind};
pub use self::update::{KnotSpacing, UpdateCurve, UpdateFunctions};
use super::{Target, UpdateChoice};
use crate::Error;
pub use crate::Tensors;

/// Types found by clustering the update functions.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuronTypes {
    /// Type of each neuron, numbered by first appearance; `u32::MAX` for a neuron that is left out.
    pub label: Vec<u32>,
    /// Number of types; 1 when no grouping is supported (silhouette below 0.25).
    pub n_types: usize,
    /// Mean silhouette of the chosen grouping, -1 to 1; above 0.7 is strong, below 0.25 is none.
    pub silhouette: f64,
    /// Mean silhouette for each k tried.
    pub silhouette_by_k: Vec<(usize, f64)>,
    /// First two principal components of the profiles, `[neuron, 2]`, for display.
    pub embedding: Array2<f64>,
    /// Activity at which the profiles are sampled.
    pub grid: Vec<f64>,
    /// phi_i on the grid minus its value at 0 (or at the grid point nearest to 0), `[neuron, grid]`.
    pub profile: Array2<f64>,
}

/// Omega_i(t): what scales the recurrent sum of each neuron; piecewise constant in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Modulation {
    /// `[slice, neuron]`; 1 for a neuron that is not modulated.
    pub values: Array2<f64>,
    /// Frames that the slices are spread over.
    pub n_frames: usize,
}

impl Modulation {
    /// The slice in force at a frame: floor(slices frame / n_frames), the last one afterwards.
    pub fn slice_at(&self, frame: usize) -> usize {
        let slices = self.values.nrows();
        (slices * frame / self.n_frames.max(1)).min(slices.saturating_sub(1))
    }
}

/// What the recording determines and what it does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identifiability {
    /// Singular values of psi(X) / sqrt(equations), descending.
    pub singular_values: Vec<f64>,
    /// Largest over smallest singular value.
    pub condition_number: f64,
    /// Senders whose outgoing weights this recording does not determine.
    pub weak_senders: Vec<usize>,
    /// Median over receivers of standard error / rms weight, one a sender.
    pub sender_error: Vec<f64>,
    /// Neurons left out because they are constant or mostly missing.
    pub excluded: Vec<usize>,
}

/// How the fit came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitSummary {
    /// How dx/dt was read off.
    pub target: Target,
    /// Whether each neuron has a phi of its own.
    #[serde(default)]
    pub update: UpdateChoice,
    /// Equations used for the final weights.
    pub n_equations: usize,
    /// Equations that the recording offers.
    pub n_available: usize,
    /// Ridge on W relative to the mean eigenvalue of psi(X)'psi(X).
    pub ridge: f64,
    /// Penalty on phi relative to its own data, 0 when the recording determines it.
    pub update_penalty: f64,
    /// Width of the bounded function that psi started from.
    pub start_width: f64,
    /// Accepted Levenberg-Marquardt steps of psi.
    pub transfer_steps: usize,
    /// 1 - R2 of the targets on the fitted equations.
    pub residual_fraction: f64,
    /// Standard deviation of all activity.
    pub activity_std: f64,
    /// Choices made for the user, one sentence each.
    pub notes: Vec<String>,
}

/// A mechanism fitted to a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Mechanism {
    /// One id a neuron.
    pub neuron_ids: Vec<NeuronId>,
    /// Seconds between two frames.
    pub dt_s: f64,
    /// `W[post, pre]`, zero diagonal, in units of drift (activity per second).
    pub weight_matrix: Array2<f64>,
    /// Standard error of each weight, `[post, pre]`; infinite where there is no information.
    pub standard_error: Array2<f64>,
    /// psi, one function or one for each pair of classes.
    pub transfer: TransferFunctions,
    /// phi.
    pub update: UpdateFunctions,
    /// Omega, where the recurrent sum of some neurons is scaled from outside.
    pub modulation: Option<Modulation>,
    /// Types.
    pub types: NeuronTypes,
    /// What is determined.
    pub identifiability: Identifiability,
    /// How the fit came about.
    pub fit: FitSummary,
}

impl Mechanism {
    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.neuron_ids.len()
    }

    /// Whether a neuron is left out of the fit.
    pub fn is_excluded(&self, neuron: usize) -> bool {
        self.identifiability.excluded.contains(&neuron)
    }

    /// phi of one neuron.
    ///
    /// # Errors
    /// [`Error::Analysis`] if a spline is malformed.
    pub fn update_curve(&self, neuron: usize) -> Result<UpdateCurve, Error> {
        self.update.curve(neuron, &self.transfer)
    }
}
