//! The tasks, one file each.

mod mackey_glass;
mod memory;
mod narma;
mod parity;
mod sensitivity;
mod state_rank;
mod waveform;

use ndarray::{Array2, ArrayView2, s};
use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use super::config::ReservoirConfig;
use super::readout::Readout;
use super::states::Reservoir;
use crate::Error;

/// What a reservoir is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Recall the input of k steps ago, k = 1 to 2N.
    MemoryCapacity,
    /// Follow a nonlinear moving average of order 10.
    Narma10,
    /// Forecast a chaotic series.
    MackeyGlass,
    /// Tell sine from square.
    Waveform,
    /// Exclusive or of past inputs.
    Parity,
    /// How many directions the states have after different and after alike inputs.
    StateRank,
    /// How fast a disturbance grows.
    Sensitivity,
}

impl Task {
    /// All tasks.
    pub const ALL: [Self; 7] = [
        Self::MemoryCapacity,
        Self::Narma10,
        Self::MackeyGlass,
        Self::Waveform,
        Self::Parity,
        Self::StateRank,
        Self::Sensitivity,
    ];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::MemoryCapacity => "memory-capacity",
            Self::Narma10 => "narma10",
            Self::MackeyGlass => "mackey-glass",
            Self::Waveform => "waveform",
            Self::Parity => "parity",
            Self::StateRank => "state-rank",
            Self::Sensitivity => "sensitivity",
        }
    }

    /// Names of its scores.
    pub fn score_names(self) -> &'static [&'static str] {
        match self {
            Self::MemoryCapacity => &["memory_capacity"],
            Self::Narma10 => &["narma10_nrmse"],
            Self::MackeyGlass => &mackey_glass::NAMES,
            Self::Waveform => &["waveform_accuracy"],
            Self::Parity => &["parity_accuracy"],
            Self::StateRank => &["kernel_rank", "generalisation_rank"],
            Self::Sensitivity => &["lyapunov"],
        }
    }

    /// Its scores for one draw of input and input weights.
    pub(super) fn run(self, body: &Body<'_>, seed: Seed) -> Result<Vec<f64>, Error> {
        let seed = seed.split(self.name());
        match self {
            Self::MemoryCapacity => memory::run(body, seed),
            Self::Narma10 => narma::run(body, seed),
            Self::MackeyGlass => mackey_glass::run(body, seed),
            Self::Waveform => waveform::run(body, seed),
            Self::Parity => parity::run(body, seed),
            Self::StateRank => state_rank::run(body, seed),
            Self::Sensitivity => sensitivity::run(body, seed),
        }
    }
}

/// Whether a better score is a larger one; `None` where neither is better.
pub fn larger_is_better(score: &str) -> Option<bool> {
    match score {
        "generalisation_rank" | "lyapunov" => None,
        name if name.contains("nrmse") => Some(false),
        _ => Some(true),
    }
}

/// What the readout sees: the states of a reservoir, or the input alone as a control.
pub(super) struct Body<'a> {
    /// `None`: the input of the moment and nothing else.
    pub(super) reservoir: Option<&'a Reservoir>,
    pub(super) config: &'a ReservoirConfig,
    /// Delays asked for are twice this.
    pub(super) n_neurons: usize,
}

impl Body<'_> {
    /// States `[time, neuron]` after each input.
    fn states(&self, inputs: &[f64], seed: Seed) -> Array2<f64> {
        match self.reservoir {
            Some(reservoir) => reservoir.states(inputs, &reservoir.drive(self.config, seed)),
            None => Array2::from_shape_fn((inputs.len(), 1), |(time, _)| inputs[time]),
        }
    }

    /// Fits on the training steps and predicts the test steps. Returns predicted and wanted `[time, output]`.
    fn answer(
        &self,
        states: ArrayView2<'_, f64>,
        wanted: ArrayView2<'_, f64>,
    ) -> Result<(Array2<f64>, Array2<f64>), Error> {
        let (from, cut) = (self.config.washout, self.config.washout + self.config.train);
        let readout = Readout::fit(
            states.slice(s![from..cut, ..]),
            wanted.slice(s![from..cut, ..]),
            &self.config.penalties,
        )?;
        let test = cut..cut + self.config.test;
        let predicted = readout.predict(states.slice(s![test.clone(), ..]));
        Ok((predicted, wanted.slice(s![test, ..]).to_owned()))
    }
}

fn column(series: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((series.len(), 1), |(time, _)| series[time])
}
