//! Null models of a whole set of circuits.

use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, Seed, Synapses};
use rayon::prelude::*;

use crate::Error;
use crate::graph::DirectedGraph;
use crate::graph::nulls::{NullConfig, NullModel, NullSampler};

/// One random circuit for each given one: the same neurons, types and positions, edges drawn by the null model.
///
/// # Errors
/// [`Error::Missing`] if the model needs cell types or positions that a circuit lacks.
pub fn null_circuits(circuits: &[Circuit], model: NullModel, seed: Seed) -> Result<Vec<Circuit>, Error> {
    let draw = |(place, circuit): (usize, &Circuit)| {
        let seed = seed.split(model.name()).nth(place as u64);
        let connectome = circuit.connectome();
        let graph = DirectedGraph::from_connectome(connectome, Synapses::Binary)?;
        let neurons = connectome.neurons();
        let config = NullConfig {
            cell_type: neurons.cell_type(),
            position_um: neurons.position_um(),
            ..NullConfig::default()
        };
        let sampled = NullSampler::new(model, &graph, &config)?.sample(seed)?;
        let (pre, post) = sampled.edges().unzip();
        let edges = EdgeList { pre, post, ..EdgeList::default() };
        let origin =
            CircuitOrigin { method: model.name().to_owned(), seed: seed.0, ..circuit.origin().clone() };
        let connectome =
            Connectome::new(neurons.clone(), edges)?.with_observed(connectome.observed().clone());
        Ok(Circuit::new(connectome, origin))
    };
    circuits.par_iter().enumerate().map(draw).collect()
}
