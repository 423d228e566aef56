//! From scores and figure numbers to the plain data of a report.
//!
//! [`numbers`] runs after the evaluation and goes to `tables/exploration.json`; [`collect`] reads it back and
//! adds what the run folder knows, so that a report needs no model.

mod cell_types;
mod connectivity;
mod field;
mod forecast;
mod formulas;
mod functions;
mod header;
mod provenance;
mod recording;
mod rollout;
mod training;
mod wiring;

use std::path::PathBuf;

use neuroloom_models::mechanism::{Evaluation, Exploration, Formulas, UpdateChoice};
use neuroloom_report::{Notice, ReportData};
use neuroloom_sim::Preset;

use super::published::{self, PublishedScores};
use super::{Artefact, ExperimentConfig, Provenance, RunDir, Source, limits};
use crate::Error;

/// What was recorded.
pub(crate) struct RecordingFacts {
    /// Its file, as given.
    pub(crate) path: PathBuf,
    /// Number of trials.
    pub(crate) n_trials: usize,
    /// Frames used of each trial.
    pub(crate) n_frames: usize,
    /// Number of neurons.
    pub(crate) n_neurons: usize,
    /// Seconds between two frames.
    pub(crate) dt_s: f64,
    /// Unit of the activity, where stated.
    pub(crate) unit: Option<String>,
    /// Share of the samples that are missing.
    pub(crate) missing_fraction: f64,
    /// The published experiment that it repeats unchanged, if any.
    pub(crate) preset: Option<Preset>,
}

impl RecordingFacts {
    fn of(source: &Source) -> Result<Self, Error> {
        let shape = source.shape();
        Ok(Self {
            path: source.path().to_owned(),
            n_trials: shape.n_trials,
            n_frames: shape.n_frames,
            n_neurons: shape.n_neurons,
            dt_s: source.dt_s(),
            unit: source.unit().map(ToOwned::to_owned),
            missing_fraction: source.missing_fraction()?,
            preset: source.preset(),
        })
    }
}

/// What every part of the report is made of.
pub(crate) struct Parts<'a> {
    pub(crate) recording: RecordingFacts,
    pub(crate) figures: &'a Exploration,
    pub(crate) evaluation: &'a Evaluation,
}

impl Parts<'_> {
    /// What was published for this experiment.
    pub(crate) fn published(&self) -> PublishedScores {
        let fit = self.evaluation.solver.as_ref().map(|solver| solver.fit.update).unwrap_or_default();
        let scores = match fit {
            UpdateChoice::Own => published::scores,
            UpdateChoice::Shared => published::one_type,
        };
        let preset = self.recording.preset;
        preset.map(|preset| scores(preset, self.recording.n_frames)).unwrap_or_default()
    }
}

/// The report without what only the run folder knows: command, inputs, warnings.
///
/// # Errors
/// [`Error::Core`] if the recording cannot be read.
pub fn numbers(source: &Source, figures: &Exploration, evaluation: &Evaluation) -> Result<ReportData, Error> {
    let parts = Parts { recording: RecordingFacts::of(source)?, figures, evaluation };
    Ok(ReportData {
        header: header::header(&parts),
        recording: Some(recording::recording(&parts)),
        connectivity: Some(connectivity::connectivity(&parts)),
        functions: Some(functions::functions(&parts)),
        formulas: None,
        training: None,
        circuit_code: None,
        set_comparison: None,
        weight_manifold: None,
        cell_types: cell_types::cell_types(&parts),
        field: field::field(&parts),
        rollout: rollout::rollout(&parts),
        forecast: forecast::forecast(&parts),
        wiring: wiring::wiring(&parts),
        graph_statistics: None,
        baselines: wiring::baselines(&parts),
        warnings: Vec::new(),
        limits: limits::limits(evaluation),
        provenance: Some(provenance::of_fit(evaluation)),
    })
}

/// The published experiment that a run repeats, if any.
fn repeated(run: &RunDir) -> Option<Preset> {
    ExperimentConfig::load(&run.path(Artefact::Config)).ok()?.simulate?.published()
}

/// The complete report, from the folder alone.
///
/// # Errors
/// [`Error::Folder`] if the run was not evaluated, [`Error::Artefact`] if a file is damaged.
pub fn collect(run: &RunDir) -> Result<ReportData, Error> {
    if !run.has(Artefact::Exploration) {
        return Err(Error::Folder {
            path: run.root().to_owned(),
            problem: format!("no report can be drawn: {} is missing", Artefact::Exploration.name()),
            hint: "run `neuroloom infer` without `--evaluate none`, or let `neuroloom run` finish".to_owned(),
        });
    }
    let mut data: ReportData = run.read_json(Artefact::Exploration)?;
    let found: Option<Formulas> = run.read_json_if_any(Artefact::Formulas)?;
    let units = data.functions.as_ref().map(|one| (one.x_unit.clone(), one.update_unit.clone()));
    let units = units.unwrap_or_default();
    data.formulas = found.map(|found| formulas::formulas(&found, &published::formulas(repeated(run)), units));
    let made: Provenance = run.read_json(Artefact::Provenance)?;
    let config = run.path(Artefact::Config);
    // A comparison of sets has no settings beyond its command.
    let config_toml = match config.exists() {
        true => std::fs::read_to_string(&config).map_err(crate::error::system("read", &config))?,
        false => String::new(),
    };
    data.header.command.clone_from(&made.command);
    training::add(run, &mut data)?;
    let warnings: Option<Vec<Notice>> = run.read_json_if_any(Artefact::Warnings)?;
    data.warnings = warnings.unwrap_or_default();
    let of_fit = data.provenance.take().unwrap_or_default();
    data.provenance = Some(provenance::complete(of_fit, &made, config_toml));
    Ok(data)
}
