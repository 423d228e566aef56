//! What a code carries against its size and the weight of its rate.

use serde::{Deserialize, Serialize};

use crate::data::nullable;

/// Models that differ in the number of latents, and models that differ in beta.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Capacity {
    /// One model a number of latents.
    pub by_latents: Vec<CapacityPoint>,
    /// One model a beta.
    pub by_beta: Vec<CapacityPoint>,
}

/// One trained model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CapacityPoint {
    /// Number of latents, or beta.
    #[serde(deserialize_with = "nullable::number")]
    pub at: f64,
    /// AUROC of held-out circuits.
    #[serde(deserialize_with = "nullable::number")]
    pub auroc: f64,
    /// The same with every code replaced by the prior mean.
    #[serde(deserialize_with = "nullable::number")]
    pub auroc_without_code: f64,
    /// Average precision of held-out circuits.
    #[serde(deserialize_with = "nullable::number")]
    pub average_precision: f64,
    /// The same without a code.
    #[serde(deserialize_with = "nullable::number")]
    pub average_precision_without_code: f64,
    /// Rate in nats a circuit.
    #[serde(deserialize_with = "nullable::number")]
    pub rate_nats: f64,
    /// Bits an edge beyond the conditions, the rate subtracted.
    #[serde(deserialize_with = "nullable::number")]
    pub bits_per_edge: f64,
    /// Latent numbers that vary.
    pub active_units: usize,
}
