//! One training step of the mechanism model on the kernels, timed on request; the peer of
//! `reference/training_step_benchmark.py`, which starts it and runs both in turns.
//!
//! dx_i/dt = phi(x_i, a_i) + sum_j W_ij psi(x_j); loss |prediction - target| + B |phi(0, a)|, both Euclidean norms;
//! psi 1-64-64-1, phi 3-64-64-1, embeddings a `[N, 2]`, W dense with a zero diagonal; Adam with a step size per group.
//!
//! `training_step N BATCH relu|tanh` reads lines: a number of steps to run (answers with the fastest step in
//! seconds), `loss` (answers with the loss of the last step) or `memory` (peak resident megabytes).
#![allow(clippy::print_stdout, reason = "a program that answers on its standard output")]

mod step;
#[path = "../timed/mod.rs"]
mod timed;

use neuroloom_nn::kernel::{Activation, NodeMlp};
use step::{Start, Step};
use timed::{Timed, answer, numbers};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [n, batch, activation] = &arguments[..] else {
        return Err("usage: training_step N BATCH relu|tanh".into());
    };
    let activation = if activation == "tanh" { Activation::Tanh } else { Activation::Relu };
    answer(Step::new(start(n.parse()?, batch.parse()?, activation)?)?)
}

impl Timed for Step {
    fn advance(mut self) -> Result<Self, Box<dyn std::error::Error>> {
        self.run()?;
        Ok(self)
    }

    fn loss(&self) -> f64 {
        self.loss
    }
}

/// A random start and random frames.
fn start(n: usize, batch: usize, activation: Activation) -> Result<Start, neuroloom_nn::Error> {
    let psi = NodeMlp::new(&[1, 64, 64, 1], activation)?;
    let phi = NodeMlp::new(&[3, 64, 64, 1], activation)?;
    let mut weights = numbers(n * n, 0.3, 1);
    weights.iter_mut().step_by(n + 1).for_each(|weight| *weight = 0.0);
    Ok(Start {
        weights,
        psi_parameters: numbers(psi.n_parameters(), 0.17, 2),
        phi_parameters: numbers(phi.n_parameters(), 0.17, 3),
        embedding: vec![1.0; 2 * n],
        activity: numbers(n * batch, 13.0, 4),
        targets: numbers(n * batch, 13.0, 5),
        psi,
        phi,
    })
}
