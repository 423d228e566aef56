//! A simulation from config to files: arrays are read, the circuit is drawn, its frames stream to disk.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Instant;

use ndarray::{Array2, ArrayView2};
use neuroloom_core::{FrameShape, Listener, NeuronId, Seed, Truth};
use neuroloom_io::{ActivityHeader, ActivityWriter, ConnectomeOptions};
use neuroloom_sim::{DriftRecording, FrameSink, GivenArrays, Integration};
use serde::Serialize;

use super::SimulateConfig;
use super::anatomy::{self, Wired};
use crate::Error;

/// Every how many frames the spread of the activity is looked at.
const SPREAD_STRIDE: usize = 8;

/// Blocks that may wait for the disk; memory is bounded by them.
const BLOCKS_AHEAD: usize = 2;

/// What a simulation gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationSummary {
    /// Number of neurons.
    pub n_neurons: usize,
    /// Frames stored.
    pub n_frames: usize,
    /// Seconds between two frames.
    pub dt_s: f64,
    /// Standard deviation of the activity (every 8th frame).
    pub activity_std: f64,
    /// Whether the drift was stored too.
    pub has_drift: bool,
    /// Steps computed, burn-in included.
    pub n_steps: usize,
    /// Wall-clock seconds, writing included.
    pub seconds: f64,
}

/// A circuit ready to be integrated.
pub(crate) struct Prepared {
    pub(crate) truth: Truth,
    neuron_ids: Vec<NeuronId>,
    integration: Integration,
}

impl Prepared {
    pub(crate) fn new(config: &SimulateConfig, seed: Seed) -> Result<Self, Error> {
        let mut assembly = config.assembly();
        let (weight_matrix, neuron_ids) =
            wiring(config, seed)?.map(|wired| (wired.weight_matrix, wired.neuron_ids)).unzip();
        if let (Some(weights), None) = (&weight_matrix, config.neurons) {
            assembly.n_neurons = weights.nrows();
        }
        let field = config.field.as_deref().map(|path| neuroloom_io::read_field(path, None)).transpose()?;
        let truth = neuroloom_sim::build_truth(&assembly, GivenArrays { weight_matrix, field }, seed)?;
        let drift = if config.stores_drift() { DriftRecording::Record } else { DriftRecording::Skip };
        let integration = Integration {
            n_frames: assembly.n_frames,
            burn_in: assembly.burn_in,
            drift,
            measurement_noise_std: assembly.measurement_noise_std,
            n_threads: rayon::current_num_threads(),
            ..Integration::default()
        };
        let neuron_ids = neuron_ids.flatten().unwrap_or_else(|| NeuronId::numbered(truth.n_neurons()));
        Ok(Self { truth, neuron_ids, integration })
    }

    pub(crate) fn integrate(
        mut self,
        activity: &Path,
        seed: Seed,
        events: &dyn Listener,
    ) -> Result<SimulationSummary, Error> {
        let started = Instant::now();
        let n_frames = self.integration.n_frames + 1;
        let shape = FrameShape { n_trials: 1, n_frames, n_neurons: self.truth.n_neurons() };
        let mut header = ActivityHeader::new(shape, self.truth.dt_s, std::mem::take(&mut self.neuron_ids));
        header.with_drift = self.integration.drift == DriftRecording::Record;
        // Whole chunks are handed over, so that the writer need not keep any.
        self.integration.block_frames = header.chunk_frames;
        let has_drift = header.with_drift;
        let writer = ActivityWriter::create(activity, header)?;
        let activity_std = self.stream(writer, seed, events)?;
        Ok(SimulationSummary {
            n_neurons: shape.n_neurons,
            n_frames,
            dt_s: self.truth.dt_s,
            activity_std,
            has_drift,
            n_steps: self.integration.n_frames + self.integration.burn_in,
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// One thread writes while the others simulate; returns the standard deviation of the activity.
    fn stream(&self, writer: ActivityWriter, seed: Seed, events: &dyn Listener) -> Result<f64, Error> {
        std::thread::scope(|scope| {
            let (sender, blocks) = sync_channel(BLOCKS_AHEAD);
            let (written, spare) = channel();
            let writing = scope.spawn(move || write(writer, &blocks, &written));
            let mut sink = Sink { blocks: sender, spare, spread: Spread::default() };
            let simulated = neuroloom_sim::simulate(&self.truth, &self.integration, seed, &mut sink, events);
            let activity_std = sink.spread.std();
            drop(sink);
            let writer = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // A full disk ends the simulation too; it is the cause, so it is reported first.
            let writer = writer?;
            simulated?;
            writer.finish()?;
            Ok(activity_std)
        })
    }
}

/// The wiring that is given, if any.
fn wiring(config: &SimulateConfig, seed: Seed) -> Result<Option<Wired>, Error> {
    if let Some(path) = &config.weights {
        let weight_matrix = neuroloom_io::read_weight_matrix(path, None)?;
        return Ok(Some(Wired { weight_matrix, neuron_ids: None }));
    }
    let connectome = match (&config.connectome, config.bundled) {
        (Some(path), _) => neuroloom_io::read_connectome(path, &ConnectomeOptions::default())?.connectome,
        (None, Some(bundled)) => bundled.read()?,
        (None, None) => return Ok(None),
    };
    Ok(Some(anatomy::wire(&connectome, seed)?))
}

/// Frames on their way to disk.
#[derive(Default)]
struct Block {
    states: Array2<f32>,
    drift: Option<Array2<f32>>,
}

/// Writes blocks until there are no more, and gives their arrays back.
fn write(
    mut writer: ActivityWriter,
    blocks: &Receiver<Block>,
    written: &Sender<Block>,
) -> Result<ActivityWriter, neuroloom_io::Error> {
    for block in blocks {
        writer.append(0, block.states.view(), block.drift.as_ref().map(|drift| drift.view()))?;
        // Nobody waits for them at the end of the simulation.
        let _ = written.send(block);
    }
    Ok(writer)
}

/// Takes the frames of the simulator to the writing thread.
struct Sink {
    blocks: SyncSender<Block>,
    /// Blocks that are written; their memory is used again.
    spare: Receiver<Block>,
    spread: Spread,
}

impl FrameSink for Sink {
    fn accept(
        &mut self,
        states: &mut Array2<f32>,
        drift: Option<&mut Array2<f32>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.spread.add(states.view());
        let spare = self.spare.try_recv().unwrap_or_default();
        let states = std::mem::replace(states, spare.states);
        let drift = drift.map(|drift| std::mem::replace(drift, spare.drift.unwrap_or_default()));
        Ok(self.blocks.send(Block { states, drift })?)
    }
}

/// Running sums for the standard deviation.
#[derive(Default)]
struct Spread {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, states: ArrayView2<f32>) {
        for frame in states.rows().into_iter().step_by(SPREAD_STRIDE) {
            self.n += frame.len() as f64;
            for &value in frame {
                self.sum += f64::from(value);
                self.squares += f64::from(value) * f64::from(value);
            }
        }
    }

    fn std(&self) -> f64 {
        let mean = self.sum / self.n;
        (self.squares / self.n - mean * mean).max(0.0).sqrt()
    }
}
