//! Synapses on the edges, and which of them a reconstruction finds.

use std::collections::HashMap;

use neuroloom_core::{EdgeList, Seed};
use rand::RngExt;
use rand_distr::{Distribution, LogNormal, Normal};

use super::TissueConfig;
use super::soma::Somata;

/// Mean and standard deviation of the logarithm of a cleft's size in voxels of 4 x 4 x 40 nm.
const CLEFT: (f64, f64) = (7.4, 0.9);

/// Standard deviation of the distance of a synapse from the soma of its receiver along each axis.
const DENDRITE_UM: f64 = 40.0;

/// Synapses, one row each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SynapseList {
    /// Sending neuron, position in the table.
    pub pre: Vec<u32>,
    /// Receiving neuron, position in the table.
    pub post: Vec<u32>,
    /// Cleft size in voxels.
    pub size_vx: Vec<u32>,
    /// Place of the cleft in micrometres.
    pub position_um: Vec<[f64; 3]>,
    /// Whether an incomplete tracing finds it.
    pub seen: Vec<bool>,
}

/// The edges with their numbers of synapses, sorted by sender and receiver, and the synapses in the same order.
pub(super) fn draw(
    config: &TissueConfig,
    somata: &Somata,
    mut pairs: Vec<(u32, u32)>,
    seed: Seed,
) -> (EdgeList, SynapseList) {
    let mut rng = seed.split("synapses").rng();
    pairs.sort_unstable();
    let more = 1.0 - 1.0 / config.synapses_per_edge;
    let (cleft, dendrite) = (LogNormal::new(CLEFT.0, CLEFT.1).ok(), Normal::new(0.0, DENDRITE_UM).ok());
    let (mut edges, mut synapses) = (EdgeList::default(), SynapseList::default());
    for (pre, post) in pairs {
        let mut n = 1;
        while rng.random_bool(more) {
            n += 1;
        }
        for _ in 0..n {
            let size = cleft.map_or(1.0, |law| law.sample(&mut rng));
            let mut offset = || dendrite.map_or(0.0, |law| law.sample(&mut rng));
            let soma = somata.position_um[post as usize];
            // The pia is a border for dendrites too.
            let place = [soma[0] + offset(), (soma[1] + offset()).max(0.0), soma[2] + offset()];
            synapses.pre.push(pre);
            synapses.post.push(post);
            synapses.size_vx.push(size.round().clamp(1.0, 1e6) as u32);
            synapses.position_um.push(place);
        }
        edges.pre.push(pre);
        edges.post.push(post);
        edges.syn_count.push(n as f32);
        edges.sign.push(config.types[somata.type_index[pre as usize]].sign);
    }
    (edges, synapses)
}

/// Whether each synapse is found: all of a proofread axon, a share of the others.
pub(super) fn seen(config: &TissueConfig, synapses: &SynapseList, traced: &[bool], seed: Seed) -> Vec<bool> {
    let mut rng = seed.split("tracing").rng();
    let find = |&pre: &u32| {
        let lucky = rng.random_bool(config.found_without_proofreading);
        traced[pre as usize] || lucky
    };
    synapses.pre.iter().map(find).collect()
}

/// The edges that the kept synapses make, in the order of `edges`.
pub(super) fn count(synapses: &SynapseList, kept: &[bool], edges: &EdgeList) -> EdgeList {
    let mut counts: HashMap<(u32, u32), f32> = HashMap::with_capacity(edges.len());
    for (row, pair) in synapses.pre.iter().zip(&synapses.post).enumerate() {
        if kept[row] {
            *counts.entry((*pair.0, *pair.1)).or_default() += 1.0;
        }
    }
    let found = |&row: &usize| counts.contains_key(&(edges.pre[row], edges.post[row]));
    let rows: Vec<usize> = (0..edges.len()).filter(found).collect();
    let mut kept = edges.select(&rows);
    for row in 0..kept.len() {
        kept.syn_count[row] = counts[&(kept.pre[row], kept.post[row])];
    }
    kept
}
