//! numpy's npy and npz files: listing, decoding, writing.
//!
//! Every float and integer dtype, bool, fixed-length text, both byte orders, C and Fortran order, stored and
//! deflated archives. Pickled arrays are listed but never opened.

pub(crate) mod dtype;
pub(crate) mod npy;
mod open;
pub(crate) mod rows;
mod write;

use std::path::Path;

use ndarray::{Array2, Array3, ArrayD, Ix2, Ix3};

use crate::Error;
pub(crate) use open::{ArrayFile, Entry};
pub use write::{NamedArray, write_npy, write_npz};

/// One array of a npz or npy file as f32, in row-major order.
///
/// # Errors
/// [`Error::MissingArray`] if `key` is not in the file, [`Error::Ambiguous`] if there is no key and several
/// arrays; [`Error::Pickled`], [`Error::Dtype`], [`Error::Element`] (infinite or beyond f32) for its content.
pub fn read_array(path: &Path, key: Option<&str>) -> Result<ArrayD<f32>, Error> {
    let mut file = ArrayFile::open(path)?;
    let entry = file.choose(key, &[], "array", |entry| entry.header.dtype.is_number())?;
    file.f32(&entry)
}

/// A movie `[slice, row, column]`: the array `key`, else `field`, else the only 3-D array.
///
/// # Errors
/// As [`read_array`]; [`Error::Shape`] if it has not three axes.
pub fn read_field(path: &Path, key: Option<&str>) -> Result<Array3<f32>, Error> {
    let mut file = ArrayFile::open(path)?;
    let entry = file.choose(key, &["field"], "movie [slice, row, column]", |entry| {
        entry.header.dtype.is_number() && entry.header.shape.len() == 3
    })?;
    let values = file.f32(&entry)?;
    values.into_dimensionality::<Ix3>().map_err(|_| file.shape_error(&entry, "[slice, row, column]"))
}

/// A 2-D array as f32.
pub(crate) fn matrix_f32(file: &mut ArrayFile, entry: &Entry) -> Result<Array2<f32>, Error> {
    let values = file.f32(entry)?;
    values.into_dimensionality::<Ix2>().map_err(|_| file.shape_error(entry, "two axes"))
}
