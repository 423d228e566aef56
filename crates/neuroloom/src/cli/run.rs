//! `neuroloom run`.

use std::path::{Path, PathBuf};

use super::args::RunArgs;
use super::{Session, scores};
use crate::Error;
use crate::experiment::circuit_vae::CodeConfig;
use crate::experiment::{
    Experiment, ExperimentConfig, Pipeline, Resume, RunDir, RunRecord, folder_of, note_skipped, weights,
};

pub(super) fn run(session: &Session, args: &RunArgs) -> Result<(), Error> {
    let experiment = Experiment::load(&args.experiment)?;
    let out = args.out.clone().unwrap_or_else(|| default_folder(&args.experiment));
    match experiment {
        Experiment::Mechanism(written) => mechanism(session, *written, &args.experiment, &out),
        Experiment::CircuitVae(written) => code(session, *written, &args.experiment, &out),
        Experiment::WeightManifold(given) => {
            let seed = session.seed.unwrap_or(given.seed);
            super::weights::run(session, &weights::WeightExperiment { seed, ..*given }, &out)
        }
    }
}

fn mechanism(
    session: &Session,
    mut written: ExperimentConfig,
    experiment: &Path,
    out: &Path,
) -> Result<(), Error> {
    written.seed = session.seed.unwrap_or(written.seed);
    let config = written.clone().resolved(folder_of(experiment));
    let run = RunDir::create(out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    let pipeline = Pipeline::new(&config, &written, &run, &record, (&session.command, Resume::Continue))?;
    note_skipped(&pipeline.execute()?, &record);
    scores::print(session, &run, config.evaluate)
}

fn code(session: &Session, mut written: CodeConfig, experiment: &Path, out: &Path) -> Result<(), Error> {
    written.seed = session.seed.unwrap_or(written.seed);
    let config = written.clone().resolved(folder_of(experiment));
    super::train_circuits::run(session, (&config, &written), &RunDir::create(out)?)
}

fn default_folder(experiment: &Path) -> PathBuf {
    Path::new("runs").join(experiment.file_stem().unwrap_or_default())
}
