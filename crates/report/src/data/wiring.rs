//! Comparison with a given connectome.

use serde::{Deserialize, Serialize};

use super::nullable;

/// Learned weights scored against known connections.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WiringComparison {
    /// How neurons were matched and which were left out, one sentence.
    pub matching: String,
    /// One entry a reference, such as chemical synapses, gap junctions, functional atlas.
    pub references: Vec<WiringReference>,
}

/// One known set of connections.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WiringReference {
    /// Its name.
    pub name: String,
    /// Number of ordered pairs of neurons that were compared.
    pub n_pairs: usize,
    /// Number of them that are connected.
    pub n_connected: usize,
    /// Scores, the model first, then the baselines, chance last.
    pub scores: Vec<WiringScore>,
}

/// Scores of one method against one reference.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WiringScore {
    /// Name of the method, such as `model`, `correlation`, `partial correlation`, `chance`.
    pub method: String,
    /// Area under the ROC curve; chance is 0.5.
    #[serde(deserialize_with = "nullable::number")]
    pub auroc: f64,
    /// Its confidence interval.
    pub auroc_interval: Option<(f64, f64)>,
    /// Average precision; chance is the fraction of connected pairs.
    #[serde(deserialize_with = "nullable::number")]
    pub average_precision: f64,
    /// Its confidence interval.
    pub average_precision_interval: Option<(f64, f64)>,
}
