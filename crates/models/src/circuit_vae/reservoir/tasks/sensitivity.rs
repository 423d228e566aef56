//! Largest Lyapunov exponent of the driven reservoir: mean logarithm of the growth of a small disturbance a step
//! (Benettin et al. 1980). Below 0 disturbances die out. The input alone keeps no state: minus infinity, written as
//! the smallest value that is measured.

use neuroloom_core::Seed;
use rand::RngExt;

use super::Body;
use super::memory::uniform;
use crate::Error;

const N_STEPS: usize = 1000;

/// Size to which the disturbance is brought back after each step.
const SIZE: f64 = 1e-8;

/// Growth a step below which a disturbance counts as gone.
const GONE: f64 = 1e-6;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let Some(reservoir) = body.reservoir else { return Ok(vec![GONE.ln()]) };
    let drive = reservoir.drive(body.config, seed);
    let inputs = uniform(body.config.washout + N_STEPS, seed.split("input"));
    let n = reservoir.n_neurons();
    let mut state = vec![0.0; n];
    let (mut next, mut next_beside) = (state.clone(), state.clone());
    let mut rng = seed.split("disturbance").rng();
    let mut offset: Vec<f64> = (0..n).map(|_| rng.random_range(-1.0..1.0)).collect();
    let mut total = 0.0;
    for (time, &input) in inputs.iter().enumerate() {
        let length = norm(&offset);
        let beside: Vec<f64> = state.iter().zip(&offset).map(|(x, d)| x + SIZE * d / length).collect();
        reservoir.step(&state, (&drive, input), &mut next);
        reservoir.step(&beside, (&drive, input), &mut next_beside);
        let moved: Vec<f64> = next.iter().zip(&next_beside).map(|(x, y)| y - x).collect();
        let growth = (norm(&moved) / SIZE).max(GONE);
        if growth > GONE {
            offset = moved;
        }
        if time >= body.config.washout {
            total += growth.ln();
        }
        std::mem::swap(&mut state, &mut next);
    }
    Ok(vec![total / N_STEPS as f64])
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}
