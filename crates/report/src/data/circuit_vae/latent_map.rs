//! The codes as a map.

use serde::{Deserialize, Serialize};

use crate::data::nullable;

/// Codes placed in two dimensions, coloured by metrics.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LatentMap {
    /// How the places were found, such as `t-SNE, perplexity 30`.
    pub method: String,
    /// Place of each circuit.
    #[serde(deserialize_with = "nullable::pairs")]
    pub points: Vec<(f64, f64)>,
    /// One panel each.
    pub colourings: Vec<MapColouring>,
}

/// The map coloured by one metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MapColouring {
    /// The metric.
    pub name: String,
    /// Quantile bin of each circuit, from 0.
    pub bin: Vec<usize>,
    /// Values between the bins, one more than bins.
    #[serde(deserialize_with = "nullable::list")]
    pub edges: Vec<f64>,
    /// Direction in which the metric grows on the map.
    pub line: Option<DisplayLine>,
}

/// A regression on the coordinates of the map: for display only.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DisplayLine {
    /// Direction on the map in which the metric grows.
    pub direction: (f64, f64),
    /// R² of the regression on the two coordinates.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_map: f64,
    /// Cross-validated R² of the direction in the latent space itself.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_latent: f64,
}
