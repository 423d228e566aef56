//! Counted pairs and counted values.

use serde::{Deserialize, Serialize};

use super::nullable;

/// A two-dimensional histogram of pairs, true on x and learned on y, with its fitted line.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Density {
    /// Edges of the bins along x, one more than columns of `counts`; evenly spaced.
    #[serde(deserialize_with = "nullable::list")]
    pub x_edges: Vec<f64>,
    /// Edges of the bins along y, one more than rows of `counts`; evenly spaced.
    #[serde(deserialize_with = "nullable::list")]
    pub y_edges: Vec<f64>,
    /// Counts `[y][x]`; row 0 is the lowest y.
    #[serde(deserialize_with = "nullable::grid")]
    pub counts: Vec<Vec<f64>>,
    /// Number of pairs, also those outside of the bins.
    pub n_pairs: usize,
    /// Slope of the least-squares line y = slope x + intercept.
    pub slope: Option<f64>,
    /// Its intercept.
    pub intercept: Option<f64>,
    /// R² of that line.
    pub r2_linear_fit: Option<f64>,
    /// R² of y = x.
    pub r2_identity: Option<f64>,
}

/// Counted values, one or more series over the same bins.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Histogram {
    /// Edges of the bins, one more than counts.
    #[serde(deserialize_with = "nullable::list")]
    pub edges: Vec<f64>,
    /// Counts of each series; the name is shown in the legend.
    pub series: Vec<super::Trace>,
}
