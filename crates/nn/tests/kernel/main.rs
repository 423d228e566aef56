//! Kernels against twins in f64.
#![allow(clippy::unwrap_used, reason = "tests")]

mod dyad;
mod node_mlp;
mod node_mlp_lines;
mod product;
mod rows;
mod small;
mod sparse;
mod twin;
