//! Kernels against twins in f64.
#![allow(clippy::unwrap_used, reason = "tests")]

mod node_mlp;
mod product;
mod small;
mod sparse;
mod twin;
