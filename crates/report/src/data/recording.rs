//! What was recorded.

use serde::{Deserialize, Serialize};

use super::nullable;

/// The recording at a glance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Recording {
    /// File or data set it came from.
    pub source: String,
    /// Number of trials.
    pub n_trials: usize,
    /// Number of frames of all trials together.
    pub n_frames: usize,
    /// Number of neurons.
    pub n_neurons: usize,
    /// Time between frames, in seconds.
    #[serde(deserialize_with = "nullable::number")]
    pub dt_s: f64,
    /// Unit of the activity, such as `ΔF/F`, `z-score`, `a.u.`.
    pub unit: String,
    /// Fraction of values that are missing.
    #[serde(deserialize_with = "nullable::number")]
    pub missing_fraction: f64,
    /// Activity `[neuron][time]`, averaged in blocks by the caller to at most about 300 x 400.
    #[serde(deserialize_with = "nullable::grid")]
    pub activity: Vec<Vec<f64>>,
    /// Time of the left and right edge of `activity`, in seconds.
    pub activity_span_s: (f64, f64),
    /// How the neurons are ordered from top to bottom, such as `by type`.
    pub order: String,
    /// Consecutive groups of neurons along `activity`, sizes in neurons; may be empty.
    pub groups: Vec<Group>,
    /// Time of the samples of `traces`, in seconds.
    #[serde(deserialize_with = "nullable::list")]
    pub trace_time_s: Vec<f64>,
    /// About a dozen example neurons.
    pub traces: Vec<Trace>,
}

/// Neurons that stand next to each other and belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Name of the group, such as `type 1`.
    pub name: String,
    /// Number of neurons in it.
    pub size: usize,
}

/// Activity of one neuron.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// Name of the neuron.
    pub name: String,
    /// Its activity, as long as the time beside it.
    #[serde(deserialize_with = "nullable::list")]
    pub values: Vec<f64>,
}
