//! Times what a code is asked for: `code_timings [ROUNDS]`.
//!
//! Prints milliseconds, the least of all rounds: trees on 500 codes of 32 numbers and their exact SHAP values, trees on
//! 50,000 pairs, and one reservoir of 100 neurons with its readout, for `reference/code_benchmark.py`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example that is a program")]

use std::time::Instant;

use ndarray::Array2;
use neuroloom_analysis::attribution::tree_path_dependent;
use neuroloom_analysis::boosting::{BoostedTrees, BoostingConfig};
use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed, Silent};
use neuroloom_models::circuit_vae::reservoir::{ReservoirConfig, Task, score_circuits};
use rand::RngExt;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3);
    let (codes, of_codes) = table(500, 32);
    let (pairs, of_pairs) = table(50_000, 12);
    let small = BoostingConfig::small();
    let trees = BoostedTrees::regress(codes.view(), &of_codes, &small).unwrap();
    least("trees_codes", rounds, || {
        BoostedTrees::regress(codes.view(), &of_codes, &small).unwrap();
    });
    least("shap_codes", rounds, || {
        tree_path_dependent(&trees, codes.view()).unwrap();
    });
    least("trees_pairs", rounds, || {
        BoostedTrees::regress(pairs.view(), &of_pairs, &BoostingConfig::default()).unwrap();
    });
    let circuit = circuit(100);
    let config = ReservoirConfig { n_seeds: 1, ..ReservoirConfig::default() };
    for task in [Task::MemoryCapacity, Task::Narma10] {
        least(&format!("reservoir_{}", task.score_names()[0]), rounds, || {
            score_circuits(&[&circuit], &config, &[task], (Seed(1), &Silent)).unwrap();
        });
    }
}

fn least(name: &str, rounds: usize, mut work: impl FnMut()) {
    let mut time = || {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let seconds = (0..rounds).map(|_| time()).fold(f64::INFINITY, f64::min);
    println!("{name} {:.2}", 1000.0 * seconds);
}

/// Uniform features, and a target that three of them make.
fn table(n: usize, width: usize) -> (Array2<f64>, Vec<f64>) {
    let mut rng = Seed(1).rng();
    let features = Array2::from_shape_fn((n, width), |_| rng.random::<f64>());
    let target = |row: ndarray::ArrayView1<'_, f64>| row[0] * row[1] + (6.0 * row[2]).sin();
    let values = features.rows().into_iter().map(|row| target(row) + 0.1 * rng.random::<f64>()).collect();
    (features, values)
}

/// A tenth of the pairs.
fn circuit(n: usize) -> Circuit {
    let mut rng = Seed(2).rng();
    let mut edges = EdgeList::default();
    for pre in 0..n as u32 {
        for post in (0..n as u32).filter(|post| *post != pre) {
            if rng.random::<f64>() < 0.1 {
                edges.pre.push(pre);
                edges.post.push(post);
            }
        }
    }
    let neurons = NeuronTable::new(NeuronId::numbered(n)).unwrap();
    Circuit::new(Connectome::new(neurons, edges).unwrap(), CircuitOrigin::default())
}
