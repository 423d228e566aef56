//! Circuits: surrogate tissue, samples of a connectome, comparison of two sets.
//!
//! Each function reads what it needs, calls one function of `sim` or `analysis`, and writes its folder.

mod compare;
pub(super) mod page;
mod sample;
mod sample_config;
mod tissue;
mod tissue_config;

pub use compare::{ComparisonConfig, SetColumn, SetComparison, compare_sets};
pub use sample::{sample, turned};
pub use sample_config::SampleConfig;
pub(crate) use sample_config::{parse_range, parse_three};
pub use tissue::{TissueSummary, simulate_tissue};
pub use tissue_config::TissueArgs;

use std::path::Path;

use serde::Serialize;

use crate::Error;

/// Writes a value as readable JSON.
fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Artefact { path: path.to_owned(), reason: error.to_string() })?;
    Ok(neuroloom_io::write_atomic(path, (text + "\n").as_bytes())?)
}
