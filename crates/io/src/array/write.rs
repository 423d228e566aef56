//! Writing npy and npz files whose bytes depend on nothing but their content.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use ndarray::{Array, ArrayView, ArrayViewD, CowArray, Dimension, IxDyn};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::Error;
use crate::array::npy::header_bytes;
use crate::atomic::AtomicFile;
use crate::error::{corrupt, io_error};

/// An array that numpy can open with `allow_pickle=False`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NamedArray<'a> {
    /// `<f4`
    F32(CowArray<'a, f32, IxDyn>),
    /// `<f8`
    F64(CowArray<'a, f64, IxDyn>),
    /// `<u4`
    U32(CowArray<'a, u32, IxDyn>),
    /// `<i8`
    I64(CowArray<'a, i64, IxDyn>),
    /// `|b1`
    Bool(CowArray<'a, bool, IxDyn>),
    /// `<U` of the longest text, one axis.
    Text(Vec<String>),
    /// `<U`, no axis.
    Word(String),
}

impl NamedArray<'_> {
    /// A number without axes, `<f8`.
    pub fn scalar(value: f64) -> Self {
        Self::F64(Array::from_elem(IxDyn(&[]), value).into())
    }

    /// An integer without axes, `<i8`.
    pub fn integer(value: i64) -> Self {
        Self::I64(Array::from_elem(IxDyn(&[]), value).into())
    }

    fn header(&self) -> Vec<u8> {
        match self {
            Self::F32(values) => header_bytes("<f4", values.shape()),
            Self::F64(values) => header_bytes("<f8", values.shape()),
            Self::U32(values) => header_bytes("<u4", values.shape()),
            Self::I64(values) => header_bytes("<i8", values.shape()),
            Self::Bool(values) => header_bytes("|b1", values.shape()),
            Self::Text(texts) => header_bytes(&format!("<U{}", longest(texts)), &[texts.len()]),
            Self::Word(text) => header_bytes(&format!("<U{}", longest(std::slice::from_ref(text))), &[]),
        }
    }

    fn n_bytes(&self) -> u64 {
        let n = match self {
            Self::F32(values) => 4 * values.len(),
            Self::F64(values) => 8 * values.len(),
            Self::U32(values) => 4 * values.len(),
            Self::I64(values) => 8 * values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(texts) => 4 * texts.len() * longest(texts),
            Self::Word(text) => 4 * longest(std::slice::from_ref(text)),
        };
        n as u64
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.header())?;
        match self {
            Self::F32(values) => write_elements(values.view(), out, |value| value.to_le_bytes()),
            Self::F64(values) => write_elements(values.view(), out, |value| value.to_le_bytes()),
            Self::U32(values) => write_elements(values.view(), out, |value| value.to_le_bytes()),
            Self::I64(values) => write_elements(values.view(), out, |value| value.to_le_bytes()),
            Self::Bool(values) => write_elements(values.view(), out, |value| [u8::from(value)]),
            Self::Text(texts) => write_text(texts, out),
            Self::Word(text) => write_text(std::slice::from_ref(text), out),
        }
    }
}

impl<'a, D: Dimension> From<&'a Array<f32, D>> for NamedArray<'a> {
    fn from(values: &'a Array<f32, D>) -> Self {
        Self::F32(values.view().into_dyn().into())
    }
}

impl<'a, D: Dimension> From<&'a Array<f64, D>> for NamedArray<'a> {
    fn from(values: &'a Array<f64, D>) -> Self {
        Self::F64(values.view().into_dyn().into())
    }
}

impl<D: Dimension> From<Array<f32, D>> for NamedArray<'_> {
    fn from(values: Array<f32, D>) -> Self {
        Self::F32(values.into_dyn().into())
    }
}

impl<D: Dimension> From<Array<f64, D>> for NamedArray<'_> {
    fn from(values: Array<f64, D>) -> Self {
        Self::F64(values.into_dyn().into())
    }
}

impl<'a> From<&'a [u32]> for NamedArray<'a> {
    fn from(values: &'a [u32]) -> Self {
        Self::U32(ArrayView::from(values).into_dyn().into())
    }
}

impl<'a> From<&'a [i64]> for NamedArray<'a> {
    fn from(values: &'a [i64]) -> Self {
        Self::I64(ArrayView::from(values).into_dyn().into())
    }
}

impl<'a> From<&'a [f64]> for NamedArray<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self::F64(ArrayView::from(values).into_dyn().into())
    }
}

impl From<&str> for NamedArray<'_> {
    fn from(text: &str) -> Self {
        Self::Word(text.to_owned())
    }
}

/// Writes arrays into a npz; the same arrays give the same bytes (no time stamps, no compression: float
/// noise hardly compresses, and stored arrays can be streamed and memory-mapped).
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to.
///
/// # Examples
/// ```
/// use ndarray::array;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("w.npz");
/// let weight_matrix = array![[0.0_f32, 0.5], [-1.0, 0.0]];
/// neuroloom_io::write_npz(&path, &[("weight_matrix", (&weight_matrix).into())])?;
/// assert_eq!(neuroloom_io::read_weight_matrix(&path, None)?, weight_matrix);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_npz(path: &Path, arrays: &[(&str, NamedArray<'_>)]) -> Result<(), Error> {
    let mut archive = ZipWriter::new(AtomicFile::create(path)?);
    for (name, array) in arrays {
        let large = array.n_bytes() >= u64::from(u32::MAX) - (1 << 16);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(large);
        archive.start_file(format!("{name}.npy"), options).map_err(corrupt(path, "npz"))?;
        let mut buffered = BufWriter::with_capacity(1 << 16, &mut archive);
        array.write(&mut buffered).map_err(io_error("write", path))?;
        buffered.flush().map_err(io_error("write", path))?;
    }
    archive.finish().map_err(corrupt(path, "npz"))?.commit()
}

/// Writes one array as npy.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to.
pub fn write_npy(path: &Path, array: &NamedArray<'_>) -> Result<(), Error> {
    let mut file = AtomicFile::create(path)?;
    array.write(&mut file).map_err(io_error("write", path))?;
    file.commit()
}

fn write_elements<T: Copy, const N: usize>(
    values: ArrayViewD<'_, T>,
    out: &mut impl Write,
    bytes: impl Fn(T) -> [u8; N],
) -> io::Result<()> {
    let Some(row_major) = values.as_slice() else {
        return values.iter().try_for_each(|&value| out.write_all(&bytes(value)));
    };
    let mut block = vec![0; N << 12];
    for part in row_major.chunks(1 << 12) {
        for (cell, &value) in block.as_chunks_mut::<N>().0.iter_mut().zip(part) {
            *cell = bytes(value);
        }
        out.write_all(&block[..N * part.len()])?;
    }
    Ok(())
}

fn write_text(texts: &[String], out: &mut impl Write) -> io::Result<()> {
    let width = longest(texts);
    for text in texts {
        let points = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
        for point in points {
            out.write_all(&point.to_le_bytes())?;
        }
    }
    Ok(())
}

/// Characters of the longest text, at least 1 as numpy has it.
fn longest(texts: &[String]) -> usize {
    texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1)
}
