//! Training: AdamW on the evidence lower bound of batches of circuits; then draws are calibrated.
//!
//! The circuits of a step, how they are turned, which neurons are left out and the noise of the codes depend on the
//! seed and the number of the step alone: a run that was interrupted and resumed ends with the same bits, and so
//! does one with another number of threads.

mod augment;
mod checkpoint;
mod history;
mod objective;
mod run;
mod state;
#[cfg(test)]
mod tests;

use neuroloom_core::{CircuitPart, CircuitSet, Event, Listener, Seed, Warning};

pub use self::checkpoint::{Checkpoints, NoCheckpoints};
pub use self::history::{TrainingHistory, TrainingPoint};

pub(super) use self::objective::losses;

use self::run::Run;
use self::state::State;
use super::calibration;
use super::config::{CircuitVaeConfig, Form};
use super::example::{GraphExample, Vocabulary};
use super::model::CircuitVae;
use crate::Error;

/// Trains a model on the training part of a set; the validation part says when to stop.
///
/// # Errors
/// [`Error::Config`] for a setting out of range, [`Error::Circuit`] for a circuit that cannot be used,
/// [`Error::Circuits`] without training circuits, [`Error::Diverged`] if the loss is no longer a number,
/// [`Error::Interrupted`] if the listener asked to stop (the state is kept), [`Error::Checkpoint`] if it could not be
/// kept.
pub fn train(
    set: &CircuitSet,
    config: &CircuitVaeConfig,
    seed: Seed,
    checkpoints: &dyn Checkpoints,
    events: &dyn Listener,
) -> Result<(CircuitVae, TrainingHistory), Error> {
    config.check()?;
    let vocabulary = Vocabulary::of_set(set);
    let training = GraphExample::of_part(set, CircuitPart::Train, &vocabulary)?;
    let validation = GraphExample::of_part(set, CircuitPart::Validation, &vocabulary)?;
    check_circuits(config, &training, &validation)?;
    if validation.is_empty() {
        let message = "the set has no validation circuits: training runs through all epochs";
        events.emit(Event::Warning(Warning::new("no-validation", message)));
    }
    let vae = CircuitVae::untrained(config, vocabulary, seed)?;
    let run = Run::new(&vae, (&training, &validation), seed);
    let fresh = State::new(run.start(vae.parameters()), &config.training)?;
    let mut state = match checkpoints.load().map_err(Error::Checkpoint)? {
        None => fresh,
        Some(stored) => match State::restore(&stored, &run.fingerprint, fresh.clone())? {
            Some(state) => {
                events.emit(Event::Note(format!("goes on after step {}", state.step)));
                state
            }
            None => {
                events.emit(Event::Note("a checkpoint of other settings is left aside".to_owned()));
                fresh
            }
        },
    };
    run.finish(&mut state, checkpoints, events)?;
    let history = state.history.clone();
    let vae = vae.with_parameters(state.best);
    let known: Vec<&GraphExample> = training.iter().chain(&validation).collect();
    let calibrated = calibration::fit(&vae, &known, seed.split("calibration"))?;
    Ok((vae.with_calibration(calibrated), history))
}

fn check_circuits(
    config: &CircuitVaeConfig,
    training: &[GraphExample],
    validation: &[GraphExample],
) -> Result<(), Error> {
    if training.is_empty() {
        return Err(Error::Circuits { problem: "the set has no training circuits".to_owned() });
    }
    if training.iter().all(|one| one.n_observed_pairs() == 0) {
        return Err(Error::Circuits { problem: "no edge could have been seen in any circuit".to_owned() });
    }
    let largest = training.iter().chain(validation).map(GraphExample::n_neurons).max().unwrap_or(0);
    if config.form == Form::Slots && largest > config.slots {
        return Err(Error::Config {
            key: "slots",
            given: config.slots.to_string(),
            allowed: format!("at least {largest}, the neurons of the largest circuit"),
        });
    }
    Ok(())
}
