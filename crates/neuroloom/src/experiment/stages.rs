//! The stages of a run: each reads earlier artefacts, calls one function of the family, writes its own.

use std::path::{Path, PathBuf};

use ndarray::CowArray;
use neuroloom_core::{Event, Listener, Seed};
use neuroloom_io::NamedArray;
use neuroloom_models::mechanism::{
    self, DistillInputs, Evaluation, EvaluationInputs, Formulas, Mechanism, SolveConfig, SymbolicConfig,
    TrainConfig, TrainInputs, TransplantConfig,
};

use super::checkpoint_file::CheckpointFile;
use super::simulation::Prepared;
use super::{Artefact, RunDir, SimulateConfig, SimulationSummary, Source, model_file, report_data, tables};
use crate::Error;

/// Where a simulation goes.
#[derive(Debug, Clone)]
pub struct SimulationPlace {
    /// The Zarr folder of the activity.
    pub activity: PathBuf,
    /// The npz file of the truth.
    pub truth: PathBuf,
}

/// Settings shared by [`infer`] and [`evaluate`].
#[derive(Debug, Clone)]
pub struct Fit<'a> {
    /// Settings of the solver.
    pub config: &'a SolveConfig,
    /// Seed of everything random.
    pub seed: Seed,
    /// Other circuits that the learned functions are tried in.
    pub transplants: &'a [TransplantConfig],
}

/// Settings of [`distill`].
#[derive(Debug, Clone)]
pub struct Distillation<'a> {
    /// Settings of the search.
    pub config: &'a SymbolicConfig,
    /// Seed of everything random.
    pub seed: Seed,
}

/// Simulates a circuit and streams it to disk.
///
/// # Errors
/// [`Error::Simulation`] or [`Error::Io`] naming what was wrong; interrupted, what was simulated is dropped.
pub fn simulate(
    config: &SimulateConfig,
    place: &SimulationPlace,
    seed: Seed,
    events: &dyn Listener,
) -> Result<SimulationSummary, Error> {
    let prepared = Prepared::new(config, seed)?;
    neuroloom_io::write_truth(&place.truth, &prepared.truth)?;
    prepared.integrate(&place.activity, seed, events)
}

/// Fits the model and writes it, its wiring and its tables.
///
/// # Errors
/// [`Error::Models`] if the recording cannot be fitted, [`Error::Io`] if an artefact cannot be written.
pub fn infer(
    source: &Source,
    fit: &Fit<'_>,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Mechanism, Error> {
    let frames = source.frames()?;
    let mechanism = mechanism::solve(source.inputs(&frames), fit.config, fit.seed, events)?;
    write_model(run, &mechanism)?;
    Ok(mechanism)
}

/// Fits the closed form that training starts from.
///
/// # Errors
/// As [`infer`].
pub fn solve(
    source: &Source,
    fit: &Fit<'_>,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Mechanism, Error> {
    let frames = source.frames()?;
    let mechanism = mechanism::solve(source.inputs(&frames), fit.config, fit.seed, events)?;
    model_file::write(&run.place(Artefact::SolvedModel)?, &mechanism)?;
    Ok(mechanism)
}

/// Trains the model, from the closed form or from random numbers; goes on from a checkpoint of the same settings.
///
/// # Errors
/// [`Error::Models`] if the recording cannot be fitted or the loss diverges, [`Error::Io`] if an artefact cannot
/// be written.
pub fn train(
    source: &Source,
    (config, solved): (&TrainConfig, Option<&Mechanism>),
    fit: &Fit<'_>,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Mechanism, Error> {
    let frames = source.frames()?;
    let known = source.known_wiring();
    let positions = source.positions();
    let inputs = TrainInputs { recording: frames.recording(), solved, known: known.as_ref(), positions };
    let checkpoints = CheckpointFile::new(run.place(Artefact::Checkpoint)?);
    let trained = mechanism::train(&inputs, (config, fit.config), fit.seed, &checkpoints, events)?;
    run.write_json(Artefact::Training, &trained.history)?;
    write_model(run, &trained.mechanism)?;
    Ok(trained.mechanism)
}

/// Scores the model and collects the numbers behind the figures.
///
/// # Errors
/// [`Error::Models`] if something does not fit together, [`Error::Io`] if an artefact cannot be written.
pub fn evaluate(
    source: &Source,
    model: &Mechanism,
    fit: &Fit<'_>,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Evaluation, Error> {
    let frames = source.frames()?;
    let inputs = EvaluationInputs {
        recording: frames.recording(),
        truth: source.truth(),
        connectome: source.connectome(),
        config: fit.config,
        seed: fit.seed,
    };
    let (mut evaluation, views) = mechanism::evaluate(model, &inputs, events)?;
    if let Some(truth) = source.truth() {
        let scored = fit.transplants.iter().map(|one| mechanism::transplant(model, truth, one, fit.seed));
        evaluation.transplants = scored.collect::<Result<_, _>>()?;
    }
    let exploration = mechanism::explore(model, &inputs, views)?;
    run.write_json(Artefact::Exploration, &report_data::numbers(source, &exploration, &evaluation)?)?;
    run.write_json(Artefact::Evaluation, &evaluation)?;
    Ok(evaluation)
}

/// Reads the fitted functions as formulas and writes them.
///
/// # Errors
/// [`Error::Models`] if a function cannot be searched, [`Error::Io`] if an artefact cannot be written.
pub fn distill(
    source: &Source,
    given: &Distillation<'_>,
    run: &RunDir,
    events: &dyn Listener,
) -> Result<Formulas, Error> {
    let model = model_file::read(&run.path(Artefact::Model))?;
    let frames = source.frames()?;
    let inputs = DistillInputs {
        activity: frames.recording().activity,
        truth: source.truth(),
        config: given.config,
        seed: given.seed,
    };
    let formulas = mechanism::distill(&model, &inputs, events)?;
    run.write_text(Artefact::FormulasLatex, &tables::formulas(&formulas))?;
    run.write_json(Artefact::Formulas, &formulas)?;
    Ok(formulas)
}

/// Draws `report.html` and `figures/` from the folder alone.
///
/// # Errors
/// [`Error::Artefact`] if a file of the folder is damaged, [`Error::Report`] if its numbers cannot be drawn.
pub fn report(run: &RunDir, events: &dyn Listener) -> Result<PathBuf, Error> {
    events.emit(Event::Started { stage: "report", total: None });
    let data = report_data::collect(run)?;
    for (stem, svg) in neuroloom_report::figures(&data)? {
        let folder = run.path(Artefact::Figures);
        let path = folder.join(format!("{stem}.svg"));
        std::fs::create_dir_all(&folder).map_err(crate::error::system("create", &folder))?;
        neuroloom_io::write_atomic(&path, svg.as_bytes())?;
    }
    run.write_text(Artefact::Report, &neuroloom_report::render(&data)?)?;
    events.emit(Event::Finished);
    Ok(run.path(Artefact::Report))
}

fn write_model(run: &RunDir, mechanism: &Mechanism) -> Result<(), Error> {
    model_file::write(&run.place(Artefact::Model)?, mechanism)?;
    write_wiring(&run.place(Artefact::Wiring)?, mechanism)?;
    run.write_text(Artefact::WeightTable, &tables::weights(mechanism))?;
    run.write_text(Artefact::TypeTable, &tables::types(mechanism))
}

/// W, standard errors, ids and types as numpy opens them.
fn write_wiring(path: &Path, mechanism: &Mechanism) -> Result<(), Error> {
    let single = |matrix: &ndarray::Array2<f64>| {
        NamedArray::F32(CowArray::from(matrix.mapv(|value| value as f32).into_dyn()))
    };
    // A neuron that is left out has no type: -1, as numpy and scikit-learn write it.
    let label = |&label: &u32| if label == tables::LEFT_OUT { -1 } else { i64::from(label) };
    let labels: ndarray::Array1<i64> = mechanism.types.label.iter().map(label).collect();
    neuroloom_io::write_npz(
        path,
        &[
            ("weight_matrix", single(&mechanism.weight_matrix)),
            ("standard_error", single(&mechanism.standard_error)),
            ("neuron_ids", NamedArray::Text(mechanism.neuron_ids.iter().map(ToString::to_string).collect())),
            ("cell_type", NamedArray::I64(CowArray::from(labels.into_dyn()))),
            ("orientation", NamedArray::Word("weight_matrix[post, pre]".to_owned())),
        ],
    )?;
    Ok(())
}
