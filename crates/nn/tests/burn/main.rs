//! The kernels as operations of Burn: against plain Burn operations, against finite differences in f64, and the
//! optimiser against the one without a framework.
#![allow(clippy::unwrap_used, reason = "tests")]

mod adam;
mod attach;
mod node_mlp;
mod numbers;
mod product;
