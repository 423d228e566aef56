//! Statistics of a wiring diagram, beside null models.

use serde::{Deserialize, Serialize};

use super::nullable;

/// What a wiring diagram measures, and what random ones do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GraphStatistics {
    /// What is meant: neurons, edges, which of them could be observed.
    pub lead: String,
    /// All single numbers by topic.
    pub topics: Vec<GraphTopic>,
    /// Null models, the ones that keep least first.
    pub nulls: Vec<NullModelResult>,
    /// Names of the numbers whose null distributions are drawn.
    pub drawn: Vec<String>,
    /// Share of neurons with at least so many edges, for in- and out-degree.
    pub degrees: Vec<Relation>,
    /// Connection probability against distance in micrometres.
    pub distance: Vec<Relation>,
    /// Connection probability against the number of common neighbours.
    pub common_neighbours: Vec<Relation>,
    /// Connection probability by cell type.
    pub type_mixing: Option<TypeDensity>,
}

/// Numbers about one thing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GraphTopic {
    /// What it is: `degree`, `paths`.
    pub name: String,
    /// Names and values.
    pub numbers: Vec<GraphNumber>,
}

/// A named number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GraphNumber {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(deserialize_with = "nullable::number")]
    pub value: f64,
}

/// One null model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NullModelResult {
    /// Its name.
    pub name: String,
    /// What its samples keep.
    pub keeps: String,
    /// Number of samples.
    pub n_samples: usize,
    /// One row a number.
    pub rows: Vec<NullNumber>,
}

/// A number beside its null distribution.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NullNumber {
    /// Its name.
    pub name: String,
    /// Of the graph itself.
    #[serde(deserialize_with = "nullable::number")]
    pub observed: f64,
    /// Mean of the samples.
    #[serde(deserialize_with = "nullable::number")]
    pub mean: f64,
    /// Their standard deviation.
    #[serde(deserialize_with = "nullable::number")]
    pub sd: f64,
    /// Distance in standard deviations; NaN where the model never varies.
    #[serde(deserialize_with = "nullable::number")]
    pub z_score: f64,
    /// Two-sided rank p-value.
    #[serde(deserialize_with = "nullable::number")]
    pub p_value: f64,
    /// Of every sample.
    #[serde(deserialize_with = "nullable::list")]
    pub values: Vec<f64>,
}

/// One curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Relation {
    /// What it is, for the legend.
    pub name: String,
    /// Positions along x.
    #[serde(deserialize_with = "nullable::list")]
    pub x: Vec<f64>,
    /// Values, as many.
    #[serde(deserialize_with = "nullable::list")]
    pub y: Vec<f64>,
}

/// Connection probability by type of sender and receiver.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypeDensity {
    /// The types.
    pub types: Vec<String>,
    /// Probability `[pre][post]`.
    #[serde(deserialize_with = "nullable::grid")]
    pub density: Vec<Vec<f64>>,
}
