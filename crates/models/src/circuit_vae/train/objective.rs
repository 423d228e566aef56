//! The loss of a batch and its gradient.

use neuroloom_core::Seed;
use neuroloom_nn::kernel::dyad::DyadScale;
use rand_distr::{Distribution, StandardNormal};

use crate::Error;
use crate::circuit_vae::config::{CircuitVaeConfig, Strengths};
use crate::circuit_vae::model::{CircuitVae, Network, Rows, Wiring};
use crate::circuit_vae::prepared::Prepared;
use crate::circuit_vae::summary::SUMMARY;

/// Negative log-likelihoods and KL divergences of some circuits, in nats.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::circuit_vae) struct Losses {
    /// Of the states of pairs.
    pub(in crate::circuit_vae) states: f64,
    /// Of the numbers of synapses.
    pub(in crate::circuit_vae) strengths: f64,
    /// Of the types of slots.
    pub(in crate::circuit_vae) types: f64,
    /// Weighted squared errors of the numbers that are counted; only of batches that are learned from.
    pub(in crate::circuit_vae) summary: f64,
    /// KL divergence of each latent number, over all circuits.
    pub(in crate::circuit_vae) kl: Vec<f64>,
    pub(in crate::circuit_vae) n_circuits: usize,
    /// Ordered pairs that could have been seen.
    pub(in crate::circuit_vae) n_pairs: usize,
}

impl Losses {
    /// -ln p(circuit | z) of all circuits.
    pub(in crate::circuit_vae) fn nll(&self) -> f64 {
        self.states + self.strengths + self.types
    }

    /// KL divergence of all circuits.
    pub(in crate::circuit_vae) fn total_kl(&self) -> f64 {
        self.kl.iter().sum()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.states += other.states;
        self.strengths += other.strengths;
        self.types += other.types;
        self.kl.resize(other.kl.len(), 0.0);
        self.kl.iter_mut().zip(&other.kl).for_each(|(sum, kl)| *sum += kl);
        self.n_circuits += other.n_circuits;
        self.n_pairs += other.n_pairs;
    }
}

/// Weights of the KL divergence and of the summary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    pub(super) beta: f64,
    /// Nats a latent number that are free, on average over the batch.
    pub(super) free: f64,
    /// Of the squared errors of the numbers that are counted of a circuit.
    pub(super) summary: [f32; SUMMARY],
}

/// Losses of circuits without gradients; the noise of circuit k is drawn from `seed.nth(k)`.
pub(in crate::circuit_vae) fn losses(
    vae: &CircuitVae,
    circuits: &[Prepared],
    seed: Seed,
) -> Result<Losses, Error> {
    losses_of(vae.config(), vae.network(), vae.parameters(), circuits, seed)
}

pub(super) fn losses_of(
    config: &CircuitVaeConfig,
    network: &Network,
    parameters: &[f32],
    circuits: &[Prepared],
    seed: Seed,
) -> Result<Losses, Error> {
    let mut sum = Losses::default();
    let mut idle = vec![0.0; parameters.len()];
    for (index, some) in circuits.chunks(config.training.batch).enumerate() {
        let seeds: Vec<Seed> =
            (0..some.len()).map(|k| seed.nth((index * config.training.batch + k) as u64)).collect();
        let some: Vec<&Prepared> = some.iter().collect();
        let batch = Batch { config, network, circuits: &some, seeds: &seeds };
        sum.add(&batch.losses((parameters, &mut idle))?);
    }
    Ok(sum)
}

/// Circuits of one step.
pub(super) struct Batch<'a> {
    pub(super) config: &'a CircuitVaeConfig,
    pub(super) network: &'a Network,
    pub(super) circuits: &'a [&'a Prepared],
    /// The noise of each circuit.
    pub(super) seeds: &'a [Seed],
}

impl Batch<'_> {
    /// The losses, and dL/d(parameters) of their sum over all pairs added to `into`.
    pub(super) fn gradient(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        charge: Charge,
    ) -> Result<Losses, Error> {
        let n_pairs = self.n_pairs();
        let scale = 1.0 / n_pairs.max(1) as f32;
        let (rows, wiring) = (Rows::new(self.circuits, self.config)?, Wiring::new(self.circuits)?);
        let (mean, log_variance, encoder) = self.network.encode(parameters, (&rows, &wiring))?;
        let (codes, noise) = self.draw(&mean, &log_variance);
        let mut losses = self.kl(&mean, &log_variance);
        losses.n_pairs = n_pairs;
        let (heads, decoder) = self.network.decode(parameters, &rows, &codes)?;
        let factors = DyadScale { states: scale, strengths: scale };
        let both = (parameters, &mut *into);
        let (parts, heads) = self.network.pair_gradients(both, (&heads, self.circuits), factors)?;
        for part in parts {
            losses.states += part.states;
            losses.strengths += part.strengths;
        }
        if self.config.strengths == Strengths::Ignored {
            losses.strengths = 0.0;
        }
        let both = (parameters, &mut *into);
        let mut code_gradient = self.network.decoder_gradients(both, &rows, &decoder, &heads)?;
        losses.types = self.slots((parameters, &mut *into), (&codes, &mut code_gradient), scale)?;
        if charge.summary.iter().any(|weight| *weight > 0.0) {
            let counted: Vec<f32> = self.circuits.iter().flat_map(|circuit| circuit.summary).collect();
            let both = (parameters, &mut *into);
            let weights = charge.summary.map(|weight| scale * weight);
            let codes = (&codes[..], &mut code_gradient[..]);
            let loss = self.network.summary_gradients(both, codes, (&counted, &weights))?;
            losses.summary = loss / f64::from(scale);
        }
        let n = self.circuits.len() as f64;
        let weight: Vec<f32> = losses
            .kl
            .iter()
            .map(|kl| if kl / n > charge.free { charge.beta as f32 * scale } else { 0.0 })
            .collect();
        let latent = self.config.latent;
        let (mut to_mean, mut to_variance) = (code_gradient.clone(), code_gradient);
        for at in 0..mean.len() {
            let (variance, weight) = (log_variance[at].exp(), weight[at % latent]);
            to_variance[at] *= 0.5 * variance.sqrt() * noise[at];
            to_variance[at] += weight * 0.5 * (variance - 1.0);
            to_mean[at] += weight * mean[at];
        }
        let gradients = (&to_mean[..], &to_variance[..]);
        self.network.encoder_gradients((parameters, into), (&rows, &wiring), &encoder, gradients)?;
        Ok(losses)
    }

    /// The losses only; `idle` is of the length of the parameters.
    fn losses(&self, (parameters, idle): (&[f32], &mut [f32])) -> Result<Losses, Error> {
        let (rows, wiring) = (Rows::new(self.circuits, self.config)?, Wiring::new(self.circuits)?);
        let (mean, log_variance, _) = self.network.encode(parameters, (&rows, &wiring))?;
        let (codes, _) = self.draw(&mean, &log_variance);
        let mut losses = self.kl(&mean, &log_variance);
        losses.n_pairs = self.n_pairs();
        let (heads, _) = self.network.decode(parameters, &rows, &codes)?;
        let nothing = DyadScale { states: 0.0, strengths: 0.0 };
        let both = (parameters, &mut *idle);
        let (parts, _) = self.network.pair_gradients(both, (&heads, self.circuits), nothing)?;
        for part in parts {
            losses.states += part.states;
            losses.strengths += part.strengths;
        }
        if let Some((logits, _)) = self.network.slot_logits(parameters, &codes)? {
            losses.types = self.type_loss(&logits, 0.0).0;
        }
        Ok(losses)
    }

    fn n_pairs(&self) -> usize {
        self.circuits.iter().map(|circuit| circuit.example.n_observed_pairs()).sum()
    }

    /// z = mean + deviation x noise, and the noise.
    fn draw(&self, mean: &[f32], log_variance: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let latent = self.config.latent;
        let mut noise = Vec::with_capacity(mean.len());
        for seed in self.seeds {
            let mut rng = seed.split("noise").rng();
            noise.extend((0..latent).map(|_| -> f32 { StandardNormal.sample(&mut rng) }));
        }
        let codes = mean
            .iter()
            .zip(log_variance)
            .zip(&noise)
            .map(|((mean, log_variance), noise)| mean + (0.5 * log_variance).exp() * noise)
            .collect();
        (codes, noise)
    }

    fn kl(&self, mean: &[f32], log_variance: &[f32]) -> Losses {
        let latent = self.config.latent;
        let mut kl = vec![0.0; latent];
        for (at, (mean, log_variance)) in mean.iter().zip(log_variance).enumerate() {
            let (mean, log_variance) = (f64::from(*mean), f64::from(*log_variance));
            kl[at % latent] += 0.5 * (mean * mean + log_variance.exp() - 1.0 - log_variance);
        }
        Losses { kl, n_circuits: self.circuits.len(), ..Losses::default() }
    }

    /// Loss of the types of slots, with its gradients added.
    fn slots(
        &self,
        both: (&[f32], &mut [f32]),
        (codes, code_gradient): (&[f32], &mut [f32]),
        scale: f32,
    ) -> Result<f64, Error> {
        let (Some(types), Some((logits, pass))) =
            (self.network.types(), self.network.slot_logits(both.0, codes)?)
        else {
            return Ok(0.0);
        };
        let (loss, gradient) = self.type_loss(&logits, scale);
        let to_codes = types.backward(both, &pass, &gradient)?;
        code_gradient.iter_mut().zip(to_codes).for_each(|(sum, gradient)| *sum += gradient);
        Ok(loss)
    }

    /// Cross entropy of the classes of all slots, and its gradient.
    fn type_loss(&self, logits: &[f32], scale: f32) -> (f64, Vec<f32>) {
        let Some(types) = self.network.types() else { return (0.0, Vec::new()) };
        let (n_slots, n_classes) = (types.n_slots(), types.n_classes());
        let mut gradient = vec![0.0; logits.len()];
        let mut loss = 0.0;
        let rows = logits.chunks(n_classes).zip(gradient.chunks_mut(n_classes)).enumerate();
        for (row, (logits, gradient)) in rows {
            let codes = &self.circuits[row / n_slots].example.conditions.cell_type;
            let class = codes.get(row % n_slots).map_or(0, |code| usize::from(*code) + 1);
            let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
            loss -= f64::from(logits[class] - largest - sum.ln());
            for (gradient, logit) in gradient.iter_mut().zip(logits) {
                *gradient = scale * (logit - largest).exp() / sum;
            }
            gradient[class] -= scale;
        }
        (loss, gradient)
    }
}
