//! Writing a recording chunk by chunk while it is simulated.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{ArrayView1, ArrayView2, Axis};
use neuroloom_core::{FrameShape, NeuronId};
use zarrs::array::{Array, ArrayBuilder, data_type};
use zarrs::filesystem::FilesystemStore;
use zarrs::group::GroupBuilder;

use crate::Error;
use crate::error::{corrupt, io_error};

/// Values a chunk aims at: 4 MiB of float32, large enough for the disk, small enough for a cache.
const CHUNK_VALUES: usize = 1 << 20;

/// What is known about a recording before its first frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityHeader {
    /// Trials, frames, neurons.
    pub shape: FrameShape,
    /// Seconds between two frames.
    pub dt_s: f64,
    /// One id a neuron.
    pub neuron_ids: Vec<NeuronId>,
    /// Unit of the values.
    pub unit: Option<String>,
    /// Whether each frame comes with its drift dx/dt.
    pub with_drift: bool,
    /// Frames a chunk.
    pub chunk_frames: usize,
}

impl ActivityHeader {
    /// No unit, no drift, chunks of about 4 MiB.
    pub fn new(shape: FrameShape, dt_s: f64, neuron_ids: Vec<NeuronId>) -> Self {
        let chunk_frames = (CHUNK_VALUES / shape.n_neurons.max(1)).clamp(1, shape.n_frames.max(1));
        Self { shape, dt_s, neuron_ids, unit: None, with_drift: false, chunk_frames }
    }
}

/// Writes a recording to Zarr as it comes.
///
/// Chunks are `[1, chunk_frames, n_neurons]` of plain little-endian float32: float noise hardly compresses (10 %
/// at best), and plain chunks are written and read at the speed of the disk. Everything goes to `<path>.partial`,
/// which [`ActivityWriter::finish`] renames; a crash leaves no half recording under the final name.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_core::{FrameShape, FrameSource, NeuronId};
/// use neuroloom_io::{ActivityHeader, ActivityWriter};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("activity.zarr");
/// let shape = FrameShape { n_trials: 1, n_frames: 3, n_neurons: 2 };
/// let mut writer = ActivityWriter::create(&path, ActivityHeader::new(shape, 0.1, NeuronId::numbered(2)))?;
/// writer.append(0, array![[0.0, 0.5], [1.0, 1.5]].view(), None)?;
/// writer.append(0, array![[2.0, 2.5]].view(), None)?;
/// writer.finish()?;
/// let recording = neuroloom_io::open_recording(&path, &Default::default())?;
/// assert_eq!(recording.activity.shape(), shape);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ActivityWriter {
    path: PathBuf,
    partial: PathBuf,
    header: ActivityHeader,
    states: Stream,
    drift: Option<Stream>,
}

impl ActivityWriter {
    /// Begins a recording; one of the same name is replaced when the new one is finished.
    ///
    /// # Errors
    /// [`Error::Append`] if the header contradicts itself, [`Error::Io`] if the folder cannot be written to,
    /// [`Error::Content`] if something else than a Zarr folder has the name.
    pub fn create(path: &Path, header: ActivityHeader) -> Result<Self, Error> {
        check_header(path, &header)?;
        check_replaceable(path)?;
        let partial = with_suffix(path, ".partial");
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(io_error("replace", &partial))?;
        }
        fs::create_dir_all(&partial).map_err(io_error("write", &partial))?;
        let store = Arc::new(FilesystemStore::new(&partial).map_err(corrupt(path, "Zarr"))?);
        let mut group = GroupBuilder::new();
        group.attributes(attributes(&header));
        let group = group.build(store.clone(), "/").map_err(corrupt(path, "Zarr"))?;
        group.store_metadata().map_err(corrupt(path, "Zarr"))?;
        let stream = |name: &str| Stream::create(path, &partial, &store, name, &header);
        let states = stream("activity")?;
        let drift = header.with_drift.then(|| stream("drift")).transpose()?;
        Ok(Self { path: path.to_owned(), partial, header, states, drift })
    }

    /// Appends frames `[time, neuron]` to a trial.
    ///
    /// # Errors
    /// [`Error::Append`] if the trial does not exist, is full, or the frames have the wrong width; if drift is
    /// missing or was not announced. [`Error::Io`] if the disk is full.
    pub fn append(
        &mut self,
        trial: usize,
        states: ArrayView2<f32>,
        drift: Option<ArrayView2<f32>>,
    ) -> Result<(), Error> {
        if drift.is_some() != self.drift.is_some() || drift.is_some_and(|drift| drift.dim() != states.dim()) {
            let given = drift.map_or_else(|| "absent".to_owned(), |drift| format!("{:?}", drift.dim()));
            let allowed =
                if self.drift.is_some() { format!("{:?}", states.dim()) } else { "absent".to_owned() };
            return Err(Error::Append { path: self.path.clone(), what: "the drift", given, allowed });
        }
        self.states.append(trial, states)?;
        if let (Some(stream), Some(drift)) = (&mut self.drift, drift) {
            stream.append(trial, drift)?;
        }
        Ok(())
    }

    /// Writes the last chunks and gives the recording its name.
    ///
    /// # Errors
    /// [`Error::Append`] if a trial is not full, [`Error::Io`] if the disk is full.
    pub fn finish(mut self) -> Result<(), Error> {
        self.states.finish()?;
        if let Some(drift) = &mut self.drift {
            drift.finish()?;
        }
        check_replaceable(&self.path)?;
        if self.path.exists() {
            fs::remove_dir_all(&self.path).map_err(io_error("replace", &self.path))?;
        }
        fs::rename(&self.partial, &self.path).map_err(io_error("write", &self.path))
    }

    /// What was announced.
    pub fn header(&self) -> &ActivityHeader {
        &self.header
    }
}

impl Drop for ActivityWriter {
    fn drop(&mut self) {
        // After finish() the partial folder has its final name and this does nothing.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// One array under construction.
struct Stream {
    path: PathBuf,
    root: PathBuf,
    array: Array<FilesystemStore>,
    shape: FrameShape,
    chunk_frames: usize,
    trials: BTreeMap<usize, Pending>,
}

/// Frames of a trial that are written, and the bytes of its unfinished chunk.
#[derive(Default)]
struct Pending {
    n_frames: usize,
    bytes: Vec<u8>,
}

impl Stream {
    fn create(
        path: &Path,
        root: &Path,
        store: &Arc<FilesystemStore>,
        name: &str,
        header: &ActivityHeader,
    ) -> Result<Self, Error> {
        let FrameShape { n_trials, n_frames, n_neurons } = header.shape;
        let shape = vec![n_trials as u64, n_frames as u64, n_neurons as u64];
        let chunk = vec![1, header.chunk_frames as u64, n_neurons as u64];
        // A chunk that is not there reads as missing, not as silence.
        let mut builder = ArrayBuilder::new(shape, chunk, data_type::float32(), f32::NAN);
        builder.array_to_bytes_codec(Arc::new(zarrs::array::codec::BytesCodec::little()));
        builder.dimension_names(Some(["trial", "time", "neuron"]));
        let array = builder.build(store.clone(), &format!("/{name}")).map_err(corrupt(path, "Zarr"))?;
        array.store_metadata().map_err(corrupt(path, "Zarr"))?;
        Ok(Self {
            path: path.to_owned(),
            root: root.to_owned(),
            array,
            shape: header.shape,
            chunk_frames: header.chunk_frames,
            trials: BTreeMap::new(),
        })
    }

    fn append(&mut self, trial: usize, frames: ArrayView2<f32>) -> Result<(), Error> {
        let done = self.trials.get(&trial).map_or(0, |pending| pending.n_frames);
        self.check(trial, done, frames.dim())?;
        let mut pending = self.trials.remove(&trial).unwrap_or_default();
        let mut rest = frames;
        while rest.nrows() > 0 {
            let room = self.chunk_frames - pending.n_frames % self.chunk_frames;
            let (piece, later) = rest.split_at(Axis(0), room.min(rest.nrows()));
            self.take(trial, &mut pending, piece)?;
            rest = later;
        }
        if pending.n_frames == self.shape.n_frames {
            self.store_last(trial, &mut pending)?;
        }
        self.trials.insert(trial, pending);
        Ok(())
    }

    /// Takes frames that fit into the chunk under way; a chunk that comes whole is written without being copied.
    fn take(&self, trial: usize, pending: &mut Pending, piece: ArrayView2<f32>) -> Result<(), Error> {
        let chunk = pending.n_frames / self.chunk_frames;
        pending.n_frames += piece.nrows();
        match piece.to_slice() {
            Some(values) if piece.nrows() == self.chunk_frames && cfg!(target_endian = "little") => {
                return self.store(trial, chunk, bytemuck::cast_slice(values));
            }
            _ => piece.outer_iter().for_each(|frame| push(&mut pending.bytes, frame)),
        }
        if pending.n_frames.is_multiple_of(self.chunk_frames) {
            self.store(trial, chunk, &pending.bytes)?;
            pending.bytes.clear();
        }
        Ok(())
    }

    /// The last chunk of a trial is as long as the others; what lies beyond the recording is NaN.
    fn store_last(&self, trial: usize, pending: &mut Pending) -> Result<(), Error> {
        if pending.bytes.is_empty() {
            pending.bytes = Vec::new();
            return Ok(());
        }
        let mut bytes = std::mem::take(&mut pending.bytes);
        let chunk_bytes = self.chunk_frames * self.shape.n_neurons * 4;
        while bytes.len() < chunk_bytes {
            bytes.extend(f32::NAN.to_le_bytes());
        }
        self.store(trial, self.shape.n_frames / self.chunk_frames, &bytes)
    }

    fn finish(&mut self) -> Result<(), Error> {
        for trial in 0..self.shape.n_trials {
            let done = self.trials.get(&trial).map_or(0, |pending| pending.n_frames);
            if done != self.shape.n_frames {
                let given = format!("{done} of trial {trial}");
                return Err(self.error("the number of frames", given, self.shape.n_frames.to_string()));
            }
        }
        Ok(())
    }

    /// Plain chunks are written without a detour: the file is the bytes.
    fn store(&self, trial: usize, chunk: usize, bytes: &[u8]) -> Result<(), Error> {
        let key = self.array.chunk_key(&[trial as u64, chunk as u64, 0]);
        let file = self.root.join(key.as_str());
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(io_error("write", &self.path))?;
        }
        fs::write(file, bytes).map_err(io_error("write", &self.path))
    }

    fn check(&self, trial: usize, done: usize, frames: (usize, usize)) -> Result<(), Error> {
        if trial >= self.shape.n_trials {
            return Err(self.error("the trial", trial.to_string(), format!("below {}", self.shape.n_trials)));
        }
        if frames.1 != self.shape.n_neurons {
            let allowed = self.shape.n_neurons.to_string();
            return Err(self.error("the number of neurons", frames.1.to_string(), allowed));
        }
        if done + frames.0 > self.shape.n_frames {
            let given = format!("{} of trial {trial}", done + frames.0);
            return Err(self.error("the number of frames", given, self.shape.n_frames.to_string()));
        }
        Ok(())
    }

    fn error(&self, what: &'static str, given: String, allowed: String) -> Error {
        Error::Append { path: self.path.clone(), what, given, allowed }
    }
}

fn push(bytes: &mut Vec<u8>, frame: ArrayView1<f32>) {
    let start = bytes.len();
    bytes.resize(start + 4 * frame.len(), 0);
    let cells = bytes[start..].as_chunks_mut::<4>().0;
    if let Some(values) = frame.as_slice() {
        cells.iter_mut().zip(values).for_each(|(cell, value)| *cell = value.to_le_bytes());
    } else {
        cells.iter_mut().zip(frame).for_each(|(cell, value)| *cell = value.to_le_bytes());
    }
}

fn attributes(header: &ActivityHeader) -> serde_json::Map<String, serde_json::Value> {
    let ids = header.neuron_ids.iter().map(|id| match id {
        NeuronId::Integer(integer) => serde_json::Value::from(*integer),
        NeuronId::Name(name) => serde_json::Value::from(name.as_str()),
    });
    let mut attributes = serde_json::Map::new();
    attributes.insert("dt_s".to_owned(), header.dt_s.into());
    attributes.insert("neuron_ids".to_owned(), ids.collect());
    attributes.insert("neuroloom_version".to_owned(), env!("CARGO_PKG_VERSION").into());
    if let Some(unit) = &header.unit {
        attributes.insert("unit".to_owned(), unit.as_str().into());
    }
    attributes
}

fn check_header(path: &Path, header: &ActivityHeader) -> Result<(), Error> {
    let FrameShape { n_trials, n_frames, n_neurons } = header.shape;
    let error = |what, given: String, allowed: &str| {
        Err(Error::Append { path: path.to_owned(), what, given, allowed: allowed.to_owned() })
    };
    if n_trials == 0 || n_frames == 0 || n_neurons == 0 {
        return error("the shape", format!("{:?}", header.shape), "no axis of length 0");
    }
    if header.neuron_ids.len() != n_neurons {
        return error(
            "the number of neuron ids",
            header.neuron_ids.len().to_string(),
            &n_neurons.to_string(),
        );
    }
    if !(header.dt_s.is_finite() && header.dt_s > 0.0) {
        return error("dt_s", header.dt_s.to_string(), "seconds, above 0");
    }
    if header.chunk_frames == 0 {
        return error("chunk_frames", "0".to_owned(), "at least 1");
    }
    Ok(())
}

/// Only a Zarr folder may be replaced: a mistyped name must not delete anything else.
fn check_replaceable(path: &Path) -> Result<(), Error> {
    if !path.exists() || path.join("zarr.json").is_file() {
        return Ok(());
    }
    let given = "something else than a Zarr folder".to_owned();
    Err(Error::Content { path: path.to_owned(), given, allowed: "a new name, or a Zarr folder to replace" })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}
