//! How the loss of a trained model went.

use serde::{Deserialize, Serialize};

use super::nullable;

/// The loss over the steps of gradient descent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Training {
    /// Steps done at each point.
    #[serde(deserialize_with = "nullable::list")]
    pub step: Vec<f64>,
    /// Loss on the training frames; its unit depends on the settings.
    #[serde(deserialize_with = "nullable::list")]
    pub loss: Vec<f64>,
    /// Residual variance on held-out frames as a share of the variance of dx/dt; 1 is as good as the mean.
    #[serde(deserialize_with = "nullable::list")]
    pub held_out: Vec<f64>,
    /// What happened on the way.
    pub notes: Vec<String>,
}
