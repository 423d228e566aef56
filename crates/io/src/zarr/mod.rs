//! Zarr version 3: what neuroloom writes for long recordings, and what zarr-python writes.
//!
//! A group with the arrays `activity` and optionally `drift`, `[trial, time, neuron]` in float32, and the
//! attributes `dt_s`, `unit`, `neuron_ids` (integers stay integers) and `neuroloom_version`.

mod read;
mod source;
mod write;

pub(crate) use read::{ArrayInfo, arrays, open};
pub use write::{ActivityHeader, ActivityWriter};
