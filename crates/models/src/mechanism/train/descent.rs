//! Adam over the five groups, and the learning rates of a step.

use neuroloom_nn::kernel::adam::{self, AdamConfig, AdamStep};

use super::config::{Decay, DescentConfig};
use super::objective::FusedStep;
use super::parameters::{Group, Parameters};
use crate::Error;

/// Where the cosine ends, as a share of where it began.
const LEAST_RATE: f64 = 0.01;

/// First and second moments, and the steps since they were forgotten.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    pub(super) first: Parameters,
    pub(super) second: Parameters,
    pub(super) n_steps: u64,
}

/// Learning rates of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    pub(super) weights: f64,
    pub(super) update: f64,
    pub(super) transfer: f64,
    pub(super) embedding: f64,
    pub(super) field: f64,
}

impl Moments {
    pub(super) fn new(parameters: &Parameters) -> Self {
        Self { first: parameters.zeros_like(), second: parameters.zeros_like(), n_steps: 0 }
    }

    /// Forgets everything.
    pub(super) fn forget(&mut self) {
        self.first.clear();
        self.second.clear();
        self.n_steps = 0;
    }

    /// The step that is to come, for W as its gradient arises.
    pub(super) fn fused(&mut self, rates: Rates) -> FusedStep<'_> {
        FusedStep {
            adam: adam_step(rates.weights, self.n_steps + 1),
            moments: adam::Moments { first: &mut self.first.weights, second: &mut self.second.weights },
        }
    }

    /// One step of Adam for every group that has a gradient; one with rate 0 rests, its moments go on.
    pub(super) fn step(
        &mut self,
        parameters: &mut Parameters,
        gradient: &Parameters,
        rates: Rates,
    ) -> Result<(), Error> {
        self.n_steps += 1;
        for group in Group::ALL.into_iter().filter(|&group| !gradient.group(group).is_empty()) {
            let step = adam_step(rates.of(group), self.n_steps);
            let moments =
                adam::Moments { first: self.first.group_mut(group), second: self.second.group_mut(group) };
            adam::update(&step, parameters.group_mut(group), gradient.group(group), moments)?;
        }
        Ok(())
    }
}

fn adam_step(rate: f64, step: u64) -> AdamStep {
    AdamStep::new(&AdamConfig::with_learning_rate(rate as f32), step)
}

impl Rates {
    /// The rates of a step, counted from 0.
    pub(super) fn at(config: &DescentConfig, step: u64) -> Self {
        let factor = match config.decay {
            Decay::Constant => 1.0,
            Decay::Cosine => cosine(step as f64 / config.n_steps().max(1) as f64),
        };
        Self {
            weights: factor * config.rate_weights,
            update: factor * config.rate_functions,
            transfer: factor * config.rate_functions,
            embedding: factor * config.rate_embedding,
            field: factor * config.rate_field,
        }
    }

    /// The rate with which a network (held as `update`) is drawn to a given function; `share` of the steps is done.
    pub(super) fn drawing(rate: f64, share: f64) -> Self {
        Self { weights: 0.0, update: rate * cosine(share), transfer: 0.0, embedding: 0.0, field: 0.0 }
    }

    fn of(&self, group: Group) -> f64 {
        match group {
            Group::Weights => self.weights,
            Group::Update => self.update,
            Group::Transfer => self.transfer,
            Group::Embedding => self.embedding,
            Group::Field => self.field,
        }
    }
}

/// From 1 to the least rate along half a cosine.
fn cosine(share: f64) -> f64 {
    LEAST_RATE + (1.0 - LEAST_RATE) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_moves_by_the_rate() {
        // Bias correction makes m / sqrt(v) the sign of the gradient in the first step.
        let mut parameters =
            Parameters { weights: vec![1.0, 1.0], update: vec![1.0], ..Parameters::default() };
        let gradient = Parameters { weights: vec![0.3, -4.0], update: vec![2.0], ..Parameters::default() };
        let rates = Rates { weights: 0.1, update: 0.0, transfer: 0.0, embedding: 0.0, field: 0.0 };
        Moments::new(&parameters).step(&mut parameters, &gradient, rates).unwrap();
        assert!((parameters.weights[0] - 0.9).abs() < 1e-6 && (parameters.weights[1] - 1.1).abs() < 1e-6);
        assert_eq!(parameters.update, [1.0]);
    }

    #[test]
    fn the_cosine_falls_to_a_hundredth() {
        let config = DescentConfig { epochs: 2, steps_per_epoch: 50, ..DescentConfig::default() };
        let at = |step| Rates::at(&config, step).weights / config.rate_weights;
        assert!(
            (at(0) - 1.0).abs() < 1e-12 && (at(50) - 0.505).abs() < 1e-12 && (at(100) - 0.01).abs() < 1e-12
        );
    }
}
