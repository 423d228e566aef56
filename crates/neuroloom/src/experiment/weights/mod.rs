//! Weight manifolds: experiments, extraction from any weights, corruption studies.

mod config;

pub use config::{Case, WeightExperiment};
