//! An experiment with a code of circuits, as data.

use std::path::{Path, PathBuf};

use neuroloom_analysis::graph::nulls::NullModel;
use neuroloom_analysis::graph::sampling::SamplingConfig;
use neuroloom_models::circuit_vae::CircuitVaeConfig;
use neuroloom_sim::TissueConfig;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::experiment::{Family, experiment_file};

/// Where the circuits come from: one of `set`, `connectome`, `tissue`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CircuitSource {
    /// A set of circuits, as `neuroloom sample` writes it.
    pub set: Option<PathBuf>,
    /// A connectome that circuits are cut out of.
    pub connectome: Option<PathBuf>,
    /// Its node table, where it does not lie beside the edges.
    pub nodes: Option<PathBuf>,
    /// Direction from the pia inwards, where it is no axis of the file.
    pub depth: Option<[f64; 3]>,
    /// Rules of a surrogate tissue that circuits are cut out of; everything about it is synthetic.
    pub tissue: Option<TissueConfig>,
    /// How circuits are cut out of a connectome or a tissue.
    pub sampling: SamplingConfig,
}

/// How far a code is scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CodeEvaluation {
    /// Circuits generated for each test circuit.
    pub per_circuit: usize,
    /// Null models of the test circuits that stand beside the generated ones.
    pub nulls: Vec<NullModel>,
    /// Train a second model on circuits dealt out at random, whose training and test circuits share neurons.
    pub random_split: bool,
    /// Numbers of latents that a model of its own is trained for.
    pub latents: Vec<usize>,
    /// Weights of the rate that a model of its own is trained for.
    pub betas: Vec<f64>,
}

/// What is asked of a trained code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExploreConfig {
    /// Metrics that directions are looked for.
    pub metrics: Vec<String>,
    /// Shuffles behind each p-value.
    pub permutations: usize,
    /// Perplexity of the map.
    pub perplexity: f64,
}

/// One experiment with a code of circuits: `experiment.toml`, and `config.toml` in its run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CodeConfig {
    /// The model family, `circuit-vae`.
    pub family: Family,
    /// Seed of everything random; the same seed gives the same bytes for any number of threads.
    pub seed: u64,
    /// Where the circuits come from.
    pub circuits: CircuitSource,
    /// The model and its training.
    pub model: CircuitVaeConfig,
    /// How far it is scored.
    pub evaluate: CodeEvaluation,
    /// Directions, attributions, map; absent = not made (`neuroloom explore` makes them later).
    pub explore: Option<ExploreConfig>,
}

impl Default for CodeEvaluation {
    fn default() -> Self {
        Self {
            per_circuit: 1,
            nulls: vec![NullModel::ReciprocityAdjusted, NullModel::DistanceAndType],
            random_split: false,
            latents: Vec::new(),
            betas: Vec::new(),
        }
    }
}

impl Default for ExploreConfig {
    fn default() -> Self {
        Self { metrics: super::METRICS.map(ToOwned::to_owned).to_vec(), permutations: 1000, perplexity: 30.0 }
    }
}

impl Default for CodeConfig {
    fn default() -> Self {
        Self {
            family: Family::CircuitVae,
            seed: 42,
            circuits: CircuitSource::default(),
            model: CircuitVaeConfig::default(),
            evaluate: CodeEvaluation::default(),
            explore: None,
        }
    }
}

impl CodeConfig {
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
        let config: Self = experiment_file::read(text)?;
        config.check()?;
        Ok(config)
    }

    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// One sentence naming the key and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        if self.family != Family::CircuitVae {
            return Err(format!("family is {}, allowed: circuit-vae", self.family));
        }
        let source = &self.circuits;
        let given = [source.set.is_some(), source.connectome.is_some(), source.tissue.is_some()];
        if given.iter().filter(|one| **one).count() != 1 {
            return Err(
                "[circuits] needs exactly one of `set`, `connectome` and [circuits.tissue]".to_owned()
            );
        }
        if let Some(tissue) = &source.tissue {
            tissue.check().map_err(|error| format!("[circuits.tissue] {error}"))?;
        }
        self.model.check().map_err(|error| format!("[model] {error}"))?;
        self.evaluate.check().map_err(|error| format!("[evaluate] {error}"))?;
        match &self.explore {
            Some(explore) => explore.check().map_err(|error| format!("[explore] {error}")),
            None => Ok(()),
        }
    }

    /// The experiment as TOML.
    ///
    /// # Errors
    /// [`Error::Setting`] if a number does not fit TOML (a seed above 2^63).
    pub fn to_toml(&self) -> Result<String, Error> {
        experiment_file::to_toml(self)
    }

    /// The same experiment with relative paths taken from `folder`.
    pub fn resolved(mut self, folder: &Path) -> Self {
        let source = &mut self.circuits;
        for path in [&mut source.set, &mut source.connectome, &mut source.nodes].into_iter().flatten() {
            if path.is_relative() && !folder.as_os_str().is_empty() {
                *path = folder.join(&*path);
            }
        }
        self
    }
}

impl CodeEvaluation {
    fn check(&self) -> Result<(), String> {
        if !(1..=100).contains(&self.per_circuit) {
            return Err(format!("`per-circuit` is {}, allowed: 1 to 100", self.per_circuit));
        }
        if let Some(wrong) = self.latents.iter().find(|one| !(1..=1024).contains(*one)) {
            return Err(format!("`latents` holds {wrong}, allowed: 1 to 1024"));
        }
        match self.betas.iter().find(|one| !(one.is_finite() && **one >= 0.0)) {
            Some(wrong) => Err(format!("`betas` holds {wrong}, allowed: 0 or more")),
            None => Ok(()),
        }
    }
}

impl ExploreConfig {
    /// Checks every key.
    ///
    /// # Errors
    /// One sentence naming the key and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        if let Some(wrong) = self.metrics.iter().find(|one| super::metric(one).is_none()) {
            return Err(format!("`metrics` holds {wrong}, allowed: {}", super::METRICS.join(", ")));
        }
        if !(self.perplexity.is_finite() && self.perplexity >= 2.0) {
            return Err(format!("`perplexity` is {}, allowed: 2 or more", self.perplexity));
        }
        if self.permutations == 0 {
            return Err("`permutations` is 0, allowed: 1 or more".to_owned());
        }
        Ok(())
    }
}
