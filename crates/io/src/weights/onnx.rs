//! The initialisers of an ONNX file: named constant tensors, of which the weights are some.
//!
//! Only this part of the format is read (onnx.proto of ONNX 1.x): ModelProto.graph = 7, GraphProto.initializer = 5,
//! TensorProto {dims = 1, data_type = 2, float_data = 4, int32_data = 5, name = 8, raw_data = 9, double_data = 10,
//! data_location = 14}. A message is a list of fields, each a tag (number and wire type) and its value.

use std::path::Path;

use half::{bf16, f16};
use ndarray::{ArrayD, IxDyn};

use super::WeightArrays;
use crate::Error;
use crate::error::io_error;

/// A field of a message.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Four([u8; 4]),
    Eight([u8; 8]),
}

/// A tensor as the file has it.
#[derive(Default)]
struct Tensor {
    name: String,
    shape: Vec<usize>,
    dtype: u64,
    raw: Option<Vec<u8>>,
    values: Vec<f64>,
    is_elsewhere: bool,
}

pub(super) fn read(path: &Path) -> Result<WeightArrays, Error> {
    let bytes = std::fs::read(path).map_err(io_error("read", path))?;
    let corrupt =
        |reason: &str| Error::Corrupt { path: path.to_owned(), format: "ONNX", reason: reason.to_owned() };
    let mut found = WeightArrays::default();
    for (number, field) in fields(&bytes).map_err(corrupt)? {
        let (7, Field::Bytes(graph)) = (number, field) else { continue };
        for (number, field) in fields(graph).map_err(corrupt)? {
            let (5, Field::Bytes(bytes)) = (number, field) else { continue };
            let tensor = tensor(bytes).map_err(corrupt)?;
            if tensor.is_elsewhere {
                return Err(corrupt(
                    "its weights are in another file; save the model with its weights inside",
                ));
            }
            let (name, shape) = (tensor.name.clone(), tensor.shape.clone());
            match decoded(tensor).map_err(corrupt)? {
                Some(array) => found.add(name, array),
                None => found.others.push(format!("{name} {shape:?} (no floats)")),
            }
        }
    }
    Ok(found)
}

fn tensor(bytes: &[u8]) -> Result<Tensor, &'static str> {
    let mut tensor = Tensor::default();
    for (number, field) in fields(bytes)? {
        match (number, field) {
            (1, Field::Number(size)) => tensor.shape.push(size as usize),
            (1, Field::Bytes(packed)) => {
                tensor.shape.extend(varints(packed)?.iter().map(|&size| size as usize))
            }
            (2, Field::Number(dtype)) => tensor.dtype = dtype,
            (4, Field::Bytes(packed)) => {
                let values = packed.as_chunks().0.iter().map(|cell| f64::from(f32::from_le_bytes(*cell)));
                tensor.values.extend(values);
            }
            (4, Field::Four(cell)) => tensor.values.push(f32::from_le_bytes(cell).into()),
            (8, Field::Bytes(name)) => tensor.name = String::from_utf8_lossy(name).into_owned(),
            (9, Field::Bytes(raw)) => tensor.raw = Some(raw.to_vec()),
            (10, Field::Bytes(packed)) => {
                tensor.values.extend(packed.as_chunks().0.iter().map(|cell| f64::from_le_bytes(*cell)));
            }
            (10, Field::Eight(cell)) => tensor.values.push(f64::from_le_bytes(cell)),
            (14, Field::Number(1)) => tensor.is_elsewhere = true,
            _ => {}
        }
    }
    Ok(tensor)
}

/// The numbers of a float tensor; `None` for other types.
fn decoded(tensor: Tensor) -> Result<Option<ArrayD<f64>>, &'static str> {
    // TensorProto.DataType: FLOAT = 1, FLOAT16 = 10, DOUBLE = 11, BFLOAT16 = 16.
    let values: Vec<f64> = match (tensor.dtype, tensor.raw) {
        (1, Some(raw)) => raw.as_chunks().0.iter().map(|cell| f32::from_le_bytes(*cell).into()).collect(),
        (11, Some(raw)) => raw.as_chunks().0.iter().map(|cell| f64::from_le_bytes(*cell)).collect(),
        (10, Some(raw)) => raw.as_chunks().0.iter().map(|cell| f16::from_le_bytes(*cell).into()).collect(),
        (16, Some(raw)) => raw.as_chunks().0.iter().map(|cell| bf16::from_le_bytes(*cell).into()).collect(),
        (1 | 11, None) => tensor.values,
        _ => return Ok(None),
    };
    let array = ArrayD::from_shape_vec(IxDyn(&tensor.shape), values);
    array.map(Some).map_err(|_| "a tensor holds another number of values than its shape says")
}

/// The fields of a message, by number.
fn fields(bytes: &[u8]) -> Result<Vec<(u64, Field<'_>)>, &'static str> {
    const SHORT: &str = "it ends in the middle of a field";
    let (mut rest, mut found) = (bytes, Vec::new());
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut rest)?),
            1 => Field::Eight(*take(&mut rest, 8)?.first_chunk().ok_or(SHORT)?),
            2 => {
                let length = usize::try_from(varint(&mut rest)?).map_err(|_| SHORT)?;
                Field::Bytes(take(&mut rest, length)?)
            }
            5 => Field::Four(*take(&mut rest, 4)?.first_chunk().ok_or(SHORT)?),
            _ => return Err("a field has a wire type that does not exist"),
        };
        found.push((tag >> 3, field));
    }
    Ok(found)
}

fn varints(mut bytes: &[u8]) -> Result<Vec<u64>, &'static str> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        found.push(varint(&mut bytes)?);
    }
    Ok(found)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, &'static str> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number is longer than 64 bits")
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Result<&'a [u8], &'static str> {
    let (head, tail) = bytes.split_at_checked(n).ok_or("it ends in the middle of a field")?;
    *bytes = tail;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        // Wire type 2; lengths of a test fit one or two bytes of a varint.
        let length = content.len();
        let mut bytes = vec![number << 3 | 2];
        if length < 128 {
            bytes.push(length as u8)
        } else {
            bytes.extend([(length & 0x7f) as u8 | 0x80, (length >> 7) as u8])
        }
        bytes.extend(content);
        bytes
    }

    fn model(raw: &[u8]) -> Vec<u8> {
        // dims 2 and 2, FLOAT, name, raw_data
        let tensor = [vec![1 << 3, 2, 1 << 3, 2, 2 << 3, 1], field(8, b"fc1.weight"), field(9, raw)].concat();
        let graph = [field(2, b"graph"), field(5, &tensor)].concat();
        [vec![1 << 3, 8], field(7, &graph)].concat()
    }

    #[test]
    fn initialisers_come_out_of_hand_written_bytes() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("m.onnx");
        let raw: Vec<u8> = [1.0_f32, -2.0, 0.5, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(&path, model(&raw))?;
        let found = crate::read_weight_arrays(&path)?;
        assert_eq!(found.matrices["fc1.weight"], array![[1.0, -2.0], [0.5, 4.0]]);
        Ok(())
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("m.onnx");
        let whole = model(&[0; 16]);
        for cut in 1..whole.len() {
            std::fs::write(&path, &whole[..cut])?;
            assert!(crate::read_weight_arrays(&path).is_err(), "cut at {cut}");
        }
        std::fs::write(&path, model(&[0; 12]))?;
        assert!(matches!(crate::read_weight_arrays(&path), Err(Error::Corrupt { .. })));
        Ok(())
    }
}
