//! `neuroloom run`.

use std::path::{Path, PathBuf};

use super::args::RunArgs;
use super::{Session, scores};
use crate::Error;
use crate::experiment::{ExperimentConfig, Pipeline, Resume, RunDir, RunRecord, folder_of, note_skipped};

pub(super) fn run(session: &Session, args: &RunArgs) -> Result<(), Error> {
    let mut written = ExperimentConfig::load(&args.experiment)?;
    written.seed = session.seed.unwrap_or(written.seed);
    let config = written.clone().resolved(folder_of(&args.experiment));
    let out = args.out.clone().unwrap_or_else(|| default_folder(&args.experiment));
    let run = RunDir::create(&out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    let pipeline = Pipeline::new(&config, &written, &run, &record, (&session.command, Resume::Continue))?;
    note_skipped(&pipeline.execute()?, &record);
    scores::print(session, &run, config.evaluate)
}

fn default_folder(experiment: &Path) -> PathBuf {
    Path::new("runs").join(experiment.file_stem().unwrap_or_default())
}
