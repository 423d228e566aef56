//! Tensors of Burn's CPU backend as slices, and back.

use burn::backend::tensor::FloatTensor;
use burn::backend::{DispatchDevice, Flex};
use burn::tensor::{DType, Tensor, TensorData};

use crate::Error;

/// A tensor of the CPU backend.
pub(crate) type FlexTensor = FloatTensor<Flex>;

/// Whether the kernels can work on a tensor: f32 on the CPU backend, with or without autodiff.
pub(crate) fn is_fused<const D: usize>(tensor: &Tensor<D>) -> bool {
    let device = tensor.device();
    let on_flex = match device.as_dispatch() {
        DispatchDevice::Flex(_) => true,
        DispatchDevice::Autodiff(inner) => matches!(**inner, DispatchDevice::Flex(_)),
        #[allow(unreachable_patterns, reason = "without the feature `gpu` there is no other device")]
        _ => false,
    };
    on_flex && tensor.dtype() == DType::F32
}

/// The tensor without gaps, so that [`floats`] sees it whole; copies only where there are gaps.
pub(crate) fn dense(tensor: FlexTensor) -> FlexTensor {
    // The handle that came in is gone once this returns: a tensor without gaps keeps its single owner.
    tensor.to_contiguous()
}

/// The numbers of a [`dense`] tensor, row-major.
pub(crate) fn floats(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice::<f32>().unwrap_or(&[])
}

/// A tensor of zeros, filled by `fill`.
///
/// Burn's operations cannot fail. The wrappers check all shapes before, so `fill` does not fail; if it did, the
/// result would be NaN, which every trainer reports, and not a number that looks right.
pub(crate) fn filled<const D: usize>(
    shape: [usize; D],
    fill: impl FnOnce(&mut [f32]) -> Result<(), Error>,
) -> FlexTensor {
    let mut values = vec![0.0; shape.iter().product()];
    if fill(&mut values).is_err() {
        values.fill(f32::NAN);
    }
    tensor(values, shape)
}

/// Numbers as a tensor.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
