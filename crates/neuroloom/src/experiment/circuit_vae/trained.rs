//! A trained code with its circuits, as its run folder keeps them.

use std::path::Path;

use neuroloom_core::CircuitSet;
use neuroloom_models::circuit_vae::CircuitVae;

use super::{CodeConfig, model_file};
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// A run folder of `neuroloom train circuits`, opened.
#[derive(Debug, Clone)]
pub struct TrainedCode {
    /// The folder.
    pub run: RunDir,
    /// Its settings.
    pub config: CodeConfig,
    /// Its circuits.
    pub set: CircuitSet,
    /// The model.
    pub model: CircuitVae,
}

impl TrainedCode {
    /// Opens a run folder.
    ///
    /// # Errors
    /// [`Error::Folder`] if no code was trained in it, [`Error::Artefact`] if a file is damaged.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let run = RunDir::open(folder)?;
        if !run.has(Artefact::Model) || !run.has(Artefact::Circuits) {
            return Err(Error::Folder {
                path: folder.to_owned(),
                problem: "no trained code of circuits in this folder".to_owned(),
                hint: "give the folder that `neuroloom train circuits SET --out DIR` wrote".to_owned(),
            });
        }
        Ok(Self {
            config: CodeConfig::load(&run.path(Artefact::Config))?,
            set: neuroloom_io::read_circuit_set(&run.path(Artefact::Circuits))?,
            model: model_file::read(&run.path(Artefact::Model))?,
            run,
        })
    }
}
