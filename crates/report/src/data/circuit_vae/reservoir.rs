//! What circuits compute.

use serde::{Deserialize, Serialize};

use crate::data::nullable;

/// Scores of circuits as reservoirs, beside controls.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservoirResults {
    /// How circuits were driven, one or two sentences.
    pub lead: String,
    /// One panel a task.
    pub tasks: Vec<ReservoirTask>,
    /// How well scores follow from structure.
    pub predictions: Vec<ReservoirPrediction>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservoirTask {
    /// Its name and what is scored, such as `memory capacity`.
    pub name: String,
    /// What is good, such as `higher is better`.
    pub direction: String,
    /// The circuits first, then their controls.
    pub scores: Vec<ReservoirScore>,
}

/// Mean score of one kind of reservoir.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservoirScore {
    /// Which kind, such as `circuits`, `degree-preserving swaps`.
    pub name: String,
    /// Mean over circuits.
    #[serde(deserialize_with = "nullable::number")]
    pub mean: f64,
    /// Its interval over circuits.
    pub interval: Option<(f64, f64)>,
}

/// A score predicted from structure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservoirPrediction {
    /// The task.
    pub task: String,
    /// Cross-validated R² from the code.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_code: f64,
    /// From graph metrics.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_metrics: f64,
    /// From the numbers of neurons and edges alone.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_size: f64,
    /// What the literature reports, where it does.
    pub published: Option<(f64, f64)>,
}
