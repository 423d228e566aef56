//! Neuron types.

use serde::{Deserialize, Serialize};

use super::nullable;

/// Types found by clustering the function profiles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CellTypes {
    /// Name of each found type.
    pub names: Vec<String>,
    /// Type of each neuron, a position in `names`.
    pub labels: Vec<usize>,
    /// Each neuron in two dimensions `[neuron] = (first, second)`, such as the first two principal components.
    #[serde(deserialize_with = "nullable::pairs")]
    pub embedding: Vec<(f64, f64)>,
    /// What the two axes are, such as `PC 1 (83 % of variance)`.
    pub axis_names: (String, String),
    /// Mean silhouette for each number of types tried.
    pub silhouette: Vec<SilhouettePoint>,
    /// Found types against the true or the given ones.
    pub contingency: Option<Contingency>,
    /// Accuracy under the best matching of labels.
    pub accuracy: Option<f64>,
    /// Adjusted Rand index.
    pub adjusted_rand_index: Option<f64>,
}

/// Mean silhouette for one number of types.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SilhouettePoint {
    /// Number of types.
    pub k: usize,
    /// Mean silhouette, -1 to 1.
    #[serde(deserialize_with = "nullable::number")]
    pub score: f64,
}

/// Counts of neurons by found type and reference type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contingency {
    /// What the columns are: `true type` or `given cell type`.
    pub reference: String,
    /// Names of the rows (found types).
    pub row_names: Vec<String>,
    /// Names of the columns (reference types).
    pub column_names: Vec<String>,
    /// Number of neurons `[row][column]`.
    pub counts: Vec<Vec<usize>>,
}
