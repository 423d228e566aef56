//! How the loss of a trained model went, from the run folder.

use neuroloom_models::mechanism::History;
use neuroloom_report::Training;

use super::super::{Artefact, ExperimentConfig, RunDir};
use crate::Error;

/// The loss curve, if this run trained: a table left by an earlier run in the same folder is not shown.
pub(super) fn training(run: &RunDir) -> Result<Option<Training>, Error> {
    let trains =
        ExperimentConfig::load(&run.path(Artefact::Config)).is_ok_and(|config| config.train.is_some());
    let history: Option<History> = if trains { run.read_json_if_any(Artefact::Training)? } else { None };
    Ok(history.map(|history| Training {
        step: history.points.iter().map(|point| point.step as f64).collect(),
        loss: history.points.iter().map(|point| f64::from(point.loss)).collect(),
        held_out: history.points.iter().map(|point| f64::from(point.held_out)).collect(),
        notes: history.notes,
    }))
}
