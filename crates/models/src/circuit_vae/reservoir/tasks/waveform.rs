//! Sine or square? Segments of one period of twelve samples, each of either form by the toss of a coin; the answer is
//! asked for at every sample.

use neuroloom_core::Seed;
use rand::RngExt;

use super::super::readout::accuracy;
use super::{Body, column};
use crate::Error;

const PERIOD: usize = 12;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let n_steps = body.config.n_steps();
    let mut rng = seed.split("input").rng();
    let is_square: Vec<bool> = (0..n_steps.div_ceil(PERIOD)).map(|_| rng.random_bool(0.5)).collect();
    let value = |time: usize| {
        // Half a sample in, so that no sample is at a jump.
        let sine = ((time % PERIOD) as f64 + 0.5) / PERIOD as f64 * std::f64::consts::TAU;
        if is_square[time / PERIOD] { 0.5 * sine.sin().signum() } else { 0.5 * sine.sin() }
    };
    let inputs: Vec<f64> = (0..n_steps).map(value).collect();
    let labels: Vec<f64> = (0..n_steps).map(|time| f64::from(u8::from(is_square[time / PERIOD]))).collect();
    let states = body.states(&inputs, seed);
    let (predicted, wanted) = body.answer(states.view(), column(&labels).view())?;
    Ok(vec![accuracy(&predicted.column(0).to_vec(), &wanted.column(0).to_vec())])
}
