//! Delayed exclusive or of a random binary input: u_(t-1) xor u_(t-2). No linear readout of past inputs can tell.

use neuroloom_core::Seed;
use rand::RngExt;

use super::super::readout::accuracy;
use super::{Body, column};
use crate::Error;

pub(super) fn run(body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
    let mut rng = seed.split("input").rng();
    let bits: Vec<bool> = (0..body.config.n_steps()).map(|_| rng.random_bool(0.5)).collect();
    let inputs: Vec<f64> = bits.iter().map(|&bit| if bit { 0.5 } else { -0.5 }).collect();
    let label =
        |time: usize| if time >= 2 { f64::from(u8::from(bits[time - 1] != bits[time - 2])) } else { 0.0 };
    let labels: Vec<f64> = (0..bits.len()).map(label).collect();
    let states = body.states(&inputs, seed);
    let (predicted, wanted) = body.answer(states.view(), column(&labels).view())?;
    Ok(vec![accuracy(&predicted.column(0).to_vec(), &wanted.column(0).to_vec())])
}
