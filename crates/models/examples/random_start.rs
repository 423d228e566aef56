//! Time from random numbers to a wiring of R2 0.99, for `reference/random_start_benchmark.py`, which starts it on the
//! recording that PyTorch learns from.
//!
//! `random_start FOLDER NEURONS MINUTES published|ours` reads `FOLDER/frames.f32` (`[frame, neuron]`, little endian,
//! 0.01 s a frame) and `FOLDER/weights.f32` (`[post, pre]`, for the score alone) and prints a line every 500 steps:
//! seconds, processor seconds, step, squared correlation of W with the truth. `published` is the recipe of Allier
//! et al. 2026, `ours` the one of this project's example of training from random numbers.
#![allow(clippy::print_stdout, reason = "a program that answers on its standard output")]

use std::sync::Mutex;
use std::time::Instant;

use ndarray::Array2;
use neuroloom_core::{Activity, Event, Listener, NeuronId, Recording, Seed};
use neuroloom_models::Error;
use neuroloom_models::mechanism::{
    Checkpoints, DescentConfig, SolveConfig, Start, Target, Tensors, TrainConfig, TrainInputs, train,
};

/// Steps between scores.
const EVERY: u64 = 500;
/// The R2 that ends the run.
const BAR: f64 = 0.99;

type Trouble = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, n, minutes, recipe] = &arguments[..] else {
        return Err("usage: random_start FOLDER NEURONS MINUTES published|ours".into());
    };
    let n: usize = n.parse()?;
    let frames = floats(&format!("{folder}/frames.f32"))?;
    let frames = Array2::from_shape_vec((frames.len() / n, n), frames)?;
    let activity = Activity::from_frames(frames, 0.01, NeuronId::numbered(n))?;
    let recording = Recording { activity: &activity, drift: None };
    let inputs = TrainInputs { recording, solved: None, known: None, positions: None };
    let config = if recipe == "ours" { ours() } else { TrainConfig::published() };
    let solve = SolveConfig { target: Target::Difference, ..SolveConfig::default() };
    let watch = Watch {
        truth: floats(&format!("{folder}/weights.f32"))?,
        started: Instant::now(),
        seconds: 60.0 * minutes.parse::<f64>()?,
        state: Mutex::new((0, 0.0)),
    };
    match train(&inputs, (&config, &solve), Seed(42), &watch, &watch) {
        Ok(_) | Err(Error::Interrupted { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Larger batches and rates, smaller first weights, rates that fall along a cosine.
fn ours() -> TrainConfig {
    TrainConfig {
        start: Start::Random,
        descent: DescentConfig {
            batch: 32,
            epochs: 20,
            steps_per_epoch: 500,
            rate_weights: 1e-2,
            rate_functions: 2e-3,
            rate_embedding: 3e-3,
            ..DescentConfig::default()
        },
        ..TrainConfig::default()
    }
}

/// Looks at W every [`EVERY`] steps.
struct Watch {
    truth: Vec<f32>,
    started: Instant,
    seconds: f64,
    /// Steps done, and the last score.
    state: Mutex<(u64, f64)>,
}

impl Watch {
    fn state(&self) -> std::sync::MutexGuard<'_, (u64, f64)> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Checkpoints for Watch {
    fn load(&self) -> Result<Option<Tensors>, Trouble> {
        Ok(None)
    }

    fn due(&self) -> bool {
        let mut state = self.state();
        state.0 += 1;
        state.0.is_multiple_of(EVERY)
    }

    fn save(&self, stored: &Tensors) -> Result<(), Trouble> {
        let weights = stored.arrays.get("value.weights").ok_or("a state without W")?;
        let r2 = squared_correlation(weights.iter().copied(), &self.truth);
        let mut state = self.state();
        state.1 = r2;
        let (seconds, step) = (self.started.elapsed().as_secs_f64(), state.0);
        println!("{seconds:.2} {:.2} {step} {r2:.5}", processor_seconds().unwrap_or(f64::NAN));
        Ok(())
    }
}

impl Listener for Watch {
    fn emit(&self, _event: Event) {}

    fn cancelled(&self) -> bool {
        self.state().1 >= BAR || self.started.elapsed().as_secs_f64() > self.seconds
    }
}

fn squared_correlation(found: impl Iterator<Item = f64>, truth: &[f32]) -> f64 {
    let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in found.zip(truth.iter().map(|&value| f64::from(value))) {
        n += 1.0;
        (x, y, xx, yy, xy) = (x + a, y + b, xx + a * a, yy + b * b, xy + a * b);
    }
    let covariance = xy - x * y / n;
    covariance * covariance / ((xx - x * x / n) * (yy - y * y / n))
}

fn floats(path: &str) -> Result<Vec<f32>, std::io::Error> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// Processor time of all threads of this process, where there is a /proc.
fn processor_seconds() -> Option<f64> {
    let mut nanoseconds = 0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(nanoseconds as f64 * 1e-9)
}
