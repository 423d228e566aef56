//! Settings of the descent.

use serde::{Deserialize, Serialize};

use super::check_counts;
use crate::Error;

/// How circuits are turned before each step, so that a direction of space that means nothing is not learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// Not at all.
    None,
    /// By a random angle around the depth axis y, and mirrored or not.
    #[default]
    Lateral,
}

/// Settings of the descent: AdamW with a cosine schedule, on the evidence lower bound.
///
/// loss = (-ln p(circuit | z) + beta(t) sum_k KL_k) / observed pairs; beta rises linearly over the warm-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TrainingConfig {
    /// Passes over the training circuits, at most.
    pub epochs: usize,
    /// Circuits of a step.
    pub batch: usize,
    /// Learning rate at its highest.
    pub learning_rate: f64,
    /// Learning rate at the end, as a share of the highest.
    pub final_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest norm of the gradient of a step.
    pub clip: f64,
    /// Weight of the KL divergence after the warm-up; 1 is the evidence lower bound, below 1 codes carry more nats
    /// than they repay, and `evaluate` says by how much.
    pub beta: f64,
    /// Share of all steps over which beta rises from 0.
    pub warm_up: f64,
    /// Nats a latent number may carry (on average over a batch) before it is charged for.
    pub free_bits: f64,
    /// Weight of telling, by a linear reading of the code, twelve numbers that are counted of a circuit (density, mutual
    /// pairs, unevenness of degrees, reach of edges, ...): each counts like an observation whose variance is that over
    /// training circuits divided by this. 0 = the evidence bound alone; what the dyads do not repay is then not kept.
    pub summary_weight: f64,
    /// Epochs without a better validation loss after which training stops; 0 = never.
    pub patience: usize,
    /// Share of neurons that are left out of a circuit in a step, at most.
    pub neuron_dropout: f64,
    /// How circuits are turned before a step.
    pub rotation: Rotation,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 30,
            batch: 8,
            learning_rate: 3e-3,
            final_rate: 0.01,
            weight_decay: 1e-4,
            clip: 1.0,
            beta: 0.3,
            warm_up: 0.2,
            free_bits: 0.02,
            summary_weight: 0.0,
            patience: 10,
            neuron_dropout: 0.3,
            rotation: Rotation::Lateral,
        }
    }
}

impl TrainingConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        check_counts(&[
            ("training.epochs", self.epochs, 1, 1_000_000),
            ("training.batch", self.batch, 1, 4096),
            ("training.patience", self.patience, 0, 1_000_000),
        ])?;
        let ranges = [
            ("training.learning-rate", self.learning_rate, 1e-8, 1.0),
            ("training.final-rate", self.final_rate, 0.0, 1.0),
            ("training.weight-decay", self.weight_decay, 0.0, 10.0),
            ("training.clip", self.clip, 1e-6, 1e6),
            ("training.beta", self.beta, 0.0, 100.0),
            ("training.warm-up", self.warm_up, 0.0, 1.0),
            ("training.free-bits", self.free_bits, 0.0, 10.0),
            ("training.summary-weight", self.summary_weight, 0.0, 1e4),
            ("training.neuron-dropout", self.neuron_dropout, 0.0, 0.9),
        ];
        match ranges.iter().find(|(_, given, least, most)| !(least..=most).contains(&given)) {
            Some(&(key, given, least, most)) => {
                Err(Error::Config { key, given: given.to_string(), allowed: format!("{least} to {most}") })
            }
            None => Ok(()),
        }
    }
}
