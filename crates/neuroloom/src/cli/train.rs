//! `neuroloom train`.

use neuroloom_models::mechanism::TrainConfig;

use super::args::{TrainArgs, TrainKind};
use super::{Session, scores};
use crate::Error;
use crate::experiment::{ExperimentConfig, Pipeline, Resume, RunDir, RunRecord, note_skipped};

pub(super) fn train(session: &Session, args: TrainArgs) -> Result<(), Error> {
    match &args.kind {
        Some(TrainKind::Autoencoder(autoencoder)) => return super::weights::train(session, autoencoder),
        Some(TrainKind::Circuits(circuits)) => {
            return super::train_circuits::train_circuits(session, circuits);
        }
        None => {}
    }
    // clap asks for it unless there is a subcommand.
    let Some(out) = args.out.clone() else { return Ok(()) };
    let config = experiment(session, args)?;
    let run = RunDir::create(&out)?;
    let record = RunRecord::open(&run, &session.progress)?;
    // A run of hours goes on where it stopped.
    let pipeline = Pipeline::new(&config, &config, &run, &record, (&session.command, Resume::Continue))?;
    note_skipped(&pipeline.execute()?, &record);
    scores::print(session, &run, config.evaluate)
}

/// Defaults, then the file of `--config`, then the flags.
fn experiment(session: &Session, args: TrainArgs) -> Result<ExperimentConfig, Error> {
    let mut config = match &args.config {
        Some(path) => ExperimentConfig { simulate: None, ..ExperimentConfig::load(path)? },
        None => ExperimentConfig::default(),
    };
    args.data.check()?;
    config.seed = session.seed.unwrap_or(config.seed);
    config.evaluate = args.evaluate.unwrap_or(config.evaluate);
    config.infer.target = args.target.unwrap_or(config.infer.target);
    let given = config.train.take().unwrap_or_default();
    let train = with_flags(if args.published { TrainConfig::published() } else { given }, &args);
    config.data = Some(args.data);
    config.infer.check()?;
    train.check()?;
    config.train = Some(train);
    Ok(config)
}

fn with_flags(mut train: TrainConfig, args: &TrainArgs) -> TrainConfig {
    train.start = args.start.unwrap_or(train.start);
    train.target = args.target.or(train.target);
    train.transfer_input = args.transfer_input.unwrap_or(train.transfer_input);
    train.wiring = args.wiring.unwrap_or(train.wiring);
    train.signs = args.signs.unwrap_or(train.signs);
    train.recurrent_steps = args.recurrent_steps.unwrap_or(train.recurrent_steps);
    let descent = &mut train.descent;
    descent.epochs = args.epochs.unwrap_or(descent.epochs);
    descent.steps_per_epoch = args.steps_per_epoch.unwrap_or(descent.steps_per_epoch);
    descent.batch = args.batch.unwrap_or(descent.batch);
    descent.rate_weights = args.rate_weights.unwrap_or(descent.rate_weights);
    train
}
