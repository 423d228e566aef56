//! One experiment file, of whichever family it says it is.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::circuit_vae::CodeConfig;
use super::weights::WeightExperiment;
use super::{ExperimentConfig, experiment_file};
use crate::Error;

/// The model family of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Wiring, types and functions from activity.
    #[default]
    Mechanism,
    /// A code of circuits, its directions, circuits on demand.
    CircuitVae,
    /// Latent variables from connection weights.
    WeightManifold,
}

/// An experiment of any family. Whoever runs one matches it once, exhaustively.
#[derive(Debug, Clone, PartialEq)]
pub enum Experiment {
    /// Wiring, types and functions from activity.
    Mechanism(Box<ExperimentConfig>),
    /// A code of circuits, its directions, circuits on demand.
    CircuitVae(Box<CodeConfig>),
    /// Latent variables from connection weights.
    WeightManifold(Box<WeightExperiment>),
}

/// The only key that all families share.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    family: Family,
}

impl Family {
    /// Its name in an experiment file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mechanism => "mechanism",
            Self::CircuitVae => "circuit-vae",
            Self::WeightManifold => "weight-manifold",
        }
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Experiment {
    /// Reads and checks an experiment file; a key that is left out has its default.
    ///
    /// # Errors
    /// [`Error::System`] if the file cannot be read, [`Error::Config`] with line, key and what is allowed.
    pub fn load(path: &Path) -> Result<Self, Error> {
        experiment_file::load(path, Self::parse)
    }

    /// The experiment written in `text`, checked.
    ///
    /// # Errors
    /// One sentence with line, key and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let head: Head = experiment_file::read(text)?;
        match head.family {
            Family::Mechanism => ExperimentConfig::parse(text).map(|one| Self::Mechanism(Box::new(one))),
            Family::CircuitVae => CodeConfig::parse(text).map(|one| Self::CircuitVae(Box::new(one))),
            Family::WeightManifold => {
                WeightExperiment::parse(text).map(|one| Self::WeightManifold(Box::new(one)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_decides_what_a_file_may_say() {
        let mechanism = Experiment::parse("[simulate]\npreset = \"baseline\"\n").unwrap();
        assert!(matches!(mechanism, Experiment::Mechanism(_)), "a file that names no family");
        let weights = Experiment::parse("family = \"weight-manifold\"\n[model]\nl2 = 1e-3\n").unwrap();
        assert!(matches!(weights, Experiment::WeightManifold(_)));
        assert!(
            Experiment::parse("family = \"weight-manifold\"\n[simulate]\n").unwrap_err().contains("simulate")
        );
        let code = Experiment::parse("family = \"circuit-vae\"\n[circuits]\nset = \"set\"\n").unwrap();
        assert!(matches!(code, Experiment::CircuitVae(_)));
        assert!(Experiment::parse("family = \"circuit-vae\"\n").unwrap_err().contains("exactly one of"));
        assert!(Experiment::parse("family = \"origami\"\n").unwrap_err().contains("mechanism"));
        assert!(ExperimentConfig::parse("family = \"weight-manifold\"\n").is_err());
    }
}
