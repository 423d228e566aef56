//! A whole run: its stages in order, those skipped that are finished.

use std::path::{Path, PathBuf};

use neuroloom_core::{Event, Listener, Seed};
use neuroloom_models::mechanism::{Mechanism, Signs, Start, TrainConfig, Wiring};
use neuroloom_sim::ModulationSource;

use super::resume::{Ledger, Stage, input_hash};
use super::stages::{self, Distillation, Fit, SimulationPlace};
use super::{
    Artefact, DataConfig, EvaluationLevel, ExperimentConfig, InputFile, Provenance, RunDir, RunRecord,
    SimulateConfig, Source, model_file,
};
use crate::Error;

/// What to do with stages that an earlier run in the same folder finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Run everything again.
    Fresh,
    /// Skip a finished stage if nothing it depends on has changed.
    Continue,
}

/// One run of an experiment in its folder.
pub struct Pipeline<'a> {
    config: &'a ExperimentConfig,
    run: &'a RunDir,
    record: &'a RunRecord<'a>,
    ledger: Ledger<'a>,
    provenance: Provenance,
}

/// The inputs of each stage as hashes; a later one contains the earlier ones.
struct Hashes {
    simulate: String,
    infer: String,
    train: String,
    evaluate: String,
    distill: String,
    report: String,
}

impl<'a> Pipeline<'a> {
    /// Writes `config.toml` and `provenance.json` before anything is computed.
    ///
    /// `written` goes to `config.toml`; `config` is the same with paths that can be opened from here.
    ///
    /// # Errors
    /// [`Error::System`] if an input cannot be read, [`Error::Io`] if the folder cannot be written to.
    pub fn new(
        config: &'a ExperimentConfig,
        written: &ExperimentConfig,
        run: &'a RunDir,
        record: &'a RunRecord<'a>,
        begin: (&str, Resume),
    ) -> Result<Self, Error> {
        let (command, resume) = begin;
        let ledger = match resume {
            Resume::Fresh => Ledger::clear(run)?,
            Resume::Continue => Ledger::open(run),
        };
        run.write_text(Artefact::Config, &written.to_toml()?)?;
        let mut provenance = Provenance::new(command, config.seed);
        run.write_json(Artefact::Provenance, &provenance)?;
        provenance.inputs = inputs(config, written)?;
        run.write_json(Artefact::Provenance, &provenance)?;
        Ok(Self { config, run, record, ledger, provenance })
    }

    /// Runs every stage that the experiment asks for and that is not finished; returns those that ran.
    ///
    /// # Errors
    /// What the first failing stage says; what was finished before it is kept.
    pub fn execute(mut self) -> Result<Vec<Stage>, Error> {
        let hashes = self.hashes();
        let mut ran = Vec::new();
        if let Some(simulate) = &self.config.simulate
            && self.is_due(Stage::Simulate, &hashes.simulate)
        {
            let place = self.simulation_place()?;
            self.stage(Stage::Simulate, &hashes.simulate, |record| {
                stages::simulate(simulate, &place, Seed(self.config.seed), record)
            })?;
            ran.push(Stage::Simulate);
        }
        self.fit(&hashes, &mut ran)?;
        self.distill(&hashes, &mut ran)?;
        if self.config.evaluate == EvaluationLevel::Full && self.is_due(Stage::Report, &hashes.report) {
            let run = self.run;
            self.stage(Stage::Report, &hashes.report, |record| stages::report(run, record))?;
            ran.push(Stage::Report);
        }
        self.run.write_json(Artefact::Provenance, &self.provenance)?;
        Ok(ran)
    }

    /// Infer and evaluate share the opened recording and, where both run, the model in memory.
    fn fit(&mut self, hashes: &Hashes, ran: &mut Vec<Stage>) -> Result<(), Error> {
        let (stage, inputs) = match &self.config.train {
            Some(_) => (Stage::Train, &hashes.train),
            None => (Stage::Infer, &hashes.infer),
        };
        let model_due = self.is_due(stage, inputs);
        let evaluates = self.config.evaluate == EvaluationLevel::Full;
        let evaluate_due = evaluates && self.is_due(Stage::Evaluate, &hashes.evaluate);
        if !model_due && !evaluate_due {
            return Ok(());
        }
        let data = self.data();
        let level = match &self.config.train {
            Some(train) if model_due && needs_connectome(train) => EvaluationLevel::Full,
            _ => self.config.evaluate,
        };
        let source = Source::open(&data, level, self.record)?;
        let name = source.path().to_owned();
        let config = self.config;
        let fit = Fit { config: &config.infer, seed: Seed(config.seed), transplants: &config.transplant };
        let run = self.run;
        let mechanism: Mechanism = match (model_due, &config.train) {
            (false, _) => model_file::read(&run.path(Artefact::Model))?,
            (true, None) => {
                ran.push(Stage::Infer);
                let solved = self
                    .stage(Stage::Infer, &hashes.infer, |record| stages::infer(&source, &fit, run, record));
                solved.map_err(|error| error.during("infer from", &name))?
            }
            (true, Some(train)) => {
                let trained = self.train((&source, &fit), train, hashes, ran);
                trained.map_err(|error| error.during("train on", &name))?
            }
        };
        if evaluate_due {
            ran.push(Stage::Evaluate);
            let scored = self.stage(Stage::Evaluate, &hashes.evaluate, |record| {
                stages::evaluate(&source, &mechanism, &fit, run, record)
            });
            scored.map_err(|error| error.during("evaluate the fit to", &name))?;
        }
        Ok(())
    }

    fn distill(&mut self, hashes: &Hashes, ran: &mut Vec<Stage>) -> Result<(), Error> {
        let Some(symbolic) = &self.config.distill else { return Ok(()) };
        if !self.is_due(Stage::Distill, &hashes.distill) {
            return Ok(());
        }
        let source = Source::open(&self.data(), EvaluationLevel::Full, self.record)?;
        let given = Distillation { config: symbolic, seed: Seed(self.config.seed) };
        let run = self.run;
        self.stage(Stage::Distill, &hashes.distill, |record| stages::distill(&source, &given, run, record))?;
        ran.push(Stage::Distill);
        Ok(())
    }

    /// The closed form, where training starts from it, then training itself.
    fn train(
        &mut self,
        (source, fit): (&Source, &Fit<'_>),
        train: &TrainConfig,
        hashes: &Hashes,
        ran: &mut Vec<Stage>,
    ) -> Result<Mechanism, Error> {
        let run = self.run;
        let solved = match train.start {
            Start::Random => None,
            Start::Solve if self.is_due(Stage::Solve, &hashes.infer) => {
                ran.push(Stage::Solve);
                let solved =
                    self.stage(Stage::Solve, &hashes.infer, |record| stages::solve(source, fit, run, record));
                Some(solved?)
            }
            Start::Solve => Some(model_file::read(&run.path(Artefact::SolvedModel))?),
        };
        ran.push(Stage::Train);
        self.stage(Stage::Train, &hashes.train, |record| {
            stages::train(source, (train, solved.as_ref()), fit, run, record)
        })
    }

    fn is_due(&self, stage: Stage, inputs: &str) -> bool {
        !self.ledger.is_finished(stage, inputs)
    }

    fn stage<T>(
        &mut self,
        stage: Stage,
        inputs: &str,
        work: impl FnOnce(&RunRecord<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.ledger.run_stage((stage, inputs), (self.record, &mut self.provenance), work)
    }

    fn simulation_place(&self) -> Result<SimulationPlace, Error> {
        Ok(SimulationPlace {
            activity: self.run.place(Artefact::Activity)?,
            truth: self.run.place(Artefact::Truth)?,
        })
    }

    /// What is fitted: the recording that is given, or the one that was simulated, with its truth.
    fn data(&self) -> DataConfig {
        Self::data_of(self.config, self.run)
    }

    /// The recording of a run in this folder: what its config names, or what was simulated into it.
    pub fn data_of(config: &ExperimentConfig, run: &RunDir) -> DataConfig {
        let given = config.data.clone().unwrap_or_default();
        if config.simulate.is_none() {
            return given;
        }
        let simulated = || has_places(config).then(|| run.path(Artefact::Truth));
        DataConfig {
            path: Some(run.path(Artefact::Activity)),
            truth: given.truth.or_else(|| Some(run.path(Artefact::Truth))),
            positions: given.positions.or_else(simulated),
            ..given
        }
    }

    fn hashes(&self) -> Hashes {
        let config = self.config;
        let of = |roles: &[&str]| -> String {
            let inputs = self.provenance.inputs.iter().filter(|input| roles.contains(&input.role.as_str()));
            inputs.map(|input| format!("{} {}\n", input.role, input.sha256)).collect()
        };
        // Paths may change as long as the bytes behind them do not.
        let without_paths = |data: DataConfig| DataConfig {
            path: None,
            names: None,
            truth: None,
            connectome: None,
            mask: None,
            positions: None,
            ..data
        };
        let data = without_paths(config.data.clone().unwrap_or_default());
        let simulated = config.simulate.clone().map(|mut simulate| {
            simulate.paths_mut().into_iter().flatten().for_each(|path| *path = PathBuf::new());
            simulate
        });
        let simulate = input_hash(&[
            config.seed.to_string(),
            format!("{simulated:?}"),
            of(&["weights", "wiring", "field"]),
        ]);
        let infer = input_hash(&[
            simulate.clone(),
            format!("{data:?} {:?}", config.infer),
            of(&["recording", "names", "mask", "positions"]),
        ]);
        let train = input_hash(&[infer.clone(), format!("{:?}", config.train), of(&["connectome"])]);
        let model = if config.train.is_some() { &train } else { &infer };
        let transplants = format!("{:?}", config.transplant);
        let evaluate = input_hash(&[model.clone(), transplants, of(&["truth", "connectome"])]);
        let distill = input_hash(&[model.clone(), format!("{:?}", config.distill), of(&["truth"])]);
        let report = input_hash(&[evaluate.clone(), distill.clone()]);
        Hashes { simulate, infer, train, evaluate, distill, report }
    }
}

/// Whether a simulated field has places, and the fit looks for a field: where the neurons are is no secret.
fn has_places(config: &ExperimentConfig) -> bool {
    let looked_for = config.infer.modulation_windows > 0
        || config.train.as_ref().is_some_and(|train| train.field.is_some());
    let in_space = |simulate: &SimulateConfig| {
        matches!(
            simulate.assembly().modulation.source,
            ModulationSource::File | ModulationSource::Generated(_)
        )
    };
    looked_for && config.simulate.as_ref().is_some_and(in_space)
}

/// Whether training must know which edges exist.
fn needs_connectome(train: &TrainConfig) -> bool {
    train.wiring != Wiring::Dense || train.signs == Signs::Given
}

/// Every file that the experiment reads: hashed where it can be opened, listed under the name that was typed.
fn inputs(config: &ExperimentConfig, written: &ExperimentConfig) -> Result<Vec<InputFile>, Error> {
    let mut files = Vec::new();
    for ((role, path), (_, name)) in roles(config).into_iter().zip(roles(written)) {
        files.push(InputFile { path: name, ..InputFile::read(role, &path)? });
    }
    Ok(files)
}

fn roles(config: &ExperimentConfig) -> Vec<(&'static str, PathBuf)> {
    let mut roles: Vec<(&'static str, Option<&PathBuf>)> = Vec::new();
    if let Some(simulate) = &config.simulate {
        roles.extend(simulate.inputs());
    }
    if let Some(data) = &config.data {
        roles.extend([
            ("recording", data.path.as_ref()),
            ("names", data.names.as_ref()),
            ("truth", data.truth.as_ref()),
            ("connectome", data.connectome.as_ref()),
            ("mask", data.mask.as_ref()),
            ("positions", data.positions.as_ref()),
        ]);
    }
    roles.into_iter().filter_map(|(role, path)| Some((role, path?.clone()))).collect()
}

/// The folder that relative paths of an experiment file start in.
pub fn folder_of(experiment: &Path) -> &Path {
    experiment.parent().unwrap_or_else(|| Path::new(""))
}

/// Notes that stages were skipped.
pub fn note_skipped(ran: &[Stage], events: &dyn Listener) {
    if ran.is_empty() {
        events.emit(Event::Note("every stage was finished already; nothing to do".to_owned()));
    }
}
