//! Linear directions of metrics in the latent space.

use serde::{Deserialize, Serialize};

use crate::data::{Relation, nullable};

/// How linearly the code carries each metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Directions {
    /// One row a metric.
    pub rows: Vec<DirectionRow>,
    /// Cosine between the directions of the rows.
    #[serde(deserialize_with = "nullable::grid")]
    pub cosine: Vec<Vec<f64>>,
    /// What circuits measure when the code moves along the direction of a metric: (standard deviations, value).
    pub traversals: Vec<Relation>,
    /// Circuits that the regressions were fitted to.
    pub n_circuits: usize,
    /// Shuffles behind each p-value.
    pub n_permutations: usize,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectionRow {
    /// Its name.
    pub name: String,
    /// Cross-validated R² from the code.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_code: f64,
    /// R² on regions that were held out as a whole; NaN where there are none.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_held_out: f64,
    /// Cross-validated R² from the numbers of neurons and edges alone.
    #[serde(deserialize_with = "nullable::number")]
    pub r2_size: f64,
    /// Rank correlation of predicted and measured.
    #[serde(deserialize_with = "nullable::number")]
    pub spearman: f64,
    /// Permutation p-value.
    #[serde(deserialize_with = "nullable::number")]
    pub p_value: f64,
}
