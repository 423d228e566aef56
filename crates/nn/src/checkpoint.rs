//! Named f32 arrays and notes, as safetensors bytes: readable by PyTorch, numpy and Burn.
//!
//! Bytes only: who writes them to a disk does so elsewhere. The same content gives the same bytes.
//!
//! # Examples
//! ```
//! use neuroloom_nn::checkpoint::Checkpoint;
//! let mut checkpoint = Checkpoint::default();
//! checkpoint.insert("weight_matrix", &[2, 2], &[0.0, 1.0, 2.0, 0.0])?;
//! checkpoint.insert_note("step", "1200")?;
//! let again = Checkpoint::from_bytes(&checkpoint.to_bytes()?)?;
//! assert_eq!(again.array("weight_matrix")?.values[1], 1.0);
//! assert_eq!(again.note("step")?, "1200");
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::Error;
use crate::error::check_length;

/// Notes live in the header under this name, as one JSON object: safetensors writes its own map of notes in no
/// fixed order, which would make equal checkpoints differ in their bytes.
const NOTES: &str = "notes";

/// Arrays and notes by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checkpoint {
    arrays: BTreeMap<String, Array>,
    notes: BTreeMap<String, String>,
}

/// An array in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f32>,
}

impl Checkpoint {
    /// Adds an array.
    ///
    /// # Errors
    /// [`Error::Length`] if the shape does not hold the values, [`Error::Checkpoint`] for a name taken already.
    pub fn insert(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Result<(), Error> {
        check_length("array of a checkpoint", values.len(), shape.iter().product())?;
        let array = Array { shape: shape.to_vec(), values: values.to_vec() };
        taken(name, self.arrays.insert(name.to_owned(), array).is_some())
    }

    /// Adds a note: what is no array, such as a step count or a configuration.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for a name taken already.
    pub fn insert_note(&mut self, name: &str, text: &str) -> Result<(), Error> {
        taken(name, self.notes.insert(name.to_owned(), text.to_owned()).is_some())
    }

    /// An array by name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if there is none, with the names there are.
    pub fn array(&self, name: &str) -> Result<&Array, Error> {
        self.arrays.get(name).ok_or_else(|| missing(name, self.arrays.keys()))
    }

    /// A note by name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if there is none, with the names there are.
    pub fn note(&self, name: &str) -> Result<&str, Error> {
        self.notes.get(name).map(String::as_str).ok_or_else(|| missing(name, self.notes.keys()))
    }

    /// Names of the arrays, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arrays.keys().map(String::as_str)
    }

    /// The safetensors file as bytes.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the format cannot hold an entry.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let raw: Vec<Vec<u8>> = self
            .arrays
            .values()
            .map(|array| array.values.iter().flat_map(|value| value.to_le_bytes()).collect())
            .collect();
        let mut views = Vec::new();
        for ((name, array), raw) in self.arrays.iter().zip(&raw) {
            let view = TensorView::new(Dtype::F32, array.shape.clone(), raw).map_err(invalid)?;
            views.push((name.as_str(), view));
        }
        let notes = serde_json::to_string(&self.notes).map_err(invalid)?;
        safetensors::serialize(views, Some([(NOTES.to_owned(), notes)].into())).map_err(invalid)
    }

    /// The content of a safetensors file; arrays must be f32.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the bytes are no safetensors file or an array is not f32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(invalid)?;
        let notes = match header.metadata().as_ref().and_then(|notes| notes.get(NOTES)) {
            Some(notes) => serde_json::from_str(notes).map_err(invalid)?,
            None => BTreeMap::new(),
        };
        let mut arrays = BTreeMap::new();
        for (name, view) in SafeTensors::deserialize(bytes).map_err(invalid)?.tensors() {
            if view.dtype() != Dtype::F32 {
                let reason = format!("numbers are {:?}, expected F32", view.dtype());
                return Err(Error::Checkpoint { key: name, reason });
            }
            let (words, _) = view.data().as_chunks::<4>();
            let values = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
            arrays.insert(name, Array { shape: view.shape().to_vec(), values });
        }
        Ok(Self { arrays, notes })
    }
}

fn taken(name: &str, taken: bool) -> Result<(), Error> {
    if taken {
        return Err(Error::Checkpoint { key: name.to_owned(), reason: "this name is taken".into() });
    }
    Ok(())
}

fn missing<'a>(name: &str, names: impl Iterator<Item = &'a String>) -> Error {
    let names: Vec<&str> = names.map(String::as_str).collect();
    Error::Checkpoint { key: name.to_owned(), reason: format!("missing; there is {}", names.join(", ")) }
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::Checkpoint { key: "file".into(), reason: error.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn example() -> Checkpoint {
        let mut checkpoint = Checkpoint::default();
        checkpoint.insert("b", &[2, 3], &[1.0, f32::MIN_POSITIVE, -0.0, 3.5, f32::INFINITY, 1e-40]).unwrap();
        checkpoint.insert("a", &[0], &[]).unwrap();
        for note in ["x", "y", "z", "step", "config"] {
            checkpoint.insert_note(note, &format!("value of \"{note}\"")).unwrap();
        }
        checkpoint
    }

    #[test]
    fn what_was_written_is_read_bit_for_bit() {
        let again = Checkpoint::from_bytes(&example().to_bytes().unwrap()).unwrap();
        assert_eq!(again, example());
        assert!(again.array("b").unwrap().values[2].is_sign_negative());
    }

    #[test]
    fn equal_checkpoints_have_equal_bytes() {
        assert_eq!(example().to_bytes().unwrap(), example().to_bytes().unwrap());
    }

    #[test]
    fn errors_name_the_entry() {
        let mut checkpoint = example();
        assert!(checkpoint.insert("c", &[2, 2], &[0.0; 3]).is_err());
        assert_eq!(
            checkpoint.insert("a", &[1], &[0.0]).unwrap_err().to_string(),
            "checkpoint, a: this name is taken"
        );
        assert_eq!(
            example().array("weights").unwrap_err().to_string(),
            "checkpoint, weights: missing; there is a, b"
        );
        let bytes = example().to_bytes().unwrap();
        assert!(Checkpoint::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Checkpoint::from_bytes(b"hello").is_err());
    }
}
