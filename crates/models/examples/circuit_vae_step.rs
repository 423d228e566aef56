//! Times training steps of the model of circuits: `circuit_vae_step CIRCUITS NEURONS EPOCHS`.
//!
//! Steps of 32 circuits, or of all where there are fewer. Prints seconds a step (without the first, which allocates) and
//! the peak memory in MB, for `reference/vae_benchmark.py`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example that is a program")]

use std::sync::Mutex;
use std::time::Instant;

use neuroloom_core::{
    Circuit, CircuitOrigin, CircuitSet, Connectome, EdgeList, Event, Listener, NeuronId, NeuronTable, Seed,
};
use neuroloom_models::circuit_vae::{CircuitVaeConfig, NoCheckpoints, TrainingConfig, train};
use rand::RngExt;

fn main() {
    let number = |at: usize| std::env::args().nth(at).and_then(|text| text.parse().ok());
    let (n_circuits, n, epochs) = (number(1).unwrap_or(64), number(2).unwrap_or(100), number(3).unwrap_or(4));
    let set = CircuitSet::unsplit((0..n_circuits as u64).map(|index| circuit(n, index)).collect());
    let training =
        TrainingConfig { epochs, batch: 32, neuron_dropout: 0.0, patience: 0, ..TrainingConfig::default() };
    let config = CircuitVaeConfig { training, ..CircuitVaeConfig::default() };
    let clock = Clock::default();
    train(&set, &config, Seed(1), &NoCheckpoints, &clock).unwrap();
    let ends = clock.0.into_inner().unwrap();
    let seconds = (ends[ends.len() - 1] - ends[0]).as_secs_f64() / (ends.len() - 1) as f64;
    println!("{seconds:.5} {:.1}", peak_megabytes());
}

/// When each step ended.
#[derive(Default)]
struct Clock(Mutex<Vec<Instant>>);

impl Listener for Clock {
    fn emit(&self, event: Event) {
        if matches!(event, Event::Step { loss: None, .. }) {
            self.0.lock().unwrap().push(Instant::now());
        }
    }
}

/// Random positions, eleven types, 6 % of the pairs.
fn circuit(n: usize, index: u64) -> Circuit {
    let mut rng = Seed(1).nth(index).rng();
    let position = (0..n).map(|_| [0; 3].map(|_| 300.0 * rng.random::<f64>())).collect();
    let labels = (0..n).map(|row| format!("type {}", row % 11)).collect();
    let mut edges = EdgeList::default();
    for pre in 0..n as u32 {
        for post in (0..n as u32).filter(|post| *post != pre) {
            if rng.random::<f64>() < 0.06 {
                edges.pre.push(pre);
                edges.post.push(post);
            }
        }
    }
    let neurons = NeuronTable::new(NeuronId::numbered(n)).unwrap();
    let neurons = neurons.with_cell_type(labels).unwrap().with_position_um(position).unwrap();
    Circuit::new(Connectome::new(neurons, edges).unwrap(), CircuitOrigin::default())
}

/// What the kernel of the operating system says; 0 elsewhere.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kb| kb / 1024.0)
}
