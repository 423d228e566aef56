//! The learned wiring.

use serde::{Deserialize, Serialize};

use super::{Density, Group, Histogram, nullable};

/// The learned wiring, against the truth where it is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Connectivity {
    /// Number of neurons, the side of every matrix before it was reduced.
    pub n_neurons: usize,
    /// Unit of the weights, such as `1/s`; may be empty.
    pub unit: String,
    /// Learned against true, where the truth is known.
    pub density: Option<Density>,
    /// Matrices side by side: learned, true, standard error.
    pub matrices: Vec<MatrixPanel>,
    /// Consecutive groups of neurons along both sides of every matrix; may be empty.
    pub groups: Vec<Group>,
    /// How the neurons are ordered, such as `by learned type`.
    pub order: String,
    /// Histogram of the weights; series such as `learned`, `true`.
    pub weights: Option<Histogram>,
    /// Singular values of psi(X) / sqrt(T), largest first (or any falling subset, see `singular_ranks`).
    #[serde(deserialize_with = "nullable::list")]
    pub singular_values: Vec<f64>,
    /// Rank of each singular value from 1; empty means 1, 2, 3 ...
    pub singular_ranks: Vec<usize>,
    /// A level below which directions are lost in the noise, drawn as a line.
    pub singular_floor: Option<f64>,
    /// Senders whose outgoing weights this recording does not determine.
    pub weak_senders: Vec<WeakSender>,
    /// Coverage of the confidence intervals, where the truth is known.
    pub coverage: Vec<Coverage>,
}

/// One matrix, reduced by the caller to at most about 300 x 300.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MatrixPanel {
    /// What it is, such as `learned`.
    pub name: String,
    /// Values `[post][pre]`; row 0 on top.
    #[serde(deserialize_with = "nullable::grid")]
    pub values: Vec<Vec<f64>>,
    /// Kind of colours. Panels of signed values share one colour range.
    pub tone: Tone,
}

/// Kind of colours of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Blue below zero, red above, neutral at zero.
    #[default]
    Signed,
    /// From the colour of the page at the smallest value to a strong colour at the largest.
    Positive,
}

/// A sender that the recording hardly determines.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WeakSender {
    /// Name of the neuron.
    pub name: String,
    /// Standard deviation of its psi(x) that no other neuron explains.
    #[serde(deserialize_with = "nullable::number")]
    pub signal: f64,
    /// Median standard error of its outgoing weights.
    #[serde(deserialize_with = "nullable::number")]
    pub standard_error: f64,
}

/// How often a confidence interval holds the true weight.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Coverage {
    /// What the interval promises, between 0 and 1.
    #[serde(deserialize_with = "nullable::number")]
    pub nominal: f64,
    /// The fraction of edges whose interval holds the truth.
    #[serde(deserialize_with = "nullable::number")]
    pub observed: f64,
}
