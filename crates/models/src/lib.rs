//! The model families. Each has the same five files: `config`, `model`, `train`, `evaluate`, `explore`;
//! what is special to a family has a file of its own.
//!
//! | family | question |
//! |---|---|
//! | [`circuit_vae`] | which few numbers describe a microcircuit, and which circuit has the numbers I want? |
//! | [`mechanism`] | which wiring and which functions produced this activity? |
//! | [`weight_manifold`] | which variables does this circuit encode, read from its weights? |
//!
//! **Absent by design:** families never import each other; no disk, no printing.

pub mod circuit_vae;
mod error;
pub mod mechanism;
mod tensors;
pub mod weight_manifold;

pub use error::Error;
pub use tensors::Tensors;
