//! Time to W R2 0.99 by the gradient route alone, on the published baseline; its peer is
//! `reference/random_start_benchmark.py`.
//!
//! `cargo run --release -p neuroloom-models --example random_start -- NEURONS FRAMES MINUTES published|ours`

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::cell::Cell;
use std::error::Error;
use std::time::{Duration, Instant};

use ndarray::Array2;
use neuroloom_analysis::metrics::regression::linear_fit;
use neuroloom_core::{Activity, Event, Listener, NeuronId, Recording, Seed, Silent};
use neuroloom_models::mechanism::{
    Checkpoints, DescentConfig, SolveConfig, Start, Tensors, TrainConfig, TrainInputs, train,
};
use neuroloom_sim::{AssemblyConfig, FrameSink, GivenArrays, Integration, build_truth, simulate};

type Trouble = Box<dyn Error + Send + Sync>;

struct Collected(Vec<f32>);

impl FrameSink for Collected {
    fn accept(&mut self, states: &mut Array2<f32>, _drift: Option<&mut Array2<f32>>) -> Result<(), Trouble> {
        self.0.extend(states.iter());
        Ok(())
    }
}

/// Watches W instead of keeping it.
struct Watch {
    truth: Vec<f64>,
    started: Instant,
    every: u64,
    step: Cell<u64>,
}

impl Checkpoints for Watch {
    fn load(&self) -> Result<Option<Tensors>, Trouble> {
        Ok(None)
    }

    fn due(&self) -> bool {
        self.step.set(self.step.get() + 1);
        self.step.get().is_multiple_of(self.every)
    }

    fn save(&self, state: &Tensors) -> Result<(), Trouble> {
        let found: Vec<f64> = state.arrays["value.weights"].iter().copied().collect();
        let r2 = linear_fit(&self.truth, &found)?.r2_linear_fit;
        let seconds = self.started.elapsed().as_secs_f64();
        println!("{seconds:9.1} s  step {:7}  W R2 {r2:.5}", self.step.get());
        Ok(())
    }
}

struct Deadline(Instant);

impl Listener for Deadline {
    fn emit(&self, event: Event) {
        if let Event::Note(note) = event {
            println!("{note}");
        }
    }

    fn cancelled(&self) -> bool {
        Instant::now() > self.0
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |place: usize, usual: f64| given.get(place).and_then(|word| word.parse().ok()).unwrap_or(usual);
    let (n, n_frames, minutes) = (number(0, 1000.0) as usize, number(1, 1e5) as usize, number(2, 10.0));
    let assembly = AssemblyConfig { n_neurons: n, ..AssemblyConfig::default() };
    let truth = build_truth(&assembly, GivenArrays::default(), Seed(42))?;
    let mut frames = Collected(Vec::new());
    simulate(&truth, &Integration { n_frames, ..Integration::default() }, Seed(42), &mut frames, &Silent)?;
    let shape = (frames.0.len() / n, n);
    let frames = Array2::from_shape_vec(shape, frames.0)?;
    let activity = Activity::from_frames(frames, truth.dt_s, NeuronId::numbered(n))?;
    let config = match given.get(3).map(String::as_str) {
        Some("published") => TrainConfig::published(),
        _ => ours(&given),
    };
    let inputs = TrainInputs {
        recording: Recording { activity: &activity, drift: None },
        solved: None,
        known: None,
        positions: None,
    };
    let started = Instant::now();
    let truth = truth.weight_matrix.iter().map(|&weight| f64::from(weight)).collect();
    let watch = Watch { truth, started, every: 500, step: Cell::new(0) };
    let deadline = Deadline(started + Duration::from_secs_f64(60.0 * minutes));
    match train(&inputs, (&config, &SolveConfig::default()), Seed(42), &watch, &deadline) {
        Ok(_) => println!("all {} steps done", config.descent.n_steps()),
        Err(error) => println!("{error}"),
    }
    Ok(())
}

/// `ours BATCH STEPS RATE-WEIGHTS RATE-FUNCTIONS`
fn ours(given: &[String]) -> TrainConfig {
    let base = TrainConfig { start: Start::Random, ..TrainConfig::default() };
    let number =
        |place: usize, usual: f64| given.get(place).and_then(|word| word.parse().ok()).unwrap_or(usual);
    let descent = DescentConfig {
        batch: number(4, base.descent.batch as f64) as usize,
        epochs: 10,
        steps_per_epoch: (number(5, base.descent.n_steps() as f64) / 10.0) as usize,
        rate_weights: number(6, base.descent.rate_weights),
        rate_functions: number(7, base.descent.rate_functions),
        rate_embedding: 1.5 * number(7, base.descent.rate_functions),
        ..base.descent
    };
    TrainConfig { descent, ..base }
}
