//! A row of a table behind each value, as an operation of Burn: the inputs of an MLP that sees an activity and an
//! embedding.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

use super::flex::{FlexTensor, dense, filled, floats, is_fused, tensor};
use crate::Error;
use crate::error::check_length;
use crate::kernel::gather;

/// out\[(frame, row)\] = (values\[frame, row\], table\[row\]), in one copy where both tensors are on the CPU in f32.
///
/// # Shapes
/// `values [frame, row]`, `table [row, width]`, result `[frame * row, 1 + width]`.
///
/// # Errors
/// [`Error::Length`] if a tensor does not fit, [`Error::Value`] for an empty table.
pub fn forward(values: Tensor<2>, table: Tensor<2>) -> Result<Tensor<2>, Error> {
    if !(is_fused(&values) && is_fused(&table)) {
        return composed(values, table);
    }
    check(&values, &table)?;
    let (values, table) = (values.into_dispatch(), table.into_dispatch());
    Ok(Tensor::from_dispatch(<Dispatch as AttachOperation>::attach(values, table)))
}

/// The same of plain Burn operations, on any device.
///
/// # Errors
/// [`Error::Length`] if a tensor does not fit, [`Error::Value`] for an empty table.
pub fn composed(values: Tensor<2>, table: Tensor<2>) -> Result<Tensor<2>, Error> {
    check(&values, &table)?;
    let [n_frames, n_rows] = values.dims();
    Ok(Tensor::cat(vec![values.reshape([n_frames * n_rows, 1]), table.repeat_dim(0, n_frames)], 1))
}

fn check(values: &Tensor<2>, table: &Tensor<2>) -> Result<(), Error> {
    let [n_rows, width] = table.dims();
    if n_rows * width == 0 {
        let given = format!("{n_rows} rows of {width}");
        return Err(Error::Value { what: "table of rows", given, allowed: "at least one row of one number" });
    }
    check_length("values, one a row", values.dims()[1], n_rows)
}

#[backend_extension(Flex, Autodiff)]
trait AttachOperation: Backend {
    fn attach(values: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl AttachOperation for Flex {
    fn attach(values: FlexTensor, table: FlexTensor) -> FlexTensor {
        let shapes = Shapes::of(&values, &table);
        run(shapes, &dense(values), &dense(table))
    }
}

impl<C: CheckpointStrategy> AttachOperation for Autodiff<Flex, C> {
    fn attach(values: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self> {
        let (values, of_values) = values.into_parts();
        let (table, of_table) = table.into_parts();
        let shapes = Shapes::of(&values, &table);
        let output = run(shapes, &dense(values), &dense(table));
        match AttachBackward.prepare::<C>([of_values, of_table]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(shapes, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

fn run(shapes: Shapes, values: &FlexTensor, table: &FlexTensor) -> FlexTensor {
    let shape = [shapes.n_frames * shapes.n_rows, 1 + shapes.width];
    filled(shape, |out| gather::attach(floats(values), floats(table), shapes.width, out))
}

/// All the backward pass needs.
#[derive(Debug, Clone, Copy)]
struct Shapes {
    n_frames: usize,
    n_rows: usize,
    width: usize,
}

impl Shapes {
    fn of(values: &FlexTensor, table: &FlexTensor) -> Self {
        let (values, table) = (values.layout().shape(), table.layout().shape());
        Self { n_frames: values[0], n_rows: table[0], width: table[1] }
    }
}

#[derive(Debug)]
struct AttachBackward;

impl Backward<Flex, 2> for AttachBackward {
    type State = Shapes;

    fn backward(self, ops: Ops<Shapes, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [of_values, of_table] = ops.parents;
        let slope = dense(gradients.consume::<Flex>(&ops.node));
        let Shapes { n_frames, n_rows, width } = ops.state;
        if let Some(node) = of_values {
            let first = floats(&slope).iter().step_by(1 + width).copied().collect();
            gradients.register::<Flex>(node.id, tensor(first, [n_frames, n_rows]));
        }
        if let Some(node) = of_table {
            let of_table =
                filled([n_rows, width], |table| gather::add_attached(floats(&slope), width, table));
            gradients.register::<Flex>(node.id, of_table);
        }
    }
}
