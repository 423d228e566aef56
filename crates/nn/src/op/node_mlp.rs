//! An MLP applied to every row of a table, as an operation of Burn.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Tensor, activation};

use super::flex::{FlexTensor, dense, filled, floats, is_fused, tensor};
use crate::Error;
use crate::error::check_length;
use crate::kernel::{Activation, MlpGradients, NodeMlp};

/// y = MLP(x) for every row, through the kernel where both tensors are on the CPU in f32.
///
/// # Shapes
/// `parameters [mlp.n_parameters()]` in the order of [`NodeMlp`], `inputs [rows, in]`, result `[rows, out]`.
///
/// # Errors
/// [`Error::Length`] if a tensor does not fit.
pub fn forward(mlp: &Arc<NodeMlp>, parameters: Tensor<1>, inputs: Tensor<2>) -> Result<Tensor<2>, Error> {
    if !(is_fused(&parameters) && is_fused(&inputs)) {
        return composed(mlp, parameters, inputs);
    }
    check(mlp, &parameters, &inputs)?;
    let (parameters, inputs) = (parameters.into_dispatch(), inputs.into_dispatch());
    Ok(Tensor::from_dispatch(<Dispatch as MlpOperation>::mlp(parameters, inputs, Arc::clone(mlp))))
}

/// The same of plain Burn operations, on any device.
///
/// # Errors
/// [`Error::Length`] if a tensor does not fit.
pub fn composed(mlp: &NodeMlp, parameters: Tensor<1>, inputs: Tensor<2>) -> Result<Tensor<2>, Error> {
    check(mlp, &parameters, &inputs)?;
    let mut rows = inputs;
    for layer in 0..mlp.n_layers() {
        let (Some(weight), Some(bias)) = (mlp.weight(layer), mlp.bias(layer)) else { break };
        let shape = [mlp.widths()[layer], mlp.widths()[layer + 1]];
        let weight = parameters.clone().slice(weight).reshape(shape);
        let bias = parameters.clone().slice(bias).reshape([1, shape[1]]);
        rows = rows.matmul(weight) + bias;
        if layer + 1 < mlp.n_layers() {
            rows = activate(mlp.activation(), rows);
        }
    }
    Ok(rows)
}

fn check(mlp: &NodeMlp, parameters: &Tensor<1>, inputs: &Tensor<2>) -> Result<(), Error> {
    check_length("parameters of an MLP", parameters.dims()[0], mlp.n_parameters())?;
    check_length("a row of inputs of an MLP", inputs.dims()[1], mlp.n_inputs())
}

fn activate(activation: Activation, rows: Tensor<2>) -> Tensor<2> {
    match activation {
        Activation::Identity => rows,
        Activation::Relu => activation::relu(rows),
        Activation::Tanh => rows.tanh(),
        Activation::Gelu => activation::gelu_approximate(rows),
        Activation::Sine { omega } => rows.mul_scalar(omega).sin(),
    }
}

#[backend_extension(Flex, Autodiff)]
trait MlpOperation: Backend {
    fn mlp(parameters: FloatTensor<Self>, inputs: FloatTensor<Self>, mlp: Arc<NodeMlp>) -> FloatTensor<Self>;
}

impl MlpOperation for Flex {
    fn mlp(parameters: FlexTensor, inputs: FlexTensor, mlp: Arc<NodeMlp>) -> FlexTensor {
        run(&mlp, &dense(parameters), &dense(inputs))
    }
}

impl<C: CheckpointStrategy> MlpOperation for Autodiff<Flex, C> {
    fn mlp(parameters: FloatTensor<Self>, inputs: FloatTensor<Self>, mlp: Arc<NodeMlp>) -> FloatTensor<Self> {
        let (parameters, of_parameters) = parameters.into_parts();
        let (inputs, of_inputs) = inputs.into_parts();
        let (parameters, inputs) = (dense(parameters), dense(inputs));
        let output = run(&mlp, &parameters, &inputs);
        match MlpBackward.prepare::<C>([of_parameters, of_inputs]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(State { mlp, parameters, inputs }, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

fn run(mlp: &NodeMlp, parameters: &FlexTensor, inputs: &FlexTensor) -> FlexTensor {
    let inputs = floats(inputs);
    let shape = [inputs.len() / mlp.n_inputs(), mlp.n_outputs()];
    filled(shape, |outputs| mlp.forward(floats(parameters), inputs, outputs))
}

/// What the backward pass needs: activations are computed again.
#[derive(Debug, Clone)]
struct State {
    mlp: Arc<NodeMlp>,
    parameters: FlexTensor,
    inputs: FlexTensor,
}

#[derive(Debug)]
struct MlpBackward;

impl Backward<Flex, 2> for MlpBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [of_parameters, of_inputs] = ops.parents;
        let slope = dense(gradients.consume::<Flex>(&ops.node));
        let State { mlp, parameters, inputs } = ops.state;
        let inputs = floats(&inputs);
        let n_wanted = if of_inputs.is_some() { inputs.len() } else { 0 };
        let mut input_gradients = vec![0.0; n_wanted];
        let parameter_gradients = filled([mlp.n_parameters()], |parameter_gradients| {
            let wanted = of_inputs.as_ref().map(|_| &mut input_gradients[..]);
            let into = MlpGradients { parameters: parameter_gradients, inputs: wanted };
            mlp.backward(floats(&parameters), inputs, floats(&slope), into)
        });
        if let Some(node) = of_parameters {
            gradients.register::<Flex>(node.id, parameter_gradients);
        }
        if let Some(node) = of_inputs {
            let shape = [inputs.len() / mlp.n_inputs(), mlp.n_inputs()];
            gradients.register::<Flex>(node.id, tensor(input_gradients, shape));
        }
    }
}
