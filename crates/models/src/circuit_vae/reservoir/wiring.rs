//! The part of a circuit that a reservoir uses: edges with strengths, a sign for each sender.

use neuroloom_core::{CellClass, Circuit, Seed, canonical_cell_type};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::config::ReservoirConfig;
use crate::Error;

/// What an edge counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// 1.
    #[default]
    Binary,
    /// log(1 + number of synapses).
    LogCount,
    /// Uniform in 0 to 1, drawn with a fixed seed.
    Random,
}

/// Whether inhibitory neurons inhibit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signs {
    /// The sign of the sender's edges where they state one, else of its cell type; + where neither is known.
    #[default]
    Presynaptic,
    /// All +.
    Unsigned,
}

/// Edges with strengths, signs and the neurons that get input.
#[derive(Debug, Clone, PartialEq)]
pub struct Wiring {
    /// Number of neurons.
    pub n_neurons: usize,
    /// Sender and receiver of each edge.
    pub edges: Vec<(u32, u32)>,
    /// Strength of each edge, 0 or more.
    pub strength: Vec<f64>,
    /// +1 or -1, for each neuron as a sender.
    pub sign: Vec<f64>,
    /// Whether each neuron gets input.
    pub gets_input: Vec<bool>,
    /// Type of each neuron; empty = unknown.
    pub cell_type: Vec<String>,
}

impl Wiring {
    /// Edges of strength 1 between excitatory neurons that all get input.
    pub fn unsigned(n_neurons: usize, edges: Vec<(u32, u32)>) -> Self {
        Self {
            n_neurons,
            strength: vec![1.0; edges.len()],
            edges,
            sign: vec![1.0; n_neurons],
            gets_input: vec![true; n_neurons],
            cell_type: Vec::new(),
        }
    }

    /// The wiring of a circuit; edges of a neuron with itself are left out, repeated ones add up.
    ///
    /// # Errors
    /// [`Error::Config`] if no neuron is of the types that get input.
    pub fn of_circuit(circuit: &Circuit, config: &ReservoirConfig) -> Result<Self, Error> {
        let connectome = circuit.connectome();
        let n_neurons = circuit.n_neurons();
        let mut triples: Vec<(u32, u32, f64)> = Vec::new();
        let edges = connectome.edges();
        for edge in 0..edges.len() {
            if edges.pre[edge] != edges.post[edge] {
                let count = edges.syn_count.get(edge).map_or(1.0, |&count| f64::from(count));
                triples.push((edges.pre[edge], edges.post[edge], count));
            }
        }
        triples.sort_by_key(|&(pre, post, _)| (pre, post));
        triples.dedup_by(|later, first| {
            let same = (later.0, later.1) == (first.0, first.1);
            if same {
                first.2 += later.2;
            }
            same
        });
        let mut rng = Seed(circuit.origin().seed).split("edge strengths").rng();
        let mut strength = |count: f64| match config.strength {
            Strength::Binary => 1.0,
            Strength::LogCount => count.ln_1p(),
            Strength::Random => rng.random::<f64>(),
        };
        let cell_type = connectome.neurons().cell_type().map(<[String]>::to_vec).unwrap_or_default();
        Ok(Self {
            n_neurons,
            strength: triples.iter().map(|&(.., count)| strength(count)).collect(),
            edges: triples.into_iter().map(|(pre, post, _)| (pre, post)).collect(),
            sign: signs(circuit, config.signs),
            gets_input: input(&cell_type, n_neurons, config)?,
            cell_type,
        })
    }

    /// Other edges between the same neurons; strengths are dealt out again at random.
    pub(super) fn rewired(&self, edges: Vec<(u32, u32)>, seed: Seed) -> Self {
        let mut rng = seed.split("deal strengths").rng();
        let mut deck = self.strength.clone();
        for last in (1..deck.len()).rev() {
            deck.swap(last, rng.random_range(0..=last));
        }
        let strength = (0..edges.len()).map(|edge| deck[edge % deck.len().max(1)]).collect();
        Self { edges, strength, ..self.clone() }
    }
}

fn signs(circuit: &Circuit, signs: Signs) -> Vec<f64> {
    let n_neurons = circuit.n_neurons();
    if signs == Signs::Unsigned {
        return vec![1.0; n_neurons];
    }
    let edges = circuit.connectome().edges();
    let mut balance = vec![0_i64; n_neurons];
    for (edge, &sign) in edges.sign.iter().enumerate() {
        balance[edges.pre[edge] as usize] += i64::from(sign);
    }
    let types = circuit.connectome().neurons().cell_type();
    let by_type = |neuron: usize| {
        let found = types.and_then(|types| canonical_cell_type(&types[neuron]));
        found.is_some_and(|one| one.class == CellClass::Inhibitory)
    };
    let inhibits = |neuron: usize| match balance[neuron] {
        0 => by_type(neuron),
        balance => balance < 0,
    };
    (0..n_neurons).map(|neuron| if inhibits(neuron) { -1.0 } else { 1.0 }).collect()
}

fn input(cell_type: &[String], n_neurons: usize, config: &ReservoirConfig) -> Result<Vec<bool>, Error> {
    if config.input_types.is_empty() {
        return Ok(vec![true; n_neurons]);
    }
    let chosen: Vec<bool> = (0..n_neurons)
        .map(|neuron| cell_type.get(neuron).is_some_and(|one| config.input_types.contains(one)))
        .collect();
    if chosen.contains(&true) {
        return Ok(chosen);
    }
    let given = config.input_types.join(", ");
    Err(Error::Config {
        key: "reservoir.input-types",
        given,
        allowed: "cell types that the circuit has".to_owned(),
    })
}
