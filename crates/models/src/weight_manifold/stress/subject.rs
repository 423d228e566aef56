//! What is damaged.

use neuroloom_core::{Event, Listener, Seed};
use neuroloom_sim::{LatentInputConfig, LatentInputs, draw_latent_inputs};

use super::corruption::{Corruption, corrupted};
use crate::Error;
use crate::weight_manifold::config::AutoencoderConfig;
use crate::weight_manifold::extract::{NeuronTruth, Weights};
use crate::weight_manifold::train::train;

/// How the weights came about: what it takes to train them again.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The inputs.
    pub inputs: LatentInputConfig,
    /// The network.
    pub model: AutoencoderConfig,
}

/// Weights, what is known of their neurons, and how they were trained.
#[derive(Debug, Clone, Copy)]
pub struct StressSubject<'a> {
    /// The weights.
    pub weights: &'a Weights,
    /// What is known of each neuron.
    pub truth: Option<&'a NeuronTruth>,
    /// How they were trained, where that is known; without it noise on the inputs cannot be tried.
    pub recipe: Option<&'a Recipe>,
}

impl StressSubject<'_> {
    /// Weights and truth after the damage.
    ///
    /// # Errors
    /// [`Error::Config`] for noise on inputs that are not known; what [`train`] says.
    pub(super) fn damaged(
        &self,
        (corruption, level): (Corruption, f64),
        seed: Seed,
        events: &dyn Listener,
    ) -> Result<(Weights, Option<NeuronTruth>), Error> {
        if corruption == Corruption::InputNoise && level > 0.0 {
            return self.need_recipe()?.trained(level, seed, events);
        }
        Ok(corrupted(self.weights, self.truth, (corruption, level), seed))
    }

    pub(super) fn need_recipe(&self) -> Result<&Recipe, Error> {
        self.recipe.ok_or_else(|| Error::Config {
            key: "damage",
            given: "input-noise".to_owned(),
            allowed: "input-noise only for the folder of a network that this program trained: of other weights the \
                      inputs are not known"
                .to_owned(),
        })
    }
}

impl Recipe {
    /// The network trained from a start of its own on moments of its own, with noise `level` times the rms of the inputs.
    fn trained(
        &self,
        level: f64,
        seed: Seed,
        events: &dyn Listener,
    ) -> Result<(Weights, Option<NeuronTruth>), Error> {
        let draw = |noise: f64| -> Result<LatentInputs, Error> {
            let config = LatentInputConfig { noise, ..self.inputs.clone() };
            Ok(draw_latent_inputs(&config, seed.split("inputs"))?)
        };
        let without = draw(0.0)?.train;
        let rms = (without.iter().map(|value| value * value).sum::<f64>() / without.len() as f64).sqrt();
        // Independent noises add up by their variances.
        let inputs = draw((level * rms).hypot(self.inputs.noise))?;
        let model = train(inputs.train.view(), &self.model, seed.split("model"), &OnlyStops(events))?.model;
        let weights = Weights { outgoing: Some(model.input_weights), incoming: Some(model.output_weights) };
        Ok((weights, Some(NeuronTruth::of_inputs(&inputs.neurons, &self.inputs.groups))))
    }
}

/// Of many trainings only the wish to stop is passed on, not every step of each.
struct OnlyStops<'a>(&'a dyn Listener);

impl Listener for OnlyStops<'_> {
    fn emit(&self, _event: Event) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
