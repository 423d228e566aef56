//! A surrogate tissue on disk: connectomes, truth, and the tables that a CAVE export would have.

use std::path::Path;

use ndarray::{Array1, CowArray};
use neuroloom_core::{Listener, Seed};
use neuroloom_io::{CaveSynapses, CaveTissue, NamedArray};
use neuroloom_sim::{SurrogateTissue, TissueConfig};
use serde::Serialize;
use serde_json::json;

use super::write_json;
use crate::Error;

/// The note in every folder of a surrogate tissue.
const NOTE: &str = "\
# SYNTHETIC tissue

Nothing here was measured. neuroloom drew it from the rules in `tissue.json`; the tables in `cave/` only have the
columns of a CAVE export. Ids begin with 999, which no CAVE data stack gives out.

- `observed/` what a reconstruction with incomplete proofreading would have seen
- `complete/` everything there is
- `truth.npz` type, gain as sender and gain as receiver of each neuron, in the order of `complete/nodes.csv.gz`
- `cave/` synapses, nuclei, cell types and proofreading status of the observed tissue
";

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TissueSummary {
    /// Always true: nothing was measured.
    pub synthetic: bool,
    /// Number of neurons.
    pub n_neurons: usize,
    /// Edges there are.
    pub n_edges: usize,
    /// Edges that are observed.
    pub n_edges_observed: usize,
    /// Synapses that are observed.
    pub n_synapses_observed: usize,
    /// Neurons with a proofread axon.
    pub n_proofread: usize,
    /// Edges that the rules expect.
    pub expected_edges: f64,
    /// Mutual edges that the rules expect over those of independent directions.
    pub expected_reciprocity_over_chance: f64,
    /// Width of the column in micrometres.
    pub width_um: f64,
}

/// Draws a tissue and writes it.
///
/// # Errors
/// [`Error::Simulation`] for a rule outside its range, [`Error::Io`] if the folder cannot be written to.
pub fn simulate_tissue(
    config: &TissueConfig,
    (seed, out): (Seed, &Path),
    events: &dyn Listener,
) -> Result<TissueSummary, Error> {
    let tissue = neuroloom_sim::simulate_tissue(config, seed, events)?;
    neuroloom_io::write_connectome(&out.join("observed"), &tissue.observed)?;
    neuroloom_io::write_connectome(&out.join("complete"), &tissue.complete)?;
    write_cave(&tissue, config, &out.join("cave"))?;
    write_truth(&tissue, &out.join("truth.npz"))?;
    neuroloom_io::write_atomic(&out.join("SYNTHETIC.md"), NOTE.as_bytes())?;
    let summary = summary(&tissue, config);
    let described = json!({ "seed": seed, "rules": config, "summary": summary });
    write_json(&out.join("tissue.json"), &described)?;
    Ok(summary)
}

fn summary(tissue: &SurrogateTissue, config: &TissueConfig) -> TissueSummary {
    let (factors, seen) = (&tissue.factors, &tissue.synapses.seen);
    let traced = tissue.observed.observed().pre_observed.as_deref().unwrap_or_default();
    TissueSummary {
        synthetic: true,
        n_neurons: tissue.complete.neurons().len(),
        n_edges: tissue.complete.edges().len(),
        n_edges_observed: tissue.observed.edges().len(),
        n_synapses_observed: seen.iter().filter(|seen| **seen).count(),
        n_proofread: traced.iter().filter(|traced| **traced).count(),
        expected_edges: factors.expected_edges,
        expected_reciprocity_over_chance: factors.expected_reciprocal
            / factors.expected_reciprocal_independent,
        width_um: config.width_um(),
    }
}

fn write_cave(tissue: &SurrogateTissue, config: &TissueConfig, folder: &Path) -> Result<(), Error> {
    let synapses = &tissue.synapses;
    let excitatory: Vec<bool> =
        tissue.factors.type_index.iter().map(|&one| config.types[one].sign > 0).collect();
    let export = CaveTissue {
        connectome: &tissue.observed,
        excitatory: &excitatory,
        synapses: CaveSynapses {
            pre: &synapses.pre,
            post: &synapses.post,
            size_vx: &synapses.size_vx,
            position_um: &synapses.position_um,
            keep: &synapses.seen,
        },
    };
    Ok(neuroloom_io::write_cave_tables(folder, &export)?)
}

fn write_truth(tissue: &SurrogateTissue, path: &Path) -> Result<(), Error> {
    let factors = &tissue.factors;
    let single = |values: &[f64]| {
        let narrow: Array1<f32> = values.iter().map(|&value| value as f32).collect();
        NamedArray::F32(CowArray::from(narrow.into_dyn()))
    };
    let types: Array1<u32> = factors.type_index.iter().map(|&one| one as u32).collect();
    let arrays = [
        ("type_index", NamedArray::U32(CowArray::from(types.into_dyn()))),
        ("out_gain", single(&factors.out_gain)),
        ("in_gain", single(&factors.in_gain)),
        ("synthetic", NamedArray::Word("drawn from rules, nothing was measured".to_owned())),
    ];
    Ok(neuroloom_io::write_npz(path, &arrays)?)
}
