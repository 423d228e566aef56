//! Messages through a dense weight matrix, M = P W', as an operation of Burn.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

use super::flex::{FlexTensor, dense, filled, floats, is_fused};
use crate::Error;
use crate::error::check_length;
use crate::kernel::product::{DenseProduct, Diagonal, Outer};

/// M = P W', through the kernel where both tensors are on the CPU in f32.
///
/// With [`Diagonal::Zero`] no gradient reaches W\[i, i\]. The kernel then takes the diagonal of W to be 0, as a
/// trainer keeps it; [`composed`] makes it so.
///
/// # Shapes
/// `weights [post, pre]`, `senders [frame, pre]`, result `[frame, post]`.
///
/// # Errors
/// [`Error::Length`] if a tensor does not fit.
pub fn forward(weights: Tensor<2>, senders: Tensor<2>, diagonal: Diagonal) -> Result<Tensor<2>, Error> {
    if !(is_fused(&weights) && is_fused(&senders)) {
        return composed(weights, senders, diagonal);
    }
    check(&weights, &senders)?;
    let (weights, senders) = (weights.into_dispatch(), senders.into_dispatch());
    Ok(Tensor::from_dispatch(<Dispatch as ProductOperation>::messages(weights, senders, diagonal)))
}

/// The same of plain Burn operations, on any device.
///
/// # Errors
/// [`Error::Length`] if a tensor does not fit.
pub fn composed(weights: Tensor<2>, senders: Tensor<2>, diagonal: Diagonal) -> Result<Tensor<2>, Error> {
    check(&weights, &senders)?;
    let weights = match diagonal {
        Diagonal::Free => weights,
        Diagonal::Zero => {
            let mask = Tensor::<2, burn::tensor::Bool>::diag_mask(weights.dims(), 0, &weights.device());
            weights.mask_fill(mask.bool_not(), 0.0)
        }
    };
    Ok(senders.matmul(weights.transpose()))
}

fn check(weights: &Tensor<2>, senders: &Tensor<2>) -> Result<(), Error> {
    check_length("a row of senders", senders.dims()[1], weights.dims()[1])
}

#[backend_extension(Flex, Autodiff)]
trait ProductOperation: Backend {
    fn messages(
        weights: FloatTensor<Self>,
        senders: FloatTensor<Self>,
        diagonal: Diagonal,
    ) -> FloatTensor<Self>;
}

impl ProductOperation for Flex {
    fn messages(weights: FlexTensor, senders: FlexTensor, _: Diagonal) -> FlexTensor {
        run(&dense(weights), &dense(senders))
    }
}

impl<C: CheckpointStrategy> ProductOperation for Autodiff<Flex, C> {
    fn messages(
        weights: FloatTensor<Self>,
        senders: FloatTensor<Self>,
        diagonal: Diagonal,
    ) -> FloatTensor<Self> {
        let (weights, of_weights) = weights.into_parts();
        let (senders, of_senders) = senders.into_parts();
        let (weights, senders) = (dense(weights), dense(senders));
        let output = run(&weights, &senders);
        match ProductBackward.prepare::<C>([of_weights, of_senders]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(State { weights, senders, diagonal }, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

fn run(weights: &FlexTensor, senders: &FlexTensor) -> FlexTensor {
    let [n_post, n_pre] = shape(weights);
    let [n_frames, _] = shape(senders);
    let product = DenseProduct::new(n_post, n_pre);
    filled([n_frames, n_post], |messages| product.forward(floats(weights), floats(senders), messages))
}

fn shape(tensor: &FlexTensor) -> [usize; 2] {
    let shape = tensor.layout().shape();
    [shape[0], shape[1]]
}

#[derive(Debug, Clone)]
struct State {
    weights: FlexTensor,
    senders: FlexTensor,
    diagonal: Diagonal,
}

#[derive(Debug)]
struct ProductBackward;

impl Backward<Flex, 2> for ProductBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [of_weights, of_senders] = ops.parents;
        let slope = dense(gradients.consume::<Flex>(&ops.node));
        let State { weights, senders, diagonal } = ops.state;
        let [n_post, n_pre] = shape(&weights);
        let product = DenseProduct::new(n_post, n_pre);
        if let Some(node) = of_senders {
            let of_senders = filled(shape(&senders), |into| {
                product.backward_senders(floats(&weights), floats(&slope), into)
            });
            gradients.register::<Flex>(node.id, of_senders);
        }
        if let Some(node) = of_weights {
            let of_weights = filled([n_post, n_pre], |into| {
                let outer = Outer { message_gradients: floats(&slope), senders: floats(&senders) };
                product.backward_weights(outer, into)?;
                if diagonal == Diagonal::Zero {
                    into.iter_mut().step_by(n_pre + 1).take(n_pre).for_each(|value| *value = 0.0);
                }
                Ok(())
            });
            gradients.register::<Flex>(node.id, of_weights);
        }
    }
}
