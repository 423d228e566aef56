//! How to make the run again, and what went wrong in part.

use serde::{Deserialize, Serialize};

/// How to make this run again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// Version of the software.
    pub version: String,
    /// Seed of the run.
    pub seed: Option<u64>,
    /// When the run was made, as text.
    pub created: String,
    /// The command line.
    pub command: String,
    /// The complete config as TOML.
    pub config_toml: String,
    /// Files that were read.
    pub inputs: Vec<InputFile>,
    /// Anything else worth knowing, such as `frames used`.
    pub details: Vec<Detail>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InputFile {
    /// Its path as given by the user.
    pub path: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub n_bytes: u64,
}

/// A named fact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// Partial trouble.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Notice {
    /// A short stable name, such as `weak-senders`.
    pub code: String,
    /// One sentence with the numbers.
    pub message: String,
}
