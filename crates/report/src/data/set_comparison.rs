//! Two sets of circuits.

use serde::{Deserialize, Serialize};

use super::{Trace, nullable};

/// How sets of circuits differ from a reference set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetReport {
    /// What everything is compared with.
    pub reference: String,
    /// Circuits of the reference.
    pub n_reference: usize,
    /// The sets that are compared with it.
    pub columns: Vec<String>,
    /// Circuits of each.
    pub n_circuits: Vec<usize>,
    /// Discrepancies and the classifier, 0 to 1.
    pub scores: Vec<ScoreRow>,
    /// Squared MMD by descriptor, with the published kernels and their directed twins.
    pub mmd: Vec<ScoreRow>,
    /// Squared MMD by descriptor, adaptive Gaussian kernel.
    pub rbf_mmd: Vec<ScoreRow>,
    /// Jensen-Shannon distance by descriptor.
    pub jensen_shannon: Vec<ScoreRow>,
    /// Kolmogorov-Smirnov distance by metric.
    pub metric_ks: Vec<ScoreRow>,
    /// By types and distances.
    pub attributes: Vec<ScoreRow>,
    /// Distributions of the metrics.
    pub histograms: Vec<SetHistogram>,
}

/// One score of every set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScoreRow {
    /// Its name.
    pub name: String,
    /// As many values as sets.
    #[serde(deserialize_with = "nullable::list")]
    pub values: Vec<f64>,
}

/// Distribution of one metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetHistogram {
    /// Name of the metric.
    pub name: String,
    /// Edges of the bins, one more than shares.
    #[serde(deserialize_with = "nullable::list")]
    pub edges: Vec<f64>,
    /// Share of circuits of each set by bin, the reference first.
    pub series: Vec<Trace>,
}

impl SetHistogram {
    /// Its name as part of a file name.
    pub(crate) fn stem(&self) -> String {
        self.name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
    }
}
