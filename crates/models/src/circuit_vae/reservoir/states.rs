//! A scaled wiring and the states that an input drives it through.

use faer::Mat;
use ndarray::Array2;
use neuroloom_core::Seed;
use rand::RngExt;
use serde::Serialize;

use super::config::{Activation, ReservoirConfig};
use super::wiring::Wiring;
use crate::Error;

/// By what a wiring was divided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// The largest modulus of its eigenvalues.
    Radius(f64),
    /// Its largest singular value, because it has no cycle and so no eigenvalue but 0. Its memory ends by itself.
    Norm(f64),
    /// 1: there is no edge.
    NoEdges,
}

/// A scaled wiring.
#[derive(Debug, Clone, PartialEq)]
pub struct Reservoir {
    n_neurons: usize,
    gets_input: Vec<bool>,
    /// Start of the incoming edges of each neuron, and the end of the last.
    starts: Vec<usize>,
    senders: Vec<u32>,
    weights: Vec<f64>,
    leak: f64,
    activation: Activation,
    scaling: Scaling,
    gap: f64,
}

/// How the input reaches each neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// w_in.
    pub weights: Vec<f64>,
    /// b, a constant input.
    pub bias: Vec<f64>,
}

impl Reservoir {
    /// Scales a wiring.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting out of range, [`Error::Recording`] for no neurons or eigenvalues that did not
    /// converge.
    pub fn new(wiring: &Wiring, config: &ReservoirConfig) -> Result<Self, Error> {
        config.check()?;
        if wiring.n_neurons == 0 {
            return Err(refused("a reservoir needs at least one neuron".to_owned()));
        }
        let signed: Vec<f64> = wiring
            .edges
            .iter()
            .zip(&wiring.strength)
            .map(|((pre, _), w)| w * wiring.sign[*pre as usize])
            .collect();
        let (scaling, gap) = scaling(wiring, &signed)?;
        let divisor = match scaling {
            Scaling::Radius(size) | Scaling::Norm(size) => size,
            Scaling::NoEdges => 1.0,
        };
        let mut order: Vec<usize> = (0..wiring.edges.len()).collect();
        order.sort_by_key(|&edge| (wiring.edges[edge].1, wiring.edges[edge].0));
        let mut starts = vec![0; wiring.n_neurons + 1];
        order.iter().for_each(|&edge| starts[wiring.edges[edge].1 as usize + 1] += 1);
        for neuron in 0..wiring.n_neurons {
            starts[neuron + 1] += starts[neuron];
        }
        Ok(Self {
            n_neurons: wiring.n_neurons,
            gets_input: wiring.gets_input.clone(),
            starts,
            senders: order.iter().map(|&edge| wiring.edges[edge].0).collect(),
            weights: order.iter().map(|&edge| signed[edge] * config.spectral_radius / divisor).collect(),
            leak: config.leak,
            activation: config.activation,
            scaling,
            gap,
        })
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.n_neurons
    }

    /// By what the wiring was divided.
    pub fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// Largest modulus of an eigenvalue of the signed wiring before scaling; 0 without cycles.
    pub fn wiring_radius(&self) -> f64 {
        if let Scaling::Radius(radius) = self.scaling { radius } else { 0.0 }
    }

    /// The same less the next modulus, over the largest: 0 to 1, 0 without cycles.
    pub fn relative_gap(&self) -> f64 {
        self.gap
    }

    /// Draws input weights and biases; no weight for neurons that get no input.
    pub fn drive(&self, config: &ReservoirConfig, seed: Seed) -> Drive {
        let mut rng = seed.split("input weights").rng();
        let draw = |&gets: &bool| {
            let weight = rng.random_range(-config.input_scale..=config.input_scale);
            if gets { weight } else { 0.0 }
        };
        let weights = self.gets_input.iter().map(draw).collect();
        let mut rng = seed.split("biases").rng();
        let bias =
            (0..self.n_neurons).map(|_| rng.random_range(-config.bias_scale..=config.bias_scale)).collect();
        Drive { weights, bias }
    }

    /// One step from `state` to `next`.
    pub(super) fn step(&self, state: &[f64], (drive, input): (&Drive, f64), next: &mut [f64]) {
        for (neuron, next) in next.iter_mut().enumerate() {
            let range = self.starts[neuron]..self.starts[neuron + 1];
            let edges = self.senders[range.clone()].iter().zip(&self.weights[range]);
            let mut sum = drive.bias[neuron] + drive.weights[neuron] * input;
            for (&sender, weight) in edges {
                sum += weight * state[sender as usize];
            }
            let new = match self.activation {
                Activation::Tanh => sum.tanh(),
                Activation::Linear => sum,
            };
            *next = (1.0 - self.leak) * state[neuron] + self.leak * new;
        }
    }

    /// The states after each input, from rest.
    ///
    /// # Shapes
    /// `inputs: [time]`; states `[time, neuron]`.
    pub fn states(&self, inputs: &[f64], drive: &Drive) -> Array2<f64> {
        let n = self.n_neurons;
        let mut states = vec![0.0; inputs.len() * n];
        let rest = vec![0.0; n];
        for (time, &input) in inputs.iter().enumerate() {
            let (before, after) = states.split_at_mut(time * n);
            let state = if time == 0 { &rest[..] } else { &before[(time - 1) * n..] };
            self.step(state, (drive, input), &mut after[..n]);
        }
        // The length is n times the number of inputs by construction.
        Array2::from_shape_vec((inputs.len(), n), states).unwrap_or_default()
    }
}

fn refused(problem: String) -> Error {
    Error::Recording { problem, hint: "look at the circuit with `neuroloom measure`".to_owned() }
}

/// Eigenvalues below this times the largest singular value are rounding: a nilpotent matrix has only such.
const NO_RADIUS: f64 = 1e-4;

fn scaling(wiring: &Wiring, signed: &[f64]) -> Result<(Scaling, f64), Error> {
    if signed.iter().all(|weight| *weight == 0.0) {
        return Ok((Scaling::NoEdges, 0.0));
    }
    let mut matrix = Mat::<f64>::zeros(wiring.n_neurons, wiring.n_neurons);
    for ((pre, post), weight) in wiring.edges.iter().zip(signed) {
        matrix[(*pre as usize, *post as usize)] += weight;
    }
    let unconverged = |_| refused("the eigenvalues of the wiring did not converge".to_owned());
    let has_cycle = has_cycle(wiring);
    let mut moduli: Vec<f64> = match has_cycle {
        true => matrix.eigenvalues().map_err(unconverged)?.iter().map(|one| one.re.hypot(one.im)).collect(),
        false => vec![0.0],
    };
    moduli.sort_unstable_by(|a, b| b.total_cmp(a));
    let singular = matrix.singular_values().map_err(|_| refused("no singular values".to_owned()))?;
    let norm = singular.first().copied().unwrap_or(0.0);
    if moduli[0] <= NO_RADIUS * norm {
        return Ok((Scaling::Norm(norm), 0.0));
    }
    let gap = (moduli[0] - moduli.get(1).copied().unwrap_or(0.0)) / moduli[0];
    Ok((Scaling::Radius(moduli[0]), gap))
}

/// Whether any neuron reaches itself: Kahn's algorithm leaves the neurons of cycles.
fn has_cycle(wiring: &Wiring) -> bool {
    let mut n_incoming = vec![0_usize; wiring.n_neurons];
    let mut targets: Vec<Vec<u32>> = vec![Vec::new(); wiring.n_neurons];
    for &(pre, post) in &wiring.edges {
        n_incoming[post as usize] += 1;
        targets[pre as usize].push(post);
    }
    let mut free: Vec<usize> = (0..wiring.n_neurons).filter(|&neuron| n_incoming[neuron] == 0).collect();
    let mut n_removed = 0;
    while let Some(neuron) = free.pop() {
        n_removed += 1;
        for &target in &targets[neuron] {
            n_incoming[target as usize] -= 1;
            if n_incoming[target as usize] == 0 {
                free.push(target as usize);
            }
        }
    }
    n_removed < wiring.n_neurons
}
