//! One training step of the mechanism model on the kernels, timed on request; the peer of
//! `reference/training_step_benchmark.py`, which starts it and runs both in turns.
//!
//! dx_i/dt = phi(x_i, a_i) + sum_j W_ij psi(x_j); loss |prediction - target| + B |phi(0, a)|, both Euclidean norms;
//! psi 1-64-64-1, phi 3-64-64-1, embeddings a `[N, 2]`, W dense with a zero diagonal; Adam with a step size per group.
//!
//! `training_step N BATCH relu|tanh` reads lines: a number of steps to run (answers with the fastest step in
//! seconds), `loss` (answers with the loss of the last step) or `memory` (peak resident megabytes).
#![allow(clippy::print_stdout, reason = "a program that answers on its standard output")]

use std::io::BufRead;
use std::time::Instant;

use neuroloom_nn::Error;
use neuroloom_nn::kernel::product::{DenseProduct, Diagonal, Outer, WeightUpdate};
use neuroloom_nn::kernel::{
    Activation, AdamConfig, AdamStep, LossGradient, MlpGradients, Moments, NodeMlp, adam, gather, norm,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [n, batch, activation] = &arguments[..] else {
        return Err("usage: training_step N BATCH relu|tanh".into());
    };
    let activation = if activation == "tanh" { Activation::Tanh } else { Activation::Relu };
    let mut step = Step::new(n.parse()?, batch.parse()?, activation)?;
    for line in std::io::stdin().lock().lines() {
        match line?.trim() {
            "loss" => println!("{}", step.loss),
            "memory" => println!("{}", peak_megabytes().unwrap_or(f64::NAN)),
            count => {
                let mut fastest = f64::INFINITY;
                for _ in 0..count.parse::<usize>()? {
                    let start = Instant::now();
                    step.run()?;
                    fastest = fastest.min(start.elapsed().as_secs_f64());
                }
                println!("{fastest}");
            }
        }
    }
    Ok(())
}

/// Parameters of one Adam group.
struct Group {
    values: Vec<f32>,
    gradients: Vec<f32>,
    moments: [Vec<f32>; 2],
    config: AdamConfig,
}

impl Group {
    fn new(values: Vec<f32>, learning_rate: f32) -> Self {
        let zeros = vec![0.0; values.len()];
        Self {
            gradients: zeros.clone(),
            moments: [zeros.clone(), zeros],
            config: AdamConfig::with_learning_rate(learning_rate),
            values,
        }
    }

    fn update(&mut self, t: u64) -> Result<(), Error> {
        let [first, second] = &mut self.moments;
        let step = AdamStep::new(&self.config, t);
        adam::update(&step, &mut self.values, &self.gradients, Moments { first, second })
    }
}

struct Step {
    n: usize,
    batch: usize,
    psi: NodeMlp,
    phi: NodeMlp,
    weights: Group,
    psi_parameters: Group,
    phi_parameters: Group,
    embedding: Group,
    /// Frames `[batch, n]` and their targets.
    activity: Vec<f32>,
    targets: Vec<f32>,
    buffers: Buffers,
    t: u64,
    loss: f64,
}

/// Everything a step writes; made once.
struct Buffers {
    senders: Vec<f32>,
    messages: Vec<f32>,
    phi_inputs: Vec<f32>,
    rest_inputs: Vec<f32>,
    updates: Vec<f32>,
    residuals: Vec<f32>,
    sender_gradients: Vec<f32>,
    input_gradients: Vec<f32>,
    rest: Vec<f32>,
    rest_gradients: Vec<f32>,
    rest_input_gradients: Vec<f32>,
    spare: Vec<f32>,
}

impl Step {
    fn new(n: usize, batch: usize, activation: Activation) -> Result<Self, Error> {
        let psi = NodeMlp::new(&[1, 64, 64, 1], activation)?;
        let phi = NodeMlp::new(&[3, 64, 64, 1], activation)?;
        let rows = n * batch;
        let mut weights = numbers(n * n, 0.3, 1);
        weights.iter_mut().step_by(n + 1).for_each(|weight| *weight = 0.0);
        Ok(Self {
            n,
            batch,
            weights: Group::new(weights, 1e-3),
            psi_parameters: Group::new(numbers(psi.n_parameters(), 0.17, 2), 5e-4),
            phi_parameters: Group::new(numbers(phi.n_parameters(), 0.17, 3), 5e-4),
            embedding: Group::new(vec![1.0; 2 * n], 7.5e-4),
            activity: numbers(rows, 13.0, 4),
            targets: numbers(rows, 13.0, 5),
            buffers: Buffers {
                senders: vec![0.0; rows],
                messages: vec![0.0; rows],
                phi_inputs: vec![0.0; 3 * rows],
                rest_inputs: vec![0.0; 3 * n],
                updates: vec![0.0; rows],
                residuals: vec![0.0; rows],
                sender_gradients: vec![0.0; rows],
                input_gradients: vec![0.0; 3 * rows],
                rest: vec![0.0; n],
                rest_gradients: vec![0.0; n],
                rest_input_gradients: vec![0.0; 3 * n],
                spare: vec![0.0; phi.n_parameters()],
            },
            psi,
            phi,
            t: 0,
            loss: 0.0,
        })
    }

    fn run(&mut self) -> Result<(), Error> {
        self.t += 1;
        let dense = DenseProduct::new(self.n, self.n);
        let buffers = &mut self.buffers;
        self.psi.forward(&self.psi_parameters.values, &self.activity, &mut buffers.senders)?;
        dense.forward(&self.weights.values, &buffers.senders, &mut buffers.messages)?;
        let fit = update_pass(
            &self.phi,
            &mut self.phi_parameters,
            &self.embedding,
            buffers,
            (&self.activity, &self.targets),
        )?;
        let rest =
            rest_pass(&self.phi, &mut self.phi_parameters, &mut self.embedding, buffers, self.batch as f64)?;
        self.loss = fit + rest;

        let [first, second] = &mut self.weights.moments;
        let step = AdamStep::new(&self.weights.config, self.t);
        let moments = Moments { first, second };
        let update = WeightUpdate {
            diagonal: Diagonal::Zero,
            ..WeightUpdate::new(&mut self.weights.values, moments, &step)
        };
        let outer = Outer { message_gradients: &buffers.residuals, senders: &buffers.senders };
        dense.update(outer, update, Some(&mut buffers.sender_gradients))?;
        let psi = &mut self.psi_parameters;
        psi.gradients.fill(0.0);
        let into = MlpGradients { parameters: &mut psi.gradients, inputs: None };
        self.psi.backward(&psi.values, &self.activity, &buffers.sender_gradients, into)?;
        for group in [&mut self.psi_parameters, &mut self.phi_parameters, &mut self.embedding] {
            group.update(self.t)?;
        }
        Ok(())
    }
}

/// phi forward and backward with the residual in between; returns the norm of the residuals.
fn update_pass(
    phi: &NodeMlp,
    parameters: &mut Group,
    embedding: &Group,
    buffers: &mut Buffers,
    (activity, targets): (&[f32], &[f32]),
) -> Result<f64, Error> {
    gather::attach(activity, &embedding.values, 2, &mut buffers.phi_inputs)?;
    parameters.gradients.fill(0.0);
    let messages = &buffers.messages;
    let loss = |rows: std::ops::Range<usize>, outputs: &[f32], gradients: &mut [f32]| {
        let others = messages[rows.clone()].iter().zip(&targets[rows]);
        for ((gradient, output), (message, target)) in gradients.iter_mut().zip(outputs).zip(others) {
            *gradient = output + message - target;
        }
    };
    let rows = LossGradient { outputs: &mut buffers.updates, output_gradients: &mut buffers.residuals };
    let into =
        MlpGradients { parameters: &mut parameters.gradients, inputs: Some(&mut buffers.input_gradients) };
    phi.forward_backward(&parameters.values, &buffers.phi_inputs, rows, loss, into)?;
    let norm = norm::into_l2_gradient(&mut buffers.residuals, 1.0);
    norm::multiply(&mut parameters.gradients, (1.0 / norm) as f32);
    norm::multiply(&mut buffers.input_gradients, (1.0 / norm) as f32);
    Ok(norm)
}

/// The term `scale |phi(0, a)|`, added to the gradients of phi; and all gradients of the embedding.
fn rest_pass(
    phi: &NodeMlp,
    parameters: &mut Group,
    embedding: &mut Group,
    buffers: &mut Buffers,
    scale: f64,
) -> Result<f64, Error> {
    buffers.rest_gradients.fill(0.0);
    gather::attach(&buffers.rest_gradients, &embedding.values, 2, &mut buffers.rest_inputs)?;
    buffers.spare.fill(0.0);
    let rows = LossGradient { outputs: &mut buffers.rest, output_gradients: &mut buffers.rest_gradients };
    let into =
        MlpGradients { parameters: &mut buffers.spare, inputs: Some(&mut buffers.rest_input_gradients) };
    let loss = |_: std::ops::Range<usize>, outputs: &[f32], gradients: &mut [f32]| {
        gradients.copy_from_slice(outputs)
    };
    phi.forward_backward(&parameters.values, &buffers.rest_inputs, rows, loss, into)?;
    let norm = norm::l2(&buffers.rest);
    let factor = (scale / norm) as f32;
    norm::add_scaled(&mut parameters.gradients, factor, &buffers.spare);
    norm::multiply(&mut buffers.rest_input_gradients, factor);
    embedding.gradients.fill(0.0);
    gather::add_attached(&buffers.input_gradients, 2, &mut embedding.gradients)?;
    gather::add_attached(&buffers.rest_input_gradients, 2, &mut embedding.gradients)?;
    Ok(scale * norm)
}

/// Numbers in [-scale, scale) from a counter.
fn numbers(n: usize, scale: f32, salt: u32) -> Vec<f32> {
    let mix = |k: usize| {
        let mut x = (k as u32).wrapping_mul(0x9E37_79B9) ^ salt.wrapping_mul(0x85EB_CA6B);
        x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D);
        x = (x ^ (x >> 12)).wrapping_mul(0x297A_2D39);
        ((x ^ (x >> 15)) as f32 / 2_147_483_648.0 - 1.0) * scale
    };
    (0..n).map(mix).collect()
}

/// `VmHWM` of this process, where there is a /proc.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}
