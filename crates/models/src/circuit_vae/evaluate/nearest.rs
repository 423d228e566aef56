//! Whether generated circuits are copies of training circuits.

use std::collections::BTreeMap;

use neuroloom_analysis::statistics::quantiles;
use neuroloom_core::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::circuit_vae::config::Form;
use crate::circuit_vae::example::GraphExample;
use crate::circuit_vae::model::{CircuitVae, Code};

/// Test and training circuits compared, at most.
const MOST: usize = 200;

/// Distance to the nearest training circuit: half the L1 distance of how the edges of two circuits spread over (type
/// of pre, type of post, degree of pre, degree of post), degrees in steps of four; 0 for a copy, 1 for nothing in
/// common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NearestTraining {
    /// Median over circuits generated from the codes of test circuits.
    pub generated: f64,
    /// Smallest of them.
    pub generated_least: f64,
    /// Median over the test circuits themselves: where generated ones should lie.
    pub test: f64,
    /// Median over training circuits, each against the others: overlap of the sampler included.
    pub training: f64,
}

type Profile = BTreeMap<[u16; 4], f64>;

pub(super) fn nearest(
    vae: &CircuitVae,
    (training, test): (&[GraphExample], &[GraphExample]),
    codes: &[Code],
    seed: Seed,
) -> Result<NearestTraining, Error> {
    let known: Vec<Profile> = training.par_iter().map(profile).collect();
    let draw = |(index, (example, code)): (usize, (&GraphExample, &Code))| {
        let told = (vae.config().form == Form::Conditional).then_some(&example.conditions);
        let circuit = vae.generate(&code.mean, told, seed.split("generated").nth(index as u64))?;
        Ok(match circuit.n_neurons() {
            0 | 1 => Profile::new(),
            _ => profile(&vae.example(&circuit)?),
        })
    };
    let generated: Result<Vec<Profile>, Error> =
        test.par_iter().zip(codes).take(MOST).enumerate().map(draw).collect();
    let to_known = |one: &Profile| known.iter().map(|other| distance(one, other)).fold(1.0, f64::min);
    let generated: Vec<f64> = generated?.par_iter().map(to_known).collect();
    let test: Vec<f64> = test.par_iter().take(MOST).map(|one| to_known(&profile(one))).collect();
    let among = |index: usize| {
        let others = known.iter().enumerate().filter(|(other, _)| *other != index);
        others.map(|(_, other)| distance(&known[index], other)).fold(1.0, f64::min)
    };
    let training: Vec<f64> = (0..known.len().min(MOST)).into_par_iter().map(among).collect();
    let median = |values: &[f64]| Ok::<f64, Error>(quantiles(values, &[0.5])?[0]);
    Ok(NearestTraining {
        generated: median(&generated)?,
        generated_least: generated.iter().copied().fold(1.0, f64::min),
        test: median(&test)?,
        training: median(&training)?,
    })
}

/// Shares of edges by the types and degrees of their ends.
fn profile(example: &GraphExample) -> Profile {
    let n = example.n_neurons();
    let (mut out, mut into) = (vec![0_u16; n], vec![0_u16; n]);
    for (pre, post) in &example.edges {
        out[*pre as usize] += 1;
        into[*post as usize] += 1;
    }
    let share = 1.0 / example.n_edges().max(1) as f64;
    let mut profile = Profile::new();
    for (pre, post) in &example.edges {
        let (pre, post) = (*pre as usize, *post as usize);
        let types = &example.conditions.cell_type;
        *profile.entry([types[pre], types[post], out[pre] / 4, into[post] / 4]).or_default() += share;
    }
    profile
}

fn distance(one: &Profile, other: &Profile) -> f64 {
    let common: f64 = one.iter().map(|(key, share)| share.min(other.get(key).copied().unwrap_or(0.0))).sum();
    (1.0 - common).clamp(0.0, 1.0)
}
