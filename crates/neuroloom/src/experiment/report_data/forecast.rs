//! Forecast of frames that nothing was fitted on, beside persistence and a linear model.

use neuroloom_models::mechanism::{ForecastScores, HorizonScore as Scored};
use neuroloom_report::{Forecast, ForecastMethod, HorizonScore, TracePair};

use super::Parts;

pub(super) fn forecast(parts: &Parts<'_>) -> Option<Forecast> {
    let scores = parts.evaluation.forecast.as_ref()?;
    let view = parts.figures.forecast.clone().unwrap_or_default();
    let traces = view.names.iter().zip(view.recorded.iter().zip(&view.forecast));
    Some(Forecast {
        dt_s: parts.recording.dt_s,
        unit: parts.recording.unit.clone().unwrap_or_default(),
        held_out: format!(
            "last quarter: {} frames scored, the {} before them fitted",
            scores.n_test, scores.n_train
        ),
        methods: methods(scores),
        trace_steps: view.steps,
        trace_time_s: view.time_s.clone(),
        traces: traces
            .map(|(name, (truth, model))| TracePair {
                name: name.clone(),
                truth: truth.clone(),
                model: model.clone(),
            })
            .collect(),
    })
}

fn methods(scores: &ForecastScores) -> Vec<ForecastMethod> {
    let method = |name: &str, r2: fn(&Scored) -> f64| ForecastMethod {
        name: name.to_owned(),
        scores: scores.horizons.iter().map(|one| horizon(one.steps, r2(one))).collect(),
    };
    vec![
        method("model", |one| one.model),
        method("persistence", |one| one.persistence),
        method("ridge VAR(1)", |one| one.ridge_var1),
    ]
}

fn horizon(steps: usize, r2: f64) -> HorizonScore {
    HorizonScore { steps, r2, lower_quartile: None, upper_quartile: None }
}
