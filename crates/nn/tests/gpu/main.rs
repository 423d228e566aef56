//! The same modules on a graphics card (or lavapipe, Mesa's Vulkan on the processor) as on the CPU kernels: outputs,
//! gradients and steps of Adam. Skipped with a message where there is no adapter.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, DeviceType, Tensor, TensorData};
use neuroloom_nn::kernel::product::Diagonal;
use neuroloom_nn::kernel::{Activation, AdamConfig, Decay, NodeMlp as Shape};
use neuroloom_nn::module::{NodeMlp, Weights};
use neuroloom_nn::op::attach;
use neuroloom_nn::optim::FusedAdam;

const N: usize = 30;
const FRAMES: usize = 8;
const ACTIVATIONS: [Activation; 4] =
    [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Sine { omega: 2.0 }];

#[derive(Module, Debug)]
struct Model {
    transfer: NodeMlp,
    weights: Weights,
    update: NodeMlp,
}

impl Model {
    fn new(activation: Activation, device: &Device) -> Self {
        let mlp = |n_in: usize, salt: u32| {
            let shape = Shape::new(&[n_in, 16, 16, 1], activation).unwrap();
            let parameters = numbers(shape.n_parameters(), salt);
            NodeMlp::new(shape, &parameters, device).unwrap()
        };
        let weights = Weights::new(&numbers(N * N, 3), [N, N], Diagonal::Zero, device).unwrap();
        Self { transfer: mlp(1, 1), weights, update: mlp(3, 2) }
    }

    fn loss(&self, device: &Device) -> Tensor<1> {
        let tensor = |salt: u32, shape: [usize; 2]| {
            Tensor::<2>::from_data(TensorData::new(numbers(shape[0] * shape[1], salt), shape), device)
        };
        let (x, embedding) = (tensor(4, [FRAMES, N]), tensor(5, [N, 2]));
        let senders = self.transfer.forward(x.clone().reshape([FRAMES * N, 1])).unwrap();
        let messages = self.weights.forward(senders.reshape([FRAMES, N])).unwrap();
        let update = self.update.forward(attach::forward(x, embedding).unwrap()).unwrap();
        (update.reshape([FRAMES, N]) + messages - tensor(6, [FRAMES, N])).square().sum()
    }

    fn values(&self) -> Vec<f32> {
        [
            floats(self.transfer.parameters.val()),
            floats(self.weights.weights.val()),
            floats(self.update.parameters.val()),
        ]
        .concat()
    }
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn numbers(n: usize, salt: u32) -> Vec<f32> {
    let mix = |k: usize| {
        let mut x = (k as u32).wrapping_mul(0x9E37_79B9) ^ salt.wrapping_mul(0x85EB_CA6B);
        x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D);
        x = (x ^ (x >> 12)).wrapping_mul(0x297A_2D39);
        ((x ^ (x >> 15)) as f32 / 2_147_483_648.0 - 1.0) * 0.5
    };
    (0..n).map(mix).collect()
}

#[track_caller]
fn assert_near(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance * largest, "{what}[{place}]: {found}, {expected}");
    }
}

#[test]
fn a_graphics_card_learns_as_the_kernels_do() {
    let Some(card) = Device::enumerate(DeviceType::Wgpu).into_vec().into_iter().next() else {
        eprintln!("skipped: no adapter (on Debian, mesa-vulkan-drivers brings one that needs no card)");
        return;
    };
    let (card, cpu) = (card.autodiff(), Device::flex().autodiff());
    for activation in ACTIVATIONS {
        let [on_card, on_cpu] = [&card, &cpu].map(|device| {
            let config = AdamConfig { decay: Decay::Decoupled(0.1), ..AdamConfig::default() };
            let mut optimiser = ModuleOptimizer::from(FusedAdam::new(config).unwrap());
            let mut model = Model::new(activation, device);
            let loss = model.loss(device);
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            let of_weights = floats(gradients.get::<2>(model.weights.weights.id).unwrap());
            for _ in 0..3 {
                let gradients = GradientsParams::from_grads(model.loss(device).backward(), &model);
                model = optimiser.step(1e-3, model, gradients);
            }
            (floats(loss), of_weights, model.values())
        });
        let case = |what: &str| format!("{what}, {activation:?}");
        assert_near(&case("loss"), &on_card.0, &on_cpu.0, 1e-4);
        assert_near(&case("gradient of W"), &on_card.1, &on_cpu.1, 1e-3);
        assert_near(&case("after three steps"), &on_card.2, &on_cpu.2, 2e-3);
    }
}
