//! The loop: batch, gradient, Adam, and what happens between epochs.

use neuroloom_core::{Event, Listener, Seed, Warning};

use super::checkpoint::Checkpoints;
use super::clustering;
use super::config::{AfterClustering, EmbeddingMode, TrainConfig};
use super::descent::Rates;
use super::drift::{Model, States};
use super::history::Point;
use super::objective::Objective;
use super::parameters::Parameters;
use super::samples::{Batch, Division, Samples, Units};
use super::state::State;
use crate::Error;
use crate::mechanism::solve::equations::Scheme;

/// Points of the loss curve.
const POINTS: u64 = 200;
/// The published step of the differences that stand for derivatives: a share of round(1.5 std).
const DIFFERENCE: f64 = 1.0 / 150.0;

/// What a run needs besides its state.
pub(super) struct Run<'a> {
    pub(super) model: Model,
    pub(super) config: &'a TrainConfig,
    pub(super) scheme: &'a Scheme<'a>,
    pub(super) division: Division,
    pub(super) units: Units,
    /// Standard deviation of all activity in the units of the networks.
    pub(super) activity_std: f64,
    pub(super) fingerprint: String,
    pub(super) seed: Seed,
}

/// Arrays that a run uses again and again.
struct Desk {
    training: Samples,
    judges: Batch,
    /// W has none where its gradient goes straight into Adam.
    gradient: Parameters,
}

impl Run<'_> {
    /// Runs all steps that are left.
    pub(super) fn finish(
        &mut self,
        state: &mut State,
        checkpoints: &dyn Checkpoints,
        events: &dyn Listener,
    ) -> Result<(), Error> {
        let total = self.config.descent.n_steps() as u64;
        events.emit(Event::Started { stage: "train", total: Some(total) });
        let mut desk = self.desk(state, events)?;
        while state.step < total {
            if events.cancelled() {
                self.keep(state, checkpoints)?;
                return Err(Error::Interrupted { stage: "train" });
            }
            self.step(state, &mut desk, events)?;
            events.emit(Event::Step { done: state.step, loss: None });
            if checkpoints.due() {
                self.keep(state, checkpoints)?;
            }
        }
        events.emit(Event::Finished);
        self.keep(state, checkpoints)
    }

    /// Residual variance on the equations that judge, as a share of the variance of dx/dt.
    pub(super) fn held_out(&self, parameters: &Parameters, judges: &Batch) -> Result<f64, Error> {
        let pass = self.model.forward(parameters, States { x: &judges.x, time: &judges.time })?;
        Ok(residual_share(&judges.residual(&pass.drift, self.model.n), judges, self.model.n))
    }

    /// The equations that judge.
    pub(super) fn judges(&self, events: &dyn Listener) -> Result<Batch, Error> {
        Ok(Samples::held_out(self.scheme, &self.division, self.units, events)?.all())
    }

    /// Training equations of an epoch.
    pub(super) fn training(&self, epoch: u64, events: &dyn Listener) -> Result<Samples, Error> {
        let seed = self.seed.split("stretches").nth(epoch);
        Samples::training(
            self.scheme,
            &self.division,
            (self.config.recurrent_steps, self.units, seed),
            events,
        )
    }

    fn desk(&self, state: &State, events: &dyn Listener) -> Result<Desk, Error> {
        let mut gradient = state.parameters.zeros_like();
        if self.objective(0).can_step(&self.model, self.config.recurrent_steps) {
            gradient.weights = Vec::new();
        }
        let training = self.training(self.epoch(state.step), events)?;
        Ok(Desk { training, judges: self.judges(events)?, gradient })
    }

    fn step(&mut self, state: &mut State, desk: &mut Desk, events: &dyn Listener) -> Result<(), Error> {
        let descent = &self.config.descent;
        let epoch = self.epoch(state.step);
        if state.step.is_multiple_of(descent.steps_per_epoch as u64) && state.step > 0 {
            self.between_epochs(state, desk, events)?;
        }
        self.model.classes = self.classes(state);
        let seed = self.seed.split("batches").nth(state.step);
        let batch = desk.training.batch(descent.batch, self.config.recurrent_steps, seed);
        desk.gradient.clear();
        let rates = self.rates(state, epoch);
        let objective = self.objective(epoch);
        let fused = desk.gradient.weights.is_empty().then(|| state.moments.fused(rates));
        let into = (&mut desk.gradient, fused);
        let loss = objective.gradient(&self.model, &mut state.parameters, &batch, into)?;
        if !loss.total.is_finite() {
            return Err(Error::Diverged { step: state.step, term: "loss" });
        }
        if let Some(classes) = state.classes.as_ref().filter(|_| self.is_tied()) {
            clustering::average(self.model.dimensions, classes, &mut desk.gradient.embedding);
        }
        state.moments.step(&mut state.parameters, &desk.gradient, rates)?;
        self.model.edges.constrain(&mut state.parameters.weights, state.dale_sign.as_deref());
        state.step += 1;
        state.since = (state.since.0 + loss.residual, state.since.1 + 1);
        self.note(state, desk, events)
    }

    /// What happens after each epoch: clustering, forgotten moments, signs, fresh stretches of a long recording.
    fn between_epochs(
        &mut self,
        state: &mut State,
        desk: &mut Desk,
        events: &dyn Listener,
    ) -> Result<(), Error> {
        let done = self.epoch(state.step);
        let (every, epochs) = (self.config.clustering.every as u64, self.config.descent.epochs as u64);
        if every > 0 && done.is_multiple_of(every) && done - 1 + every < epochs {
            self.cluster(state, events)?;
        }
        let forget = self.config.descent.forget_every as u64;
        if forget > 0 && done.is_multiple_of(forget) {
            state.moments.forget();
        }
        state.dale_sign = self.model.edges.dale_signs(&state.parameters.weights);
        if !self.division.is_whole() {
            desk.training = self.training(done, events)?;
        }
        Ok(())
    }

    fn cluster(&mut self, state: &mut State, events: &dyn Listener) -> Result<(), Error> {
        if self.config.embedding == EmbeddingMode::Fixed {
            return Ok(());
        }
        let epoch = self.epoch(state.step);
        let rate = self.config.descent.rate_functions;
        let seed = self.seed.split("clusters").nth(epoch);
        let within = (&self.config.clustering, self.activity_std, rate);
        let classes = clustering::cluster(&self.model, &mut state.parameters, within, seed)?;
        let n_classes = classes.iter().max().map_or(0, |most| most + 1);
        let note = format!("after epoch {epoch} the profiles of phi fell into {n_classes} clusters");
        events.emit(Event::Note(note.clone()));
        state.history.notes.push(note);
        state.classes = Some(classes);
        if self.config.clustering.after == AfterClustering::Rest {
            state.rest = Some(epoch);
        }
        Ok(())
    }

    fn objective(&self, epoch: u64) -> Objective<'_> {
        let (gamma, zeta) = self.config.loss.phase(epoch as usize);
        let norm = 1.5 * self.activity_std;
        let norm = if norm >= 2.0 { norm.round() } else { norm };
        Objective { loss: &self.config.loss, gamma, zeta, step: (norm * DIFFERENCE) as f32 }
    }

    fn rates(&self, state: &State, epoch: u64) -> Rates {
        let mut rates = Rates::at(&self.config.descent, state.step);
        if self.config.embedding == EmbeddingMode::Fixed {
            rates.embedding = 0.0;
        }
        if state.rest == Some(epoch) {
            rates.transfer = 0.0;
            rates.embedding = 0.0;
        }
        rates
    }

    /// Neurons that share an embedding in the coming step.
    fn classes(&self, state: &State) -> Option<Vec<u32>> {
        let shared = match self.config.embedding {
            EmbeddingMode::Fixed => return Some(vec![0; self.model.n]),
            EmbeddingMode::Learned => self.is_tied() || state.rest == Some(self.epoch(state.step)),
        };
        state.classes.clone().filter(|_| shared)
    }

    fn is_tied(&self) -> bool {
        self.config.clustering.after == AfterClustering::Tied
    }

    fn epoch(&self, step: u64) -> u64 {
        step / self.config.descent.steps_per_epoch as u64
    }

    /// A point of the loss curve, two hundred in a run.
    fn note(&self, state: &mut State, desk: &mut Desk, events: &dyn Listener) -> Result<(), Error> {
        let total = self.config.descent.n_steps() as u64;
        let every = (total / POINTS).max(1);
        if !state.step.is_multiple_of(every) && state.step != total {
            return Ok(());
        }
        let held_out = self.held_out(&state.parameters, &desk.judges)?;
        let loss = state.since.0 / state.since.1.max(1) as f64;
        events.emit(Event::Step { done: state.step, loss: Some(loss) });
        events.emit(Event::Metric { name: "held_out_residual", value: held_out });
        if !held_out.is_finite() {
            return Err(Error::Diverged { step: state.step, term: "held-out residual" });
        }
        state.history.points.push(Point { step: state.step, loss: loss as f32, held_out: held_out as f32 });
        state.since = (0.0, 0);
        Ok(())
    }

    fn keep(&self, state: &State, checkpoints: &dyn Checkpoints) -> Result<(), Error> {
        checkpoints.save(&state.store(&self.fingerprint)).map_err(Error::Checkpoint)
    }
}

/// sum r^2 / sum (y - mean y)^2 over all equations and neurons, the mean taken for each neuron.
pub(super) fn residual_share(residual: &[f32], judges: &Batch, n: usize) -> f64 {
    let square: f64 = residual.iter().map(|&value| f64::from(value).powi(2)).sum();
    let n_equations = judges.n_equations(n) as f64;
    let mut variance = 0.0;
    for neuron in 0..n {
        let values = || judges.targets.iter().skip(neuron).step_by(n).map(|&value| f64::from(value));
        let mean = values().sum::<f64>() / n_equations;
        variance += values().map(|value| (value - mean).powi(2)).sum::<f64>();
    }
    square / variance.max(f64::MIN_POSITIVE)
}

/// A warning that the settings do not go with the recording.
pub(super) fn warn(events: &dyn Listener, code: &str, message: String) {
    events.emit(Event::Warning(Warning::new(code, message)));
}
