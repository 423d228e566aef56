//! A training circuit as it is seen in one step: turned, and without some of its neurons.

use std::f32::consts::TAU;

use neuroloom_core::Seed;
use rand::RngExt;

use crate::circuit_vae::config::{Rotation, TrainingConfig};
use crate::circuit_vae::example::GraphExample;

/// Fewest neurons that are left.
const FEWEST: usize = 8;

pub(super) fn augmented(example: &GraphExample, config: &TrainingConfig, seed: Seed) -> GraphExample {
    let mut rng = seed.rng();
    let share = config.neuron_dropout as f32 * rng.random::<f32>();
    let n = example.n_neurons();
    let mut seen = if share > 0.0 && n > FEWEST {
        let kept: Vec<usize> = (0..n).filter(|_| rng.random::<f32>() >= share).collect();
        if kept.len() >= FEWEST { example.select(&kept) } else { example.clone() }
    } else {
        example.clone()
    };
    if config.rotation == Rotation::Lateral {
        let (sine, cosine) = (TAU * rng.random::<f32>()).sin_cos();
        let mirror = if rng.random::<bool>() { -1.0 } else { 1.0 };
        for [x, _, z] in &mut seen.conditions.position {
            (*x, *z) = (cosine * *x - sine * *z, mirror * (sine * *x + cosine * *z));
        }
    }
    seen
}
