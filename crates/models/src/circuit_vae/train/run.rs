//! The loop: batch, gradient, step, and a look at the validation circuits after each epoch.

use neuroloom_core::{Event, Listener, Seed};
use neuroloom_nn::kernel::norm;
use neuroloom_nn::schedule::Schedule;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::augment::augmented;
use super::checkpoint::Checkpoints;
use super::history::TrainingPoint;
use super::objective::{Batch, Charge, Losses, losses_of};
use super::state::State;
use crate::Error;
use crate::circuit_vae::config::{CircuitVaeConfig, Form, TrainingConfig};
use crate::circuit_vae::example::GraphExample;
use crate::circuit_vae::model::{CircuitVae, Network};
use crate::circuit_vae::prepared::Prepared;
use crate::circuit_vae::summary::{OF_PLACES, SUMMARY};

/// Share of the steps over which the learning rate rises.
const RATE_RISE: f64 = 0.02;

/// What a run needs besides its state.
pub(super) struct Run<'a> {
    config: &'a CircuitVaeConfig,
    network: &'a Network,
    training: &'a [GraphExample],
    validation: Vec<Prepared>,
    summary_weights: [f32; SUMMARY],
    seed: Seed,
    pub(super) fingerprint: String,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        vae: &'a CircuitVae,
        (training, validation): (&'a [GraphExample], &[GraphExample]),
        seed: Seed,
    ) -> Self {
        let config = vae.config();
        let edges = |part: &[GraphExample]| part.iter().map(GraphExample::n_edges).sum::<usize>();
        let fingerprint = format!(
            "{config:?} {seed:?} {:?} {} circuits {} edges, {} {}",
            vae.vocabulary(),
            training.len(),
            edges(training),
            validation.len(),
            edges(validation)
        );
        let validation = validation.iter().map(|one| Prepared::new(one, config.strengths)).collect();
        let summary_weights = summary_weights(config, training);
        Self { config, network: vae.network(), training, validation, summary_weights, seed, fingerprint }
    }

    /// Random parameters with the rates of the training circuits.
    pub(super) fn start(&self, parameters: &[f32]) -> Vec<f32> {
        let mut parameters = parameters.to_vec();
        self.network.set_rates(&mut parameters, rates(self.training));
        parameters
    }

    /// Runs all steps that are left.
    pub(super) fn finish(
        &self,
        state: &mut State,
        checkpoints: &dyn Checkpoints,
        events: &dyn Listener,
    ) -> Result<(), Error> {
        let total = self.n_steps();
        events.emit(Event::Started { stage: "train", total: Some(total) });
        while state.step < total && !state.history.stopped_early {
            if events.cancelled() {
                self.keep(state, checkpoints)?;
                return Err(Error::Interrupted { stage: "train" });
            }
            self.step(state)?;
            events.emit(Event::Step { done: state.step, loss: None });
            if state.step.is_multiple_of(self.steps_per_epoch()) {
                self.look(state, events)?;
            }
            if checkpoints.due() {
                self.keep(state, checkpoints)?;
            }
        }
        events.emit(Event::Finished);
        self.keep(state, checkpoints)
    }

    fn step(&self, state: &mut State) -> Result<(), Error> {
        let training = self.training_config();
        let epoch = state.step / self.steps_per_epoch();
        let mut order: Vec<usize> = (0..self.training.len()).collect();
        order.shuffle(&mut self.seed.split("order").nth(epoch).rng());
        let first = (state.step % self.steps_per_epoch()) as usize * training.batch;
        let chosen = &order[first..self.training.len().min(first + training.batch)];
        let step_seed = self.seed.split("steps").nth(state.step);
        let seeds: Vec<Seed> = chosen.iter().map(|&circuit| step_seed.nth(circuit as u64)).collect();
        let prepare = |(&circuit, seed): (&usize, &Seed)| {
            let seen = augmented(&self.training[circuit], training, seed.split("augment"));
            Prepared::new(&seen, self.config.strengths)
        };
        let prepared: Vec<Prepared> = chosen.par_iter().zip(&seeds).map(prepare).collect();
        let circuits: Vec<&Prepared> = prepared.iter().collect();
        let batch = Batch { config: self.config, network: self.network, circuits: &circuits, seeds: &seeds };
        let mut gradient = vec![0.0; state.parameters.len()];
        let (beta, free) = (self.beta(state.step), training.free_bits);
        let charge = Charge { beta, free, summary: self.summary_weights };
        let losses = batch.gradient((&state.parameters, &mut gradient), charge)?;
        let charged = losses.nll() + losses.summary + charge.beta * losses.total_kl();
        let length = norm::l2(&gradient);
        if !charged.is_finite() || !length.is_finite() {
            return Err(Error::Diverged { step: state.step, term: "loss" });
        }
        if length > training.clip {
            let factor = (training.clip / length) as f32;
            gradient.iter_mut().for_each(|value| *value *= factor);
        }
        state.since.0.add(&losses);
        state.since.1 += charged;
        state.descend(&gradient, self.rate(state.step))
    }

    /// The validation loss after an epoch; keeps the best parameters, and ends the run when they are old.
    fn look(&self, state: &mut State, events: &dyn Listener) -> Result<(), Error> {
        let (losses, charged) = std::mem::take(&mut state.since);
        let epoch = state.step / self.steps_per_epoch();
        let judged = self.judge(&state.parameters)?;
        let per_pair = |sum: f64, of: &Losses| sum / of.n_pairs.max(1) as f64;
        let beta = self.training_config().beta;
        let validation = judged.as_ref().map(|one| per_pair(one.nll() + beta * one.total_kl(), one));
        let per_circuit = |of: &Losses| of.total_kl() / of.n_circuits.max(1) as f64;
        let point = TrainingPoint {
            epoch,
            loss: per_pair(charged, &losses),
            kl: per_circuit(&losses),
            validation,
            validation_kl: judged.as_ref().map(per_circuit),
        };
        events.emit(Event::Step { done: state.step, loss: Some(point.loss) });
        events.emit(Event::Metric { name: "kl_nats", value: point.kl });
        if let Some(validation) = validation {
            events.emit(Event::Metric { name: "validation_loss", value: validation });
        }
        state.history.points.push(point);
        if validation.is_none_or(|loss| loss < state.best_loss) {
            state.best_loss = validation.unwrap_or(f64::INFINITY);
            state.best.clone_from(&state.parameters);
            state.history.best_epoch = epoch;
        }
        let patience = self.training_config().patience as u64;
        let warm = self.beta(state.step) >= beta;
        state.history.stopped_early =
            patience > 0 && validation.is_some() && warm && epoch >= state.history.best_epoch + patience;
        Ok(())
    }

    fn judge(&self, parameters: &[f32]) -> Result<Option<Losses>, Error> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let seed = self.seed.split("validation");
        losses_of(self.config, self.network, parameters, &self.validation, seed).map(Some)
    }

    fn keep(&self, state: &State, checkpoints: &dyn Checkpoints) -> Result<(), Error> {
        checkpoints.save(&state.store(&self.fingerprint)?).map_err(Error::Checkpoint)
    }

    fn training_config(&self) -> &TrainingConfig {
        &self.config.training
    }

    fn steps_per_epoch(&self) -> u64 {
        self.training.len().div_ceil(self.training_config().batch) as u64
    }

    fn n_steps(&self) -> u64 {
        self.steps_per_epoch() * self.training_config().epochs as u64
    }

    fn beta(&self, step: u64) -> f64 {
        let training = self.training_config();
        let rise = training.warm_up * self.n_steps() as f64;
        if rise < 1.0 { training.beta } else { training.beta * (step as f64 / rise).min(1.0) }
    }

    fn rate(&self, step: u64) -> f32 {
        let n_steps = self.n_steps();
        let warm_up = (RATE_RISE * n_steps as f64) as u64;
        Schedule::Cosine { warm_up, n_steps, floor: self.training_config().final_rate as f32 }.factor(step)
    }
}

/// The weight over the variance of each number among the training circuits; none of places where they are not told.
fn summary_weights(config: &CircuitVaeConfig, training: &[GraphExample]) -> [f32; SUMMARY] {
    let mut weights = [0.0; SUMMARY];
    if config.training.summary_weight == 0.0 {
        return weights;
    }
    let counted = |one: &GraphExample| Prepared::new(one, config.strengths).summary;
    let rows: Vec<[f32; SUMMARY]> = training.par_iter().map(counted).collect();
    let told = if config.form == Form::Slots { SUMMARY - OF_PLACES } else { SUMMARY };
    for (column, weight) in weights.iter_mut().enumerate().take(told) {
        let values = || rows.iter().map(|row| f64::from(row[column]));
        let n = rows.len().max(1) as f64;
        let mean = values().sum::<f64>() / n;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        // A number that never varies tells nothing.
        *weight = if variance > 1e-6 { (config.training.summary_weight / variance) as f32 } else { 0.0 };
    }
    weights
}

/// Log odds of a one-way edge, half the log odds ratio of mutual pairs, log odds that a synapse is the last of its
/// edge; each from the counts of all circuits with one half added.
fn rates(examples: &[GraphExample]) -> [f32; 3] {
    let (mut pairs, mut edges, mut mutual, mut synapses) = (1.0, 0.5, 0.1, 0.5);
    for example in examples {
        pairs += example.n_observed_pairs() as f64;
        edges += example.n_edges() as f64;
        let back =
            |(pre, post): &&(u32, u32)| pre < post && example.edges.binary_search(&(*post, *pre)).is_ok();
        mutual += example.edges.iter().filter(back).count() as f64;
        synapses += example.syn_count.iter().map(|&count| f64::from(count.max(1.0))).sum::<f64>();
    }
    let dyads = 0.5 * pairs;
    let one_way = (0.5 * (edges - 2.0 * mutual)).max(0.5);
    let none = (dyads - 2.0 * one_way - mutual).max(0.5);
    let ratio = mutual * none / (one_way * one_way);
    let per_edge = (synapses / edges).max(1.001);
    [(one_way / none).ln() as f32, 0.5 * ratio.ln() as f32, (1.0 / (per_edge - 1.0)).ln() as f32]
}
