//! What a code costs in nats and what it saves.

use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::circuit_vae::example::GraphExample;
use crate::circuit_vae::model::{CircuitVae, Code};
use crate::circuit_vae::prepared::Prepared;
use crate::circuit_vae::train::losses;

/// A latent number is active if the variance over circuits of its posterior mean exceeds this (Burda et al. 2016).
const ACTIVE_VARIANCE: f64 = 0.01;
/// Below this many nats a circuit there is nothing to be read in a code.
const COLLAPSED_NATS: f64 = 0.5;

/// What the code costs and carries on circuits that the model did not learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateScores {
    /// KL divergence from the prior, nats a circuit.
    pub kl: f64,
    /// The same of each latent number.
    pub kl_per_dimension: Vec<f64>,
    /// Latent numbers whose posterior mean has a variance over circuits above 0.01.
    pub active_units: usize,
    /// Latent numbers there are.
    pub n_latent: usize,
    /// -ln p(pairs | z, conditions), nats a circuit, z drawn from the posterior.
    pub nll_with_code: f64,
    /// The same with z = 0: what the conditions say without a code.
    pub nll_without_code: f64,
    /// Bits an edge that the code saves: (without - with) / edges.
    pub bits_per_edge_saved: f64,
    /// Bits an edge that are left once the code is paid for: (without - with - KL) / edges. Below 0 the code costs more
    /// than it tells, as it may where beta < 1.
    pub bits_per_edge_net: f64,
    /// Whether the code says next to nothing: KL below 0.5 nats a circuit, or no active unit.
    pub collapsed: bool,
}

impl RateScores {
    /// One sentence.
    pub fn in_words(&self) -> String {
        let cost = format!(
            "the code carries {:.2} nats a circuit in {} of {} active units",
            self.kl, self.active_units, self.n_latent
        );
        match self.collapsed {
            true => format!("{cost}: it has collapsed, and nothing found in it means anything"),
            false => {
                format!(
                    "{cost}; it saves {:.3} bits an edge, {:.3} net",
                    self.bits_per_edge_saved, self.bits_per_edge_net
                )
            }
        }
    }
}

pub(super) fn rate(
    vae: &CircuitVae,
    examples: &[GraphExample],
    codes: &[Code],
    seed: Seed,
) -> Result<RateScores, Error> {
    let strengths = vae.config().strengths;
    let prepared: Vec<Prepared> = examples.iter().map(|one| Prepared::new(one, strengths)).collect();
    let with = losses(vae, &prepared, seed.split("noise"))?;
    let mut without = 0.0;
    for one in &prepared {
        without += vae.pair_nll(&vec![0.0; vae.config().latent], one)?;
    }
    let n = examples.len().max(1) as f64;
    let n_edges = examples.iter().map(GraphExample::n_edges).sum::<usize>().max(1) as f64;
    let kl_per_dimension: Vec<f64> = with.kl.iter().map(|kl| kl / n).collect();
    let kl: f64 = kl_per_dimension.iter().sum();
    let active_units = (0..vae.config().latent).filter(|&k| variance(codes, k) > ACTIVE_VARIANCE).count();
    let saved = (without - with.states) / n_edges / std::f64::consts::LN_2;
    Ok(RateScores {
        kl,
        kl_per_dimension,
        active_units,
        n_latent: vae.config().latent,
        nll_with_code: with.states / n,
        nll_without_code: without / n,
        bits_per_edge_saved: saved,
        bits_per_edge_net: saved - kl * n / n_edges / std::f64::consts::LN_2,
        collapsed: kl < COLLAPSED_NATS || active_units == 0,
    })
}

fn variance(codes: &[Code], k: usize) -> f64 {
    let n = codes.len().max(1) as f64;
    let values = || codes.iter().map(|code| f64::from(code.mean[k]));
    let mean = values().sum::<f64>() / n;
    values().map(|value| (value - mean).powi(2)).sum::<f64>() / n
}
