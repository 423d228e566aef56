//! Burn modules over [`op`](crate::op): what a model of a family is put together from.
//!
//! | module | parameters | operation |
//! |---|---|---|
//! | [`NodeMlp`] | one tensor, in the order of the kernel | [`op::node_mlp`](crate::op::node_mlp) |
//! | [`Weights`] | W `[post, pre]` | [`op::product`](crate::op::product) |
//!
//! They are visited, saved, moved between devices and optimised like any module of Burn. A
//! [`Route`](crate::op::Route) chooses between the kernels and plain Burn operations; off the CPU only the latter
//! exist.
//!
//! # Examples
//! ```
//! use burn::tensor::{Device, Tensor};
//! use neuroloom_nn::kernel::{Activation, NodeMlp as Shape};
//! use neuroloom_nn::module::NodeMlp;
//! let device = Device::flex();
//! let mlp = NodeMlp::new(Shape::new(&[1, 1], Activation::Relu)?, &[2.0, 1.0], &device)?;
//! let outputs = mlp.forward(Tensor::from_floats([[3.0]], &device))?;
//! assert_eq!(outputs.into_data().try_into_vec::<f32>().unwrap(), [7.0]);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

mod node_mlp;
mod weights;

pub use self::node_mlp::NodeMlp;
pub use self::weights::Weights;
