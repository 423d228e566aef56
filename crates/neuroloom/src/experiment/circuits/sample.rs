//! From a connectome to a set of circuits on disk.

use std::path::Path;

use neuroloom_analysis::graph::sampling::{CircuitSample, SamplingConfig, align_depth, sample_circuits};
use neuroloom_core::{Connectome, Listener, Seed};
use serde_json::json;

use super::write_json;
use crate::Error;

/// The connectome with its tissue turned so that `depth` is the y axis.
///
/// # Errors
/// [`Error::Setting`] if it has no positions, [`Error::Analysis`] if `depth` has no direction.
pub fn turned(connectome: &Connectome, depth: [f64; 3]) -> Result<Connectome, Error> {
    let neurons = connectome.neurons();
    let Some(positions) = neurons.position_um() else {
        let allowed = "only for a connectome with soma positions".to_owned();
        return Err(Error::Setting { key: "depth", given: format!("{depth:?}"), allowed });
    };
    let turned = neurons.clone().with_position_um(align_depth(positions, depth)?)?;
    Ok(Connectome::new(turned, connectome.edges().clone())?.with_observed(connectome.observed().clone()))
}

/// Cuts circuits out of a connectome and writes them with `sample.json`: settings, seed and counts.
///
/// # Errors
/// [`Error::Analysis`] for settings that do not fit the connectome, [`Error::Io`] if the folder cannot be written to.
pub fn sample(
    connectome: &Connectome,
    config: &SamplingConfig,
    (seed, out): (Seed, &Path),
    events: &dyn Listener,
) -> Result<CircuitSample, Error> {
    let sample = sample_circuits(connectome, config, seed, events)?;
    neuroloom_io::write_circuit_set(out, &sample.set)?;
    let described = json!({
        "seed": seed,
        "sampling": config,
        "summary": sample.summary,
        "warnings": sample.summary.warnings(),
    });
    write_json(&out.join("sample.json"), &described)?;
    Ok(sample)
}
