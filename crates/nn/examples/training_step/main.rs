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

use std::io::BufRead;
use std::time::Instant;

use neuroloom_nn::kernel::{Activation, NodeMlp};
use step::{Start, Step};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [n, batch, activation] = &arguments[..] else {
        return Err("usage: training_step N BATCH relu|tanh".into());
    };
    let activation = if activation == "tanh" { Activation::Tanh } else { Activation::Relu };
    let mut step = Step::new(start(n.parse()?, batch.parse()?, activation)?)?;
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
