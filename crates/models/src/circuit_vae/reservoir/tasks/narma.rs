//! NARMA-10.

use neuroloom_core::Seed;
use rand::RngExt;

use super::super::readout::nrmse;
use super::super::series::narma10;
use super::{Body, column};
use crate::Error;

/// Draws of the input until the series stays bounded.
const MAX_DRAWS: u64 = 100;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let draw = |attempt: u64| {
        let mut rng = seed.split("input").nth(attempt).rng();
        let inputs: Vec<f64> = (0..body.config.n_steps()).map(|_| rng.random_range(0.0..0.5)).collect();
        narma10(&inputs).map(|series| (inputs, series))
    };
    let (inputs, series) =
        (0..MAX_DRAWS).find_map(draw).ok_or(Error::Diverged { step: MAX_DRAWS, term: "NARMA-10 series" })?;
    // The input has a mean, which would hold the neurons to one side.
    let centred: Vec<f64> = inputs.iter().map(|input| input - 0.25).collect();
    let states = body.states(&centred, seed);
    let (predicted, wanted) = body.answer(states.view(), column(&series).view())?;
    Ok(vec![nrmse(&predicted.column(0).to_vec(), &wanted.column(0).to_vec())])
}
