//! From weights to latent variables.

mod config;

pub use config::{EmbeddingMethod, ExtractConfig, PointSet, Scaling};
