//! Experiment files as text: how every family reads and writes its own.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::error::system;

/// Reads a file and hands its text to the family's own `parse`.
///
/// # Errors
/// [`Error::System`] if the file cannot be read, [`Error::Config`] with line, key and what is allowed.
pub(super) fn load<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(system("read", path))?;
    parse(&text).map_err(|reason| Error::Config { path: path.to_owned(), reason })
}

/// What `text` says, unchecked; a key that is left out has its default.
///
/// # Errors
/// One sentence with line, key and what is allowed.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
}

/// An experiment as TOML.
///
/// # Errors
/// [`Error::Setting`] if a number does not fit TOML (a seed above 2^63).
pub(super) fn to_toml<T: Serialize>(config: &T) -> Result<String, Error> {
    toml::to_string_pretty(config).map_err(|error| Error::Setting {
        key: "config",
        given: error.to_string(),
        allowed: "numbers that TOML can hold (64-bit signed integers)".to_owned(),
    })
}
