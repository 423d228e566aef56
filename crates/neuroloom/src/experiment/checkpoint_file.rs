//! The checkpoint of a training run: one safetensors file, replaced whole.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use neuroloom_io::Precision;
use neuroloom_models::circuit_vae;
use neuroloom_models::mechanism::{Checkpoints, Tensors};
use neuroloom_nn::checkpoint::Checkpoint;

/// Shortest time between two checkpoints.
const SHORTEST: Duration = Duration::from_secs(1);
/// Writing may take this share of the time: one part in so many.
const SHARE: u32 = 30;

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the state of a run in a file.
pub(crate) struct CheckpointFile {
    path: PathBuf,
    next: Mutex<Instant>,
}

impl CheckpointFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, next: Mutex::new(Instant::now() + SHORTEST) }
    }
}

impl CheckpointFile {
    fn is_due(&self) -> bool {
        Instant::now() >= *self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the time of the next checkpoint by how long this one took.
    fn saved(&self, started: Instant) {
        let pause = SHORTEST.max(started.elapsed() * SHARE);
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + pause;
    }
}

impl circuit_vae::Checkpoints for CheckpointFile {
    fn load(&self) -> Result<Option<Checkpoint>, Trouble> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(Some(Checkpoint::from_bytes(&bytes)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn due(&self) -> bool {
        self.is_due()
    }

    fn save(&self, state: &Checkpoint) -> Result<(), Trouble> {
        let started = Instant::now();
        neuroloom_io::write_atomic(&self.path, &state.to_bytes()?)?;
        self.saved(started);
        Ok(())
    }
}

impl Checkpoints for CheckpointFile {
    fn load(&self) -> Result<Option<Tensors>, Trouble> {
        if !self.path.exists() {
            return Ok(None);
        }
        let neuroloom_io::Tensors { tensors, metadata } = neuroloom_io::read_safetensors(&self.path)?;
        Ok(Some(Tensors { arrays: tensors, metadata }))
    }

    fn due(&self) -> bool {
        self.is_due()
    }

    fn save(&self, state: &Tensors) -> Result<(), Trouble> {
        let started = Instant::now();
        let content =
            neuroloom_io::Tensors { tensors: state.arrays.clone(), metadata: state.metadata.clone() };
        neuroloom_io::write_safetensors(&self.path, &content, Precision::F32)?;
        self.saved(started);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_f32_come_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let file = CheckpointFile::new(folder.path().join("train.safetensors"));
        assert!(Checkpoints::load(&file).unwrap().is_none());
        let values: Vec<f64> = [0.1_f32, -0.0, 1e-42, 3.4e38].iter().map(|&value| f64::from(value)).collect();
        let mut state = Tensors::default();
        state.arrays.insert("weights".to_owned(), ndarray::Array1::from(values).into_dyn());
        state.metadata.insert("step".to_owned(), "7".to_owned());
        Checkpoints::save(&file, &state).unwrap();
        assert_eq!(Checkpoints::load(&file).unwrap(), Some(state));
        assert!(!file.is_due(), "it was kept a moment ago");
    }
}
