//! Opening a Zarr folder: its arrays and attributes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{Array3, ArrayD};
use neuroloom_core::{FrameSource, NeuronId, NeuronTable, Warning};
use serde_json::{Map, Value};
use zarrs::array::Array;
use zarrs::filesystem::FilesystemStore;

use crate::Error;
use crate::activity::{
    OpenRecording, Orientation, Parts, ReadOptions, check_dt, frame_shape, oriented, resolve_names,
};
use crate::array::dtype::Dtype;
use crate::error::{corrupt, io_error, noun};
use crate::zarr::source::ZarrFrames;

const SHAPES: &str = "[time, neuron] or [trial, time, neuron]";

/// A `zarr.json` of an array.
#[derive(Debug, Clone)]
pub(crate) struct ArrayInfo {
    /// Name in the group; empty if the folder itself is the array.
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// Data type as Zarr calls it.
    pub(crate) dtype: String,
    metadata: Value,
}

impl ArrayInfo {
    /// The numpy equivalent; Zarr decodes into the byte order of the machine.
    fn native_dtype(&self) -> Option<Dtype> {
        let code = match self.dtype.as_str() {
            "float16" => "=f2",
            "float32" => "=f4",
            "float64" => "=f8",
            "int8" => "=i1",
            "int16" => "=i2",
            "int32" => "=i4",
            "int64" => "=i8",
            "uint8" => "=u1",
            "uint16" => "=u2",
            "uint32" => "=u4",
            "uint64" => "=u8",
            "bool" => "=b1",
            _ => return None,
        };
        Dtype::parse(code)
    }
}

/// Opens a recording for streaming.
pub(crate) fn open(path: &Path, options: &ReadOptions) -> Result<OpenRecording, Error> {
    let (arrays, group) = arrays(path)?;
    let chosen = choose(path, &arrays, options)?;
    let attributes = merged(&group, &chosen.metadata);
    let dt_s = time_step(path, &attributes, options)?;
    let unit = attributes.get("unit").and_then(Value::as_str).map(str::to_owned);
    let mut opener = Opener { path, options, dt_s, neuron_ids: Vec::new(), unit: unit.clone() };
    let shape = frame_shape(&chosen.shape, options.orientation).ok_or_else(|| opener.shape_error(&chosen))?;
    if shape.n_trials == 0 || shape.n_frames == 0 || shape.n_neurons == 0 {
        return Err(opener.shape_error(&chosen));
    }
    let (neuron_ids, warnings) = neuron_ids(path, &attributes, options, shape.n_neurons)?;
    opener.neuron_ids = neuron_ids;
    let drift = arrays.iter().find(|one| one.name == "drift" && chosen.name == "activity");
    let drift = drift.filter(|drift| drift.shape == chosen.shape).map(|drift| opener.source(drift));
    let array = Some(chosen.name.clone()).filter(|name| !name.is_empty());
    Ok(OpenRecording { activity: opener.source(&chosen)?, drift: drift.transpose()?, unit, array, warnings })
}

/// The arrays of a folder, sorted by name, and the attributes of the group.
pub(crate) fn arrays(path: &Path) -> Result<(Vec<ArrayInfo>, Map<String, Value>), Error> {
    let root = read_json(&path.join("zarr.json"))?;
    if root.get("node_type").and_then(Value::as_str) == Some("array") {
        return Ok((vec![array_info(path, "", root)?], Map::new()));
    }
    let group = root.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut arrays = Vec::new();
    for child in fs::read_dir(path).map_err(io_error("read", path))? {
        let child = child.map_err(io_error("read", path))?;
        let metadata = child.path().join("zarr.json");
        let name = child.file_name().to_string_lossy().into_owned();
        if !metadata.is_file() {
            continue;
        }
        let metadata = read_json(&metadata)?;
        if metadata.get("node_type").and_then(Value::as_str) == Some("array") {
            arrays.push(array_info(path, &name, metadata)?);
        }
    }
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    if arrays.is_empty() {
        return Err(Error::Empty { path: path.to_owned(), what: "the Zarr group holds no array".to_owned() });
    }
    Ok((arrays, group))
}

struct Opener<'a> {
    path: &'a Path,
    options: &'a ReadOptions,
    dt_s: f64,
    neuron_ids: Vec<NeuronId>,
    unit: Option<String>,
}

impl Opener<'_> {
    fn source(&self, info: &ArrayInfo) -> Result<Box<dyn FrameSource>, Error> {
        let frames = self.frames(info)?;
        if self.options.orientation != Orientation::NeuronByTime {
            return Ok(Box::new(frames));
        }
        let stored = frames.shape();
        let mut values = Array3::zeros((stored.n_trials, stored.n_frames, stored.n_neurons));
        for (trial, mut block) in values.outer_iter_mut().enumerate() {
            frames.read_frames(trial, 0..stored.n_frames, block.view_mut()).map_err(noun(self.path))?;
        }
        let values: ArrayD<f32> = values.into_dyn();
        let values = oriented(values, Orientation::NeuronByTime).ok_or_else(|| self.shape_error(info))?;
        let (neuron_ids, unit) = (self.neuron_ids.clone(), self.unit.clone());
        Ok(Box::new(Parts { values, dt_s: self.dt_s, neuron_ids, unit }.into_activity(self.path)?))
    }

    fn frames(&self, info: &ArrayInfo) -> Result<ZarrFrames, Error> {
        let dtype = info.native_dtype().ok_or_else(|| Error::Dtype {
            path: self.path.to_owned(),
            array: info.name.clone(),
            given: info.dtype.clone(),
            allowed: "any float, integer or bool".to_owned(),
        })?;
        let store = FilesystemStore::new(self.path).map_err(corrupt(self.path, "Zarr"))?;
        let node = if info.name.is_empty() { "/".to_owned() } else { format!("/{}", info.name) };
        let array = Array::open(Arc::new(store), &node).map_err(corrupt(self.path, "Zarr"))?;
        let plain = is_plain(&info.metadata);
        let frames = ZarrFrames::new(self.path, array, dtype, &info.name)?;
        let frames = if plain { frames.with_plain_chunks() } else { frames };
        Ok(frames.with_axes(self.dt_s, self.neuron_ids.clone()))
    }

    fn shape_error(&self, info: &ArrayInfo) -> Error {
        Error::Shape {
            path: self.path.to_owned(),
            array: info.name.clone(),
            given: format!("{:?}", info.shape),
            allowed: format!("{SHAPES}, no axis of length 0"),
        }
    }
}

/// Whether chunk files are nothing but little-endian elements.
fn is_plain(metadata: &Value) -> bool {
    let codecs = metadata.get("codecs").and_then(Value::as_array).map(Vec::as_slice);
    let Some([only]) = codecs else { return false };
    only.get("name").and_then(Value::as_str) == Some("bytes")
        && only.pointer("/configuration/endian").and_then(Value::as_str).is_none_or(|one| one == "little")
        && cfg!(target_endian = "little")
}

fn choose(path: &Path, arrays: &[ArrayInfo], options: &ReadOptions) -> Result<ArrayInfo, Error> {
    let listed = || {
        let described = arrays.iter().map(|one| format!("{} {:?} {}", one.name, one.shape, one.dtype));
        described.collect::<Vec<_>>().join(", ")
    };
    let named = |name: &str| arrays.iter().find(|one| one.name == name).cloned();
    if let Some(wanted) = &options.array {
        return named(wanted).ok_or_else(|| Error::MissingArray {
            path: path.to_owned(),
            wanted: wanted.clone(),
            present: listed(),
        });
    }
    if let Some(activity) = named("activity") {
        return Ok(activity);
    }
    let fits = |one: &&ArrayInfo| one.dtype.starts_with("float") && matches!(one.shape.len(), 2 | 3);
    let candidates: Vec<&ArrayInfo> = arrays.iter().filter(fits).collect();
    match (candidates.as_slice(), arrays) {
        ([only], _) => Ok((*only).clone()),
        ([], [only]) => Ok(only.clone()),
        ([], _) => Err(Error::MissingArray {
            path: path.to_owned(),
            wanted: "activity".to_owned(),
            present: listed(),
        }),
        (many, _) => Err(Error::Ambiguous {
            path: path.to_owned(),
            purpose: "recording",
            count: many.len(),
            candidates: listed(),
        }),
    }
}

/// Attributes of the group, then those of the array, which win.
fn merged(group: &Map<String, Value>, array: &Value) -> Map<String, Value> {
    let mut all = group.clone();
    if let Some(own) = array.get("attributes").and_then(Value::as_object) {
        all.extend(own.clone());
    }
    all
}

fn time_step(path: &Path, attributes: &Map<String, Value>, options: &ReadOptions) -> Result<f64, Error> {
    let stored = || ["dt_s", "dt"].iter().find_map(|name| attributes.get(*name)?.as_f64());
    let dt_s = options.dt_s.or_else(stored).ok_or_else(|| Error::MissingDt { path: path.to_owned() })?;
    check_dt(path, dt_s)?;
    Ok(dt_s)
}

fn neuron_ids(
    path: &Path,
    attributes: &Map<String, Value>,
    options: &ReadOptions,
    n: usize,
) -> Result<(Vec<NeuronId>, Vec<Warning>), Error> {
    let stored = attributes.get("neuron_ids").or_else(|| attributes.get("names"));
    let Some(stored) = stored.filter(|_| options.names.is_none()) else {
        return resolve_names(path, options.names.as_deref(), None, n);
    };
    if let Some((row, mangled)) =
        stored.as_array().into_iter().flatten().enumerate().find(|(_, id)| id.is_f64())
    {
        return Err(Error::MangledId {
            path: path.to_owned(),
            row: row + 1,
            column: "neuron_ids".to_owned(),
            given: mangled.to_string(),
        });
    }
    let ids: Vec<NeuronId> = serde_json::from_value(stored.clone()).map_err(corrupt(path, "Zarr"))?;
    if ids.len() == n && NeuronTable::new(ids.clone()).is_ok() {
        return Ok((ids, Vec::new()));
    }
    resolve_names(path, None, Some(ids.iter().map(NeuronId::to_string).collect()), n)
}

fn array_info(path: &Path, name: &str, metadata: Value) -> Result<ArrayInfo, Error> {
    let axes = metadata.get("shape").and_then(Value::as_array);
    let axis = |axis: &Value| usize::try_from(axis.as_u64()?).ok();
    let shape: Option<Vec<usize>> = axes.and_then(|axes| axes.iter().map(axis).collect());
    let shape = shape.ok_or_else(|| corrupt(path, "Zarr")(format!("`{name}/zarr.json` has no shape")))?;
    let dtype = metadata.get("data_type").map_or_else(String::new, |dtype| match dtype {
        Value::String(dtype) => dtype.clone(),
        other => other.to_string(),
    });
    Ok(ArrayInfo { name: name.to_owned(), shape, dtype, metadata })
}

fn read_json(path: &PathBuf) -> Result<Value, Error> {
    let file = File::open(path).map_err(io_error("read", path))?;
    serde_json::from_reader(std::io::BufReader::new(file)).map_err(corrupt(path, "Zarr"))
}
