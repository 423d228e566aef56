//! A trained code on disk and back, bit for bit.

use std::path::Path;

use neuroloom_models::circuit_vae::CircuitVae;
use neuroloom_nn::checkpoint::Checkpoint;

use crate::Error;
use crate::error::system;

/// Writes the model as safetensors.
pub(super) fn write(path: &Path, model: &CircuitVae) -> Result<(), Error> {
    let damaged = |error: String| Error::Artefact { path: path.to_owned(), reason: error };
    let bytes = model.to_tensors()?.to_bytes().map_err(|error| damaged(error.to_string()))?;
    Ok(neuroloom_io::write_atomic(path, &bytes)?)
}

/// Reads back what [`write`] wrote.
pub(super) fn read(path: &Path) -> Result<CircuitVae, Error> {
    let damaged = |error: String| Error::Artefact { path: path.to_owned(), reason: error };
    let bytes = std::fs::read(path).map_err(system("read", path))?;
    let stored = Checkpoint::from_bytes(&bytes).map_err(|error| damaged(error.to_string()))?;
    CircuitVae::from_tensors(&stored).map_err(|error| damaged(error.to_string()))
}
