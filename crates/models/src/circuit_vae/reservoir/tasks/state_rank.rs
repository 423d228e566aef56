//! Kernel and generalisation rank (Legenstein and Maass 2007): the rank of the matrix of states after N different
//! inputs, and after N inputs that differ only in their distant past. A good reservoir tells the first apart and
//! forgets what makes the second differ. A singular value counts above a hundredth of the largest.

use faer::Mat;
use neuroloom_core::Seed;

use super::Body;
use super::memory::uniform;
use crate::Error;

/// Steps of each input.
const N_STEPS: usize = 120;

/// Last steps that are the same in all inputs for the generalisation rank.
const N_SHARED: usize = 20;

const COUNTS_FROM: f64 = 0.01;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let shared = uniform(N_SHARED, seed.split("shared"));
    let different = rank(body, seed, |stream| uniform(N_STEPS, seed.split("different").nth(stream)))?;
    let alike = rank(body, seed, |stream| {
        let mut inputs = uniform(N_STEPS - N_SHARED, seed.split("alike").nth(stream));
        inputs.extend(&shared);
        inputs
    })?;
    Ok(vec![different, alike])
}

fn rank(body: &Body<'_>, seed: Seed, input: impl Fn(u64) -> Vec<f64>) -> Result<f64, Error> {
    let last: Vec<Vec<f64>> = (0..body.n_neurons as u64)
        .map(|stream| body.states(&input(stream), seed).row(N_STEPS - 1).to_vec())
        .collect();
    let matrix = Mat::from_fn(last.len(), last[0].len(), |row, column| last[row][column]);
    let values =
        matrix.singular_values().map_err(|_| Error::Singular { stage: "rank of reservoir states" })?;
    let largest = values.first().copied().unwrap_or(0.0);
    Ok(values.iter().filter(|value| largest > 0.0 && **value > COUNTS_FROM * largest).count() as f64)
}
