//! Reading Parquet. The Arrow schema that writers embed is ignored: without it a dictionary of strings is
//! plain strings and only a few column types are left.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ::parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use crate::Error;
use crate::error::{corrupt, io_error};
use crate::rows::{open_feather, texts};
use crate::table::{Cells, Column, Table, TextCells};

/// An open Parquet file.
pub(crate) struct ParquetFile {
    pub(crate) names: Vec<String>,
    /// Key and value pairs of the footer.
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) reader: ParquetRecordBatchReader,
}

impl ParquetFile {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Self::open_groups(path, |_| None)
    }

    /// Only the row groups that `choose` picks, given their number; all for `None`.
    fn open_groups(path: &Path, choose: impl FnOnce(usize) -> Option<Vec<usize>>) -> Result<Self, Error> {
        let file = File::open(path).map_err(io_error("read", path))?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(corrupt(path, "Parquet"))?;
        let names = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let footer = builder.metadata().file_metadata();
        let pairs = footer.key_value_metadata().into_iter().flatten();
        let metadata = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect();
        let builder = match choose(builder.metadata().num_row_groups()) {
            Some(groups) => builder.with_row_groups(groups),
            None => builder,
        };
        let reader = builder.with_batch_size(4096).build().map_err(corrupt(path, "Parquet"))?;
        Ok(Self { names, metadata, reader })
    }
}

/// Runs a reader of Parquet. The library panics on some damaged files (a decimal column with short values, for
/// one); a damaged file is an error here.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // What the reader leaves behind when it panics is dropped with it, so nothing half done can be seen.
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(corrupt(path, "Parquet")("a column cannot be decoded")))
}

/// A whole Parquet table.
pub(crate) fn read_table(path: &Path) -> Result<Table, Error> {
    guarded(path, || read_columns(path, ParquetFile::open(path)?))
}

/// One row group of a Parquet table; without rows if there is no such group.
pub(crate) fn read_group(path: &Path, group: usize) -> Result<Table, Error> {
    let choose = |n_groups: usize| Some((group..n_groups).take(1).collect());
    guarded(path, || read_columns(path, ParquetFile::open_groups(path, choose)?))
}

fn read_columns(path: &Path, file: ParquetFile) -> Result<Table, Error> {
    let batches = file.reader.map(|batch| batch.map_err(corrupt(path, "Parquet")));
    collect(path, file.names, batches)
}

/// A whole Feather table (Arrow IPC).
pub(crate) fn read_feather(path: &Path) -> Result<Table, Error> {
    guarded(path, || {
        let (names, reader) = open_feather(path)?;
        collect(path, names, reader.map(|batch| batch.map_err(corrupt(path, "Feather"))))
    })
}

fn collect(
    path: &Path,
    names: Vec<String>,
    batches: impl Iterator<Item = Result<RecordBatch, Error>>,
) -> Result<Table, Error> {
    let mut cells: Vec<Option<Cells>> = names.iter().map(|_| None).collect();
    for batch in batches {
        let batch = batch?;
        for (cells, part) in cells.iter_mut().zip(batch.columns()) {
            append(cells.get_or_insert_with(|| empty(part.data_type())), part);
        }
    }
    let columns = names.into_iter().zip(cells).map(|(name, cells)| {
        let cells = cells.unwrap_or(Cells::Text(TextCells::default()));
        Column { name, cells }
    });
    Ok(Table { path: path.to_owned(), columns: columns.collect(), first_row: 1 })
}

/// A column of any numeric type as doubles (NaN = null), or `None` if it holds no numbers.
pub(crate) fn numbers(column: &ArrayRef) -> Option<Vec<f64>> {
    Some(match column.data_type() {
        DataType::Float16 => values::<Float16Type, _>(column, f64::from),
        DataType::Float32 => values::<Float32Type, _>(column, f64::from),
        DataType::Float64 => values::<Float64Type, _>(column, |value| value),
        DataType::Int64 => values::<Int64Type, _>(column, |value| value as f64),
        DataType::UInt64 => values::<UInt64Type, _>(column, |value| value as f64),
        _ => integers(column)?.into_iter().map(|cell| cell.map_or(f64::NAN, |value| value as f64)).collect(),
    })
}

/// A column of any integer type, or `None` if it holds none. Unsigned values beyond 64 signed bits count
/// as missing; no id is that large.
pub(crate) fn integers(column: &ArrayRef) -> Option<Vec<Option<i64>>> {
    Some(match column.data_type() {
        DataType::Int8 => options::<Int8Type>(column, |value| Some(i64::from(value))),
        DataType::Int16 => options::<Int16Type>(column, |value| Some(i64::from(value))),
        DataType::Int32 => options::<Int32Type>(column, |value| Some(i64::from(value))),
        DataType::Int64 => options::<Int64Type>(column, Some),
        DataType::UInt8 => options::<UInt8Type>(column, |value| Some(i64::from(value))),
        DataType::UInt16 => options::<UInt16Type>(column, |value| Some(i64::from(value))),
        DataType::UInt32 => options::<UInt32Type>(column, |value| Some(i64::from(value))),
        DataType::UInt64 => options::<UInt64Type>(column, |value| i64::try_from(value).ok()),
        DataType::Boolean => column.as_boolean().iter().map(|cell| cell.map(i64::from)).collect(),
        _ => return None,
    })
}

fn empty(data_type: &DataType) -> Cells {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _) => {
            Cells::Text(TextCells::default())
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Cells::Number(Vec::new()),
        data_type if data_type.is_integer() || *data_type == DataType::Boolean => Cells::Integer(Vec::new()),
        other => Cells::Other(other.to_string()),
    }
}

fn append(cells: &mut Cells, part: &ArrayRef) {
    match cells {
        Cells::Text(all) => texts(part).iter().flatten().for_each(|cell| all.push(cell)),
        Cells::Integer(all) => all.extend(integers(part).into_iter().flatten()),
        Cells::Number(all) => all.extend(numbers(part).into_iter().flatten()),
        Cells::Other(_) => {}
    }
}

fn values<T: ArrowPrimitiveType, F: Fn(T::Native) -> f64>(column: &ArrayRef, convert: F) -> Vec<f64> {
    column.as_primitive::<T>().iter().map(|cell| cell.map_or(f64::NAN, &convert)).collect()
}

fn options<T: ArrowPrimitiveType>(
    column: &ArrayRef,
    convert: impl Fn(T::Native) -> Option<i64>,
) -> Vec<Option<i64>> {
    column.as_primitive::<T>().iter().map(|cell| cell.and_then(&convert)).collect()
}
