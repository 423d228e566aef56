//! A surrogate tissue, as flags.

use std::path::PathBuf;

use neuroloom_sim::TissueConfig;

/// What differs from the default tissue, and where it goes.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct TissueArgs {
    /// Number of neurons [default: 5000]
    #[arg(long = "neurons", value_name = "N")]
    pub n_neurons: Option<usize>,
    /// Neurons in a cubic millimetre [default: 75000]
    #[arg(long, value_name = "N")]
    pub density: Option<f64>,
    /// Pairs connected both ways, over chance [default: 2.5]
    #[arg(long, value_name = "FACTOR")]
    pub reciprocity: Option<f64>,
    /// Spread of the logarithm of the gains as sender [default: 0.5]
    #[arg(long, value_name = "SD")]
    pub out_spread: Option<f64>,
    /// Spread of the logarithm of the gains as receiver [default: 0.4]
    #[arg(long, value_name = "SD")]
    pub in_spread: Option<f64>,
    /// Share of neurons whose axon is proofread [default: 0.3]
    #[arg(long, value_name = "SHARE")]
    pub proofread: Option<f64>,
    /// Share of the synapses of other axons that are found [default: 0.15]
    #[arg(long, value_name = "SHARE")]
    pub found: Option<f64>,
    /// Folder for the connectomes, the truth and the tables of a CAVE export
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

impl TissueArgs {
    /// The complete rules.
    pub fn config(&self) -> TissueConfig {
        let mut config = TissueConfig::default();
        config.n_neurons = self.n_neurons.unwrap_or(config.n_neurons);
        let keys = [
            (&mut config.density_per_mm3, self.density),
            (&mut config.reciprocity, self.reciprocity),
            (&mut config.out_spread, self.out_spread),
            (&mut config.in_spread, self.in_spread),
            (&mut config.proofread, self.proofread),
            (&mut config.found_without_proofreading, self.found),
        ];
        keys.into_iter().for_each(|(key, given)| *key = given.unwrap_or(*key));
        config
    }
}
