//! An experiment as data: what is simulated or read, how it is fitted, how far it is scored.

use std::path::{Path, PathBuf};

use neuroloom_models::mechanism::{SolveConfig, SymbolicConfig, TrainConfig, TransplantConfig};
use serde::{Deserialize, Serialize};

use super::{DataConfig, Family, SimulateConfig, experiment_file};
use crate::Error;

/// How far a fit is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvaluationLevel {
    /// Only fit; write the model and its wiring.
    None,
    /// Every score, its baselines and the report.
    #[default]
    Full,
}

/// One experiment, complete: `experiment.toml`, and `config.toml` in every run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExperimentConfig {
    /// The model family.
    pub family: Family,
    /// Seed of everything random; the same seed gives the same bytes for any number of threads.
    pub seed: u64,
    /// How far the fit is scored.
    pub evaluate: EvaluationLevel,
    /// What is simulated; absent = a recording is read.
    pub simulate: Option<SimulateConfig>,
    /// What is read; absent = what was simulated.
    pub data: Option<DataConfig>,
    /// Settings of the solver.
    pub infer: SolveConfig,
    /// Search for formulas; absent = none is made (`neuroloom distill` makes them later).
    pub distill: Option<SymbolicConfig>,
    /// Other circuits of the same types that the learned functions are tried in; needs a simulation.
    pub transplant: Vec<TransplantConfig>,
    /// Settings of the gradient route; absent = the closed form is the result.
    pub train: Option<TrainConfig>,
}

impl Default for ExperimentConfig {
    fn default() -> Self {
        Self {
            family: Family::default(),
            seed: 42,
            evaluate: EvaluationLevel::default(),
            simulate: None,
            data: None,
            infer: SolveConfig::default(),
            distill: None,
            transplant: Vec::new(),
            train: None,
        }
    }
}

impl ExperimentConfig {
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
        if self.family != Family::Mechanism {
            return Err(format!("`family` is {}, allowed here: mechanism", self.family));
        }
        if self.simulate.is_none() && self.data.as_ref().is_none_or(|data| data.path.is_none()) {
            return Err("nothing to work on; allowed: a [simulate] section, or `path` in [data]".to_owned());
        }
        if self.simulate.is_some() && self.data.as_ref().is_some_and(|data| data.path.is_some()) {
            return Err("both [simulate] and `path` in [data]; allowed: one of them".to_owned());
        }
        if let Some(data) = &self.data {
            data.check().map_err(|error| error.to_string())?;
        }
        self.check_transplants()?;
        if let Some(distill) = &self.distill {
            distill.check().map_err(|error| format!("[distill] {error}"))?;
        }
        self.infer.check().map_err(|error| format!("[infer] {error}"))?;
        match &self.train {
            Some(train) => train.check().map_err(|error| format!("[train] {error}")),
            None => Ok(()),
        }
    }

    fn check_transplants(&self) -> Result<(), String> {
        let has_truth =
            self.simulate.is_some() || self.data.as_ref().is_some_and(|data| data.truth.is_some());
        if !self.transplant.is_empty() && !has_truth {
            return Err(
                "[[transplant]] without a truth; allowed: with [simulate], or `truth` in [data]".to_owned()
            );
        }
        let first = self.transplant.iter().find_map(|one| one.check().err());
        first.map_or(Ok(()), |error| Err(format!("[[transplant]] {error}")))
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
        if let Some(simulate) = &mut self.simulate {
            simulate.paths_mut().into_iter().flatten().for_each(|path| resolve(path, folder));
        }
        if let Some(data) = &mut self.data {
            data.paths_mut().into_iter().flatten().for_each(|path| resolve(path, folder));
        }
        self
    }
}

fn resolve(path: &mut PathBuf, folder: &Path) {
    if path.is_relative() && !folder.as_os_str().is_empty() {
        *path = folder.join(&*path);
    }
}
