//! Settings of the model.

mod training;

use serde::{Deserialize, Serialize};

pub use training::{Rotation, TrainingConfig};

use crate::Error;

/// What the decoder is told and what it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Slots in a canonical order: it makes cell types, then dyads, from the code alone.
    Slots,
    /// It is told cell types and positions, makes dyads, and treats all neurons alike: any number, in any order.
    #[default]
    Conditional,
}

/// What is learned of the numbers of synapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strengths {
    /// Nothing: an edge is there or not.
    #[default]
    Ignored,
    /// A geometric distribution of the number of synapses of each edge.
    Counted,
}

/// Settings of [`train`](super::train()).
///
/// # Examples
/// ```
/// use neuroloom_models::circuit_vae::CircuitVaeConfig;
/// let config = CircuitVaeConfig { latent: 8, ..CircuitVaeConfig::default() };
/// assert!(config.check().is_ok());
/// assert!(CircuitVaeConfig { latent: 0, ..config }.check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CircuitVaeConfig {
    /// What the decoder is told and what it makes.
    pub form: Form,
    /// Numbers in a code (the published analysis has 32).
    pub latent: usize,
    /// Units a neuron in encoder and decoder, a multiple of 16.
    pub width: usize,
    /// Units a pair of neurons in each of two layers, a multiple of 16.
    pub pair_width: usize,
    /// Numbers in the vectors whose product is part of the log odds of an edge, a multiple of 16.
    pub rank: usize,
    /// Message-passing layers of the encoder.
    pub message_layers: usize,
    /// Most neurons of a circuit of the form `slots`.
    pub slots: usize,
    /// What is learned of the numbers of synapses.
    pub strengths: Strengths,
    /// How it is trained.
    pub training: TrainingConfig,
}

impl Default for CircuitVaeConfig {
    fn default() -> Self {
        Self {
            form: Form::Conditional,
            latent: 32,
            width: 64,
            pair_width: 32,
            rank: 16,
            message_layers: 3,
            slots: 100,
            strengths: Strengths::Ignored,
            training: TrainingConfig::default(),
        }
    }
}

impl CircuitVaeConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        check_counts(&[
            ("latent", self.latent, 1, 512),
            ("message-layers", self.message_layers, 1, 8),
            ("slots", self.slots, 2, 2000),
        ])?;
        let widths = [("width", self.width), ("pair-width", self.pair_width), ("rank", self.rank)];
        for (key, given) in widths {
            if given == 0 || given > 512 || !given.is_multiple_of(16) {
                let allowed = "a multiple of 16, at most 512".to_owned();
                return Err(Error::Config { key, given: given.to_string(), allowed });
            }
        }
        self.training.check()
    }
}

/// Refuses the first count outside its range.
fn check_counts(ranges: &[(&'static str, usize, usize, usize)]) -> Result<(), Error> {
    match ranges.iter().find(|(_, given, least, most)| !(least..=most).contains(&given)) {
        Some(&(key, given, least, most)) => {
            Err(Error::Config { key, given: given.to_string(), allowed: format!("{least} to {most}") })
        }
        None => Ok(()),
    }
}
