//! The same model as a module of Burn, for those who put it together with other modules.
//!
//! dx_i/dt = phi(x_i, a_i) + sum_j W_ij psi(..), psi of x_j or of (x_j, a_j), W dense or masked.
//!
//! On the CPU the graph runs on the fused kernels of `nn`; any other device gets plain Burn operations. The
//! trainer of this crate ([`train()`](super::train())) does the same step by hand, faster and in less memory; a
//! test holds the two together. What needs more than one row of psi a neuron (pairs, compressed rows, the field
//! Omega) is the trainer's alone.

mod loss;
#[cfg(test)]
mod tests;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use neuroloom_core::Seed;
use neuroloom_nn::kernel::product::Diagonal;
use neuroloom_nn::module::{NodeMlp, Weights};
use neuroloom_nn::op::{Route, attach};

pub use self::loss::ModuleObjective;
use super::config::{EmbeddingMode, Signs, TrainConfig, TransferInput, Wiring};
use super::drift::Model;
use super::edges::{Edges, KnownWiring};
use super::layers::Network;
use super::parameters::Parameters;
use super::start;
use crate::Error;

/// phi, psi, W and a_i as Burn modules.
///
/// Parameter groups by path: `weights.weights`, `update.parameters`, `transfer.parameters`, `embedding`.
#[derive(Module, Debug)]
pub struct MechanismModule {
    /// phi: what a neuron does alone.
    pub update: NodeMlp,
    /// psi: what a neuron's activity is to others.
    pub transfer: NodeMlp,
    /// W `[post, pre]`, zero diagonal.
    pub weights: Weights,
    /// a_i `[neuron, dimension]`.
    pub embedding: Param<Tensor<2>>,
    #[module(skip)]
    input: TransferInput,
    #[module(skip)]
    route: Route,
}

impl MechanismModule {
    /// A model of `n` neurons at the random start of [`train()`](super::train()) with the same seed.
    ///
    /// A device with autodiff (`Device::flex().autodiff()`) makes it trainable.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that is out of range or not of this graph (see the module's head).
    ///
    /// # Examples
    /// ```
    /// use burn::optim::{GradientsParams, ModuleOptimizer};
    /// use burn::tensor::{Device, Distribution, Tensor};
    /// use neuroloom_core::Seed;
    /// use neuroloom_models::mechanism::TrainConfig;
    /// use neuroloom_models::mechanism::train::{MechanismModule, ModuleObjective};
    /// use neuroloom_nn::kernel::AdamConfig;
    /// use neuroloom_nn::optim::FusedAdam;
    /// let (config, device) = (TrainConfig::default(), Device::flex().autodiff());
    /// let model = MechanismModule::random(20, &config, None, Seed(1), &device)?;
    /// let x = Tensor::random([8, 20], Distribution::Normal(0.0, 5.0), &device);
    /// let drift = Tensor::random([8, 20], Distribution::Normal(0.0, 5.0), &device);
    /// let objective = ModuleObjective::new(&config.loss, 0, 0.1)?;
    /// let loss = model.loss(x, drift, &objective)?;
    /// let gradients = GradientsParams::from_grads(loss.backward(), &model);
    /// let mut optimiser = ModuleOptimizer::from(FusedAdam::new(AdamConfig::default())?);
    /// let model = optimiser.step(1e-3, model, gradients);
    /// # Ok::<(), neuroloom_models::Error>(())
    /// ```
    pub fn random(
        n: usize,
        config: &TrainConfig,
        known: Option<&KnownWiring>,
        seed: Seed,
        device: &Device,
    ) -> Result<Self, Error> {
        config.check()?;
        check(config)?;
        let d = config.embedding_dimensions;
        let n_inputs = Model::transfer_inputs(config.transfer_input, d);
        let model = Model {
            n,
            dimensions: d,
            input: config.transfer_input,
            edges: Edges::new(n, (config.wiring, config.signs), known)?,
            update: Network::new(1 + d, config.width, config.update_layers)?,
            transfer: Network::new(n_inputs, config.width, config.transfer_layers)?,
            field: None,
            classes: None,
        };
        let module = Self::from_parameters(&model, &start::random(&model, config, seed), device)?;
        Ok(match config.embedding {
            EmbeddingMode::Learned => module,
            EmbeddingMode::Fixed => Self { embedding: module.embedding.set_require_grad(false), ..module },
        })
    }

    /// The module with the numbers of the trainer.
    pub(super) fn from_parameters(
        model: &Model,
        parameters: &Parameters,
        device: &Device,
    ) -> Result<Self, Error> {
        let (n, d) = (model.n, model.dimensions);
        let weights = Weights::new(&parameters.weights, [n, n], Diagonal::Zero, device)?;
        let weights = match model.edges.mask() {
            Some(mask) => weights.with_mask(mask)?,
            None => weights,
        };
        let embedding = TensorData::new(parameters.embedding.clone(), [n, d]);
        Ok(Self {
            update: NodeMlp::new(model.update.shape().clone(), &parameters.update, device)?,
            transfer: NodeMlp::new(model.transfer.shape().clone(), &parameters.transfer, device)?,
            weights,
            embedding: Param::from_data(embedding, device),
            input: model.input,
            route: Route::Fused,
        })
    }

    /// The same by another route through all operations.
    pub fn with_route(self, route: Route) -> Self {
        Self {
            update: self.update.with_route(route),
            transfer: self.transfer.with_route(route),
            weights: self.weights.with_route(route),
            route,
            ..self
        }
    }

    /// dx/dt of a batch of states.
    ///
    /// # Shapes
    /// `x [frame, neuron]`, result `[frame, neuron]`.
    ///
    /// # Errors
    /// [`Error::Network`] if x has another number of neurons.
    pub fn forward(&self, x: Tensor<2>) -> Result<Tensor<2>, Error> {
        let shape = x.dims();
        let senders = self.transfer.forward(self.transfer_inputs(x.clone(), self.embedding.val())?)?;
        let messages = self.weights.forward(senders.reshape(shape))?;
        let update = self.update.forward(self.attach(x, self.embedding.val())?)?;
        Ok(update.reshape(shape) + messages)
    }

    fn transfer_inputs(&self, x: Tensor<2>, embedding: Tensor<2>) -> Result<Tensor<2>, Error> {
        match self.input {
            TransferInput::Sender => {
                let [n_frames, n] = x.dims();
                Ok(x.reshape([n_frames * n, 1]))
            }
            _ => self.attach(x, embedding),
        }
    }

    fn attach(&self, x: Tensor<2>, embedding: Tensor<2>) -> Result<Tensor<2>, Error> {
        Ok(match self.route {
            Route::Fused => attach::forward(x, embedding)?,
            Route::Composed => attach::composed(x, embedding)?,
        })
    }
}

/// `Err` for what this graph does not hold.
fn check(config: &TrainConfig) -> Result<(), Error> {
    let not = |key, given: String, allowed: &str| {
        let allowed = format!("{allowed} (the graph of Burn; `train` knows the others)");
        Err(Error::Config { key, given, allowed })
    };
    match config {
        _ if matches!(config.transfer_input, TransferInput::PairEmbedding | TransferInput::PairActivity) => {
            not("transfer-input", format!("{:?}", config.transfer_input), "sender, sender-embedding")
        }
        _ if config.wiring == Wiring::Sparse => not("wiring", "sparse".to_owned(), "dense, masked"),
        _ if config.field.is_some() => not("field", "a field".to_owned(), "none"),
        _ if config.signs != Signs::Free => not("signs", format!("{:?}", config.signs), "free"),
        _ if config.recurrent_steps != 1 => not("recurrent-steps", config.recurrent_steps.to_string(), "1"),
        _ => Ok(()),
    }
}
