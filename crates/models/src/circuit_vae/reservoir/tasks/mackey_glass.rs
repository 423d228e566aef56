//! Forecasts of the Mackey-Glass series, tau = 17.

use ndarray::{Array2, s};
use neuroloom_core::Seed;
use rand::RngExt;

use super::super::readout::{Readout, nrmse};
use super::super::series::mackey_glass;
use super::Body;
use crate::Error;

/// Steps ahead.
const HORIZONS: [usize; 4] = [1, 6, 17, 84];

/// Names of the scores.
pub(super) const NAMES: [&str; 5] = [
    "mackey_glass_nrmse_1",
    "mackey_glass_nrmse_6",
    "mackey_glass_nrmse_17",
    "mackey_glass_nrmse_84",
    "mackey_glass_divergence",
];

const TAU: f64 = 17.0;

/// Samples until the constant past is forgotten.
const SETTLE: usize = 500;

/// An own forecast has gone astray at this error, in standard deviations of the series.
const ASTRAY: f64 = 0.4;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let n_steps = body.config.n_steps();
    let start = seed.split("start").rng().random_range(0.8..1.3);
    let raw = &mackey_glass(SETTLE + n_steps + HORIZONS[3], TAU, start)[SETTLE..];
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    let series: Vec<f64> = raw.iter().map(|value| value - mean).collect();
    let weights_seed = seed.split("reservoir");
    let states = body.states(&series[..n_steps], weights_seed);
    let wanted = Array2::from_shape_fn((n_steps, 4), |(time, index)| series[time + HORIZONS[index]]);
    let (predicted, target) = body.answer(states.view(), wanted.view())?;
    let mut scores: Vec<f64> = (0..HORIZONS.len())
        .map(|index| nrmse(&predicted.column(index).to_vec(), &target.column(index).to_vec()))
        .collect();
    scores.push(divergence(body, (&states, &series), weights_seed)? as f64);
    Ok(scores)
}

/// Steps that the reservoir can feed on its own forecasts from the end of the training steps.
fn divergence(body: &Body<'_>, (states, series): (&Array2<f64>, &[f64]), seed: Seed) -> Result<usize, Error> {
    let (from, cut) = (body.config.washout, body.config.washout + body.config.train);
    let next = Array2::from_shape_fn((cut - from, 1), |(time, _)| series[from + time + 1]);
    let readout = Readout::fit(states.slice(s![from..cut, ..]), next.view(), &body.config.penalties)?;
    let sd = (series.iter().map(|value| value * value).sum::<f64>() / series.len() as f64).sqrt();
    let mut state = states.row(cut - 1).to_vec();
    let mut following = state.clone();
    let drive = body.reservoir.map(|one| one.drive(body.config, seed));
    for ahead in 0..body.config.test {
        let forecast = readout.predict_one(&state);
        let error = (forecast - series[cut + ahead]).abs();
        if error.is_nan() || error > ASTRAY * sd {
            return Ok(ahead);
        }
        if let (Some(reservoir), Some(drive)) = (body.reservoir, &drive) {
            reservoir.step(&state, (drive, forecast), &mut following);
            std::mem::swap(&mut state, &mut following);
        } else {
            state[0] = forecast;
        }
    }
    Ok(body.config.test)
}
