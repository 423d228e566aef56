//! Circuits drawn from a code.

use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{CircuitVae, EMPTY};
use crate::Error;
use crate::circuit_vae::NodeConditions;
use crate::circuit_vae::config::{Form, Strengths};
use crate::circuit_vae::example::LENGTH_UM;
use crate::circuit_vae::synthesize::Tilt;

/// Most synapses that are drawn for an edge.
const MOST_SYNAPSES: f32 = 1e4;

/// Draws cell types (form A), dyads, and numbers of synapses.
pub(super) fn generate(
    vae: &CircuitVae,
    (z, conditions): (&[f32], Option<&NodeConditions>),
    tilt: &Tilt,
    seed: Seed,
) -> Result<Circuit, Error> {
    vae.check_code(z)?;
    let drawn = match (conditions, vae.config.form) {
        (None, Form::Slots) => Some(vae.draw_types(z, &mut seed.split("types").rng())?),
        _ => None,
    };
    let table = vae.dyads(z, conditions.or(drawn.as_ref()))?;
    let mut rng = seed.split("dyads").rng();
    let n = table.n_neurons();
    let (calibration, gains) = (vae.calibration, vae.calibration.gains(n, seed));
    let mut edges = EdgeList::default();
    let excess = Excess::of(table.conditions());
    let counted = vae.config.strengths == Strengths::Counted;
    for i in 0..n {
        for j in i + 1..n {
            let told = table.conditions();
            let same_type = told.cell_type[i] == told.cell_type[j];
            let states = calibration.apply(table.states(i, j), gains[i], gains[j]);
            let states = tilt.apply(states, excess.between(told, i, j), same_type);
            let state = choose(&states, &mut rng);
            for (bit, pre, post) in [(1, i, j), (2, j, i)] {
                if state & bit != 0 {
                    edges.pre.push(pre as u32);
                    edges.post.push(post as u32);
                    if counted {
                        edges.syn_count.push(synapses(table.mean_synapses(pre, post), &mut rng));
                    }
                }
            }
        }
    }
    let told = table.conditions();
    let labels = told.cell_type.iter().map(|code| vae.vocabulary.labels()[usize::from(*code)].clone());
    let mut neurons = NeuronTable::new(NeuronId::numbered(n))?.with_cell_type(labels.collect())?;
    if !told.position.is_empty() {
        let position = told.position.iter().map(|at| at.map(|x| f64::from(x) * LENGTH_UM)).collect();
        neurons = neurons.with_position_um(position)?;
    }
    let method = match vae.config.form {
        Form::Slots => "circuit-vae slots",
        Form::Conditional => "circuit-vae conditional",
    };
    // A tilt is a freedom beside the code: a circuit made with one must not pass for the code's own.
    let method = if tilt.is_none() { method.to_owned() } else { format!("{method} tilted") };
    let origin = CircuitOrigin { method, seed: seed.0, ..CircuitOrigin::default() };
    Ok(Circuit::new(Connectome::new(neurons, edges)?, origin))
}

/// Distances less their mean, in units of 100 micrometres.
struct Excess {
    mean: f64,
}

impl Excess {
    fn of(told: &NodeConditions) -> Self {
        let n = told.position.len();
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let total: f64 = pairs.map(|(i, j)| distance(told, i, j)).sum();
        Self { mean: total / (n * n.saturating_sub(1) / 2).max(1) as f64 }
    }

    /// 0 where positions are unknown.
    fn between(&self, told: &NodeConditions, i: usize, j: usize) -> f64 {
        if told.position.is_empty() { 0.0 } else { distance(told, i, j) - self.mean }
    }
}

fn distance(told: &NodeConditions, i: usize, j: usize) -> f64 {
    let ends = told.position[i].iter().zip(&told.position[j]);
    ends.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

impl CircuitVae {
    /// The likeliest type of each slot that is likelier filled than empty.
    pub(super) fn likeliest_types(&self, z: &[f32]) -> Result<NodeConditions, Error> {
        self.slot_types(z, |probabilities| {
            let (mut best, mut highest) = (EMPTY, f32::NEG_INFINITY);
            for (class, probability) in probabilities.iter().enumerate() {
                if *probability > highest {
                    (best, highest) = (class, *probability);
                }
            }
            best
        })
    }

    fn draw_types(&self, z: &[f32], rng: &mut ChaCha8Rng) -> Result<NodeConditions, Error> {
        self.slot_types(z, |probabilities| choose(probabilities, rng))
    }

    /// Types of the slots that are not empty, in ascending order, as the slots of training circuits are filled.
    fn slot_types(
        &self,
        z: &[f32],
        mut choose: impl FnMut(&[f32]) -> usize,
    ) -> Result<NodeConditions, Error> {
        let Some((logits, _)) = self.network.slot_logits(&self.parameters, z)? else {
            return Ok(NodeConditions::default());
        };
        let n_classes = self.vocabulary.n_types() + 1;
        let classes = logits.chunks(n_classes).map(|logits| choose(&softmax(logits)));
        let mut cell_type: Vec<u16> =
            classes.filter(|class| *class != EMPTY).map(|class| class as u16 - 1).collect();
        cell_type.sort_unstable();
        Ok(NodeConditions { cell_type, position: Vec::new() })
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

fn choose(probabilities: &[f32], rng: &mut ChaCha8Rng) -> usize {
    let mut left = rng.random::<f32>();
    for (choice, probability) in probabilities.iter().enumerate() {
        left -= probability;
        if left < 0.0 {
            return choice;
        }
    }
    // Rounding left a little over: it belongs to the likeliest.
    let likelier = |a: usize, b: usize| if probabilities[b] > probabilities[a] { b } else { a };
    (0..probabilities.len()).fold(0, likelier)
}

/// A geometric number, 1 or more, with this mean.
fn synapses(mean: f32, rng: &mut ChaCha8Rng) -> f32 {
    let failure = (1.0 - 1.0 / mean.max(1.0)).clamp(0.0, 0.9999);
    if failure == 0.0 {
        return 1.0;
    }
    let uniform = 1.0 - rng.random::<f32>();
    (1.0 + (uniform.ln() / failure.ln()).floor()).min(MOST_SYNAPSES)
}
