//! Settings of the gradient route: plain data, checked once.
//!
//! [`TrainConfig::default`] is the published recipe with rates that fall along a cosine (not tuned further);
//! [`TrainConfig::published`] repeats Allier et al. 2026 as their code does it.

mod descent;
mod loss;

use serde::{Deserialize, Serialize};

pub use self::descent::{AfterClustering, ClusteringConfig, Decay, DescentConfig, WeightStep};
pub use self::loss::{LossConfig, LossForm, LossPhase};
use super::super::Target;
use crate::Error;

/// Where the gradient route starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// From the closed form: W as solved, the networks drawn to its phi and psi.
    #[default]
    Solve,
    /// From random networks and a random W.
    Random,
}

/// What the transfer function psi sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferInput {
    /// psi(x_j): one function for all neurons, evaluated once a neuron.
    #[default]
    Sender,
    /// psi(x_j, a_j): it depends on the sender's embedding, evaluated once a neuron.
    SenderEmbedding,
    /// psi(x_j, a_i, a_j): evaluated once for each class of receivers while embeddings are tied, else for each
    /// edge.
    PairEmbedding,
    /// psi(x_i, x_j, a_i, a_j): evaluated for each edge.
    PairActivity,
}

/// Which entries of W exist, and how they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wiring {
    /// All pairs.
    #[default]
    Dense,
    /// All pairs are stored, those absent from the given connectome stay 0.
    Masked,
    /// Only the edges of the given connectome are stored (compressed rows).
    Sparse,
}

/// Whether neurons may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbeddingMode {
    /// Each neuron learns its own embedding a_i.
    #[default]
    Learned,
    /// All embeddings stay 1: one type of neuron.
    Fixed,
}

/// Which signs W may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signs {
    /// Any.
    #[default]
    Free,
    /// All outgoing weights of a neuron have one sign (Dale); from the second epoch on, that of their sum.
    Dale,
    /// The signs of the given connectome; an edge of unknown sign is free.
    Given,
}

/// The external field Omega_i(t) as a network of sines (SIREN, Sitzmann et al. 2020) of (x, y, t); Omega is the
/// square of its output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FieldConfig {
    /// Width of its layers.
    pub width: usize,
    /// Sine layers, the first included.
    pub layers: usize,
    /// Frequency factor omega_0 of every sine.
    pub frequency: f64,
}

/// Settings of [`train`](crate::mechanism::train()).
///
/// # Examples
/// ```
/// use neuroloom_models::mechanism::{Start, TrainConfig};
/// let config = TrainConfig { start: Start::Random, ..TrainConfig::default() };
/// assert!(config.check().is_ok());
/// assert!(TrainConfig { width: 0, ..config }.check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TrainConfig {
    /// Where it starts.
    pub start: Start,
    /// How dx/dt is read off the recording; absent = as the closed form reads it.
    pub target: Option<Target>,
    /// What the transfer function psi sees.
    pub transfer_input: TransferInput,
    /// Which entries of W exist, and how they are stored.
    pub wiring: Wiring,
    /// Which signs W may have.
    pub signs: Signs,
    /// Whether neurons may differ.
    pub embedding: EmbeddingMode,
    /// Numbers in each embedding a_i.
    pub embedding_dimensions: usize,
    /// Units of the hidden layers of phi and psi.
    pub width: usize,
    /// Linear layers of phi.
    pub update_layers: usize,
    /// Linear layers of psi.
    pub transfer_layers: usize,
    /// Steps of dt that the model runs by itself before it is compared; 1 compares dx/dt.
    pub recurrent_steps: usize,
    /// The external field; absent = none.
    pub field: Option<FieldConfig>,
    /// What is minimised.
    pub loss: LossConfig,
    /// How it is minimised.
    pub descent: DescentConfig,
    /// When embeddings are replaced by those of clusters.
    pub clustering: ClusteringConfig,
}

impl Default for FieldConfig {
    fn default() -> Self {
        Self { width: 128, layers: 6, frequency: 30.0 }
    }
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            start: Start::Solve,
            target: None,
            transfer_input: TransferInput::Sender,
            wiring: Wiring::Dense,
            signs: Signs::Free,
            embedding: EmbeddingMode::Learned,
            embedding_dimensions: 2,
            width: 64,
            update_layers: 3,
            transfer_layers: 3,
            recurrent_steps: 1,
            field: None,
            loss: LossConfig::default(),
            descent: DescentConfig::default(),
            clustering: ClusteringConfig::default(),
        }
    }
}

impl TrainConfig {
    /// The baseline of Allier et al. 2026 as their code does it: random start, plain Adam with constant rates,
    /// batches of 8 frames, moments forgotten after each epoch, one clustering step.
    pub fn published() -> Self {
        Self {
            start: Start::Random,
            descent: DescentConfig::published(),
            clustering: ClusteringConfig::published(),
            ..Self::default()
        }
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        check_counts(&[
            ("embedding-dimensions", self.embedding_dimensions, 1, 7),
            ("width", self.width, 8, 256),
            ("update-layers", self.update_layers, 2, 8),
            ("transfer-layers", self.transfer_layers, 2, 8),
            ("recurrent-steps", self.recurrent_steps, 1, 1000),
        ])?;
        if let Some(field) = &self.field {
            check_counts(&[("field.width", field.width, 8, 512), ("field.layers", field.layers, 1, 12)])?;
            check_numbers(&[("field.frequency", field.frequency)])?;
        }
        if self.recurrent_steps > 1 && self.target == Some(Target::Weak) {
            return Err(Error::Config {
                key: "recurrent-steps",
                given: format!("{} with the weak form", self.recurrent_steps),
                allowed: "1, or another target: the weak form compares averages, not states".to_owned(),
            });
        }
        self.loss.check()?;
        self.descent.check()?;
        self.clustering.check()
    }
}

/// Refuses the first count outside its range.
pub(super) fn check_counts(ranges: &[(&'static str, usize, usize, usize)]) -> Result<(), Error> {
    match ranges.iter().find(|(_, given, least, most)| !(least..=most).contains(&given)) {
        Some(&(key, given, least, most)) => {
            Err(Error::Config { key, given: given.to_string(), allowed: format!("{least} to {most}") })
        }
        None => Ok(()),
    }
}

/// Refuses the first number that is negative or not finite.
pub(super) fn check_numbers(numbers: &[(&'static str, f64)]) -> Result<(), Error> {
    match numbers.iter().find(|(_, given)| !(given.is_finite() && *given >= 0.0)) {
        Some(&(key, given)) => {
            Err(Error::Config { key, given: given.to_string(), allowed: "0 or above".to_owned() })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_named() {
        let base = TrainConfig::default();
        base.check().unwrap();
        TrainConfig::published().check().unwrap();
        let bad = [
            ("width", TrainConfig { width: 1000, ..base.clone() }),
            ("transfer-layers", TrainConfig { transfer_layers: 1, ..base.clone() }),
            ("recurrent-steps", TrainConfig { recurrent_steps: 0, ..base.clone() }),
            (
                "recurrent-steps",
                TrainConfig { recurrent_steps: 2, target: Some(Target::Weak), ..base.clone() },
            ),
            (
                "loss.zeta",
                TrainConfig { loss: LossConfig { zeta: -1.0, ..base.loss.clone() }, ..base.clone() },
            ),
            (
                "descent.batch",
                TrainConfig { descent: DescentConfig { batch: 0, ..base.descent.clone() }, ..base.clone() },
            ),
        ];
        for (key, config) in bad {
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
    }
}
