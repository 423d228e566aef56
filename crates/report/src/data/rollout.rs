//! Free running of the model against the truth.

use serde::{Deserialize, Serialize};

use super::{Density, nullable};

/// The model and the true system run freely from the same unseen start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rollout {
    /// Time between frames, in seconds.
    #[serde(deserialize_with = "nullable::number")]
    pub dt_s: f64,
    /// Unit of the activity.
    pub unit: String,
    /// Frames at which `r2` and `slope` were measured.
    #[serde(deserialize_with = "nullable::list")]
    pub frames: Vec<f64>,
    /// R² over neurons at each frame.
    #[serde(deserialize_with = "nullable::list")]
    pub r2: Vec<f64>,
    /// Slope of model against truth over neurons at each frame.
    #[serde(deserialize_with = "nullable::list")]
    pub slope: Vec<f64>,
    /// Published numbers to draw beside the curve.
    pub published: Vec<PublishedScore>,
    /// Model against truth at a few frames.
    pub scatters: Vec<RolloutScatter>,
    /// Time of the samples of `traces`, in seconds from the start.
    #[serde(deserialize_with = "nullable::list")]
    pub trace_time_s: Vec<f64>,
    /// A few neurons, truth and model.
    pub traces: Vec<TracePair>,
}

/// A number from the literature.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedScore {
    /// Source, such as `Allier et al. 2026`.
    pub label: String,
    /// Frame it holds for.
    #[serde(deserialize_with = "nullable::number")]
    pub frame: f64,
    /// Its R².
    #[serde(deserialize_with = "nullable::number")]
    pub r2: f64,
}

/// Model against truth at one frame, one pair a neuron.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RolloutScatter {
    /// Frames since the start.
    pub frame: usize,
    /// The pairs; used where there are at most 3000, else `density`.
    #[serde(deserialize_with = "nullable::pairs")]
    pub pairs: Vec<(f64, f64)>,
    /// The counted pairs, for many neurons; its slope and R² are printed in both cases.
    pub density: Density,
}

/// One neuron, recorded (or true) and modelled.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TracePair {
    /// Name of the neuron.
    pub name: String,
    /// Recorded or true activity.
    #[serde(deserialize_with = "nullable::list")]
    pub truth: Vec<f64>,
    /// Activity of the model.
    #[serde(deserialize_with = "nullable::list")]
    pub model: Vec<f64>,
}
