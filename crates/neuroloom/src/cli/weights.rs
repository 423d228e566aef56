//! `neuroloom train autoencoder`, and `neuroloom run` of a weight-manifold experiment.

use std::path::Path;

use serde_json::json;

use super::console::Format;
use super::{Session, scores};
use crate::Error;
use crate::experiment::weights::{self, TrainAutoencoderArgs, WeightExperiment};
use crate::experiment::{Artefact, RunDir, RunRecord, note_skipped};

/// `neuroloom train autoencoder`.
pub(super) fn train(session: &Session, args: &TrainAutoencoderArgs) -> Result<(), Error> {
    let seed = session.seed.unwrap_or(WeightExperiment::default().seed);
    let config = WeightExperiment { seed, ..args.experiment()? };
    run(session, &config, &args.out)
}

/// Every stage of an experiment that is not finished yet.
pub(super) fn run(session: &Session, config: &WeightExperiment, out: &Path) -> Result<(), Error> {
    let run = RunDir::create(out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    note_skipped(&weights::run(config, &run, &record, &session.command)?, &record);
    print(session, &run)
}

/// What was found, each number beside its null.
pub(super) fn print(session: &Session, run: &RunDir) -> Result<(), Error> {
    if session.console.format == Format::Json {
        let evaluation: serde_json::Value = run.read_json(Artefact::Evaluation)?;
        let result = json!({ "evaluation": evaluation, "report": run.path(Artefact::Report) });
        session.console.result(&format!("{result:#}"));
        return Ok(());
    }
    scores::print_cards(session, run)
}
