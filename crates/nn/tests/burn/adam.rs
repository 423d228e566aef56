use burn::module::{Module, ParamGroup};
use burn::optim::{GradientsParams, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};
use neuroloom_nn::kernel::product::Diagonal;
use neuroloom_nn::kernel::{Activation, AdamConfig, Decay, NodeMlp as Shape};
use neuroloom_nn::module::{NodeMlp, Weights};
use neuroloom_nn::optim::{Adam, FusedAdam};

use crate::numbers::{assert_near, exact, floats, leaf, numbers};

#[derive(Module, Debug)]
struct Model {
    mlp: NodeMlp,
    weights: Weights,
}

impl Model {
    fn new() -> Self {
        let device = Device::flex().autodiff();
        let shape = Shape::new(&[3, 8, 3], Activation::Tanh).unwrap();
        let parameters = numbers(shape.n_parameters(), 1);
        Self {
            mlp: NodeMlp::new(shape, &parameters, &device).unwrap(),
            weights: Weights::new(&numbers(9, 2), [3, 3], Diagonal::Zero, &device).unwrap(),
        }
    }

    fn gradients(&self, seed: u64) -> GradientsParams {
        let inputs = leaf(&numbers(12, seed), [4, 3]);
        let outputs = self.weights.forward(self.mlp.forward(inputs).unwrap()).unwrap();
        GradientsParams::from_grads(outputs.square().sum().backward(), self)
    }

    fn values(&self) -> Vec<f32> {
        [floats(&self.mlp.parameters.val()), floats(&self.weights.weights.val())].concat()
    }
}

#[test]
fn groups_step_as_the_optimiser_without_a_framework() {
    for decay in [Decay::None, Decay::Gradient(0.1), Decay::Decoupled(0.1)] {
        let config = AdamConfig { decay, ..AdamConfig::with_learning_rate(0.02) };
        let slow = AdamConfig { learning_rate: 0.001, ..config };
        let mut model = Model::new();
        let n = model.mlp.shape().n_parameters();
        let mut expected = (floats(&model.mlp.parameters.val()), floats(&model.weights.weights.val()));
        let mut adam = Adam::new(&[("mlp", n, config), ("weights", 9, slow)]).unwrap();
        let optimiser = || FusedAdam::new(config).unwrap();
        let mut ours = ModuleOptimizer::from(optimiser());
        for step in 0..6 {
            let gradients = model.gradients(step);
            adam.begin_step();
            let of_mlp = floats(&gradients.get::<1>(model.mlp.parameters.id).unwrap());
            let of_weights = floats(&gradients.get::<2>(model.weights.weights.id).unwrap());
            adam.update("mlp", &mut expected.0, &of_mlp).unwrap();
            adam.update("weights", &mut expected.1, &of_weights).unwrap();
            let mut rates = burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler::new(0.02)
                .with_group(ParamGroup::from_predicate("weights"), 0.001);
            model = ours.step(rates.step(), model, gradients);
        }
        assert_near("parameters", &model.values(), &[expected.0, expected.1].concat(), 1e-6);
    }
}

#[test]
fn plain_burn_steps_the_same() {
    for decay in [Decay::None, Decay::Gradient(0.1), Decay::Decoupled(0.1)] {
        let adam = FusedAdam::new(AdamConfig { decay, ..AdamConfig::default() }).unwrap();
        let start = numbers(20, 1);
        let wide: Vec<f64> = start.iter().map(|&value| f64::from(value)).collect();
        let (mut fused, mut plain) = (leaf(&start, [4, 5]).inner(), exact(&wide, [4, 5]));
        let (mut state_of_fused, mut state_of_plain) = (None, None);
        for step in 0..5 {
            let gradient = numbers(20, 10 + step);
            let wide: Vec<f64> = gradient.iter().map(|&value| f64::from(value)).collect();
            (fused, state_of_fused) = adam.step(0.01, fused, leaf(&gradient, [4, 5]).inner(), state_of_fused);
            (plain, state_of_plain) = adam.step(0.01, plain, exact(&wide, [4, 5]), state_of_plain);
        }
        let plain: Tensor<2> = plain.cast(burn::tensor::DType::F32);
        assert_near("parameters", &floats(&fused), &floats(&plain), 1e-5);
    }
}

#[test]
fn a_shared_parameter_is_copied_not_overwritten() {
    let adam = FusedAdam::new(AdamConfig::default()).unwrap();
    let parameters = leaf(&[1.0, 2.0], [2]).inner();
    let kept = parameters.clone();
    let (moved, _) = adam.step(0.1, parameters, leaf(&[1.0, 1.0], [2]).inner(), None);
    assert_eq!(floats(&kept), [1.0, 2.0]);
    assert_near("moved", &floats(&moved), &[0.9, 1.9], 1e-6);
}

#[test]
fn a_resumed_optimiser_ends_with_the_same_bits() {
    let optimiser = || ModuleOptimizer::from(FusedAdam::new(AdamConfig::default()).unwrap());
    let (mut model, mut adam) = (Model::new(), optimiser());
    for step in 0..3 {
        let gradients = model.gradients(step);
        model = adam.step(0.01, model, gradients);
    }
    let mut resumed = optimiser().from_bytes(adam.into_bytes().unwrap()).unwrap();
    let copy = model.clone();
    let (gradients, again) = (model.gradients(9), copy.gradients(9));
    let (one, other) = (adam.step(0.01, model, gradients), resumed.step(0.01, copy, again));
    assert_eq!(one.values(), other.values());
}

#[test]
fn settings_out_of_range_are_an_error() {
    assert!(FusedAdam::new(AdamConfig { beta1: 1.0, ..AdamConfig::default() }).is_err());
}
