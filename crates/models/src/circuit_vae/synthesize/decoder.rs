//! A trained model as a decoder.

use neuroloom_core::{Circuit, Seed};

use super::tilt::Tilt;
use crate::Error;
use crate::circuit_vae::{CircuitVae, NodeConditions};

/// The decoder of a trained model. `templates` are conditions of real circuits for form B; each draw takes one of them by
/// its seed, so that equal seeds have equal templates whatever the code. None for form A.
pub fn decoder<'a>(
    model: &'a CircuitVae,
    templates: &'a [NodeConditions],
) -> impl Fn(&[f64], &Tilt, Seed) -> Result<Circuit, Error> + Sync + 'a {
    move |code, tilt, seed| {
        let code: Vec<f32> = code.iter().map(|value| *value as f32).collect();
        let choice = seed.split("template").0 % templates.len().max(1) as u64;
        model.generate_tilted(&code, templates.get(choice as usize), tilt, seed)
    }
}
