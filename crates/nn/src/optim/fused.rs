//! Adam and AdamW as an optimiser of Burn: one pass over parameters, gradient and moments.

use burn::backend::Flex;
use burn::optim::{AdamState, AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};

use crate::Error;
use crate::kernel::adam::{self, AdamConfig, AdamStep, Decay, Moments};
use crate::op::flex::{FlexTensor, dense, floats, is_fused};

/// Adam or AdamW for Burn modules, in place through [`adam::update`] where a tensor is on the CPU in f32, by plain
/// Burn operations elsewhere.
///
/// Its state is that of Burn's Adam: a record of either is read by the other.
///
/// The learning rate is the one handed to each step; that of the settings is not used. Groups of parameters with
/// rates of their own are Burn's: `ModuleOptimizer::with_group`, or a rate a group in each step.
///
/// # Examples
/// ```
/// use burn::module::{Module, Param};
/// use burn::optim::{GradientsParams, ModuleOptimizer};
/// use burn::tensor::{Device, Tensor};
/// use neuroloom_nn::kernel::{Activation, AdamConfig, NodeMlp as Shape};
/// use neuroloom_nn::module::NodeMlp;
/// use neuroloom_nn::optim::FusedAdam;
/// let device = Device::flex().autodiff();
/// let model = NodeMlp::new(Shape::new(&[1, 1], Activation::Relu)?, &[2.0, 1.0], &device)?;
/// let mut optimiser = ModuleOptimizer::from(FusedAdam::new(AdamConfig::default())?);
/// let loss = model.forward(Tensor::from_floats([[3.0]], &device))?.sum();
/// let gradients = GradientsParams::from_grads(loss.backward(), &model);
/// let model = optimiser.step(0.1, model, gradients);
/// let moved = model.parameters.val().into_data().try_into_vec::<f32>().unwrap();
/// // The first step is the rate, whatever the gradient.
/// assert!((moved[0] - 1.9).abs() < 1e-6 && (moved[1] - 0.9).abs() < 1e-6);
/// # Ok::<(), neuroloom_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedAdam {
    config: AdamConfig,
}

impl FusedAdam {
    /// An optimiser with these settings.
    ///
    /// # Errors
    /// [`Error::Value`] naming a setting that is out of range.
    pub fn new(config: AdamConfig) -> Result<Self, Error> {
        config.check()?;
        Ok(Self { config })
    }

    fn composed<const D: usize>(
        config: &AdamConfig,
        parameters: Tensor<D>,
        mut gradient: Tensor<D>,
        state: AdaptiveMomentumState<D>,
    ) -> (Tensor<D>, AdaptiveMomentumState<D>) {
        let AdamConfig { learning_rate, beta1, beta2, epsilon, decay } = *config;
        let mut parameters = parameters;
        match decay {
            Decay::None => {}
            Decay::Gradient(factor) => gradient = gradient + parameters.clone() * factor,
            Decay::Decoupled(factor) => parameters = parameters * (1.0 - learning_rate * factor),
        }
        let first = state.moment_1 * beta1 + gradient.clone() * (1.0 - beta1);
        let second = state.moment_2 * beta2 + gradient.square() * (1.0 - beta2);
        let correction = |beta: f32| 1.0 - f64::from(beta).powf(state.time as f64);
        let root = (second.clone() / correction(beta2)).sqrt() + epsilon;
        let size = f64::from(learning_rate) / correction(beta1);
        let moved = parameters - first.clone() / root * size;
        (moved, AdaptiveMomentumState::new(state.time, first, second))
    }
}

impl Optimizer for FusedAdam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        parameters: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let config = AdamConfig { learning_rate: rate as f32, ..self.config };
        let zeros = || parameters.zeros_like();
        let mut state = match state {
            Some(state) => state.momentum,
            None => AdaptiveMomentumState::new(0, zeros(), zeros()),
        };
        state.time += 1;
        let fused = is_fused(&parameters) && is_fused(&gradient) && is_fused(&state.moment_1);
        let (parameters, state) = match fused.then(|| Quartet::take(&parameters, &gradient, &state)).flatten()
        {
            Some(quartet) => {
                // The handles of the caller go first: the kernel then writes where the numbers are.
                let time = state.time;
                drop((parameters, gradient, state));
                quartet.step(&config, time)
            }
            None => Self::composed(&config, parameters, gradient, state),
        };
        (parameters, Some(AdamState::new(state)))
    }

    fn to_device<const D: usize>(mut state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}

/// What a step reads and writes, on the CPU.
struct Quartet {
    parameters: FlexTensor,
    gradient: FlexTensor,
    first: FlexTensor,
    second: FlexTensor,
}

impl Quartet {
    fn take<const D: usize>(
        parameters: &Tensor<D>,
        gradient: &Tensor<D>,
        state: &AdaptiveMomentumState<D>,
    ) -> Option<Self> {
        let primitive = |tensor: &Tensor<D>| tensor.clone().try_into_primitive::<Flex>().ok().map(dense);
        Some(Self {
            parameters: primitive(parameters)?,
            gradient: primitive(gradient)?,
            first: primitive(&state.moment_1)?,
            second: primitive(&state.moment_2)?,
        })
    }

    fn step<const D: usize>(
        mut self,
        config: &AdamConfig,
        time: usize,
    ) -> (Tensor<D>, AdaptiveMomentumState<D>) {
        let factors = AdamStep::new(config, time as u64);
        let moments =
            Moments { first: self.first.storage_mut::<f32>(), second: self.second.storage_mut::<f32>() };
        let parameters = self.parameters.storage_mut::<f32>();
        if adam::update(&factors, parameters, floats(&self.gradient), moments).is_err() {
            // All four have one shape, so this is not reached; if it were, NaN is seen and a skipped step is not.
            parameters.fill(f32::NAN);
        }
        let [first, second] = [self.first, self.second].map(Tensor::from_primitive::<Flex>);
        let parameters = Tensor::from_primitive::<Flex>(self.parameters);
        (parameters, AdaptiveMomentumState::new(time, first, second))
    }
}
