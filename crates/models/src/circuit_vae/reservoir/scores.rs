//! All scores of a reservoir over several inputs.

use std::sync::atomic::{AtomicU64, Ordering};

use neuroloom_core::{Circuit, Event, Listener, Seed};
use rayon::prelude::*;
use serde::Serialize;

use super::config::ReservoirConfig;
use super::states::Reservoir;
use super::tasks::{Body, Task};
use super::wiring::Wiring;
use crate::Error;

/// Scores of one reservoir.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Their names.
    pub names: Vec<&'static str>,
    /// `[input seed][score]`.
    pub values: Vec<Vec<f64>>,
}

impl Scores {
    /// Mean over the input seeds.
    pub fn mean(&self, name: &str) -> Option<f64> {
        let place = self.names.iter().position(|one| *one == name)?;
        Some(self.values.iter().map(|row| row[place]).sum::<f64>() / self.values.len() as f64)
    }

    /// Means over the input seeds, in the order of the names.
    pub fn means(&self) -> Vec<f64> {
        self.names.iter().map(|name| self.mean(name).unwrap_or(f64::NAN)).collect()
    }
}

/// Scores a reservoir; the same seed gives every reservoir of the same size the same inputs and input weights.
///
/// # Errors
/// [`Error::Config`] for a setting out of range; [`Error::Singular`] if a readout breaks down.
pub fn score(
    reservoir: &Reservoir,
    config: &ReservoirConfig,
    tasks: &[Task],
    seed: Seed,
) -> Result<Scores, Error> {
    let body = Body { reservoir: Some(reservoir), config, n_neurons: reservoir.n_neurons() };
    run(&body, tasks, seed)
}

pub(super) fn run(body: &Body<'_>, tasks: &[Task], seed: Seed) -> Result<Scores, Error> {
    body.config.check()?;
    let one = |index: usize| {
        let seed = seed.split("reservoir input").nth(index as u64);
        let parts: Result<Vec<Vec<f64>>, Error> = tasks.iter().map(|task| task.run(body, seed)).collect();
        Ok(parts?.concat())
    };
    let values: Result<Vec<Vec<f64>>, Error> = (0..body.config.n_seeds).into_par_iter().map(one).collect();
    Ok(Scores { names: names(tasks), values: values? })
}

pub(super) fn names(tasks: &[Task]) -> Vec<&'static str> {
    tasks.iter().flat_map(|task| task.score_names().iter().copied()).collect()
}

/// Mean scores of each circuit, `[circuit][score]`, in the order of [`Task::score_names`]; circuits run side by side.
///
/// # Errors
/// As [`score`]; [`Error::Interrupted`] if the listener asks to stop.
pub fn score_circuits(
    circuits: &[&Circuit],
    config: &ReservoirConfig,
    tasks: &[Task],
    (seed, listener): (Seed, &dyn Listener),
) -> Result<Vec<Vec<f64>>, Error> {
    listener.emit(Event::Started { stage: "reservoirs", total: Some(circuits.len() as u64) });
    let done = AtomicU64::new(0);
    let one = |circuit: &&Circuit| {
        if listener.cancelled() {
            return Err(Error::Interrupted { stage: "reservoirs" });
        }
        let reservoir = Reservoir::new(&Wiring::of_circuit(circuit, config)?, config)?;
        let scores = score(&reservoir, config, tasks, seed)?.means();
        listener.emit(Event::Step { done: done.fetch_add(1, Ordering::Relaxed) + 1, loss: None });
        Ok(scores)
    };
    let scores: Result<Vec<Vec<f64>>, Error> = circuits.par_iter().map(one).collect();
    listener.emit(Event::Finished);
    scores
}

/// Scores as metrics of a circuit, for directions and controllers: circuits on demand for what they compute. NaN where a
/// circuit cannot be a reservoir.
pub fn measure_scores<'a>(
    config: &'a ReservoirConfig,
    tasks: &'a [Task],
    seed: Seed,
) -> impl Fn(&Circuit) -> Vec<f64> + Sync + 'a {
    move |circuit| {
        let scored =
            || score(&Reservoir::new(&Wiring::of_circuit(circuit, config)?, config)?, config, tasks, seed);
        scored().map_or_else(|_| vec![f64::NAN; names(tasks).len()], |scores| scores.means())
    }
}
