//! One training step of the mechanism model as a Burn graph, timed on request; a peer of
//! `reference/training_step_benchmark.py`, which starts it beside PyTorch and the step without a framework.
//!
//! The model, loss and step sizes are those of the example `training_step`.
//!
//! `burn_step N BATCH relu|tanh fused|composed` reads lines: a number of steps to run (answers with the fastest step
//! in seconds), `loss` (answers with the loss of the last step) or `memory` (peak resident megabytes). `fused` goes
//! through our kernels and our Adam, `composed` through plain Burn operations and Burn's own Adam.
#![allow(clippy::print_stdout, reason = "a program that answers on its standard output")]

mod timed;

use burn::module::{Module, Param, ParamGroup};
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::{AdamConfig as BurnAdam, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use neuroloom_nn::Error;
use neuroloom_nn::kernel::product::Diagonal;
use neuroloom_nn::kernel::{Activation, AdamConfig, NodeMlp as Shape};
use neuroloom_nn::module::{NodeMlp, Weights};
use neuroloom_nn::op::{Route, attach};
use neuroloom_nn::optim::FusedAdam;
use timed::{Timed, answer, numbers};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [n, batch, activation, route] = &arguments[..] else {
        return Err("usage: burn_step N BATCH relu|tanh fused|composed".into());
    };
    let activation = if activation == "tanh" { Activation::Tanh } else { Activation::Relu };
    let route = if route == "composed" { Route::Composed } else { Route::Fused };
    answer(Step::new(n.parse()?, batch.parse()?, (activation, route))?)
}

#[derive(Module, Debug)]
struct Model {
    transfer: NodeMlp,
    weights: Weights,
    update: NodeMlp,
    embedding: Param<Tensor<2>>,
    #[module(skip)]
    route: Route,
}

impl Model {
    fn new(n: usize, (activation, route): (Activation, Route), device: &Device) -> Result<Self, Error> {
        let mlp = |n_in: usize, salt: u32| {
            let shape = Shape::new(&[n_in, 64, 64, 1], activation)?;
            let parameters = numbers(shape.n_parameters(), 0.17, salt);
            Ok::<_, Error>(NodeMlp::new(shape, &parameters, device)?.with_route(route))
        };
        let weights = Weights::new(&numbers(n * n, 0.3, 1), [n, n], Diagonal::Zero, device)?;
        Ok(Self {
            transfer: mlp(1, 2)?,
            weights: weights.with_route(route),
            update: mlp(3, 3)?,
            embedding: Param::from_data(TensorData::new(vec![1.0_f32; 2 * n], [n, 2]), device),
            route,
        })
    }

    /// |phi(x, a) + W psi(x) - y| + B |phi(0, a)|.
    fn loss(&self, x: &Tensor<2>, targets: &Tensor<2>) -> Result<Tensor<1>, Error> {
        let shape = x.dims();
        let senders = self.transfer.forward(x.clone().reshape([shape[0] * shape[1], 1]))?;
        let messages = self.weights.forward(senders.reshape(shape))?;
        let update = self.update(x.clone())?.reshape(shape);
        let rest = self.update(Tensor::zeros([1, shape[1]], &x.device()))?;
        let norm = |residual: Tensor<2>| residual.square().sum().sqrt();
        Ok(norm(update + messages - targets.clone()) + norm(rest) * shape[0] as f64)
    }

    fn update(&self, x: Tensor<2>) -> Result<Tensor<2>, Error> {
        let rows = match self.route {
            Route::Fused => attach::forward(x, self.embedding.val()),
            Route::Composed => attach::composed(x, self.embedding.val()),
        };
        self.update.forward(rows?)
    }
}

struct Step {
    model: Model,
    optimiser: ModuleOptimizer,
    rates: ModuleLrScheduler,
    activity: Tensor<2>,
    targets: Tensor<2>,
    loss: f32,
}

impl Step {
    fn new(n: usize, batch: usize, (activation, route): (Activation, Route)) -> Result<Self, Error> {
        let device = Device::flex().autodiff();
        let frames =
            |salt| Tensor::from_data(TensorData::new(numbers(n * batch, 13.0, salt), [batch, n]), &device);
        Ok(Self {
            model: Model::new(n, (activation, route), &device)?,
            optimiser: match route {
                Route::Fused => ModuleOptimizer::from(FusedAdam::new(AdamConfig::default())?),
                Route::Composed => BurnAdam::new().with_epsilon(1e-8).init(),
            },
            rates: ModuleLrScheduler::new(5e-4)
                .with_group(ParamGroup::from_predicate("weights"), 1e-3)
                .with_group(ParamGroup::from_predicate("embedding"), 7.5e-4),
            activity: frames(4),
            targets: frames(5),
            loss: f32::NAN,
        })
    }
}

impl Timed for Step {
    fn advance(mut self) -> Result<Self, Box<dyn std::error::Error>> {
        let loss = self.model.loss(&self.activity, &self.targets)?;
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.loss = loss.into_scalar::<f32>();
        self.model = self.optimiser.step(self.rates.step(), self.model, gradients);
        Ok(self)
    }

    fn loss(&self) -> f64 {
        self.loss.into()
    }
}
