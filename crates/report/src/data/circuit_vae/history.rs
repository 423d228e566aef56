//! How the training of a code went.

use serde::{Deserialize, Serialize};

use crate::data::nullable;

/// The loss of a code over the epochs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeTraining {
    /// What is counted along x, such as `epoch` or `step`.
    pub unit: String,
    /// Position of each point.
    #[serde(deserialize_with = "nullable::list")]
    pub at: Vec<f64>,
    /// Negative ELBO of the training circuits, in nats per observed pair.
    #[serde(deserialize_with = "nullable::list")]
    pub training: Vec<f64>,
    /// The same of the validation circuits; NaN where it was not measured.
    #[serde(deserialize_with = "nullable::list")]
    pub validation: Vec<f64>,
    /// Rate (KL) of the code in nats a circuit.
    #[serde(deserialize_with = "nullable::list")]
    pub rate_nats: Vec<f64>,
    /// The point whose model was kept.
    pub kept: Option<f64>,
    /// What happened on the way.
    pub notes: Vec<String>,
}
