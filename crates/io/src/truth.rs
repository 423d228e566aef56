//! What a simulation knows, as a npz that numpy opens without pickle.
//!
//! | array | dtype, shape |
//! |---|---|
//! | `weight_matrix` | f4 `[post, pre]` |
//! | `cell_type` | u4 `[neuron]`, row of the type arrays |
//! | `decay offset gain self_coupling width threshold` | f8 `[type]` |
//! | `transfer`, `activation` | text, such as `shared` and `tanh` |
//! | `modulation`, `modulation_n_frames` | f4 `[slice, neuron]`, i8; only with an external field |
//! | `modulation_mode` | text: `multiplicative` or `additive`; only with an external field |
//! | `positions` | f4 `[neuron, 2]`, row and column in pixels, NaN = not reached; only with a field in space |
//! | `noise_std`, `dt_s` | f8 |

use std::path::Path;

use ndarray::{Array1, Ix2};
use neuroloom_core::{AssemblyType, Modulation, Truth};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;
use crate::activity::word;
use crate::array::{ArrayFile, NamedArray, matrix_f32, write_npz};
use crate::error::noun;

type Parameter = fn(&AssemblyType) -> f64;

/// The parameters of a type, by the names of their arrays.
const PARAMETERS: [(&str, Parameter); 6] = [
    ("decay", |one| one.decay),
    ("offset", |one| one.offset),
    ("gain", |one| one.gain),
    ("self_coupling", |one| one.self_coupling),
    ("width", |one| one.width),
    ("threshold", |one| one.threshold),
];

/// Writes the truth behind a simulation; the same truth gives the same bytes.
///
/// # Errors
/// [`Error::Noun`] if its parts do not fit together, [`Error::Io`] if the folder cannot be written to.
pub fn write_truth(path: &Path, truth: &Truth) -> Result<(), Error> {
    truth.check().map_err(noun(path))?;
    let mut arrays: Vec<(&str, NamedArray<'_>)> = vec![
        ("weight_matrix", (&truth.weight_matrix).into()),
        ("cell_type", truth.cell_type.as_slice().into()),
    ];
    for (name, parameter) in PARAMETERS {
        arrays.push((name, truth.types.iter().map(parameter).collect::<Array1<f64>>().into()));
    }
    arrays.push(("transfer", NamedArray::Word(name_of(truth.transfer))));
    arrays.push(("activation", NamedArray::Word(name_of(truth.activation))));
    arrays.push(("noise_std", NamedArray::scalar(truth.noise_std)));
    arrays.push(("dt_s", NamedArray::scalar(truth.dt_s)));
    if let Some(modulation) = &truth.modulation {
        arrays.push(("modulation", (&modulation.values).into()));
        arrays.push(("modulation_n_frames", NamedArray::integer(modulation.n_frames as i64)));
        arrays.push(("modulation_mode", NamedArray::Word(name_of(modulation.mode))));
        if let Some(positions) = &modulation.positions {
            arrays.push(("positions", positions.into()));
        }
    }
    write_npz(path, &arrays)
}

/// Reads what [`write_truth`] wrote.
///
/// # Errors
/// [`Error::MissingArray`] if a part is absent, [`Error::Noun`] if the parts do not fit together.
pub fn read_truth(path: &Path) -> Result<Truth, Error> {
    let mut file = ArrayFile::open(path)?;
    let entry = file.require("weight_matrix")?;
    let weight_matrix = matrix_f32(&mut file, &entry)?;
    let cell_type = cell_types(&mut file)?;
    let truth = Truth {
        weight_matrix,
        cell_type,
        types: types(&mut file)?,
        transfer: named(&mut file, "transfer", "shared, sender or receiver")?,
        activation: named(&mut file, "activation", "tanh, relu or sigmoid")?,
        modulation: modulation(&mut file)?,
        noise_std: number(&mut file, "noise_std")?,
        dt_s: number(&mut file, "dt_s")?,
    };
    truth.check().map_err(noun(path))?;
    Ok(truth)
}

/// Whether a npz looks like a truth.
pub(crate) fn is_truth(file: &ArrayFile) -> bool {
    ["weight_matrix", "cell_type", "decay", "transfer"].iter().all(|name| file.find(name).is_some())
}

fn cell_types(file: &mut ArrayFile) -> Result<Vec<u32>, Error> {
    let entry = file.require("cell_type")?;
    let cell_type = file.i64(&entry)?;
    let narrow = |(neuron, &cell_type): (usize, &i64)| {
        u32::try_from(cell_type).map_err(|_| Error::Element {
            path: file.path().to_owned(),
            array: "cell_type".to_owned(),
            place: format!("[{neuron}]"),
            given: cell_type.to_string(),
            allowed: "rows of the type arrays, from 0",
        })
    };
    cell_type.iter().enumerate().map(narrow).collect()
}

fn types(file: &mut ArrayFile) -> Result<Vec<AssemblyType>, Error> {
    let mut columns = Vec::with_capacity(PARAMETERS.len());
    for (name, _) in PARAMETERS {
        let entry = file.require(name)?;
        let values = file.f64(&entry)?.into_raw_vec_and_offset().0;
        let n_types = columns.first().map_or(values.len(), Vec::len);
        if values.len() != n_types {
            return Err(file.shape_error(&entry, &format!("[{n_types}], as decay")));
        }
        columns.push(values);
    }
    let n_types = columns.first().map_or(0, Vec::len);
    let row = |row: usize| AssemblyType {
        decay: columns[0][row],
        offset: columns[1][row],
        gain: columns[2][row],
        self_coupling: columns[3][row],
        width: columns[4][row],
        threshold: columns[5][row],
    };
    Ok((0..n_types).map(row).collect())
}

fn modulation(file: &mut ArrayFile) -> Result<Option<Modulation>, Error> {
    let Some(entry) = file.find("modulation") else { return Ok(None) };
    let values = file.f32(&entry)?.into_dimensionality::<Ix2>();
    let values = values.map_err(|_| file.shape_error(&entry, "[slice, neuron]"))?;
    let n_frames = number(file, "modulation_n_frames")? as usize;
    let mode = named(file, "modulation_mode", "multiplicative or additive")?;
    let positions = match file.find("positions") {
        None => None,
        Some(entry) => {
            let positions = file.f32(&entry)?.into_dimensionality::<Ix2>();
            Some(positions.map_err(|_| file.shape_error(&entry, "[neuron, 2]"))?)
        }
    };
    Ok(Some(Modulation { mode, values, n_frames, positions }))
}

fn number(file: &mut ArrayFile, name: &str) -> Result<f64, Error> {
    let entry = file.require(name)?;
    let values = file.f64(&entry)?;
    let first = values.first().copied().filter(|_| values.len() == 1);
    first.ok_or_else(|| file.shape_error(&entry, "one number"))
}

fn named<T: DeserializeOwned>(file: &mut ArrayFile, name: &str, allowed: &'static str) -> Result<T, Error> {
    file.require(name)?;
    let text = word(file, name)?.unwrap_or_default();
    serde_json::from_value(Value::String(text.clone())).map_err(|_| Error::Element {
        path: file.path().to_owned(),
        array: name.to_owned(),
        place: "its only element".to_owned(),
        given: text,
        allowed,
    })
}

/// The name under which serde knows a variant.
fn name_of(variant: impl Serialize) -> String {
    let value = serde_json::to_value(variant).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
