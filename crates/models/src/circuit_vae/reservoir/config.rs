//! Settings of a reservoir and its tasks.

use serde::{Deserialize, Serialize};

use super::wiring::{Signs, Strength};
use crate::Error;

/// What a neuron does with its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// It saturates.
    #[default]
    Tanh,
    /// It passes it on: for checks against theory.
    Linear,
}

/// Settings of a reservoir and its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ReservoirConfig {
    /// What an edge counts.
    pub strength: Strength,
    /// Whether inhibitory neurons inhibit.
    pub signs: Signs,
    /// rho: the largest modulus of an eigenvalue after scaling.
    pub spectral_radius: f64,
    /// a: how much of a state is new at each step, above 0, at most 1.
    pub leak: f64,
    /// Input weights are uniform between minus this and this.
    pub input_scale: f64,
    /// Each neuron has a constant input, uniform between minus this and this. With 0 the states are an odd function of
    /// the input, and no even function of it (parity, say) can be read out.
    pub bias_scale: f64,
    /// Cell types that get input; none given = all neurons.
    pub input_types: Vec<String>,
    /// What a neuron does with its input.
    pub activation: Activation,
    /// Steps at the beginning that are thrown away.
    pub washout: usize,
    /// Steps the readout is fitted to.
    pub train: usize,
    /// Steps the readout is scored on.
    pub test: usize,
    /// Ridge penalties tried on the last fifth of the fitted steps.
    pub penalties: Vec<f64>,
    /// Draws of input and input weights.
    pub n_seeds: usize,
}

impl Default for ReservoirConfig {
    fn default() -> Self {
        Self {
            strength: Strength::Binary,
            signs: Signs::Presynaptic,
            spectral_radius: 0.9,
            leak: 1.0,
            input_scale: 1.0,
            bias_scale: 0.2,
            input_types: Vec::new(),
            activation: Activation::Tanh,
            washout: 200,
            train: 2000,
            test: 1000,
            penalties: (-6..=-1).map(|decade| 10_f64.powi(decade)).collect(),
            n_seeds: 10,
        }
    }
}

impl ReservoirConfig {
    /// Checks every key.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first that is outside its range.
    pub fn check(&self) -> Result<(), Error> {
        let above_0 = |key, given: f64| require(key, given, given > 0.0 && given.is_finite(), "above 0");
        above_0("reservoir.spectral-radius", self.spectral_radius)?;
        above_0("reservoir.input-scale", self.input_scale)?;
        let bias = self.bias_scale;
        require("reservoir.bias-scale", bias, bias >= 0.0 && bias.is_finite(), "0 or more")?;
        require("reservoir.leak", self.leak, self.leak > 0.0 && self.leak <= 1.0, "above 0, at most 1")?;
        for (key, given, fewest) in [
            ("reservoir.washout", self.washout, 100),
            ("reservoir.train", self.train, 100),
            ("reservoir.test", self.test, 100),
            ("reservoir.n-seeds", self.n_seeds, 1),
        ] {
            require(key, given, given >= fewest, if fewest == 1 { "1 or more" } else { "100 or more" })?;
        }
        require("reservoir.penalties", "none", !self.penalties.is_empty(), "one or more")?;
        self.penalties.iter().try_for_each(|&penalty| above_0("reservoir.penalties", penalty))
    }

    /// All steps of one run.
    pub fn n_steps(&self) -> usize {
        self.washout + self.train + self.test
    }
}

fn require(key: &'static str, given: impl ToString, holds: bool, allowed: &str) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::Config { key, given: given.to_string(), allowed: allowed.to_owned() })
}
