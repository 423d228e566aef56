//! How the loss of a trained model went, from the run folder.

use neuroloom_models::mechanism::History;
use neuroloom_report::{ReportData, Training};

use super::super::{Artefact, ExperimentConfig, RunDir};
use crate::Error;

/// Adds the loss curve, and says which scores are not those of the trained model.
pub(super) fn add(run: &RunDir, data: &mut ReportData) -> Result<(), Error> {
    data.training = training(run)?;
    if data.training.is_none() {
        return Ok(());
    }
    if let Some(forecast) = &mut data.forecast {
        let of_model = forecast.methods.iter_mut().filter(|method| method.name == "model");
        of_model.for_each(|method| method.name = "closed form".to_owned());
        data.limits.push(
            "The forecast is that of the closed form, fitted to the first three quarters of the frames: a trained \
             model has seen nine tenths of each trial, so its own forecast of the last quarter would not be one. The \
             trained model is judged by its residual on the last tenth (section Training)."
                .to_owned(),
        );
    }
    Ok(())
}

/// The loss curve, if this run trained: a table left by an earlier run in the same folder is not shown.
fn training(run: &RunDir) -> Result<Option<Training>, Error> {
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
