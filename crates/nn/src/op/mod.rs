//! The fused kernels as operations of Burn, with their hand-written gradients.
//!
//! | operation | on the CPU (Burn's Flex backend, f32) | on any other device |
//! |---|---|---|
//! | [`node_mlp`] | [`kernel::NodeMlp`](crate::kernel::NodeMlp), activations recomputed tile by tile | a product, a sum and an activation a layer |
//! | [`product`] | [`DenseProduct`](crate::kernel::product::DenseProduct) | a product, after one with the mask |
//! | [`attach`] | [`gather::attach`](crate::kernel::gather::attach) | copies, put side by side |
//!
//! Each module has two functions of the same meaning: `forward` takes the kernel where the tensors allow it,
//! `composed` is made of plain Burn operations only. Burn's autodiff knows both.
//!
//! # Examples
//! ```
//! use std::sync::Arc;
//! use burn::tensor::{Device, Tensor};
//! use neuroloom_nn::kernel::{Activation, NodeMlp};
//! use neuroloom_nn::op::node_mlp;
//! let device = Device::flex().autodiff();
//! let mlp = Arc::new(NodeMlp::new(&[1, 2, 1], Activation::Relu)?);
//! let parameters = Tensor::<1>::from_floats([1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0], &device).require_grad();
//! let inputs = Tensor::<2>::from_floats([[-2.0], [0.5]], &device);
//! let outputs = node_mlp::forward(&mlp, parameters.clone(), inputs)?; // |x|
//! let gradients = outputs.sum().backward();
//! let of_bias = parameters.grad(&gradients).unwrap().into_data().try_into_vec::<f32>().unwrap()[6];
//! assert_eq!(of_bias, 2.0);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

pub mod attach;
pub(crate) mod flex;
pub mod node_mlp;
pub mod product;

/// Which way an operation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// Through the kernel where the tensors are on the CPU in f32, else composed.
    #[default]
    Fused,
    /// Plain Burn operations everywhere.
    Composed,
}
