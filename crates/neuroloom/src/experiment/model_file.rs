//! A fitted mechanism on disk and back, bit for bit: what an interrupted run continues from.

use std::path::Path;

use neuroloom_io::Precision;
use neuroloom_models::mechanism::{Mechanism, Tensors};

use crate::Error;

/// Writes the model as safetensors in f64.
pub(crate) fn write(path: &Path, mechanism: &Mechanism) -> Result<(), Error> {
    let Tensors { arrays, metadata } =
        mechanism.to_tensors().map_err(|error| damaged(path, error.to_string()))?;
    let content = neuroloom_io::Tensors { tensors: arrays, metadata };
    Ok(neuroloom_io::write_safetensors(path, &content, Precision::F64)?)
}

/// Reads back what [`write`] wrote.
pub(crate) fn read(path: &Path) -> Result<Mechanism, Error> {
    let neuroloom_io::Tensors { tensors: arrays, metadata } = neuroloom_io::read_safetensors(path)?;
    Mechanism::from_tensors(&Tensors { arrays, metadata }).map_err(|error| damaged(path, error.to_string()))
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::Artefact { path: path.to_owned(), reason }
}
