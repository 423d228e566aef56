//! The rules of a surrogate tissue.

use serde::{Deserialize, Serialize};

use super::cortex;
use crate::Error;

/// A cell type of a surrogate tissue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TissueType {
    /// Its name, of the vocabulary of the MICrONS metamodel.
    pub name: String,
    /// Share of all neurons; shares are divided by their sum.
    pub share: f64,
    /// +1 excitatory, -1 inhibitory.
    pub sign: i8,
    /// Least and greatest depth below the pia, in micrometres.
    pub depth_um: [f64; 2],
    /// Distance over which its output falls by e, in micrometres.
    pub decay_um: f64,
}

/// The rules of a surrogate tissue. The default is a piece of mouse visual cortex in outline: eleven types in the
/// proportions of minnie65, their layers, and type-to-type probabilities that we chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TissueConfig {
    /// Number of neurons.
    pub n_neurons: usize,
    /// Neurons in a cubic millimetre; with the depth of the types it sets the width.
    pub density_per_mm3: f64,
    /// The cell types.
    pub types: Vec<TissueType>,
    /// P`[pre type][post type]`: probability of an edge at distance 0 between neurons of mean gain.
    pub probability: Vec<Vec<f64>>,
    /// r: pairs connected both ways, over what chance would make.
    pub reciprocity: f64,
    /// Standard deviation of the logarithm of the gain as a sender.
    pub out_spread: f64,
    /// Standard deviation of the logarithm of the gain as a receiver.
    pub in_spread: f64,
    /// Mean number of synapses of an edge (1 + a geometric number).
    pub synapses_per_edge: f64,
    /// Share of neurons whose axon is proofread.
    pub proofread: f64,
    /// Share of the synapses of other axons that are found.
    pub found_without_proofreading: f64,
}

impl Default for TissueConfig {
    fn default() -> Self {
        Self {
            n_neurons: 5000,
            density_per_mm3: 75_000.0,
            types: cortex::types(),
            probability: cortex::probability(),
            reciprocity: 2.5,
            out_spread: 0.5,
            in_spread: 0.4,
            synapses_per_edge: 1.5,
            proofread: 0.3,
            found_without_proofreading: 0.15,
        }
    }
}

impl TissueConfig {
    /// Checks every key.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first key outside its range.
    pub fn check(&self) -> Result<(), Error> {
        let n_types = self.types.len();
        require("n-neurons", self.n_neurons, (2..=100_000).contains(&self.n_neurons), "2 to 100000")?;
        let positive = |key, value: f64| require(key, value, value > 0.0 && value.is_finite(), "above 0");
        positive("density-per-mm3", self.density_per_mm3)?;
        positive("reciprocity", self.reciprocity)?;
        require("types", n_types, n_types > 0, "1 type or more")?;
        for one in &self.types {
            positive("types.share", one.share)?;
            positive("types.decay_um", one.decay_um)?;
            require("types.sign", one.sign, one.sign.abs() == 1, "1 or -1")?;
            let [top, bottom] = one.depth_um;
            let grows = top >= 0.0 && bottom > top && bottom.is_finite();
            require("types.depth_um", format!("{top} to {bottom}"), grows, "0 or deeper, the smaller first")?;
        }
        let square =
            self.probability.len() == n_types && self.probability.iter().all(|row| row.len() == n_types);
        require(
            "probability",
            format!("{} rows", self.probability.len()),
            square,
            "one row and column a type",
        )?;
        for &value in self.probability.iter().flatten() {
            require("probability", value, (0.0..=1.0).contains(&value), "0 to 1")?;
        }
        for (key, spread) in [("out-spread", self.out_spread), ("in-spread", self.in_spread)] {
            require(key, spread, (0.0..=2.0).contains(&spread), "0 to 2")?;
        }
        let synapses = self.synapses_per_edge;
        require("synapses-per-edge", synapses, (1.0..=100.0).contains(&synapses), "1 to 100")?;
        for (key, share) in
            [("proofread", self.proofread), ("found-without-proofreading", self.found_without_proofreading)]
        {
            require(key, share, (0.0..=1.0).contains(&share), "0 to 1")?;
        }
        Ok(())
    }

    /// Width of the square column in micrometres: sqrt(n / (density depth)).
    pub fn width_um(&self) -> f64 {
        let depth = self.types.iter().map(|one| one.depth_um[1]).fold(0.0, f64::max);
        (self.n_neurons as f64 / (self.density_per_mm3 * 1e-9 * depth)).sqrt()
    }
}

fn require(key: &'static str, given: impl ToString, holds: bool, allowed: &str) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::Config { key, given: given.to_string(), allowed: allowed.to_owned() })
}
