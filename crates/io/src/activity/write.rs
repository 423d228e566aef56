//! Writing recordings, by extension.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, Float64Array, RecordBatch, UInt32Array};
use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{Axis, s};
use neuroloom_core::{Activity, FrameSource, NeuronId};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as ParquetCompression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::Error;
use crate::activity::tables::{DT_KEY, UNIT_KEY};
use crate::array::{NamedArray, write_npy, write_npz};
use crate::atomic::AtomicFile;
use crate::error::{corrupt, io_error};
use crate::format::Format;
use crate::zarr::{ActivityHeader, ActivityWriter};

/// Writes a recording; the extension says how.
///
/// | extension | keeps |
/// |---|---|
/// | `.zarr` | all; chunked in time, streamed when read |
/// | `.npz`, `.parquet` | all |
/// | `.csv`, `.csv.gz`, `.tsv` | all but the unit; the time step as a column `time_s` |
/// | `.npy` | the values only: give the time step and the names when reading |
///
/// # Errors
/// [`Error::UnknownFormat`] for another extension, [`Error::Io`] if the folder cannot be written to.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_core::{Activity, FrameSource, NeuronId};
/// let activity = Activity::from_frames(array![[0.0, 1.0], [0.5, f32::NAN]], 0.1, NeuronId::numbered(2))?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.parquet");
/// neuroloom_io::write_activity(&path, &activity)?;
/// let recording = neuroloom_io::open_recording(&path, &Default::default())?;
/// assert_eq!(recording.activity.shape(), activity.shape());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_activity(path: &Path, activity: &Activity) -> Result<(), Error> {
    match Format::of_name(path)? {
        Format::Zarr => zarr(path, activity),
        Format::Parquet => parquet(path, activity),
        Format::Csv => csv(path, activity),
        Format::Numpy if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) => {
            write_npy(path, &values(activity))
        }
        Format::Numpy => npz(path, activity),
    }
}

fn zarr(path: &Path, activity: &Activity) -> Result<(), Error> {
    let header = ActivityHeader {
        unit: activity.unit().map(str::to_owned),
        ..ActivityHeader::new(activity.shape(), activity.dt_s(), activity.neuron_ids().to_vec())
    };
    let mut writer = ActivityWriter::create(path, header)?;
    for (trial, frames) in activity.values().outer_iter().enumerate() {
        writer.append(trial, frames, None)?;
    }
    writer.finish()
}

/// One trial is stored as `[time, neuron]`, several as `[trial, time, neuron]`.
fn values(activity: &Activity) -> NamedArray<'_> {
    let values = activity.values().view();
    if values.dim().0 == 1 {
        NamedArray::F32(values.index_axis_move(Axis(0), 0).into_dyn().into())
    } else {
        NamedArray::F32(values.into_dyn().into())
    }
}

fn npz(path: &Path, activity: &Activity) -> Result<(), Error> {
    let mut arrays = vec![("activity", values(activity)), ("dt_s", NamedArray::scalar(activity.dt_s()))];
    let integers: Option<Vec<i64>> = activity.neuron_ids().iter().map(integer).collect();
    let ids = match integers {
        Some(integers) => NamedArray::I64(ndarray::Array1::from(integers).into_dyn().into()),
        None => NamedArray::Text(activity.neuron_ids().iter().map(NeuronId::to_string).collect()),
    };
    arrays.push(("neuron_ids", ids));
    if let Some(unit) = activity.unit() {
        arrays.push(("unit", unit.into()));
    }
    write_npz(path, &arrays)
}

fn integer(id: &NeuronId) -> Option<i64> {
    if let NeuronId::Integer(integer) = id { Some(*integer) } else { None }
}

fn csv(path: &Path, activity: &Activity) -> Result<(), Error> {
    let file = AtomicFile::create(path)?;
    let name = path.to_string_lossy().to_ascii_lowercase();
    let separator = if name.trim_end_matches(".gz").ends_with(".tsv") { b'\t' } else { b',' };
    if name.ends_with(".gz") {
        let zipped = csv_rows(path, activity, separator, GzEncoder::new(file, Compression::default()))?;
        return zipped.finish().map_err(io_error("write", path))?.commit();
    }
    csv_rows(path, activity, separator, file)?.commit()
}

fn csv_rows<W: Write>(path: &Path, activity: &Activity, separator: u8, out: W) -> Result<W, Error> {
    let failed = corrupt(path, "CSV");
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(out);
    let several = activity.shape().n_trials > 1;
    let leading = if several { &["trial", "time_s"][..] } else { &["time_s"] };
    let names = activity.neuron_ids().iter().map(NeuronId::to_string);
    writer.write_record(leading.iter().map(ToString::to_string).chain(names)).map_err(&failed)?;
    let mut cell = Vec::new();
    for (trial, frames) in activity.values().outer_iter().enumerate() {
        for (frame, row) in frames.outer_iter().enumerate() {
            if several {
                writer.write_field(trial.to_string()).map_err(&failed)?;
            }
            writer.write_field((frame as f64 * activity.dt_s()).to_string()).map_err(&failed)?;
            for value in row {
                cell.clear();
                // The shortest text that reads back as the same f32; missing = NaN, never an empty line.
                write!(cell, "{value}").map_err(io_error("write", path))?;
                writer.write_field(&cell).map_err(&failed)?;
            }
            writer.write_record(None::<&[u8]>).map_err(&failed)?;
        }
    }
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}

fn parquet(path: &Path, activity: &Activity) -> Result<(), Error> {
    let failed = corrupt(path, "Parquet");
    let mut metadata = vec![KeyValue::new(DT_KEY.to_owned(), activity.dt_s().to_string())];
    metadata.extend(activity.unit().map(|unit| KeyValue::new(UNIT_KEY.to_owned(), unit.to_owned())));
    let properties = WriterProperties::builder()
        .set_compression(ParquetCompression::ZSTD(ZstdLevel::default()))
        // A dictionary of float noise is as large as the column.
        .set_dictionary_enabled(false)
        .set_key_value_metadata(Some(metadata))
        .build();
    let mut file = AtomicFile::create(path)?;
    let first = batch(path, activity, 0)?;
    let mut writer = ArrowWriter::try_new(&mut file, first.schema(), Some(properties)).map_err(&failed)?;
    writer.write(&first).map_err(&failed)?;
    for trial in 1..activity.shape().n_trials {
        writer.write(&batch(path, activity, trial)?).map_err(&failed)?;
    }
    writer.close().map_err(&failed)?;
    file.commit()
}

/// One trial as Arrow columns.
fn batch(path: &Path, activity: &Activity, trial: usize) -> Result<RecordBatch, Error> {
    let shape = activity.shape();
    let mut columns: Vec<(String, ArrayRef)> = Vec::with_capacity(shape.n_neurons + 2);
    if shape.n_trials > 1 {
        let trials = UInt32Array::from(vec![trial as u32; shape.n_frames]);
        columns.push(("trial".to_owned(), Arc::new(trials)));
    }
    let times = (0..shape.n_frames).map(|frame| frame as f64 * activity.dt_s());
    columns.push(("time_s".to_owned(), Arc::new(Float64Array::from_iter_values(times))));
    for (neuron, id) in activity.neuron_ids().iter().enumerate() {
        let values = activity.values().slice(s![trial, .., neuron]).to_vec();
        columns.push((id.to_string(), Arc::new(Float32Array::from(values))));
    }
    RecordBatch::try_from_iter(columns).map_err(corrupt(path, "Parquet"))
}
