//! One training step of the module against the trainer: the loss, every gradient, and the numbers after a step.

use burn::module::ParamGroup;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use ndarray::Array2;
use neuroloom_core::Seed;
use neuroloom_nn::kernel::AdamConfig;
use neuroloom_nn::op::Route;
use neuroloom_nn::optim::FusedAdam;
use rand_chacha::rand_core::Rng;

use super::*;
use crate::mechanism::train::config::{LossConfig, LossForm};
use crate::mechanism::train::descent::{Moments, Rates};
use crate::mechanism::train::objective::Objective;
use crate::mechanism::train::parameters::Group;
use crate::mechanism::train::samples::Batch;

const N: usize = 12;
const FRAMES: usize = 5;
const STEP: f64 = 0.07;

/// The same model, batch and loss for both sides.
struct Setup {
    model: Model,
    parameters: Parameters,
    batch: Batch,
    loss: LossConfig,
}

impl Setup {
    fn new(input: TransferInput, wiring: Wiring, loss: LossConfig) -> Self {
        let mut rng = Seed(3).rng();
        let mut uniform = move || (f64::from(rng.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0) as f32;
        let mut draw = |n: usize, scale: f32| -> Vec<f32> { (0..n).map(|_| scale * uniform()).collect() };
        let known = KnownWiring {
            allowed: Array2::from_shape_fn((N, N), |(post, pre)| (post + 2 * pre) % 3 != 0),
            sign: Array2::zeros((N, N)),
        };
        let model = Model {
            n: N,
            dimensions: 2,
            input,
            edges: Edges::new(N, (wiring, Signs::Free), Some(&known)).unwrap(),
            update: Network::new(3, 16, 3).unwrap(),
            transfer: Network::new(Model::transfer_inputs(input, 2), 16, 3).unwrap(),
            field: None,
            classes: None,
        };
        let mut parameters = Parameters {
            weights: draw(N * N, 0.5),
            update: draw(model.update.n_parameters(), 0.6),
            transfer: draw(model.transfer.n_parameters(), 0.6),
            embedding: draw(N * 2, 1.0),
            field: Vec::new(),
        };
        model.edges.constrain(&mut parameters.weights, None);
        let batch = Batch {
            x: draw(FRAMES * N, 3.0),
            time: vec![0.0; FRAMES],
            targets: draw(FRAMES * N, 3.0),
            bump: vec![1.0],
            steps: 1,
            time_step: 0.01,
            dt: 0.1,
        };
        Self { model, parameters, batch, loss }
    }

    fn module(&self, route: Route) -> MechanismModule {
        let device = Device::flex().autodiff();
        MechanismModule::from_parameters(&self.model, &self.parameters, &device).unwrap().with_route(route)
    }

    fn objective(&self) -> Objective<'_> {
        Objective { loss: &self.loss, gamma: self.loss.gamma, zeta: self.loss.zeta, step: STEP as f32 }
    }

    /// Loss and gradients of the module.
    fn of_module(&self, module: &MechanismModule) -> (f64, GradientsParams) {
        let tensor = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [FRAMES, N]);
            Tensor::<2>::from_data(data, &Device::flex().autodiff())
        };
        let objective = ModuleObjective::new(&self.loss, 0, STEP).unwrap();
        let loss = module.loss(tensor(&self.batch.x), tensor(&self.batch.targets), &objective).unwrap();
        let gradients = GradientsParams::from_grads(loss.backward(), module);
        (f64::from(loss.into_scalar::<f32>()), gradients)
    }
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn values(module: &MechanismModule) -> Parameters {
    Parameters {
        weights: floats(module.weights.weights.val()),
        update: floats(module.update.parameters.val()),
        transfer: floats(module.transfer.parameters.val()),
        embedding: floats(module.embedding.val()),
        field: Vec::new(),
    }
}

fn gradients(module: &MechanismModule, gradients: &GradientsParams) -> Parameters {
    Parameters {
        weights: floats(gradients.get::<2>(module.weights.weights.id).unwrap()),
        update: floats(gradients.get::<1>(module.update.parameters.id).unwrap()),
        transfer: floats(gradients.get::<1>(module.transfer.parameters.id).unwrap()),
        embedding: floats(gradients.get::<2>(module.embedding.id).unwrap()),
        field: Vec::new(),
    }
}

/// Largest difference of each group as a share of its largest number.
#[track_caller]
fn assert_near(found: &Parameters, expected: &Parameters, tolerance: f32, case: &str) {
    for group in Group::ALL {
        let (found, expected) = (found.group(group), expected.group(group));
        assert_eq!(found.len(), expected.len(), "{case}: {}", group.name());
        let largest = expected.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            let difference = (found - expected).abs() / largest;
            assert!(difference <= tolerance, "{case}: {}[{place}] {found}, {expected}", group.name());
        }
    }
}

fn cases() -> Vec<Setup> {
    let mut cases = Vec::new();
    for form in [LossForm::Norm, LossForm::Squares] {
        let plain = LossConfig { form, ..LossConfig::default() };
        let all = LossConfig { alpha: 0.7, beta: 0.4, gamma: 0.3, zeta: 0.05, ..plain.clone() };
        for input in [TransferInput::Sender, TransferInput::SenderEmbedding] {
            for wiring in [Wiring::Dense, Wiring::Masked] {
                cases.push(Setup::new(input, wiring, plain.clone()));
                cases.push(Setup::new(input, wiring, all.clone()));
            }
        }
    }
    cases
}

#[test]
fn loss_and_gradients_are_those_of_the_trainer() {
    for setup in cases() {
        let case = format!("{:?} {:?}", setup.model.input, setup.loss);
        let mut expected = setup.parameters.zeros_like();
        let mut parameters = setup.parameters.clone();
        let into = (&mut expected, None);
        let of_trainer =
            setup.objective().gradient(&setup.model, &mut parameters, &setup.batch, into).unwrap().total;
        // The trainer's step holds these at 0; the module's gradient is 0 there.
        setup.model.edges.constrain(&mut expected.weights, None);
        for route in [Route::Fused, Route::Composed] {
            let module = setup.module(route);
            let (of_module, found) = setup.of_module(&module);
            assert!((of_module - of_trainer).abs() < 1e-5 * of_trainer, "{case}: {of_module}, {of_trainer}");
            let found = gradients(&module, &found);
            assert_near(&found, &expected, 1e-4, &format!("{case} {route:?}"));
        }
    }
}

#[test]
fn steps_of_the_module_are_those_of_the_whole_step() {
    let rates = Rates { weights: 2e-3, update: 1e-3, transfer: 1e-3, embedding: 5e-4, field: 0.0 };
    let groups = || {
        ModuleLrScheduler::new(rates.update)
            .with_group(ParamGroup::from_predicate("weights"), rates.weights)
            .with_group(ParamGroup::from_predicate("embedding"), rates.embedding)
    };
    for setup in cases().into_iter().filter(|setup| setup.loss.beta == 0.0) {
        let (mut expected, mut module) = (setup.parameters.clone(), setup.module(Route::Fused));
        let mut moments = Moments::new(&expected);
        let mut optimiser = ModuleOptimizer::from(FusedAdam::new(AdamConfig::default()).unwrap());
        for _ in 0..4 {
            let mut gradient = expected.zeros_like();
            gradient.weights = Vec::new();
            let into = (&mut gradient, Some(moments.fused(rates)));
            setup.objective().gradient(&setup.model, &mut expected, &setup.batch, into).unwrap();
            moments.step(&mut expected, &gradient, rates).unwrap();
            setup.model.edges.constrain(&mut expected.weights, None);
            let (_, found) = setup.of_module(&module);
            module = optimiser.step(groups().step(), module, found);
        }
        // Adam's first steps are signs of gradients: a gradient near 0 may differ in all of a rate.
        assert_near(&values(&module), &expected, 2e-3, &format!("{:?}", setup.loss));
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let setup = Setup::new(TransferInput::SenderEmbedding, Wiring::Dense, LossConfig::default());
    let module = setup.module(Route::Fused);
    let found = gradients(&module, &setup.of_module(&module).1);
    for group in [Group::Weights, Group::Update, Group::Transfer, Group::Embedding] {
        let largest = found.group(group).iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let n = found.group(group).len();
        for place in
            (0..n).step_by(n / 9 + 1).filter(|place| group != Group::Weights || !place.is_multiple_of(N + 1))
        {
            let step = 2e-3_f32;
            let at = |sign: f32| {
                let mut moved = Setup { parameters: setup.parameters.clone(), ..setup.shallow() };
                moved.parameters.group_mut(group)[place] += sign * step;
                moved.of_module(&moved.module(Route::Fused)).0
            };
            let slope = (at(1.0) - at(-1.0)) / f64::from(2.0 * step);
            let difference = (f64::from(found.group(group)[place]) - slope).abs();
            let name = group.name();
            assert!(
                difference < 0.03 * f64::from(largest),
                "{name}[{place}]: {found:?}, {slope}",
                found = found.group(group)[place]
            );
        }
    }
}

impl Setup {
    fn shallow(&self) -> Self {
        Self {
            model: self.model.clone(),
            parameters: Parameters::default(),
            batch: self.batch.clone(),
            loss: self.loss.clone(),
        }
    }
}

#[test]
fn what_the_graph_does_not_hold_is_an_error() {
    let device = Device::flex();
    let refuse = |config: TrainConfig| {
        MechanismModule::random(4, &config, None, Seed(1), &device).err().unwrap().to_string()
    };
    let pairs = TrainConfig { transfer_input: TransferInput::PairEmbedding, ..TrainConfig::default() };
    assert!(refuse(pairs).contains("sender-embedding (the graph of Burn"));
    assert!(refuse(TrainConfig { recurrent_steps: 3, ..TrainConfig::default() }).contains("recurrent-steps"));
    let dale = LossConfig { dale: 1.0, ..LossConfig::default() };
    assert!(ModuleObjective::new(&dale, 0, 0.1).is_err());
}

#[test]
fn a_fixed_embedding_stays() {
    let config = TrainConfig { embedding: EmbeddingMode::Fixed, ..TrainConfig::default() };
    let device = Device::flex().autodiff();
    let module = MechanismModule::random(N, &config, None, Seed(1), &device).unwrap();
    let setup = Setup::new(TransferInput::Sender, Wiring::Dense, LossConfig::default());
    let (_, gradients) = setup.of_module(&module);
    assert!(gradients.get::<2>(module.embedding.id).is_none());
    assert!(gradients.get::<2>(module.weights.weights.id).is_some());
}
