//! Statistics of wiring diagrams: read, measure, compare with null models, write.

mod circuits;
mod report;
mod table;

use std::path::{Path, PathBuf};

use neuroloom_analysis::graph::nulls::{
    NullComparison, NullConfig, NullModel, NullSampler, compare_with_null,
};
use neuroloom_analysis::graph::{
    Annotations, DirectedGraph, MeasureConfig, Measures, NullStatistic, SmallWorldConfig, TRIAD_NAMES,
    measure,
};
use neuroloom_core::{Connectome, EdgeMask, Listener, NeuronId, Seed, Synapses, Warning};
use neuroloom_io::{ConnectomeOptions, read_connectome};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Artefact, RunDir};
use crate::Error;
pub(crate) use report::{MOST_COLUMNS, spreads};

/// Which neurons count as traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traced {
    /// What the node table says in `pre_observed` and `post_observed`; all neurons where it says nothing.
    #[default]
    AsStated,
    /// The outputs of neurons that have an output to another one; for proofread axons that are not marked.
    WithOutputs,
}

impl Traced {
    /// Which edges of a connectome could have been seen.
    pub fn mask(self, connectome: &Connectome) -> EdgeMask {
        let stated = connectome.observed().clone();
        if self == Self::AsStated {
            return stated;
        }
        let edges = connectome.edges();
        let mut sends = vec![false; connectome.neurons().len()];
        for (&pre, _) in edges.pre.iter().zip(&edges.post).filter(|(pre, post)| pre != post) {
            sends[pre as usize] = true;
        }
        EdgeMask { pre_observed: Some(sends), ..stated }
    }
}

/// What is measured and against which null models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeasureSettings {
    /// Seed of everything random.
    pub seed: u64,
    /// Files or folders of wiring diagrams.
    pub inputs: Vec<PathBuf>,
    /// Node table, where it does not stand beside the edges.
    pub nodes: Option<PathBuf>,
    /// Only edges of this kind.
    pub kind: Option<String>,
    /// Which neurons count as traced.
    pub traced: Traced,
    /// Null models that the numbers are compared with.
    pub nulls: Vec<NullModel>,
    /// Samples of each null model.
    pub samples: usize,
    /// Successful swaps for each edge.
    pub swaps_per_edge: usize,
    /// Width of a distance bin in micrometres.
    pub bin_um: f64,
    /// Random references of the small-world numbers; 0 leaves them out.
    pub small_world_draws: usize,
}

impl Default for MeasureSettings {
    fn default() -> Self {
        Self {
            seed: 42,
            inputs: Vec::new(),
            nodes: None,
            kind: None,
            traced: Traced::default(),
            nulls: Vec::new(),
            samples: 100,
            swaps_per_edge: 10,
            bin_um: 20.0,
            small_world_draws: 0,
        }
    }
}

/// A wiring diagram with its numbers.
pub struct Measured {
    /// Where it was read from.
    pub input: PathBuf,
    /// The wiring diagram.
    pub connectome: Connectome,
    /// Its numbers.
    pub measures: Measures,
    /// The same beside null models.
    pub nulls: Vec<NullComparison>,
    /// Partial trouble while reading and measuring.
    pub warnings: Vec<Warning>,
}

/// Reads and measures every input; null models for each. A folder that `neuroloom sample` wrote stands for its
/// circuits, which are measured side by side.
///
/// # Errors
/// [`Error::Setting`] for a setting out of range, [`Error::Stage`] naming the input that could not be read or
/// measured, [`Error::Interrupted`] if the user stopped before the numbers of an input were there.
pub fn measure_all(settings: &MeasureSettings, listener: &dyn Listener) -> Result<Vec<Measured>, Error> {
    check(settings)?;
    let mut measured = Vec::new();
    for input in &settings.inputs {
        let found = if circuits::is_set(input) {
            circuits::measure_set(settings, input, listener)
        } else {
            read_and_measure(settings, input, listener).map(|one| vec![one])
        };
        measured.extend(found.map_err(|error| error.in_stage("measure").during("measure", input))?);
    }
    Ok(measured)
}

fn read_and_measure(
    settings: &MeasureSettings,
    input: &Path,
    listener: &dyn Listener,
) -> Result<Measured, Error> {
    let options = ConnectomeOptions { nodes: settings.nodes.clone(), ..ConnectomeOptions::default() };
    let import = read_connectome(input, &options)?;
    measure_one(settings, (input, import.connectome, import.warnings), listener)
}

fn measure_one(
    settings: &MeasureSettings,
    (input, connectome, mut warnings): (&Path, Connectome, Vec<Warning>),
    listener: &dyn Listener,
) -> Result<Measured, Error> {
    let connectome = match &settings.kind {
        Some(kind) => connectome.of_kind(kind)?,
        None => connectome,
    };
    let graph = traced_graph(&connectome, settings.traced)?;
    let neurons = connectome.neurons();
    let seed = Seed(settings.seed);
    let small_world = (settings.small_world_draws > 0).then_some(SmallWorldConfig {
        n_draws: settings.small_world_draws,
        swaps_per_edge: settings.swaps_per_edge,
        seed,
    });
    let mut config = MeasureConfig { small_world, bin_um: settings.bin_um, ..MeasureConfig::default() };
    config.communities.seed = seed;
    let annotations = Annotations { cell_type: neurons.cell_type(), position_um: neurons.position_um() };
    let measures = measure(&graph, &annotations, &config, listener)?;
    note_self_edges(&graph, &mut warnings);
    let nulls = compare(settings, (&graph, &connectome), listener)?;
    for null in nulls.iter().filter(|null| null.n_samples < settings.samples) {
        let message = format!(
            "{}: stopped after {} of {} samples",
            null.model.name(),
            null.n_samples,
            settings.samples
        );
        warnings.push(Warning::new("few-null-samples", message));
    }
    Ok(Measured { input: input.to_owned(), connectome, measures, nulls, warnings })
}

fn traced_graph(connectome: &Connectome, traced: Traced) -> Result<DirectedGraph, Error> {
    let graph = DirectedGraph::from_connectome(connectome, Synapses::Binary)?;
    Ok(graph.with_observed(traced.mask(connectome))?)
}

fn note_self_edges(graph: &DirectedGraph, warnings: &mut Vec<Warning>) {
    if graph.n_self_edges() > 0 {
        let message =
            format!("{} edges from a neuron to itself are left out of all numbers", graph.n_self_edges());
        warnings.push(Warning::new("self-edges", message));
    }
}

/// Null models live on the fully observed neurons, as the numbers do that are compared with them.
fn compare(
    settings: &MeasureSettings,
    (graph, connectome): (&DirectedGraph, &Connectome),
    listener: &dyn Listener,
) -> Result<Vec<NullComparison>, Error> {
    let (core, places) = (graph.observed_core(), graph.fully_observed());
    let neurons = connectome.neurons();
    let pick = |&place: &u32| place as usize;
    let cell_type: Option<Vec<String>> =
        neurons.cell_type().map(|all| places.iter().map(|place| all[pick(place)].clone()).collect());
    let position_um: Option<Vec<[f64; 3]>> =
        neurons.position_um().map(|all| places.iter().map(|place| all[pick(place)]).collect());
    let config = NullConfig {
        cell_type: cell_type.as_deref(),
        position_um: position_um.as_deref(),
        bin_um: settings.bin_um,
        swaps_per_edge: settings.swaps_per_edge,
    };
    let mut statistic = NullStatistic::default();
    let seed = Seed(settings.seed).split("null models");
    statistic.communities.seed = seed;
    let one = |&model: &NullModel| -> Result<NullComparison, Error> {
        let sampler = NullSampler::new(model, &core, &config)?;
        Ok(compare_with_null(&sampler, &statistic, (settings.samples, seed), listener)?)
    };
    settings.nulls.iter().map(one).collect()
}

fn check(settings: &MeasureSettings) -> Result<(), Error> {
    let setting =
        |key, given: String, allowed: &str| Err(Error::Setting { key, given, allowed: allowed.to_owned() });
    if settings.samples < 2 {
        return setting("--samples", settings.samples.to_string(), "at least 2");
    }
    if !(settings.bin_um.is_finite() && settings.bin_um > 0.0) {
        return setting("--bin-um", settings.bin_um.to_string(), "micrometres above 0");
    }
    Ok(())
}

impl Measured {
    /// Everything as JSON; an undefined number is `null`.
    pub fn to_json(&self) -> Value {
        let measures: Map<String, Value> =
            self.measures.values.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
        let triads: Map<String, Value> = TRIAD_NAMES
            .iter()
            .zip(self.measures.triads)
            .map(|(name, count)| ((*name).to_owned(), json!(count)))
            .collect();
        let nulls: Map<String, Value> =
            self.nulls.iter().map(|null| (null.model.name().to_owned(), null_json(null))).collect();
        json!({ "input": self.input, "measures": measures, "triads": triads, "nulls": nulls })
    }

    /// Ids of the neurons that the per-neuron numbers are about.
    fn core_ids(&self) -> Vec<&NeuronId> {
        let ids = self.connectome.neurons().id();
        self.measures.core.iter().map(|&place| &ids[place as usize]).collect()
    }
}

fn null_json(found: &NullComparison) -> Value {
    let rows: Map<String, Value> = found
        .rows
        .iter()
        .map(|row| {
            let value = json!({
                "observed": row.observed, "mean": row.mean, "sd": row.sd, "z_score": row.z_score,
                "p_value": row.p_value, "values": row.values,
            });
            (row.name.clone(), value)
        })
        .collect();
    let (keeps, n_samples) = (found.model.keeps(), found.n_samples);
    json!({ "keeps": keeps, "n_samples": n_samples, "measures": rows })
}

/// Writes `measures.json`, the tables, and what the report is drawn from. One input: its report; several: a table with
/// a row an input.
///
/// # Errors
/// [`Error::System`] or [`Error::Io`] naming the file that could not be written.
pub fn write(run: &RunDir, measured: &[Measured]) -> Result<(), Error> {
    let all: Vec<Value> = measured.iter().map(Measured::to_json).collect();
    run.write_json(Artefact::Measures, &all)?;
    run.write_text(Artefact::MeasureTable, &table::measures(measured))?;
    if let [one] = measured {
        run.write_text(Artefact::NeuronMeasureTable, &table::neurons(one))?;
        run.write_text(Artefact::NullTable, &table::nulls(one))?;
    }
    run.write_json(Artefact::Exploration, &report::data(measured))
}
