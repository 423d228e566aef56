//! Surrogate tissue: a cortex-like connectome whose rules are known. Always synthetic; it resembles mouse cortex
//! only as far as the table of types says.
//!
//! Neuron i of type a sends to neuron j of type b at distance d_ij with probability
//! p_ij = min(0.95, P_ab exp(-d_ij / lambda_a) o_i n_j), where o and n are log-normal gains with mean 1, which make
//! the degrees heavy-tailed. The two directions of a pair are drawn together,
//! P(both) = min(r p_ij p_ji, p_ij, p_ji), so that every p_ij stays what it is and the pairs connected both ways
//! are r times as many as chance would make them.
//!
//! # Examples
//! ```
//! use neuroloom_core::{Seed, Silent};
//! use neuroloom_sim::{TissueConfig, simulate_tissue};
//! let config = TissueConfig { n_neurons: 300, ..TissueConfig::default() };
//! let tissue = simulate_tissue(&config, Seed(42), &Silent)?;
//! // Only proofread axons are complete, so fewer edges are observed than exist.
//! assert!(tissue.observed.edges().len() < tissue.complete.edges().len());
//! # Ok::<(), neuroloom_sim::Error>(())
//! ```

mod config;
mod cortex;
mod pairs;
mod soma;
mod synapses;

use neuroloom_core::{Connectome, Event, Listener, Seed};

use crate::Error;
pub use config::{TissueConfig, TissueType};
pub use synapses::SynapseList;

/// A synthetic tissue: what there is, what a reconstruction would have seen, and the rules behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct SurrogateTissue {
    /// All edges.
    pub complete: Connectome,
    /// The edges that survive incomplete tracing, with the mask of neurons whose axon was proofread.
    pub observed: Connectome,
    /// Every synapse of the complete tissue.
    pub synapses: SynapseList,
    /// What the wiring was drawn from.
    pub factors: TissueFactors,
}

/// What the wiring of a surrogate tissue was drawn from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TissueFactors {
    /// Type of each neuron, a position in [`TissueConfig::types`].
    pub type_index: Vec<usize>,
    /// Gain of each neuron as a sender, mean 1.
    pub out_gain: Vec<f64>,
    /// Gain of each neuron as a receiver, mean 1.
    pub in_gain: Vec<f64>,
    /// Expected number of edges, the sum of all p_ij.
    pub expected_edges: f64,
    /// Expected number of edges whose reverse exists too.
    pub expected_reciprocal: f64,
    /// The same if both directions of a pair were drawn independently.
    pub expected_reciprocal_independent: f64,
}

/// Draws a tissue.
///
/// # Errors
/// [`Error::Config`] naming the key that is outside its range; [`Error::Interrupted`].
pub fn simulate_tissue(
    config: &TissueConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<SurrogateTissue, Error> {
    config.check()?;
    let somata = soma::place(config, seed);
    let mut factors = soma::gains(config, &somata, seed);
    let edges = pairs::draw(config, &somata, &mut factors, (seed, events))?;
    let (complete_edges, synapses) = synapses::draw(config, &somata, edges, seed);
    let neurons = soma::table(config, &somata)?;
    let traced = soma::traced(config, seed);
    let seen = synapses::seen(config, &synapses, &traced, seed);
    let observed_edges = synapses::count(&synapses, &seen, &complete_edges);
    let complete = Connectome::new(neurons.clone(), complete_edges)?;
    let mask = neuroloom_core::EdgeMask { pre_observed: Some(traced), post_observed: None };
    let observed = Connectome::new(neurons, observed_edges)?.with_observed(mask);
    events.emit(Event::Finished);
    Ok(SurrogateTissue { complete, observed, synapses: SynapseList { seen, ..synapses }, factors })
}

#[cfg(test)]
mod tests;
