//! `neuroloom train autoencoder`, `extract` and `stress`, and `neuroloom run` of a weight-manifold experiment.

use std::path::Path;

use serde_json::json;

use super::console::Format;
use super::{Session, scores};
use crate::Error;
use crate::experiment::weights::{self, ReadArgs, StressArgs, TrainAutoencoderArgs, WeightExperiment};
use crate::experiment::{Artefact, RunDir, RunRecord, note_skipped};

/// `neuroloom train autoencoder`.
pub(super) fn train(session: &Session, args: &TrainAutoencoderArgs) -> Result<(), Error> {
    let seed = session.seed.unwrap_or(WeightExperiment::default().seed);
    let config = WeightExperiment { seed, ..args.experiment()? };
    run(session, &config, &args.out)
}

/// `neuroloom extract`.
pub(super) fn extract(session: &Session, args: &ReadArgs) -> Result<(), Error> {
    let config = args.run(session.seed.unwrap_or(WeightExperiment::default().seed));
    config.extract.check()?;
    let run = RunDir::create(&args.out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    let done = weights::extract(&config, &run, &record, &session.command);
    done.map_err(|error| error.in_stage("extract"))?;
    print(session, &run)
}

/// `neuroloom stress`.
pub(super) fn stress(session: &Session, args: &StressArgs) -> Result<(), Error> {
    let config = args.run(session.seed.unwrap_or(WeightExperiment::default().seed));
    config.extract.check()?;
    let run = RunDir::create(&args.read.out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    let done = weights::stress(&config, &run, &record, &session.command);
    done.map_err(|error| error.in_stage("stress"))?;
    print(session, &run)
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
