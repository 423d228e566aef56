//! Where the neurons are, of which type, and how strongly each sends and receives.

use neuroloom_core::{NeuronId, NeuronTable, Seed};
use rand::RngExt;
use rand_distr::{Distribution, LogNormal};

use super::{TissueConfig, TissueFactors};
use crate::Error;

/// The first id: as long as a CAVE root id and exact only in 64 bits, but unlike any that CAVE gives out.
const FIRST_ID: i64 = 999_000_000_000_000_001;

/// Type and place of each neuron.
pub(super) struct Somata {
    pub(super) type_index: Vec<usize>,
    pub(super) position_um: Vec<[f64; 3]>,
}

/// Types in their proportions (largest remainder), uniform within the depth of the type and across the column.
pub(super) fn place(config: &TissueConfig, seed: Seed) -> Somata {
    let mut rng = seed.split("somata").rng();
    let width = config.width_um();
    let mut neurons: Vec<(usize, [f64; 3])> = Vec::with_capacity(config.n_neurons);
    for (type_index, n) in counts(config).into_iter().enumerate() {
        let [top, bottom] = config.types[type_index].depth_um;
        for _ in 0..n {
            let across = [rng.random_range(0.0..width), rng.random_range(0.0..width)];
            neurons.push((type_index, [across[0], rng.random_range(top..bottom), across[1]]));
        }
    }
    // In a reconstruction the rows are not sorted by type.
    for last in (1..neurons.len()).rev() {
        neurons.swap(last, rng.random_range(0..=last));
    }
    let (type_index, position_um) = neurons.into_iter().unzip();
    Somata { type_index, position_um }
}

pub(super) fn gains(config: &TissueConfig, somata: &Somata, seed: Seed) -> TissueFactors {
    let gains = |spread: f64, purpose: &str| -> Vec<f64> {
        let mut rng = seed.split(purpose).rng();
        // mean 1: exp(spread z - spread^2 / 2); a spread that was checked is a valid one
        let law = LogNormal::new(-0.5 * spread * spread, spread).ok();
        (0..config.n_neurons).map(|_| law.map_or(1.0, |law| law.sample(&mut rng))).collect()
    };
    TissueFactors {
        type_index: somata.type_index.clone(),
        out_gain: gains(config.out_spread, "out gain"),
        in_gain: gains(config.in_spread, "in gain"),
        ..TissueFactors::default()
    }
}

pub(super) fn table(config: &TissueConfig, somata: &Somata) -> Result<NeuronTable, Error> {
    let ids = (0..config.n_neurons as i64).map(|neuron| NeuronId::Integer(FIRST_ID + neuron)).collect();
    let names = somata.type_index.iter().map(|&one| config.types[one].name.clone()).collect();
    Ok(NeuronTable::new(ids)?.with_cell_type(names)?.with_position_um(somata.position_um.clone())?)
}

/// Whether the axon of each neuron is proofread.
pub(super) fn traced(config: &TissueConfig, seed: Seed) -> Vec<bool> {
    let mut rng = seed.split("proofreading").rng();
    (0..config.n_neurons).map(|_| rng.random_bool(config.proofread)).collect()
}

fn counts(config: &TissueConfig) -> Vec<usize> {
    let total: f64 = config.types.iter().map(|one| one.share).sum();
    let exact: Vec<f64> =
        config.types.iter().map(|one| one.share / total * config.n_neurons as f64).collect();
    let mut counts: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut by_remainder: Vec<usize> = (0..counts.len()).collect();
    by_remainder.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let missing = config.n_neurons - counts.iter().sum::<usize>();
    by_remainder.into_iter().cycle().take(missing).for_each(|one| counts[one] += 1);
    counts
}
