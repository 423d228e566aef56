//! A field from outside that scales what some neurons receive.

use serde::{Deserialize, Serialize};

use super::{Density, TracePair, nullable};

/// Omega of the neurons that are scaled from outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    /// Neurons that are scaled.
    pub n_scaled: usize,
    /// Middle of each window, in seconds.
    #[serde(deserialize_with = "nullable::list")]
    pub time_s: Vec<f64>,
    /// Omega of a few neurons: the model's, and the true one where it is known (else empty).
    pub traces: Vec<TracePair>,
    /// True and learned Omega over neurons and windows, thinned; empty where no truth is known.
    #[serde(deserialize_with = "nullable::pairs")]
    pub pairs: Vec<(f64, f64)>,
    /// Slope and R² over all neurons and windows, not over the thinned pairs alone.
    pub density: Density,
}
