//! Fused operations on plain f32 slices, each with its hand-written gradient; no framework, no allocation of
//! results, no disk.
//!
//! | operation | forward | gradients |
//! |---|---|---|
//! | [`NodeMlp`] | y = MLP(x) for every row | parameters and inputs, activations recomputed tile by tile |
//! | [`product`] | M = P W' for W `[post, pre]`, P `[frame, pre]` | P; W as a matrix or straight into Adam |
//! | [`sparse`] | the same for edges in CSR | P; the weight of each edge |
//! | [`dyad`] | logits of the four states of every pair of rows | parameters and rows, likelihood included, pairs recomputed |
//! | [`layer_norm`] | gelu(scale (x - mean) / deviation + shift), scale and shift by segment | rows, scales, shifts |
//! | [`neighbours`] | mean of neighbours along sparse edges | the same edges backwards |
//! | [`pool`] | mean and maximum over the rows of a segment | rows |
//! | [`gather`] | rows of a table by index | scatter-add in a fixed order |
//! | [`norm`] | L1, L2 | sign and direction |
//! | [`adam`] | Adam, AdamW | - |
//!
//! The instruction set is chosen once, at the first call: AVX-512, AVX2 + FMA, NEON, or plain Rust.

pub mod activation;
pub mod adam;
pub mod dyad;
pub mod gather;
pub mod layer_norm;
pub mod neighbours;
pub mod node_mlp;
pub mod norm;
pub mod pool;
pub mod product;
mod rows;
mod scratch;
pub mod sparse;
mod tile;

pub use activation::Activation;
pub use adam::{AdamConfig, AdamStep, Decay, Moments};
pub use node_mlp::{LossGradient, MlpGradients, NodeMlp};

#[cfg(test)]
mod tests;
