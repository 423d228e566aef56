//! The checkpoint of a training run: one safetensors file, replaced whole.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use neuroloom_io::Precision;
use neuroloom_models::mechanism::{Checkpoints, Tensors};

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

impl Checkpoints for CheckpointFile {
    fn load(&self) -> Result<Option<Tensors>, Trouble> {
        if !self.path.exists() {
            return Ok(None);
        }
        let neuroloom_io::Tensors { tensors, metadata } = neuroloom_io::read_safetensors(&self.path)?;
        Ok(Some(Tensors { arrays: tensors, metadata }))
    }

    fn due(&self) -> bool {
        Instant::now() >= *self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, state: &Tensors) -> Result<(), Trouble> {
        let started = Instant::now();
        let content =
            neuroloom_io::Tensors { tensors: state.arrays.clone(), metadata: state.metadata.clone() };
        neuroloom_io::write_safetensors(&self.path, &content, Precision::F32)?;
        let pause = SHORTEST.max(started.elapsed() * SHARE);
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + pause;
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
        assert!(file.load().unwrap().is_none());
        let values: Vec<f64> = [0.1_f32, -0.0, 1e-42, 3.4e38].iter().map(|&value| f64::from(value)).collect();
        let mut state = Tensors::default();
        state.arrays.insert("weights".to_owned(), ndarray::Array1::from(values).into_dyn());
        state.metadata.insert("step".to_owned(), "7".to_owned());
        file.save(&state).unwrap();
        assert_eq!(file.load().unwrap(), Some(state));
        assert!(!file.due(), "it was kept a moment ago");
    }
}
