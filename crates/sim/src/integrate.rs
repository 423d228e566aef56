//! Explicit Euler integration of a [`Truth`], all frames handed over in blocks.

use ndarray::{Array2, s};
use neuroloom_core::{Event, Listener, Seed, Silent, Truth};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::Error;
use crate::exchange::Exchange;
use crate::layout::Layout;
use crate::worker::{Block, Shared, Worker};

/// Standard deviation of the state at the start of the burn-in (Allier et al. 2026).
const START_STD: f32 = 5.0;

/// Receives the frames of a simulation, in order.
pub trait FrameSink {
    /// Takes the next frames. It may keep the arrays and leave others, of any shape, in their place: arrays that
    /// come back are filled again, so that nothing need be copied or allocated.
    ///
    /// # Shapes
    /// `states` and `drift`: `[frame, neuron]`; `drift` (dx/dt per second, without noise, at the same frames)
    /// is there if it was asked for.
    ///
    /// # Errors
    /// Whatever keeps the frames from being stored; the simulation stops.
    fn accept(
        &mut self,
        states: &mut Array2<f32>,
        drift: Option<&mut Array2<f32>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// Whether the drift is handed over beside the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DriftRecording {
    /// States only.
    #[default]
    Skip,
    /// States and the exact drift.
    Record,
}

/// How long to integrate, what to hand over, and on how many threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Integration {
    /// Frames after frame 0; `n_frames + 1` rows are handed over, as in the published data.
    pub n_frames: usize,
    /// Steps before frame 0, which are not handed over.
    pub burn_in: usize,
    /// Whether the drift is handed over too.
    pub drift: DriftRecording,
    /// Standard deviation of the noise added to the states that are handed over, not to the dynamics.
    pub measurement_noise_std: f64,
    /// Threads; 0 = one a core. The result does not depend on it.
    pub n_threads: usize,
    /// Frames handed over at a time.
    pub block_frames: usize,
}

impl Default for Integration {
    fn default() -> Self {
        Self {
            n_frames: 100_000,
            burn_in: 1_000,
            drift: DriftRecording::Skip,
            measurement_noise_std: 0.0,
            n_threads: 0,
            block_frames: 1_000,
        }
    }
}

/// Simulates a circuit from a random start, x(0) ~ 5 N(0, 1), and hands over frames 0 to `n_frames`.
///
/// x <- x + dt f(x) + noise_std N(0, 1), noise per step without sqrt(dt). The external field is zero during the
/// burn-in. The same seed gives the same bytes for any number of threads and any block size.
///
/// # Errors
/// [`Error::Truth`] if the truth is inconsistent, [`Error::Config`] if `integration` is, [`Error::Diverged`] at
/// the first state that is not finite, [`Error::Sink`] if the frames cannot be stored, [`Error::Interrupted`]
/// if the listener asks to stop (all finished blocks have been handed over).
pub fn simulate(
    truth: &Truth,
    integration: &Integration,
    seed: Seed,
    sink: &mut dyn FrameSink,
    events: &dyn Listener,
) -> Result<(), Error> {
    integration.check()?;
    let start = random_start(truth.n_neurons(), seed);
    let mut run = Simulation::new(truth, &start, integration, seed)?;
    let total = integration.burn_in as u64 + integration.n_frames as u64 + 1;
    events.emit(Event::Started { stage: "simulate", total: Some(total) });
    let mut measurement = seed.split("measurement noise").rng();
    while run.next_block(events)? {
        if integration.measurement_noise_std > 0.0 {
            add_noise(&mut run.states, integration.measurement_noise_std as f32, &mut measurement);
        }
        if run.states.nrows() > 0 {
            let drift = (integration.drift == DriftRecording::Record).then_some(&mut run.drifts);
            sink.accept(&mut run.states, drift).map_err(Error::Sink)?;
        }
        events.emit(Event::Step { done: run.done, loss: None });
    }
    events.emit(Event::Finished);
    Ok(())
}

/// Follows a circuit without noise from a given state: row 0 is `start`, `n_frames` further rows follow.
///
/// The external field, if there is one, starts at its frame 0.
///
/// # Shapes
/// Result: `[n_frames + 1, neuron]`.
///
/// # Errors
/// [`Error::Shape`] if `start` does not have one value a neuron, [`Error::Entry`] if one is not finite, else as
/// [`simulate`].
pub fn rollout(truth: &Truth, start: &[f32], n_frames: usize) -> Result<Array2<f32>, Error> {
    let quiet = Truth { noise_std: 0.0, ..truth.clone() };
    let integration =
        Integration { n_frames, burn_in: 0, block_frames: n_frames + 1, ..Integration::default() };
    let mut run = Simulation::new(&quiet, start, &integration, Seed(0))?;
    run.next_block(&Silent)?;
    Ok(run.states)
}

/// A state that a recording has not seen: a fresh random start after a burn-in without noise.
///
/// # Errors
/// As [`simulate`].
pub fn unseen_state(truth: &Truth, burn_in: usize, seed: Seed) -> Result<Vec<f32>, Error> {
    let quiet = Truth { noise_std: 0.0, ..truth.clone() };
    let start = random_start(truth.n_neurons(), seed.split("unseen state"));
    let integration = Integration { n_frames: 0, burn_in, ..Integration::default() };
    let mut run = Simulation::new(&quiet, &start, &integration, seed)?;
    // The only frame that is not burn-in is frame 0.
    while run.next_block(&Silent)? {}
    Ok(run.states.row(0).to_vec())
}

impl Integration {
    fn check(&self) -> Result<(), Error> {
        let wrong = |key, given: String, allowed: &str| {
            Err(Error::Config { key, given, allowed: allowed.to_owned() })
        };
        if self.block_frames == 0 {
            return wrong("block_frames", "0".to_owned(), "at least 1");
        }
        let noise = self.measurement_noise_std;
        if !(noise.is_finite() && noise >= 0.0) {
            return wrong("measurement_noise_std", noise.to_string(), "0 or more, finite");
        }
        if noise > 0.0 && self.drift == DriftRecording::Record {
            let allowed = "off when measurement_noise_std is above 0: the exact drift does not belong to the noisy \
                           frames, their differences do";
            return wrong("drift", "on".to_owned(), allowed);
        }
        Ok(())
    }
}

/// A simulation under way.
struct Simulation<'a> {
    truth: &'a Truth,
    integration: &'a Integration,
    layout: Layout,
    exchange: Exchange,
    workers: Vec<Worker>,
    /// Steps done, burn-in included.
    done: u64,
    /// The frames of the last block, `[frame, neuron]`; none during the burn-in.
    states: Array2<f32>,
    /// Their drift, if it is recorded.
    drifts: Array2<f32>,
}

impl<'a> Simulation<'a> {
    fn new(truth: &'a Truth, start: &[f32], integration: &'a Integration, seed: Seed) -> Result<Self, Error> {
        truth.check()?;
        check_start(start, truth.n_neurons())?;
        let layout = Layout::new(truth);
        let n_threads = match integration.n_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let workers: Vec<Worker> = layout
            .deal(n_threads)
            .into_iter()
            .enumerate()
            .map(|(index, panels)| Worker::new(index, panels, (truth, &layout), start, seed))
            .collect();
        let first_sender = workers.iter().map(|worker| worker.positions.start).collect();
        let exchange = Exchange::new(first_sender, truth.n_neurons(), 2 * layout.channels.len());
        let none = Array2::zeros((0, truth.n_neurons()));
        Ok(Self {
            truth,
            integration,
            layout,
            exchange,
            workers,
            done: 0,
            states: none.clone(),
            drifts: none,
        })
    }

    /// Does the next block; false at the end.
    fn next_block(&mut self, events: &dyn Listener) -> Result<bool, Error> {
        let burn_in = self.integration.burn_in as u64;
        let total = burn_in + self.integration.n_frames as u64 + 1;
        if self.done == total {
            return Ok(false);
        }
        if events.cancelled() {
            return Err(Error::Interrupted);
        }
        let end = if self.done < burn_in { burn_in } else { total };
        let n_steps = self.integration.block_frames.min((end - self.done) as usize);
        let n_rows = if self.done < burn_in { 0 } else { n_steps };
        self.prepare(n_rows);
        self.run_block(Block { first_step: self.done, n_steps, burn_in })?;
        self.done += n_steps as u64;
        self.check_divergence()?;
        assemble(&self.workers, &self.layout, |worker| &worker.states, &mut self.states);
        assemble(&self.workers, &self.layout, |worker| &worker.drifts, &mut self.drifts);
        Ok(true)
    }

    /// Makes room for the frames of a block; nothing is allocated while the blocks have the same length.
    fn prepare(&mut self, n_rows: usize) {
        let n_drift_rows = if self.integration.drift == DriftRecording::Record { n_rows } else { 0 };
        let n = self.truth.n_neurons();
        resize(&mut self.states, n_rows, n);
        resize(&mut self.drifts, n_drift_rows, n);
        for worker in &mut self.workers {
            let n = worker.positions.len();
            resize(&mut worker.states, n_rows, n);
            resize(&mut worker.drifts, n_drift_rows, n);
        }
    }

    fn run_block(&mut self, block: Block) -> Result<(), Error> {
        let common = Shared { truth: self.truth, exchange: &self.exchange };
        let Some((first, others)) = self.workers.split_first_mut() else { return Ok(()) };
        std::thread::scope(|scope| {
            for worker in others {
                let started =
                    std::thread::Builder::new().spawn_scoped(scope, move || worker.run(common, block));
                if let Err(error) = started {
                    common.exchange.abandon();
                    return Err(Error::Thread(error));
                }
            }
            first.run(common, block);
            Ok(())
        })
    }

    fn check_divergence(&self) -> Result<(), Error> {
        match self.workers.iter().filter_map(|worker| worker.diverged).min() {
            Some((steps, neuron)) => {
                Err(Error::Diverged { steps, burn_in: self.integration.burn_in as u64, neuron })
            }
            None => Ok(()),
        }
    }
}

fn resize(frames: &mut Array2<f32>, n_rows: usize, n_columns: usize) {
    if frames.dim() != (n_rows, n_columns) {
        *frames = Array2::zeros((n_rows, n_columns));
    }
}

/// Puts the columns of all workers together, in the order of the neurons.
fn assemble(
    workers: &[Worker],
    layout: &Layout,
    part: impl Fn(&Worker) -> &Array2<f32>,
    frames: &mut Array2<f32>,
) {
    let in_order = layout.neuron.is_sorted();
    for worker in workers {
        let part = part(worker);
        let positions = worker.positions.clone();
        if in_order {
            frames.slice_mut(s![.., positions]).assign(part);
        } else {
            for (&neuron, column) in layout.neuron[positions].iter().zip(part.columns()) {
                frames.column_mut(neuron).assign(&column);
            }
        }
    }
}

fn check_start(start: &[f32], n_neurons: usize) -> Result<(), Error> {
    if start.len() != n_neurons {
        return Err(Error::Shape {
            what: "start",
            given: format!("[{}]", start.len()),
            allowed: format!("[{n_neurons}], one value a neuron"),
        });
    }
    match start.iter().position(|x| !x.is_finite()) {
        Some(place) => Err(Error::Entry { what: "start", given: start[place], place: vec![place] }),
        None => Ok(()),
    }
}

fn random_start(n_neurons: usize, seed: Seed) -> Vec<f32> {
    let mut rng = seed.split("initial state").rng();
    (0..n_neurons).map(|_| START_STD * rng.sample::<f32, _>(StandardNormal)).collect()
}

fn add_noise(frames: &mut Array2<f32>, std: f32, rng: &mut ChaCha8Rng) {
    for value in frames {
        *value += std * rng.sample::<f32, _>(StandardNormal);
    }
}

#[cfg(test)]
mod tests;
