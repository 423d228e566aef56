//! `neuroloom infer`.

use super::args::InferArgs;
use super::{Session, scores};
use crate::Error;
use crate::experiment::{ExperimentConfig, Pipeline, Resume, RunDir, RunRecord};

pub(super) fn infer(session: &Session, args: InferArgs) -> Result<(), Error> {
    let out = args.out.clone();
    let config = experiment(session, args)?;
    let run = RunDir::create(&out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    Pipeline::new(&config, &config, &run, &record, (&session.command, Resume::Fresh))?.execute()?;
    scores::print(session, &run, config.evaluate)
}

/// Defaults, then the file of `--config`, then the flags.
fn experiment(session: &Session, args: InferArgs) -> Result<ExperimentConfig, Error> {
    let mut config = match &args.config {
        Some(path) => ExperimentConfig { simulate: None, ..ExperimentConfig::load(path)? },
        None => ExperimentConfig::default(),
    };
    args.data.check()?;
    config.seed = session.seed.unwrap_or(config.seed);
    config.evaluate = args.evaluate.unwrap_or(config.evaluate);
    config.infer.target = args.target.unwrap_or(config.infer.target);
    config.infer.transfer = args.transfer.unwrap_or(config.infer.transfer);
    config.infer.modulation_windows = args.modulation_windows.unwrap_or(config.infer.modulation_windows);
    config.infer.update = args.update.unwrap_or(config.infer.update);
    config.infer.ridge = args.ridge.or(config.infer.ridge);
    config.infer.l1 = args.l1.unwrap_or(config.infer.l1);
    config.infer.signs = args.signs.unwrap_or(config.infer.signs);
    config.data = Some(args.data);
    config.infer.check()?;
    Ok(config)
}
