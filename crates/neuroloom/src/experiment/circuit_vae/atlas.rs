//! One code over circuits of several sources, from their wiring alone.

use std::path::PathBuf;

use ndarray::{Array2, Axis};
use neuroloom_analysis::metrics::separability;
use neuroloom_core::{
    Circuit, CircuitPart, CircuitSet, Connectome, Event, Listener, NeuronId, NeuronTable, Seed,
};
use neuroloom_models::circuit_vae::{self, CircuitVaeConfig};
use serde::{Deserialize, Serialize};

use super::{METRICS, generation, map, metrics, model_file, page};
use crate::Error;
use crate::experiment::checkpoint_file::CheckpointFile;
use crate::experiment::tables::field;
use crate::experiment::{Artefact, RunDir};

/// A set of circuits with where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AtlasSource {
    /// Name of the source, such as `fly larva`.
    pub source: String,
    /// Part of it, such as `mushroom body`.
    pub region: Option<String>,
    /// The set, as `neuroloom sample` writes it.
    pub set: PathBuf,
}

/// An atlas as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AtlasConfig {
    /// Seed of everything random.
    pub seed: u64,
    /// Most circuits of one source, so that none rules the code.
    pub per_source: usize,
    /// The model and its training.
    pub model: CircuitVaeConfig,
    /// The sets.
    pub sources: Vec<AtlasSource>,
}

/// What an atlas found: `evaluation.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtlasResult {
    /// Names of the sources.
    pub sources: Vec<String>,
    /// Names of the regions.
    pub regions: Vec<String>,
    /// Circuits of each source.
    pub n_circuits: Vec<usize>,
    /// Balanced accuracy with which the source of a circuit is told from its code.
    pub accuracy_code: f64,
    /// The same from the numbers of neurons and edges.
    pub accuracy_size: f64,
    /// The same from ten graph metrics.
    pub accuracy_metrics: f64,
    /// The same by chance.
    pub chance: f64,
    /// Mean distance between the codes of two sources over that within them.
    pub distance: Vec<Vec<f64>>,
    /// Rate of the code in nats a circuit, mean over all circuits.
    pub rate_nats: f64,
    /// How the map was made.
    pub method: String,
    /// Place of each circuit.
    pub points: Vec<(f64, f64)>,
    /// Source of each circuit.
    pub source: Vec<usize>,
    /// Region of each circuit.
    pub region: Vec<Option<usize>>,
    /// Mean of each metric by source, `[metric][source]`.
    pub means: Vec<Vec<f64>>,
}

impl Default for AtlasConfig {
    fn default() -> Self {
        Self { seed: 42, per_source: 200, model: CircuitVaeConfig::default(), sources: Vec::new() }
    }
}

/// Circuits of all sources, reduced to their wiring.
struct Gathered {
    set: CircuitSet,
    sources: Vec<String>,
    regions: Vec<String>,
    source: Vec<usize>,
    region: Vec<Option<usize>>,
}

/// Trains one code on all sources and writes the atlas into its folder.
///
/// # Errors
/// [`Error::Setting`] for fewer than two sources; what reading, training and the statistics say.
pub fn atlas(config: &AtlasConfig, run: &RunDir, events: &dyn Listener) -> Result<AtlasResult, Error> {
    let gathered = gather(config)?;
    let seed = Seed(config.seed);
    let checkpoints = CheckpointFile::new(run.place(Artefact::Checkpoint)?);
    let (model, history) = circuit_vae::train(&gathered.set, &config.model, seed, &checkpoints, events)?;
    run.write_json(Artefact::Epochs, &history)?;
    model_file::write(&run.place(Artefact::Model)?, &model)?;
    let circuits: Vec<&Circuit> = gathered.set.circuits().iter().collect();
    let codes = generation::codes(&model, circuits.iter().copied())?;
    let measured = metrics::measure_all(&circuits)?;
    events.emit(Event::Started { stage: "map", total: None });
    let placed = map::place(&codes, 30.0)?;
    events.emit(Event::Finished);
    let result = AtlasResult {
        rate_nats: rate(&model, &circuits)?,
        ..compared(&gathered, (&codes, &measured), placed, seed)?
    };
    run.write_text(Artefact::CodeTable, &table(&gathered, &result, &codes))?;
    run.write_json(Artefact::Evaluation, &result)?;
    run.write_json(Artefact::Exploration, &page::atlas(&result, &history))?;
    Ok(result)
}

fn rate(model: &circuit_vae::CircuitVae, circuits: &[&Circuit]) -> Result<f64, Error> {
    let mut sum = 0.0;
    for circuit in circuits {
        sum += model.encode(&model.example(circuit)?)?.kl().iter().sum::<f64>();
    }
    Ok(sum / circuits.len().max(1) as f64)
}

fn gather(config: &AtlasConfig) -> Result<Gathered, Error> {
    let mut gathered = Gathered {
        set: CircuitSet::default(),
        sources: Vec::new(),
        regions: Vec::new(),
        source: Vec::new(),
        region: Vec::new(),
    };
    let (mut circuits, mut parts) = (Vec::new(), Vec::new());
    let n_sets_of = |name: &str| config.sources.iter().filter(|one| one.source == name).count();
    for one in &config.sources {
        let set = neuroloom_io::read_circuit_set(&one.set)?;
        let source = place_of(&mut gathered.sources, &one.source);
        let region = one.region.as_ref().map(|region| place_of(&mut gathered.regions, region));
        let most = (config.per_source / n_sets_of(&one.source)).max(1);
        for row in chosen(&set, most, Seed(config.seed).split("atlas")) {
            circuits.push(wiring_alone(&set.circuits()[row])?);
            parts.push(set.part()[row]);
            gathered.source.push(source);
            gathered.region.push(region);
        }
    }
    if gathered.sources.len() < 2 {
        let allowed = "two sources or more, such as worm=SET1 larva=SET2".to_owned();
        return Err(Error::Setting { key: "sources", given: gathered.sources.len().to_string(), allowed });
    }
    gathered.set = CircuitSet::new(circuits, parts)?;
    Ok(gathered)
}

/// Rows of at most `most` circuits, drawn at random, in order.
fn chosen(set: &CircuitSet, most: usize, seed: Seed) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..set.len()).collect();
    rows.sort_by_key(|&row| (seed.nth(row as u64).0, row));
    rows.truncate(most);
    rows.sort_unstable();
    rows
}

fn place_of(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|one| one == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// The same circuit without types, positions and counts: names of types and distances give the source away. What could
/// be observed stays, since without it unseen edges would pass for absent ones.
fn wiring_alone(circuit: &Circuit) -> Result<Circuit, Error> {
    let connectome = circuit.connectome();
    let neurons = NeuronTable::new(NeuronId::numbered(circuit.n_neurons()))?;
    let mut edges = connectome.edges().clone();
    edges.syn_count.clear();
    edges.sign.clear();
    edges.weight.clear();
    edges.kind.clear();
    let bare = Connectome::new(neurons, edges)?.with_observed(connectome.observed().clone());
    Ok(Circuit::new(bare, circuit.origin().clone()))
}

fn compared(
    gathered: &Gathered,
    (codes, measured): (&Array2<f64>, &Array2<f64>),
    (points, method): (Vec<(f64, f64)>, String),
    seed: Seed,
) -> Result<AtlasResult, Error> {
    let n_sources = gathered.sources.len();
    let size = Array2::from_shape_fn((codes.nrows(), 2), |(row, column)| match column {
        0 => gathered.set.circuits()[row].n_neurons() as f64,
        _ => gathered.set.circuits()[row].n_edges() as f64,
    });
    // A metric that is not defined for a circuit says nothing about it.
    let filled = filled(measured);
    let told = |features: &Array2<f64>| {
        separability(features.view(), (&gathered.source, n_sources), seed.split("separability"))
    };
    let members = |source: usize| (0..codes.nrows()).filter(move |&row| gathered.source[row] == source);
    let mean = |source: usize, metric: usize| {
        let values: Vec<f64> =
            members(source).map(|row| measured[[row, metric]]).filter(|one| one.is_finite()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    Ok(AtlasResult {
        n_circuits: (0..n_sources).map(|source| members(source).count()).collect(),
        accuracy_code: told(codes)?,
        accuracy_size: told(&size)?,
        accuracy_metrics: told(&filled)?,
        chance: 1.0 / n_sources as f64,
        distance: distances(codes, (&gathered.source, n_sources)),
        rate_nats: 0.0,
        method,
        points,
        means: (0..METRICS.len())
            .map(|metric| (0..n_sources).map(|source| mean(source, metric)).collect())
            .collect(),
        sources: gathered.sources.clone(),
        regions: gathered.regions.clone(),
        source: gathered.source.clone(),
        region: gathered.region.clone(),
    })
}

/// Undefined numbers take the mean of their column.
fn filled(measured: &Array2<f64>) -> Array2<f64> {
    let mut filled = measured.clone();
    for mut column in filled.axis_iter_mut(Axis(1)) {
        let finite: Vec<f64> = column.iter().copied().filter(|value| value.is_finite()).collect();
        let mean = finite.iter().sum::<f64>() / finite.len().max(1) as f64;
        column.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = mean);
    }
    filled
}

/// Mean distance between the members of two groups, over the mean of those within groups.
fn distances(codes: &Array2<f64>, (labels, n_groups): (&[usize], usize)) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![(0.0, 0.0); n_groups]; n_groups];
    for one in 0..codes.nrows() {
        for other in one + 1..codes.nrows() {
            let squared: f64 =
                codes.row(one).iter().zip(codes.row(other)).map(|(a, b)| (a - b).powi(2)).sum();
            let (low, high) = (labels[one].min(labels[other]), labels[one].max(labels[other]));
            sums[low][high].0 += squared.sqrt();
            sums[low][high].1 += 1.0;
        }
    }
    let mean = |one: usize, other: usize| {
        let (sum, n) = sums[one.min(other)][one.max(other)];
        sum / n
    };
    let within: Vec<f64> =
        (0..n_groups).map(|group| mean(group, group)).filter(|mean| mean.is_finite()).collect();
    let unit = within.iter().sum::<f64>() / within.len().max(1) as f64;
    (0..n_groups).map(|one| (0..n_groups).map(|other| mean(one, other) / unit).collect()).collect()
}

/// One row a circuit: source, region, part, place on the map, code.
fn table(gathered: &Gathered, result: &AtlasResult, codes: &Array2<f64>) -> String {
    let latents: Vec<String> = (0..codes.ncols()).map(|latent| format!("z{latent}")).collect();
    let mut table = format!("source,region,part,map_1,map_2,{}\n", latents.join(","));
    for row in 0..codes.nrows() {
        let region = gathered.region[row].map(|place| field(&gathered.regions[place])).unwrap_or_default();
        let part: CircuitPart = gathered.set.part()[row];
        let numbers: Vec<String> = codes.row(row).iter().map(|value| format!("{value:.6}")).collect();
        let (x, y) = result.points[row];
        let source = field(&gathered.sources[gathered.source[row]]);
        table.push_str(&format!("{source},{region},{},{x:.4},{y:.4},{}\n", part.name(), numbers.join(",")));
    }
    table
}
