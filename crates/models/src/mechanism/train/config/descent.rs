//! How the loss is minimised.

use serde::{Deserialize, Serialize};

use super::{check_counts, check_numbers};
use crate::Error;

/// How learning rates move over the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// They stay: the published code.
    Constant,
    /// They fall along half a cosine to a hundredth.
    #[default]
    Cosine,
}

/// How W follows its gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightStep {
    /// Adam, as published.
    #[default]
    Adam,
}

/// Adam (Kingma and Ba 2015) with one learning rate a group of parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct DescentConfig {
    /// Frames a step.
    pub batch: usize,
    /// Epochs.
    pub epochs: usize,
    /// Steps an epoch.
    pub steps_per_epoch: usize,
    /// Learning rate of W.
    pub rate_weights: f64,
    /// Learning rate of phi and psi.
    pub rate_functions: f64,
    /// Learning rate of the embeddings.
    pub rate_embedding: f64,
    /// Learning rate of the external field.
    pub rate_field: f64,
    /// How the rates move over the run.
    pub decay: Decay,
    /// How W follows its gradient.
    pub weight_step: WeightStep,
    /// Standard deviation of the random W; absent = 1 / sqrt(neurons).
    pub weight_start: Option<f64>,
    /// Forget the moments of Adam after so many epochs; 0 = never.
    pub forget_every: usize,
}

/// The clustering step: neurons whose phi has the same shape get the same embedding.
///
/// Profiles of phi are clustered by k-means, k by silhouette; embeddings become the medians of their clusters
/// and phi is drawn to the median profile of each. True types are never looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ClusteringConfig {
    /// Cluster after every so many epochs, except the last of them; 0 = never.
    pub every: usize,
    /// Most clusters looked for.
    pub max_types: usize,
    /// Steps in which phi is drawn to the median profiles.
    pub steps: usize,
    /// What happens to the embeddings after the first clustering step.
    pub after: AfterClustering,
}

/// What happens to the embeddings after a clustering step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterClustering {
    /// They and psi rest for one epoch, then each neuron goes its own way: the published code.
    #[default]
    Rest,
    /// Neurons of a cluster share one embedding that goes on learning.
    Tied,
}

impl Default for DescentConfig {
    fn default() -> Self {
        Self {
            batch: 16,
            epochs: 10,
            steps_per_epoch: 1000,
            rate_weights: 1e-3,
            rate_functions: 5e-4,
            rate_embedding: 7.5e-4,
            rate_field: 1e-5,
            decay: Decay::Cosine,
            weight_step: WeightStep::Adam,
            weight_start: None,
            forget_every: 0,
        }
    }
}

impl Default for ClusteringConfig {
    fn default() -> Self {
        Self { every: 0, max_types: 48, steps: 20, after: AfterClustering::Rest }
    }
}

impl DescentConfig {
    /// The published settings of the baseline experiment.
    pub fn published() -> Self {
        Self {
            batch: 8,
            epochs: 10,
            steps_per_epoch: 125_000,
            decay: Decay::Constant,
            weight_start: Some(1.0),
            forget_every: 1,
            ..Self::default()
        }
    }

    /// All steps of the run.
    pub fn n_steps(&self) -> usize {
        self.epochs * self.steps_per_epoch
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        check_counts(&[
            ("descent.batch", self.batch, 1, 65_536),
            ("descent.epochs", self.epochs, 1, 1_000_000),
            ("descent.steps-per-epoch", self.steps_per_epoch, 1, 1_000_000_000),
        ])?;
        check_numbers(&[
            ("descent.rate-weights", self.rate_weights),
            ("descent.rate-functions", self.rate_functions),
            ("descent.rate-embedding", self.rate_embedding),
            ("descent.rate-field", self.rate_field),
            ("descent.weight-start", self.weight_start.unwrap_or(0.0)),
        ])
    }
}

impl ClusteringConfig {
    /// The published settings of the baseline experiment.
    pub fn published() -> Self {
        Self { every: 4, ..Self::default() }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        check_counts(&[
            ("clustering.max-types", self.max_types, 2, 512),
            ("clustering.steps", self.steps, 0, 100_000),
        ])
    }
}
