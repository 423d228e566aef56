//! A whole run of a code: its stages in order, those skipped that are finished.

use neuroloom_core::{CircuitSet, Listener, Seed};
use neuroloom_models::circuit_vae::{self, CircuitVae};

use super::{CodeConfig, TrainedCode, circuits, evaluate, model_file};
use crate::Error;
use crate::experiment::checkpoint_file::CheckpointFile;
use crate::experiment::resume::{Ledger, Stage, input_hash};
use crate::experiment::{Artefact, Provenance, RunDir, RunRecord, stages};

/// One run of a code in its folder.
pub struct CodePipeline<'a> {
    config: &'a CodeConfig,
    run: &'a RunDir,
    record: &'a RunRecord<'a>,
    ledger: Ledger<'a>,
    provenance: Provenance,
}

impl<'a> CodePipeline<'a> {
    /// Writes `config.toml` and `provenance.json` before anything is computed; `written` is what goes to
    /// `config.toml`, `config` the same with paths that can be opened from here.
    ///
    /// # Errors
    /// [`Error::System`] if an input cannot be read, [`Error::Io`] if the folder cannot be written to.
    pub fn new(
        (config, written): (&'a CodeConfig, &CodeConfig),
        run: &'a RunDir,
        record: &'a RunRecord<'a>,
        command: &str,
    ) -> Result<Self, Error> {
        run.write_text(Artefact::Config, &written.to_toml()?)?;
        let mut provenance = Provenance::new(command, config.seed);
        run.write_json(Artefact::Provenance, &provenance)?;
        provenance.inputs = circuits::inputs(&config.circuits)?;
        run.write_json(Artefact::Provenance, &provenance)?;
        Ok(Self { config, run, record, ledger: Ledger::open(run), provenance })
    }

    /// Runs every stage that is not finished; returns those that ran.
    ///
    /// # Errors
    /// What the first failing stage says; what was finished before it is kept.
    pub fn execute(mut self) -> Result<Vec<Stage>, Error> {
        let (config, run, seed) = (self.config, self.run, Seed(self.config.seed));
        let mut ran = Vec::new();
        let inputs: String = self.provenance.inputs.iter().map(|one| format!("{}\n", one.sha256)).collect();
        let source = format!(
            "{:?} {:?} {:?}",
            config.circuits.tissue, config.circuits.sampling, config.circuits.depth
        );
        let sample = input_hash(&[seed.0.to_string(), source, inputs]);
        let train = input_hash(&[sample.clone(), format!("{:?}", config.model)]);
        let evaluate = input_hash(&[train.clone(), format!("{:?}", config.evaluate)]);
        let explore = input_hash(&[evaluate.clone(), format!("{:?}", config.explore)]);
        let set = match self.is_due(Stage::Sample, &sample) {
            true => self.stage(Stage::Sample, &sample, &mut ran, |record| {
                circuits::obtain(&config.circuits, seed, run, record)
            })?,
            false => neuroloom_io::read_circuit_set(&run.path(Artefact::Circuits))?,
        };
        let model = match self.is_due(Stage::TrainCircuits, &train) {
            true => self.stage(Stage::TrainCircuits, &train, &mut ran, |record| {
                train_code(&set, config, run, record)
            })?,
            false => model_file::read(&run.path(Artefact::Model))?,
        };
        let code = TrainedCode { run: run.clone(), config: config.clone(), set, model };
        if self.is_due(Stage::Evaluate, &evaluate) {
            self.stage(Stage::Evaluate, &evaluate, &mut ran, |record| evaluate::evaluate(&code, record))?;
        }
        if let Some(settings) = &config.explore
            && self.is_due(Stage::Explore, &explore)
        {
            self.stage(Stage::Explore, &explore, &mut ran, |record| {
                super::explore::explore(&code, settings, record)
            })?;
        }
        let report = input_hash(&[explore, "report".to_owned()]);
        if self.is_due(Stage::Report, &report) {
            self.stage(Stage::Report, &report, &mut ran, |record| stages::report(run, record))?;
        }
        self.run.write_json(Artefact::Provenance, &self.provenance)?;
        Ok(ran)
    }

    fn is_due(&self, stage: Stage, inputs: &str) -> bool {
        !self.ledger.is_finished(stage, inputs)
    }

    /// Runs one stage and notes that it ran.
    fn stage<T>(
        &mut self,
        stage: Stage,
        inputs: &str,
        ran: &mut Vec<Stage>,
        work: impl FnOnce(&RunRecord<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let result = self.ledger.run_stage((stage, inputs), (self.record, &mut self.provenance), work)?;
        ran.push(stage);
        Ok(result)
    }
}

/// Trains the code, going on from a checkpoint of the same settings, and writes it.
fn train_code(
    set: &CircuitSet,
    config: &CodeConfig,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<CircuitVae, Error> {
    let checkpoints = CheckpointFile::new(run.place(Artefact::Checkpoint)?);
    let (model, history) = circuit_vae::train(set, &config.model, Seed(config.seed), &checkpoints, events)?;
    run.write_json(Artefact::Epochs, &history)?;
    model_file::write(&run.place(Artefact::Model)?, &model)?;
    Ok(model)
}
