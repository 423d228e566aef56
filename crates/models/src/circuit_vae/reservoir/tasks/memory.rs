//! Short-term memory (Jaeger 2001): MC = sum over k = 1..2N of corr²(u_(t-k), recalled). A correlation of T samples
//! is not 0 by chance but 1/T on average when squared; what the same readouts score on another input is subtracted.

use ndarray::{Array2, ArrayView1};
use neuroloom_core::Seed;
use rand::RngExt;

use super::Body;
use crate::Error;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    Ok(vec![curve(body, seed)?.iter().sum()])
}

/// corr² less its bias, for each delay from 1.
pub(in super::super) fn curve(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let n_delays = (2 * body.n_neurons).min(body.config.washout);
    let inputs = uniform(body.config.n_steps(), seed.split("input"));
    let states = body.states(&inputs, seed);
    let wanted = delayed(&inputs, n_delays);
    let (recalled, target) = body.answer(states.view(), wanted.view())?;
    let foreign = delayed(&uniform(body.config.n_steps(), seed.split("foreign input")), n_delays);
    let foreign = foreign.slice(ndarray::s![body.config.n_steps() - body.config.test.., ..]);
    let gain = |delay: usize| {
        let recalled = recalled.column(delay);
        squared_correlation(recalled, target.column(delay))
            - squared_correlation(recalled, foreign.column(delay))
    };
    Ok((0..n_delays).map(gain).collect())
}

pub(super) fn uniform(n_steps: usize, seed: Seed) -> Vec<f64> {
    let mut rng = seed.rng();
    (0..n_steps).map(|_| rng.random_range(-0.5..0.5)).collect()
}

fn delayed(inputs: &[f64], n_delays: usize) -> Array2<f64> {
    Array2::from_shape_fn((inputs.len(), n_delays), |(time, delay)| {
        time.checked_sub(delay + 1).map_or(0.0, |past| inputs[past])
    })
}

fn squared_correlation(x: ArrayView1<'_, f64>, y: ArrayView1<'_, f64>) -> f64 {
    let (mean_x, mean_y) = (x.sum() / x.len() as f64, y.sum() / y.len() as f64);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xx += (x - mean_x).powi(2);
        yy += (y - mean_y).powi(2);
        xy += (x - mean_x) * (y - mean_y);
    }
    // A readout that says the same at every step recalls nothing.
    if xx > 0.0 && yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 }
}
