//! Unseen circuits encoded and decoded, beside predictors that see the same pairs.

use serde::{Deserialize, Serialize};

use crate::data::{Relation, nullable};

/// How well held-out circuits are reconstructed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reconstruction {
    /// Each way to hold circuits out: spatially disjoint, at random.
    pub splits: Vec<ReconstructionSplit>,
    /// Observed share of edges against predicted probability.
    pub calibration: Vec<Relation>,
    /// What each latent number carries.
    pub dimensions: Vec<DimensionUse>,
    /// Remarks, such as that the code has collapsed.
    pub notes: Vec<String>,
}

/// One way to hold circuits out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReconstructionSplit {
    /// Its name, such as `spatially disjoint`.
    pub name: String,
    /// Held-out circuits.
    pub n_circuits: usize,
    /// Observed ordered pairs in them.
    pub n_pairs: usize,
    /// Share of these that are edges.
    #[serde(deserialize_with = "nullable::number")]
    pub density: f64,
    /// Neurons that occur in both training and held-out circuits.
    pub n_shared_neurons: usize,
    /// The model first, then what it is compared with.
    pub predictors: Vec<PredictorScore>,
    /// Rate of the code in nats a circuit.
    #[serde(deserialize_with = "nullable::number")]
    pub rate_nats: f64,
    /// Bits for each edge that the code saves beyond the conditions, its own rate subtracted.
    #[serde(deserialize_with = "nullable::number")]
    pub bits_per_edge: f64,
    /// Latent numbers that vary from circuit to circuit.
    pub active_units: usize,
}

/// A predictor of edges and its two scores.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PredictorScore {
    /// Its name, such as `code`, `distance only`, `boosted trees`.
    pub name: String,
    /// Area under the ROC curve.
    #[serde(deserialize_with = "nullable::number")]
    pub auroc: f64,
    /// Its interval over circuits.
    pub auroc_interval: Option<(f64, f64)>,
    /// Average precision.
    #[serde(deserialize_with = "nullable::number")]
    pub average_precision: f64,
    /// Its interval over circuits.
    pub average_precision_interval: Option<(f64, f64)>,
    /// Negative log likelihood in nats an observed pair; NaN where the predictor gives no probability.
    #[serde(deserialize_with = "nullable::number")]
    pub nats_per_pair: f64,
}

/// What one latent number carries.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DimensionUse {
    /// Which one, from 0.
    pub dimension: usize,
    /// Its rate in nats.
    #[serde(deserialize_with = "nullable::number")]
    pub rate_nats: f64,
    /// Variance of its mean over circuits.
    #[serde(deserialize_with = "nullable::number")]
    pub variance: f64,
}
