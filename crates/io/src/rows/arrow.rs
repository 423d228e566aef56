//! Edge tables that are columnar already: Parquet and Feather (Arrow IPC).

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::FileReader;
use arrow_schema::DataType;
use neuroloom_core::{Event, Listener, NeuronId};

use super::batch::{EndId, RowBatch};
use super::cells::{flag, sign};
use super::gather::Gather;
use super::{RowColumns, RowNames, RowSource, check_cancelled};
use crate::Error;
use crate::error::{corrupt, io_error};
use crate::table::is_mangled;
use crate::table::parquet::{ParquetFile, guarded, integers, numbers};

pub(super) fn read_parquet(
    source: &RowSource,
    names: &RowNames,
    gather: &mut Gather,
    listener: &dyn Listener,
) -> Result<(), Error> {
    let path = &source.path;
    guarded(path, || {
        let file = ParquetFile::open(path)?;
        let columns = Columnar { path, header: &file.names, columns: names.columns(path, &file.names)? };
        let mut first_row = 1;
        for batch in file.reader {
            columns.absorb(gather, &batch.map_err(corrupt(path, "Parquet"))?, &mut first_row, listener)?;
        }
        Ok(())
    })
}

pub(super) fn read_feather(
    source: &RowSource,
    names: &RowNames,
    gather: &mut Gather,
    listener: &dyn Listener,
) -> Result<(), Error> {
    let path = &source.path;
    guarded(path, || {
        let (header, reader) = open_feather(path)?;
        let columns = Columnar { path, header: &header, columns: names.columns(path, &header)? };
        let mut first_row = 1;
        for batch in reader {
            columns.absorb(gather, &batch.map_err(corrupt(path, "Feather"))?, &mut first_row, listener)?;
        }
        Ok(())
    })
}

/// The names of the columns of a Feather file, and its batches.
pub(crate) fn open_feather(path: &Path) -> Result<(Vec<String>, FileReader<BufReader<File>>), Error> {
    let file = File::open(path).map_err(io_error("read", path))?;
    let reader = FileReader::try_new_buffered(file, None).map_err(corrupt(path, "Feather"))?;
    Ok((reader.schema().fields().iter().map(|field| field.name().clone()).collect(), reader))
}

struct Columnar<'a> {
    path: &'a Path,
    header: &'a [String],
    columns: RowColumns,
}

impl Columnar<'_> {
    fn absorb(
        &self,
        gather: &mut Gather,
        record: &RecordBatch,
        first_row: &mut usize,
        listener: &dyn Listener,
    ) -> Result<(), Error> {
        check_cancelled(listener)?;
        let batch = self.decode(record, *first_row)?;
        gather.absorb(self.path, &batch, *first_row)?;
        *first_row += record.num_rows();
        listener.emit(Event::Step { done: *first_row as u64 >> 20, loss: None });
        Ok(())
    }

    fn decode(&self, record: &RecordBatch, first_row: usize) -> Result<RowBatch, Error> {
        let mut batch = RowBatch::default();
        batch.pre = self.ends(record, self.columns.pre, first_row, &mut batch)?;
        batch.post = self.ends(record, self.columns.post, first_row, &mut batch)?;
        if let Some(column) = self.columns.row_id {
            let ids =
                integers(record.column(column)).ok_or_else(|| self.dtype(record, column, "integers"))?;
            batch.row_id = ids.into_iter().map(Option::unwrap_or_default).collect();
        }
        if let Some(column) = self.columns.syn_count {
            batch.syn_count = self.singles(record, column, first_row)?;
        }
        if let Some(column) = self.columns.weight {
            batch.weight = self.singles(record, column, first_row)?;
        }
        if let Some(column) = self.columns.kind {
            let texts = self.texts(record, column)?;
            batch.kind = texts.iter().map(|text| batch.name(text)).collect();
        }
        if let Some(column) = self.columns.sign {
            let allowed = "1, -1, 0, exc, inh, or empty for unknown";
            let texts = self.texts(record, column)?;
            let each = |(row, text): (usize, &String)| {
                sign(text.as_bytes()).ok_or_else(|| self.bad(first_row + row, column, text, allowed))
            };
            batch.sign = texts.iter().enumerate().map(each).collect::<Result<_, _>>()?;
        }
        if let Some(column) = self.columns.valid {
            let texts = self.texts(record, column)?;
            let each = |(row, text): (usize, &String)| {
                flag(text.as_bytes()).ok_or_else(|| self.bad(first_row + row, column, text, "true or false"))
            };
            batch.valid = texts.iter().enumerate().map(each).collect::<Result<_, _>>()?;
        }
        Ok(batch)
    }

    fn ends(
        &self,
        record: &RecordBatch,
        column: usize,
        first_row: usize,
        batch: &mut RowBatch,
    ) -> Result<Vec<EndId>, Error> {
        let array = record.column(column);
        if let Some(ids) = integers(array) {
            return Ok(ids.into_iter().map(|id| id.map_or(EndId::Missing, EndId::Integer)).collect());
        }
        let mangled = |row: usize, given: &str| Error::MangledId {
            path: self.path.to_owned(),
            row: first_row + row,
            column: self.header[column].clone(),
            given: given.to_owned(),
        };
        if array.data_type().is_floating() {
            let first = numbers(array).and_then(|values| values.first().copied()).unwrap_or(f64::NAN);
            return Err(mangled(0, &first.to_string()));
        }
        let mut ends = Vec::with_capacity(array.len());
        for (row, text) in self.texts(record, column)?.iter().enumerate() {
            if is_mangled(text) {
                return Err(mangled(row, text));
            }
            ends.push(match NeuronId::parse(text) {
                NeuronId::Integer(id) => EndId::Integer(id),
                NeuronId::Name(name) if name.is_empty() => EndId::Missing,
                NeuronId::Name(name) => EndId::Name(batch.name(&name)),
            });
        }
        Ok(ends)
    }

    fn singles(&self, record: &RecordBatch, column: usize, first_row: usize) -> Result<Vec<f32>, Error> {
        let values = numbers(record.column(column)).ok_or_else(|| self.dtype(record, column, "numbers"))?;
        let single = |(row, &value): (usize, &f64)| {
            let narrow = value as f32;
            let allowed = "a number within the range of f32, not missing";
            if narrow.is_finite() {
                Ok(narrow)
            } else {
                Err(self.bad(first_row + row, column, &value.to_string(), allowed))
            }
        };
        values.iter().enumerate().map(single).collect()
    }

    fn texts(&self, record: &RecordBatch, column: usize) -> Result<Vec<String>, Error> {
        texts(record.column(column)).ok_or_else(|| self.dtype(record, column, "text"))
    }

    fn bad(&self, row: usize, column: usize, given: &str, allowed: &str) -> Error {
        Error::Cell {
            path: self.path.to_owned(),
            row,
            column: self.header[column].clone(),
            given: given.to_owned(),
            allowed: allowed.to_owned(),
        }
    }

    fn dtype(&self, record: &RecordBatch, column: usize, allowed: &str) -> Error {
        Error::Dtype {
            path: self.path.to_owned(),
            array: self.header[column].clone(),
            given: record.column(column).data_type().to_string(),
            allowed: allowed.to_owned(),
        }
    }
}

/// A column as text, whatever it is stored as; missing = empty. `None` for what is no scalar.
pub(crate) fn texts(array: &ArrayRef) -> Option<Vec<String>> {
    fn owned<'t>(texts: impl Iterator<Item = Option<&'t str>>) -> Vec<String> {
        texts.map(|text| text.unwrap_or_default().trim().to_owned()).collect()
    }
    Some(match array.data_type() {
        DataType::Utf8 => owned(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => owned(array.as_string::<i64>().iter()),
        DataType::Utf8View => owned(array.as_string_view().iter()),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = texts(dictionary.values())?;
            let keys = dictionary.normalized_keys();
            let text = |(row, &key): (usize, &usize)| {
                if array.is_null(row) { String::new() } else { values[key].clone() }
            };
            keys.iter().enumerate().map(text).collect()
        }
        data_type if data_type.is_floating() => numbers(array)?
            .into_iter()
            .map(|value| if value.is_nan() { String::new() } else { value.to_string() })
            .collect(),
        _ => integers(array)?
            .into_iter()
            .map(|value| value.map_or_else(String::new, |value| value.to_string()))
            .collect(),
    })
}
