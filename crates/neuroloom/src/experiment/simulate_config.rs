//! What is simulated: a published experiment, with what differs from it.

use std::path::PathBuf;

use neuroloom_sim::{AssemblyConfig, ModulationSource, Preset, WeightLaw};
use serde::{Deserialize, Serialize};

use super::{BundledConnectome, InputFile};
use crate::Error;

/// What is simulated: a preset, and what differs from it; section `[simulate]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SimulateConfig {
    /// A published experiment (Allier et al. 2026) [default: baseline]
    #[arg(long, value_name = "PRESET", value_parser = super::kebab::preset())]
    pub preset: Option<Preset>,
    /// A weight matrix W[post, pre] without the gain: npz, npy or scipy CSR npz
    #[arg(long, value_name = "FILE", conflicts_with_all = ["connectome", "bundled"])]
    pub weights: Option<PathBuf>,
    /// Wire the circuit as this connectome: a folder with edges.csv(.gz), or one edge file; strengths from
    /// synapse counts
    #[arg(long, value_name = "DIR", conflicts_with = "bundled")]
    pub connectome: Option<PathBuf>,
    /// Wire the circuit as a connectome that comes with neuroloom
    #[arg(long, value_name = "NAME", value_parser = super::kebab::bundled())]
    pub bundled: Option<BundledConnectome>,
    /// A movie [slice, row, column] of the external field (npz or npy)
    #[arg(long, value_name = "FILE")]
    pub field: Option<PathBuf>,
    /// Frames after frame 0; one more is stored
    #[arg(long, value_name = "N")]
    pub frames: Option<usize>,
    /// Number of neurons
    #[arg(long, value_name = "N")]
    pub neurons: Option<usize>,
    /// Standard deviation of the noise added at each step, without sqrt(dt)
    #[arg(long, value_name = "STD", allow_negative_numbers = true)]
    pub noise: Option<f64>,
    /// Standard deviation of the noise added to the recorded values only
    #[arg(long, value_name = "STD", allow_negative_numbers = true)]
    pub measurement_noise: Option<f64>,
    /// Probability that a connection is kept, above 0 to 1
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub filling: Option<f64>,
    /// Steps before frame 0, not stored
    #[arg(long, value_name = "N")]
    pub burn_in: Option<usize>,
    /// Store the exact drift dx/dt beside the activity (the presets sparse and noise always do)
    #[arg(long)]
    pub drift: bool,
    /// A complete assembly in place of a preset.
    #[arg(skip)]
    pub assembly: Option<AssemblyConfig>,
}

impl SimulateConfig {
    /// The complete assembly: the preset with what differs from it.
    pub fn assembly(&self) -> AssemblyConfig {
        let mut assembly = self.assembly.clone().unwrap_or_else(|| self.preset().config());
        replace(&mut assembly.n_frames, self.frames);
        replace(&mut assembly.n_neurons, self.neurons);
        replace(&mut assembly.noise_std, self.noise);
        replace(&mut assembly.measurement_noise_std, self.measurement_noise);
        replace(&mut assembly.connectivity.filling_factor, self.filling);
        replace(&mut assembly.burn_in, self.burn_in);
        if self.weights.is_some() || self.wiring_is_anatomical() {
            assembly.connectivity.law = WeightLaw::File;
        }
        if self.field.is_some() {
            assembly.modulation.source = ModulationSource::File;
        }
        assembly
    }

    /// The preset that the simulation starts from.
    pub fn preset(&self) -> Preset {
        self.preset.unwrap_or(Preset::Baseline)
    }

    /// The published experiment that this repeats, on any number of frames.
    pub fn published(&self) -> Option<Preset> {
        let changed = self.assembly.is_some()
            || self.wiring_is_anatomical()
            || self.neurons.is_some()
            || self.noise.is_some()
            || self.measurement_noise.is_some()
            || !self.filling_is_published()
            || self.burn_in.is_some();
        (!changed).then(|| self.preset())
    }

    /// Whether the drift is stored: the published `sparse` and `noise` experiments are fitted to it.
    pub fn stores_drift(&self) -> bool {
        self.drift || (self.assembly.is_none() && matches!(self.preset(), Preset::Sparse | Preset::Noise))
    }

    /// Hashes the files that are read.
    ///
    /// # Errors
    /// [`Error::System`] naming the file that cannot be read.
    pub fn read_inputs(&self) -> Result<Vec<InputFile>, Error> {
        let given = self.inputs().into_iter().filter_map(|(role, path)| Some((role, path?)));
        given.map(|(role, path)| InputFile::read(role, path)).collect()
    }

    pub(super) fn paths_mut(&mut self) -> [Option<&mut PathBuf>; 3] {
        [self.weights.as_mut(), self.connectome.as_mut(), self.field.as_mut()]
    }

    /// Files that are read, with their roles.
    pub(super) fn inputs(&self) -> [(&'static str, Option<&PathBuf>); 3] {
        [
            ("weights", self.weights.as_ref()),
            ("wiring", self.connectome.as_ref()),
            ("field", self.field.as_ref()),
        ]
    }

    /// Supplementary figures 8 and 9 thin the wiring of `sparse` to these densities.
    fn filling_is_published(&self) -> bool {
        match (self.preset(), self.filling) {
            (_, None) => true,
            (Preset::Sparse, Some(filling)) => [0.5, 0.2, 0.1, 0.05].contains(&filling),
            _ => false,
        }
    }

    fn wiring_is_anatomical(&self) -> bool {
        self.connectome.is_some() || self.bundled.is_some()
    }
}

fn replace<T>(place: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *place = given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_on_top_of_the_preset() {
        let config = SimulateConfig {
            preset: Some(Preset::Noise),
            frames: Some(50),
            filling: Some(0.5),
            ..SimulateConfig::default()
        };
        let assembly = config.assembly();
        assert_eq!((assembly.noise_std, assembly.n_frames), (7.2, 50));
        assert_eq!(assembly.connectivity.filling_factor, 0.5);
        assert!(config.stores_drift());
        assert_eq!(config.published(), None, "another filling is another experiment");
    }

    #[test]
    fn the_frames_alone_leave_the_experiment_the_published_one() {
        let config = SimulateConfig { frames: Some(10_000), ..SimulateConfig::default() };
        assert_eq!(config.published(), Some(Preset::Baseline));
        assert!(!config.stores_drift());
    }
}
