//! `neuroloom distill`.

use std::path::PathBuf;

use neuroloom_core::Seed;
use neuroloom_models::mechanism::Formulas;

use super::Session;
use super::args::DistillArgs;
use super::console::Format;
use super::render::{TextTable, facts};
use crate::Error;
use crate::experiment::stages::{self, Distillation};
use crate::experiment::{
    Artefact, DataConfig, EvaluationLevel, ExperimentConfig, Ledger, Pipeline, Provenance, RunDir, RunRecord,
    Source, Stage,
};

pub(super) fn distill(session: &Session, args: &DistillArgs) -> Result<(), Error> {
    let run = RunDir::open(&args.folder)?;
    if !run.has(Artefact::Model) {
        return Err(Error::Folder {
            path: run.root().to_owned(),
            problem: format!("nothing was fitted here: {} is missing", Artefact::Model.name()),
            hint: "let `neuroloom infer` or `neuroloom run` finish in this folder first".to_owned(),
        });
    }
    let config = ExperimentConfig::load(&run.path(Artefact::Config))?;
    let record = RunRecord::open(&run, &session.progress)?;
    let source = Source::open(&recording(&run, &config, args)?, EvaluationLevel::Full, &record)?;
    let mut symbolic = config.distill.clone().unwrap_or_default();
    symbolic.restarts = args.restarts.unwrap_or(symbolic.restarts);
    symbolic.most_symbols = args.most_symbols.unwrap_or(symbolic.most_symbols);
    let made: Provenance = run.read_json(Artefact::Provenance)?;
    let seed = Seed(session.seed.unwrap_or(made.seed));
    // Another search than that of the experiment: `run` must not take it for its own.
    Ledger::open(&run).begin(Stage::Distill)?;
    let given = Distillation { config: &symbolic, seed };
    let formulas =
        stages::distill(&source, &given, &run, &record).map_err(|error| error.in_stage("distill"))?;
    if run.has(Artefact::Exploration) {
        stages::report(&run, &record)?;
    }
    print(session, &run, &formulas);
    Ok(())
}

/// The recording that the run was fitted to: its own simulation, or the file that its config names.
fn recording(run: &RunDir, config: &ExperimentConfig, args: &DistillArgs) -> Result<DataConfig, Error> {
    let known = Pipeline::data_of(config, run);
    // The connectome is not needed, and the truth only where it can still be found.
    let mut data = DataConfig { connectome: None, ..known };
    data.truth = data.truth.filter(|path| path.exists());
    if let Some(path) = &args.recording {
        data.path = Some(path.clone());
    }
    match &data.path {
        Some(path) if path.exists() => Ok(data),
        path => Err(Error::Folder {
            path: path.clone().unwrap_or_else(|| PathBuf::from("the recording")),
            problem: "the recording of this run is not there; it tells which states were visited".to_owned(),
            hint: "give it with --recording FILE".to_owned(),
        }),
    }
}

fn print(session: &Session, run: &RunDir, formulas: &Formulas) {
    if session.console.format == Format::Json {
        if let Ok(text) = serde_json::to_string_pretty(formulas) {
            session.console.result(&text);
        }
        return;
    }
    let mut table = TextTable::new(&["function", "formula", "all coefficients free", "unexplained", "true"]);
    let update = formulas.update.iter().map(|one| (format!("phi, {}", one.name), one));
    let transfer = formulas.transfer.iter().map(|one| (one.name.clone(), one));
    for (name, one) in update.chain(transfer) {
        let unexplained = format!("{:.1e}", one.unexplained);
        table.row(&[&name, &one.text, &one.freed, &unexplained, one.truth.as_deref().unwrap_or("")]);
    }
    session.console.summary(&format!("{}\n\n{}\n", table.render(), formulas.rule));
    session.console.summary(&facts(&[
        ("formulas", run.path(Artefact::Formulas).display().to_string()),
        ("LaTeX", run.path(Artefact::FormulasLatex).display().to_string()),
    ]));
}
