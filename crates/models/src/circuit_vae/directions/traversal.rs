//! Circuits along a direction of the code.

use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::circuit_vae::synthesize::{CodeSpace, Generator, Tilt};

/// Where a direction is followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TraversalConfig {
    /// Places along the direction, in standard deviations of the codes.
    pub places: Vec<f64>,
    /// Circuits drawn at each place.
    pub n_draws: usize,
}

impl Default for TraversalConfig {
    fn default() -> Self {
        Self { places: (-3..=3).map(f64::from).collect(), n_draws: 16 }
    }
}

/// Metrics of the circuits drawn along a direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traversal {
    /// Places along the direction.
    pub places: Vec<f64>,
    /// `[place][metric]`: mean over the draws; NaN where no draw has the metric.
    pub mean: Vec<Vec<f64>>,
    /// `[place][metric]`: standard deviation over the draws.
    pub sd: Vec<Vec<f64>>,
}

/// Draws circuits at `start + place * sd * unit` for each place; every place gets the same random numbers, so that
/// what changes is the code.
///
/// # Errors
/// What decoding says.
pub fn traverse(
    generator: &Generator<'_>,
    space: &CodeSpace,
    (start, unit): (&[f64], &[f64]),
    config: &TraversalConfig,
    seed: Seed,
) -> Result<Traversal, Error> {
    let (mut mean, mut sd) = (Vec::new(), Vec::new());
    for place in &config.places {
        let step: Vec<f64> = unit.iter().map(|value| value * place).collect();
        let found =
            generator.measure_at((&space.moved(start, &step), &Tilt::default()), config.n_draws, seed)?;
        mean.push(found.mean);
        sd.push(found.sd);
    }
    Ok(Traversal { places: config.places.clone(), mean, sd })
}
