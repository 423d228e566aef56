//! What each latent number does to a metric.

use serde::{Deserialize, Serialize};

use crate::data::nullable;

/// SHAP values of a regressor of one metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Attribution {
    /// The metric.
    pub metric: String,
    /// The regressor that is explained, such as `boosted trees`.
    pub model: String,
    /// Its cross-validated R².
    #[serde(deserialize_with = "nullable::number")]
    pub r2: f64,
    /// Cross-validated R² from the numbers of neurons and edges alone.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_size: f64,
    /// Number of latent numbers.
    pub n_dimensions: usize,
    /// How many of them the metric is effectively spread over: (sum m)² / sum m² of mean absolute SHAP values m.
    #[serde(deserialize_with = "nullable::number")]
    pub participation: f64,
    /// Largest distance between the sum of SHAP values and the prediction.
    #[serde(deserialize_with = "nullable::number")]
    pub additivity_error: f64,
    /// The strongest latent numbers, strongest first.
    pub rows: Vec<SwarmRow>,
}

/// One latent number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmRow {
    /// Its name, such as `z7`.
    pub name: String,
    /// SHAP value in each circuit.
    #[serde(deserialize_with = "nullable::list")]
    pub shap: Vec<f64>,
    /// Value of the latent number in each circuit.
    #[serde(deserialize_with = "nullable::list")]
    pub value: Vec<f64>,
    /// Mean absolute SHAP value over all circuits.
    #[serde(deserialize_with = "nullable::number")]
    pub mean_absolute: f64,
}
