//! Fitted models as safetensors: named arrays and text, no code, read by every framework.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ::safetensors::{Dtype, SafeTensors, tensor::TensorView};
use half::{bf16, f16};
use ndarray::{ArrayD, IxDyn};
use serde_json::{Map, Value, json};

use crate::error::{corrupt, io_error};
use crate::{Error, write_atomic};

/// Width of the numbers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 4 bytes.
    #[default]
    F32,
    /// 8 bytes.
    F64,
}

/// The content of a safetensors file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensors {
    /// Arrays by name.
    pub tensors: BTreeMap<String, ArrayD<f64>>,
    /// Texts by name.
    pub metadata: BTreeMap<String, String>,
}

/// Writes named arrays; the same content gives the same bytes.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use ndarray::array;
/// use neuroloom_io::{Precision, Tensors, read_safetensors, write_safetensors};
/// let model = Tensors {
///     tensors: BTreeMap::from([("weight_matrix".to_owned(), array![[0.0, 0.5]].into_dyn())]),
///     metadata: BTreeMap::from([("family".to_owned(), "mechanism".to_owned())]),
/// };
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// write_safetensors(&path, &model, Precision::F64)?;
/// assert_eq!(read_safetensors(&path)?, model);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_safetensors(path: &Path, content: &Tensors, precision: Precision) -> Result<(), Error> {
    // Written here and not by the library, whose header follows the order of a hash map.
    let (name, width) = match precision {
        Precision::F32 => ("F32", 4),
        Precision::F64 => ("F64", 8),
    };
    let mut header = Map::new();
    if !content.metadata.is_empty() {
        header.insert("__metadata__".to_owned(), json!(content.metadata));
    }
    let mut end = 0;
    for (key, tensor) in &content.tensors {
        let start = end;
        end += width * tensor.len();
        let entry = json!({ "dtype": name, "shape": tensor.shape(), "data_offsets": [start, end] });
        header.insert(key.clone(), entry);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = Vec::with_capacity(8 + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for tensor in content.tensors.values() {
        for &value in tensor {
            match precision {
                Precision::F32 => bytes.extend((value as f32).to_le_bytes()),
                Precision::F64 => bytes.extend(value.to_le_bytes()),
            }
        }
    }
    write_atomic(path, &bytes)
}

/// Reads a safetensors file of floats.
///
/// # Errors
/// [`Error::Corrupt`] if the file is damaged, [`Error::Dtype`] for a tensor that holds no floats.
pub fn read_safetensors(path: &Path) -> Result<Tensors, Error> {
    let bytes = fs::read(path).map_err(io_error("read", path))?;
    let failed = corrupt(path, "safetensors");
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(&failed)?;
    let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
    let file = SafeTensors::deserialize(&bytes).map_err(corrupt(path, "safetensors"))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        let array = decode(path, name, &view)?;
        tensors.insert(name.to_owned(), array);
    }
    Ok(Tensors { tensors, metadata })
}

fn decode(path: &Path, name: &str, view: &TensorView<'_>) -> Result<ArrayD<f64>, Error> {
    let bytes = view.data();
    let values: Vec<f64> = match view.dtype() {
        Dtype::F64 => bytes.as_chunks().0.iter().map(|cell| f64::from_le_bytes(*cell)).collect(),
        Dtype::F32 => bytes.as_chunks().0.iter().map(|cell| f32::from_le_bytes(*cell).into()).collect(),
        Dtype::F16 => bytes.as_chunks().0.iter().map(|cell| f16::from_le_bytes(*cell).into()).collect(),
        Dtype::BF16 => bytes.as_chunks().0.iter().map(|cell| bf16::from_le_bytes(*cell).into()).collect(),
        other => {
            return Err(Error::Dtype {
                path: path.to_owned(),
                array: name.to_owned(),
                given: format!("{other:?}"),
                allowed: "F64, F32, F16 or BF16".to_owned(),
            });
        }
    };
    ArrayD::from_shape_vec(IxDyn(view.shape()), values).map_err(corrupt(path, "safetensors"))
}
