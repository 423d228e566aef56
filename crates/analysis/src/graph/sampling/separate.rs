//! Which neurons belong to training, validation and test.

use neuroloom_core::{CircuitPart, Connectome, Seed};
use rand::seq::SliceRandom;

use super::extract::Extractor;
use super::region::Region;
use super::{Axis, Sampler, SamplingConfig, Separation};
use crate::Error;

/// The regions of the parts, in their order; one region for all where nothing is separated.
pub(super) fn regions<'a>(
    connectome: &'a Connectome,
    wiring: &'a Extractor<'a>,
    eligible: &[u32],
    config: &SamplingConfig,
    seed: Seed,
) -> Result<Vec<Region<'a>>, Error> {
    let positions_um = connectome.neurons().position_um().unwrap_or_default();
    let groups = match config.separation {
        Separation::None => vec![eligible.to_vec()],
        Separation::Space => shares(in_space(eligible, positions_um, config), config.fractions),
        Separation::Neurons => {
            let mut order = eligible.to_vec();
            order.shuffle(&mut seed.split("parts").rng());
            shares(order, config.fractions)
        }
    };
    let n_wanted = config.circuits_per_region();
    let region = |(place, mut members): (usize, Vec<u32>)| {
        let (part, needed) = (config.parts()[place], *config.n_neurons.start());
        if n_wanted[place] > 0 && members.len() < needed {
            let what = too_few(part);
            return Err(Error::TooFew { what, given: members.len(), needed });
        }
        members.sort_unstable();
        let mut inside = vec![false; connectome.neurons().len()];
        members.iter().for_each(|&neuron| inside[neuron as usize] = true);
        let elsewhere = eligible.iter().copied().filter(|&neuron| !inside[neuron as usize]).collect();
        Ok(Region { part, name: part.name(), members, inside, elsewhere, positions_um, wiring })
    };
    groups.into_iter().enumerate().map(region).collect()
}

/// Parts dealt out to circuits at random.
pub(super) fn random_parts(n_circuits: usize, fractions: [f64; 3], seed: Seed) -> Vec<CircuitPart> {
    let mut order: Vec<u32> = (0..n_circuits as u32).collect();
    order.shuffle(&mut seed.split("parts").rng());
    let mut parts = vec![CircuitPart::Train; n_circuits];
    for (part, circuits) in CircuitPart::ALL.into_iter().zip(shares(order, fractions)) {
        circuits.into_iter().for_each(|circuit| parts[circuit as usize] = part);
    }
    parts
}

fn too_few(part: CircuitPart) -> &'static str {
    match part {
        CircuitPart::Train => "neurons of the training part (its share is too small for one circuit)",
        CircuitPart::Validation => "neurons of the validation part (its share is too small for one circuit)",
        CircuitPart::Test => "neurons of the test part (its share is too small for one circuit)",
    }
}

/// The neurons in the order of their place along the slab axis.
fn in_space(eligible: &[u32], positions_um: &[[f64; 3]], config: &SamplingConfig) -> Vec<u32> {
    let axis = config.slab_axis.map_or_else(|| widest(eligible, positions_um, config.sampler), Axis::index);
    let mut order = eligible.to_vec();
    let along = |&neuron: &u32| positions_um[neuron as usize][axis];
    order.sort_by(|a, b| along(a).total_cmp(&along(b)).then(a.cmp(b)));
    order
}

/// The direction in which the tissue is widest, other than the axis of cylinders.
fn widest(eligible: &[u32], positions_um: &[[f64; 3]], sampler: Sampler) -> usize {
    let candidates: Vec<usize> = match sampler {
        Sampler::Cylinder { axis } => axis.others().to_vec(),
        _ => vec![0, 1, 2],
    };
    let width = |axis: usize| {
        let along = || eligible.iter().map(|&neuron| positions_um[neuron as usize][axis]);
        along().fold(f64::NEG_INFINITY, f64::max) - along().fold(f64::INFINITY, f64::min)
    };
    let wider = |best: usize, axis: usize| if width(axis) > width(best) { axis } else { best };
    candidates.iter().copied().fold(candidates[0], wider)
}

/// Consecutive groups with the given shares.
fn shares(order: Vec<u32>, fractions: [f64; 3]) -> Vec<Vec<u32>> {
    let n = order.len() as f64;
    let first = (fractions[0] * n).round() as usize;
    let second = ((fractions[0] + fractions[1]) * n).round() as usize;
    let (first, second) = (first.min(order.len()), second.min(order.len()).max(first.min(order.len())));
    vec![order[..first].to_vec(), order[first..second].to_vec(), order[second..].to_vec()]
}
