//! Reservoirs that share with a circuit all but what is in question.
//!
//! | control | shares with the circuit |
//! |---|---|
//! | `erdos-renyi` | neurons, number of edges |
//! | `degree` | and every in- and out-degree |
//! | `dyad` | and every neuron's numbers of one-way and mutual partners |
//! | `type-blocks` | number of edges of each pair of types |
//! | `random-reservoir` | number of neurons only: the echo state network of the textbooks |
//! | `direct-input` | nothing: the readout sees the input of the moment |
//!
//! Signs stay with the neurons, strengths are dealt out again, input and input weights are the same numbers. All are
//! scaled to the same radius, so that none wins by being louder.

use neuroloom_analysis::graph::DirectedGraph;
use neuroloom_analysis::graph::nulls::{NullConfig, NullModel, NullSampler};
use neuroloom_analysis::statistics::{Resampling, bootstrap_interval, mean_and_sd};
use neuroloom_core::{Circuit, Event, Listener, Seed};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::config::ReservoirConfig;
use super::scores::{names, run};
use super::states::Reservoir;
use super::tasks::{Body, Task};
use super::wiring::Wiring;
use crate::Error;

/// What stands beside a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// The same number of edges anywhere.
    ErdosRenyi,
    /// The same degrees.
    Degree,
    /// The same one-way and mutual degrees.
    Dyad,
    /// The same number of edges of each pair of types; left out where types are unknown.
    TypeBlocks,
    /// A tenth of all pairs with uniform weights of either sign.
    RandomReservoir,
    /// No reservoir.
    DirectInput,
}

impl Control {
    /// All controls.
    pub const ALL: [Self; 6] = [
        Self::ErdosRenyi,
        Self::Degree,
        Self::Dyad,
        Self::TypeBlocks,
        Self::RandomReservoir,
        Self::DirectInput,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ErdosRenyi => "erdos-renyi",
            Self::Degree => "degree",
            Self::Dyad => "dyad",
            Self::TypeBlocks => "type-blocks",
            Self::RandomReservoir => "random-reservoir",
            Self::DirectInput => "direct-input",
        }
    }

    fn null_model(self) -> Option<NullModel> {
        match self {
            Self::ErdosRenyi => Some(NullModel::ErdosRenyi),
            Self::Degree => Some(NullModel::DegreePreserving),
            Self::Dyad => Some(NullModel::DyadPreserving),
            Self::TypeBlocks => Some(NullModel::TypeBlocks),
            Self::RandomReservoir | Self::DirectInput => None,
        }
    }
}

/// One score of circuits beside one control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlRow {
    /// The score.
    pub score: &'static str,
    /// The control.
    pub control: Control,
    /// Mean and standard deviation over the circuits.
    pub circuits: (f64, f64),
    /// Mean and standard deviation over their controls.
    pub controls: (f64, f64),
    /// Mean over circuits of the circuit's score less its controls'.
    pub difference: f64,
    /// 95 % bootstrap interval of that over circuits; `None` for fewer than five circuits.
    pub interval: Option<(f64, f64)>,
}

/// How controls are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlConfig {
    /// Which controls.
    pub controls: Vec<Control>,
    /// Random wirings for each circuit and control.
    pub n_samples: usize,
    /// Seed of inputs and random wirings.
    pub seed: Seed,
}

impl Default for ControlConfig {
    fn default() -> Self {
        Self { controls: Control::ALL.to_vec(), n_samples: 3, seed: Seed(0) }
    }
}

/// Scores circuits and their controls on the same inputs.
///
/// # Errors
/// [`Error::Config`] without circuits or samples or for a setting out of range; [`Error::Interrupted`].
pub fn compare_with_controls(
    circuits: &[&Circuit],
    config: &ReservoirConfig,
    tasks: &[Task],
    controls: &ControlConfig,
    listener: &dyn Listener,
) -> Result<Vec<ControlRow>, Error> {
    for (key, given) in [("number of circuits", circuits.len()), ("reservoir.n-samples", controls.n_samples)]
    {
        if given == 0 {
            return Err(Error::Config { key, given: "0".to_owned(), allowed: "1 or more".to_owned() });
        }
    }
    listener.emit(Event::Started { stage: "controls", total: Some(circuits.len() as u64) });
    let mut found = Vec::with_capacity(circuits.len());
    // A few circuits at a time, so that a wish to stop is heard.
    for (batch, circuits) in circuits.chunks(8).enumerate() {
        if listener.cancelled() {
            return Err(Error::Interrupted { stage: "controls" });
        }
        let part: Result<Vec<OneCircuit>, Error> =
            circuits.par_iter().map(|circuit| one_circuit(circuit, config, tasks, controls)).collect();
        found.extend(part?);
        listener.emit(Event::Step { done: (batch * 8 + circuits.len()) as u64, loss: None });
    }
    listener.emit(Event::Finished);
    let names = names(tasks);
    let rows = controls.controls.iter().enumerate().flat_map(|(place, &control)| {
        let found = &found;
        names.iter().enumerate().filter_map(move |(score, &name)| row(found, (place, control), (score, name)))
    });
    Ok(rows.collect())
}

struct OneCircuit {
    own: Vec<f64>,
    /// `[control][score]`; `None` where the control needs what the circuit does not have.
    controls: Vec<Option<Vec<f64>>>,
}

fn one_circuit(
    circuit: &Circuit,
    config: &ReservoirConfig,
    tasks: &[Task],
    controls: &ControlConfig,
) -> Result<OneCircuit, Error> {
    let wiring = Wiring::of_circuit(circuit, config)?;
    let scored = |wiring: &Wiring| -> Result<Vec<f64>, Error> {
        let reservoir = Reservoir::new(wiring, config)?;
        let body = Body { reservoir: Some(&reservoir), config, n_neurons: wiring.n_neurons };
        Ok(run(&body, tasks, controls.seed)?.means())
    };
    let beside = |&control: &Control| -> Result<Option<Vec<f64>>, Error> {
        if control == Control::DirectInput {
            let body = Body { reservoir: None, config, n_neurons: wiring.n_neurons };
            return Ok(Some(run(&body, tasks, controls.seed)?.means()));
        }
        let mut sum: Option<Vec<f64>> = None;
        for sample in 0..controls.n_samples as u64 {
            let seed = controls.seed.split(control.name()).nth(sample).nth(circuit.origin().seed);
            let Some(wiring) = controlled(&wiring, control, seed)? else { return Ok(None) };
            let scores = scored(&wiring)?;
            sum = Some(match sum {
                Some(sum) => sum.iter().zip(&scores).map(|(a, b)| a + b).collect(),
                None => scores,
            });
        }
        Ok(sum.map(|sum| sum.into_iter().map(|value| value / controls.n_samples as f64).collect()))
    };
    let found: Result<Vec<Option<Vec<f64>>>, Error> = controls.controls.iter().map(beside).collect();
    Ok(OneCircuit { own: scored(&wiring)?, controls: found? })
}

/// A random wiring; `None` if types are needed and unknown.
pub(super) fn controlled(wiring: &Wiring, control: Control, seed: Seed) -> Result<Option<Wiring>, Error> {
    let Some(model) = control.null_model() else { return Ok(Some(textbook(wiring, seed))) };
    if model == NullModel::TypeBlocks && wiring.cell_type.is_empty() {
        return Ok(None);
    }
    let graph = DirectedGraph::from_edges(wiring.n_neurons, &wiring.edges)?;
    let types = (!wiring.cell_type.is_empty()).then_some(wiring.cell_type.as_slice());
    let config = NullConfig { cell_type: types, ..NullConfig::default() };
    let sample = NullSampler::new(model, &graph, &config)?.sample(seed)?;
    Ok(Some(wiring.rewired(sample.edges().collect(), seed)))
}

/// Share of all pairs that are joined in the random reservoir.
const TEXTBOOK_DENSITY: f64 = 0.1;

fn textbook(wiring: &Wiring, seed: Seed) -> Wiring {
    let mut rng = seed.split("random reservoir").rng();
    let n = wiring.n_neurons as u32;
    let (mut edges, mut strength) = (Vec::new(), Vec::new());
    for pre in 0..n {
        for post in 0..n {
            if rng.random_bool(TEXTBOOK_DENSITY) {
                edges.push((pre, post));
                // Signs are free here, so they are in the strength.
                strength.push(rng.random_range(-1.0..1.0));
            }
        }
    }
    Wiring { edges, strength, sign: vec![1.0; wiring.n_neurons], ..wiring.clone() }
}

fn row(
    found: &[OneCircuit],
    (place, control): (usize, Control),
    (score, name): (usize, &'static str),
) -> Option<ControlRow> {
    let pairs: Vec<(f64, f64)> = found
        .iter()
        .filter_map(|one| one.controls[place].as_ref().map(|beside| (one.own[score], beside[score])))
        .collect();
    let own: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    let beside: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let differences: Vec<f64> = pairs.iter().map(|pair| pair.0 - pair.1).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let interval = (differences.len() >= 5)
        .then(|| {
            bootstrap_interval(&differences, mean, &Resampling { level: 0.95, ..Resampling::default() }).ok()
        })
        .flatten();
    Some(ControlRow {
        score: name,
        control,
        circuits: mean_and_sd(&own).ok()?,
        controls: mean_and_sd(&beside).ok()?,
        difference: mean(&differences),
        interval: interval.map(|interval| (interval.low, interval.high)),
    })
}
