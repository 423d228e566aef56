//! Where a run starts: random numbers as published, or networks drawn to the closed form.

use neuroloom_core::Seed;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::config::{EmbeddingMode, TrainConfig};
use super::descent::{Moments, Rates};
use super::drift::Model;
use super::layers::Network;
use super::parameters::Parameters;
use super::samples::Units;
use crate::Error;
use crate::mechanism::Mechanism;

/// Standard deviation of the random weights of all layers but the first.
const LATER_LAYERS: f32 = 0.1;
/// Steps, rows a step and learning rate with which networks are drawn to given functions.
const DRAWING: (u64, usize, f64) = (4000, 512, 3e-3);

/// Random numbers: first layers U(+-1/sqrt(inputs)), later weights N(0, 0.1^2), embeddings 1, W N(0, s^2).
pub(super) fn random(model: &Model, config: &TrainConfig, seed: Seed) -> Parameters {
    let std = config.descent.weight_start.unwrap_or(1.0 / (model.n as f64).sqrt()) as f32;
    let mut rng = seed.split("weights").rng();
    let mut weights: Vec<f32> = (0..model.edges.len()).map(|_| std * normal(&mut rng)).collect();
    model.edges.constrain(&mut weights, None);
    Parameters {
        weights,
        update: of_network(&model.update, &mut seed.split("update").rng()),
        transfer: of_network(&model.transfer, &mut seed.split("transfer").rng()),
        embedding: vec![1.0; model.n * model.dimensions],
        field: match &model.field {
            Some(field) => of_sines(&field.network, config, &mut seed.split("field").rng()),
            None => Vec::new(),
        },
    }
}

/// The closed form: W as solved, embeddings where its types lie, networks drawn to its functions.
pub(super) fn solved(
    model: &Model,
    config: &TrainConfig,
    (mechanism, kept, units): (&Mechanism, &[usize], Units),
    seed: Seed,
) -> Result<Parameters, Error> {
    let mut parameters = random(model, config, seed);
    let weight =
        |post: usize, pre: usize| (mechanism.weight_matrix[[kept[post], kept[pre]]] / units.drift) as f32;
    parameters.weights = model.edges.stored(weight);
    model.edges.constrain(&mut parameters.weights, None);
    if config.embedding == EmbeddingMode::Learned {
        place_embeddings(model, (mechanism, kept), &mut parameters.embedding);
    }
    let d = model.dimensions;
    let update: Vec<_> =
        kept.iter().map(|&neuron| mechanism.update_curve(neuron)).collect::<Result<_, _>>()?;
    let ranges: Vec<(f64, f64)> =
        kept.iter().map(|&neuron| (mechanism.update.lower[neuron], mechanism.update.upper[neuron])).collect();
    let embedding = parameters.embedding.clone();
    let of_update = |rng: &mut ChaCha8Rng, row: &mut Vec<f32>| {
        let neuron = (rng.next_u64() % model.n as u64) as usize;
        let x = within(ranges[neuron], rng);
        row.push((x / units.activity) as f32);
        row.extend_from_slice(&embedding[neuron * d..(neuron + 1) * d]);
        (update[neuron].value(x) / units.drift) as f32
    };
    draw(&model.update, &mut parameters.update, seed.split("draw update"), of_update)?;
    let transfer = mechanism.transfer.curves()?;
    let of_transfer = |rng: &mut ChaCha8Rng, row: &mut Vec<f32>| {
        let neuron = (rng.next_u64() % model.n as u64) as usize;
        let x = within(ranges[neuron], rng);
        let frame: Vec<f32> = vec![(x / units.activity) as f32; model.n];
        let rows = model.transfer_diagonal(&embedding, &frame);
        let width = model.transfer.n_inputs();
        row.extend_from_slice(&rows[neuron * width..(neuron + 1) * width]);
        transfer[mechanism.transfer.place(kept[neuron], kept[neuron])].value(x) as f32
    };
    draw(&model.transfer, &mut parameters.transfer, seed.split("draw transfer"), of_transfer)?;
    Ok(parameters)
}

/// Draws a network to examples: Adam on squared errors, rates falling along a cosine.
fn draw(
    network: &Network,
    parameters: &mut Vec<f32>,
    seed: Seed,
    example: impl Fn(&mut ChaCha8Rng, &mut Vec<f32>) -> f32,
) -> Result<(), Error> {
    let (n_steps, n_rows, rate) = DRAWING;
    let mut rng = seed.rng();
    let mut whole = Parameters { update: std::mem::take(parameters), ..Parameters::default() };
    let mut moments = Moments::new(&whole);
    let mut gradient = whole.zeros_like();
    for step in 0..n_steps {
        let mut inputs = Vec::with_capacity(n_rows * network.n_inputs());
        let targets: Vec<f32> = (0..n_rows).map(|_| example(&mut rng, &mut inputs)).collect();
        let mut outputs = vec![0.0; n_rows];
        network.forward(&whole.update, &inputs, &mut outputs)?;
        outputs
            .iter_mut()
            .zip(&targets)
            .for_each(|(output, target)| *output = (*output - target) / n_rows as f32);
        gradient.clear();
        network.backward(&whole.update, &inputs, &outputs, &mut gradient.update)?;
        moments.step(&mut whole, &gradient, Rates::drawing(rate, step as f64 / n_steps as f64))?;
    }
    *parameters = whole.update;
    Ok(())
}

/// The first numbers of each embedding: where the neuron lies among the solved types, spread about 1.
fn place_embeddings(model: &Model, (mechanism, kept): (&Mechanism, &[usize]), embedding: &mut [f32]) {
    let found = &mechanism.types.embedding;
    for axis in 0..model.dimensions.min(found.ncols()) {
        let values: Vec<f64> = kept.iter().map(|&neuron| found[[neuron, axis]]).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let std = square.sqrt().max(f64::MIN_POSITIVE);
        for (neuron, value) in values.iter().enumerate() {
            embedding[neuron * model.dimensions + axis] = (1.0 + (value - mean) / std) as f32;
        }
    }
}

fn of_network(network: &Network, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let mut parameters = Vec::with_capacity(network.n_parameters());
    for (layer, (inputs, outputs)) in network.layers().enumerate() {
        let bound = 1.0 / (inputs as f32).sqrt();
        match layer {
            0 => parameters.extend((0..(inputs + 1) * outputs).map(|_| bound * uniform(rng))),
            _ => {
                parameters.extend((0..inputs * outputs).map(|_| LATER_LAYERS * normal(rng)));
                parameters.extend(std::iter::repeat_n(0.0, outputs));
            }
        }
    }
    parameters
}

/// SIREN: first layer U(+-1/inputs), later ones U(+-sqrt(6/inputs)/omega_0), biases U(+-1/sqrt(inputs)); the last
/// bias is 1, so that Omega starts near 1.
fn of_sines(network: &Network, config: &TrainConfig, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let frequency = config.field.map_or(1.0, |field| field.frequency as f32);
    let mut parameters = Vec::with_capacity(network.n_parameters());
    for (layer, (inputs, outputs)) in network.layers().enumerate() {
        let n = inputs as f32;
        let bound = if layer == 0 { 1.0 / n } else { (6.0 / n).sqrt() / frequency };
        parameters.extend((0..inputs * outputs).map(|_| bound * uniform(rng)));
        parameters.extend((0..outputs).map(|_| uniform(rng) / n.sqrt()));
    }
    if let Some(last) = parameters.last_mut() {
        *last = 1.0;
    }
    parameters
}

fn within((low, high): (f64, f64), rng: &mut ChaCha8Rng) -> f64 {
    low + (high - low) * 0.5 * (1.0 + f64::from(uniform(rng)))
}

/// Uniform in -1 to 1.
fn uniform(rng: &mut ChaCha8Rng) -> f32 {
    (f64::from(rng.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
}

/// Standard normal (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let (radius, angle) = (f64::from(rng.next_u32()), f64::from(rng.next_u32()));
    let radius = (-2.0 * ((radius + 0.5) / 4_294_967_296.0).ln()).sqrt();
    (radius * (std::f64::consts::TAU * angle / 4_294_967_296.0).cos()) as f32
}
