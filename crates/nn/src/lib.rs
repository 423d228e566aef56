//! Fused f32 operations with hand-written gradients, optimisers and checkpoints.
//!
//! | module | what it holds |
//! |---|---|
//! | [`kernel`] | plain slices in, plain slices out: node MLP, `W x P` dense and sparse, gather, norms, Adam |
//! | [`optim`] | Adam with parameter groups, whose state can be saved |
//! | [`schedule`] | learning rates over steps |
//! | [`checkpoint`] | named arrays to safetensors bytes and back |
//! | `op`, `module` | the kernels as operations of Burn, and Burn modules on them; cargo feature `burn` |
//!
//! `kernel` knows rows and edges, not neurons, and no framework. Every operation gives the same bytes for any
//! number of threads: the work is cut by its size alone, and partial sums are added in a fixed order. Another
//! instruction set (AVX-512, AVX2 + FMA, none) adds in another order, so bytes are equal on like machines.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::{Activation, NodeMlp};
//! let mlp = NodeMlp::new(&[1, 2, 1], Activation::Relu)?;
//! // [in, out] weights, then biases, layer after layer: |x| = relu(x) + relu(-x)
//! let parameters = [1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0];
//! let mut outputs = [0.0; 3];
//! mlp.forward(&parameters, &[-2.0, 0.5, 3.0], &mut outputs)?;
//! assert_eq!(outputs, [2.0, 0.5, 3.0]);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

pub mod checkpoint;
mod error;
pub mod kernel;
#[cfg(feature = "burn")]
pub mod module;
#[cfg(feature = "burn")]
pub mod op;
pub mod optim;
pub mod schedule;

pub use error::Error;
