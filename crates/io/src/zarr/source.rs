//! Frames of a Zarr array, fetched chunk by chunk.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ndarray::{ArrayView2, ArrayViewMut2, s};
use neuroloom_core::{Error as CoreError, FrameShape, FrameSource, NeuronId};
use zarrs::array::{Array, ArrayBytes};
use zarrs::filesystem::FilesystemStore;

use crate::Error;
use crate::activity::{Orientation, frame_shape};
use crate::array::dtype::Dtype;
use crate::array::rows::{RowError, read_rows};
use crate::error::{corrupt, io_error};

/// No chunk that fits a recording is larger; a damaged header may claim anything.
const LARGEST_CHUNK_BYTES: u64 = 1 << 32;

const VALUES: &str = "a finite number within the range of f32, or NaN for missing";

/// A `[time, neuron]` or `[trial, time, neuron]` array of a Zarr folder. Thread-safe.
pub(crate) struct ZarrFrames {
    path: PathBuf,
    /// Folder of the store.
    array: Array<FilesystemStore>,
    name: String,
    dtype: Dtype,
    shape: FrameShape,
    has_trial_axis: bool,
    /// Frames a chunk.
    chunk_frames: usize,
    /// Chunk files that hold all neurons of one trial, without any coding.
    plain: bool,
    dt_s: f64,
    neuron_ids: Vec<NeuronId>,
    /// The block decoded last: a reader that takes few frames at a time must not decode a chunk for each.
    last: Mutex<Option<Arc<Block>>>,
}

/// All neurons of the frames of one row of chunks.
struct Block {
    trial: usize,
    chunk: usize,
    values: Vec<f32>,
}

impl ZarrFrames {
    pub(crate) fn new(
        path: &Path,
        array: Array<FilesystemStore>,
        dtype: Dtype,
        name: &str,
    ) -> Result<Self, Error> {
        let axes: Vec<usize> = array.shape().iter().map(|&axis| axis as usize).collect();
        let shape = frame_shape(&axes, Orientation::TimeByNeuron).ok_or_else(|| Error::Shape {
            path: path.to_owned(),
            array: name.to_owned(),
            given: format!("{axes:?}"),
            allowed: "[time, neuron] or [trial, time, neuron]".to_owned(),
        })?;
        let origin = vec![0; axes.len()];
        let chunk = array.chunk_shape(&origin).map_err(corrupt(path, "Zarr"))?;
        let bytes = chunk.iter().try_fold(dtype.size as u64, |bytes, axis| bytes.checked_mul(axis.get()));
        if bytes.is_none_or(|bytes| bytes > LARGEST_CHUNK_BYTES) {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                what: format!("a chunk of `{name}`"),
                given: format!("{chunk:?}"),
                allowed: format!("at most {LARGEST_CHUNK_BYTES} bytes"),
            });
        }
        let chunk_frames = chunk[axes.len() - 2].get() as usize;
        Ok(Self {
            path: path.to_owned(),
            array,
            name: name.to_owned(),
            dtype,
            shape,
            has_trial_axis: axes.len() == 3,
            chunk_frames,
            plain: false,
            dt_s: 1.0,
            neuron_ids: Vec::new(),
            last: Mutex::new(None),
        })
    }

    /// States that chunk files are plain little-endian elements, so that parts of them can be read directly.
    pub(crate) fn with_plain_chunks(mut self) -> Self {
        let origin = vec![0; 2 + usize::from(self.has_trial_axis)];
        let chunk: Vec<usize> = self
            .array
            .chunk_shape(&origin)
            .map_or_else(|_| Vec::new(), |chunk| chunk.iter().map(|axis| axis.get() as usize).collect());
        self.plain = match *chunk.as_slice() {
            [_, neurons] => neurons == self.shape.n_neurons,
            [1, _, neurons] => neurons == self.shape.n_neurons,
            _ => false,
        };
        self
    }

    pub(crate) fn with_axes(mut self, dt_s: f64, neuron_ids: Vec<NeuronId>) -> Self {
        (self.dt_s, self.neuron_ids) = (dt_s, neuron_ids);
        self
    }

    fn read(&self, trial: usize, frames: Range<usize>, mut out: ArrayViewMut2<f32>) -> Result<(), Error> {
        let mut start = frames.start;
        while start < frames.end {
            let chunk = start / self.chunk_frames;
            let end = frames.end.min((chunk + 1) * self.chunk_frames);
            let part = out.slice_mut(s![start - frames.start..end - frames.start, ..]);
            let within = start - chunk * self.chunk_frames;
            if self.plain {
                self.read_plain(trial, chunk, within, part)?;
            } else {
                self.read_decoded(trial, chunk, within, part)?;
            }
            start = end;
        }
        Ok(())
    }

    /// Straight from the chunk file.
    fn read_plain(
        &self,
        trial: usize,
        chunk: usize,
        within: usize,
        mut out: ArrayViewMut2<f32>,
    ) -> Result<(), Error> {
        let mut indices = vec![trial as u64, chunk as u64, 0];
        if !self.has_trial_axis {
            indices.remove(0);
        }
        let file_path = self.path.join(self.array.chunk_key(&indices).as_str());
        let mut file = match File::open(&file_path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                out.fill(self.fill_value());
                return Ok(());
            }
            Err(error) => return Err(io_error("read", &file_path)(error)),
        };
        let skip = within * self.shape.n_neurons * self.dtype.size;
        file.seek(SeekFrom::Start(skip as u64)).map_err(io_error("read", &file_path))?;
        let first = chunk * self.chunk_frames + within;
        read_rows(&mut file, &self.dtype, out).map_err(|error| match error {
            RowError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                corrupt(&file_path, "Zarr")("the chunk is truncated")
            }
            RowError::Io(error) => io_error("read", &file_path)(error),
            RowError::Value { row, column, given } => self.bad_value(trial, first + row, column, given),
        })
    }

    /// Through the codecs of the array, one row of chunks at a time.
    fn read_decoded(
        &self,
        trial: usize,
        chunk: usize,
        within: usize,
        mut out: ArrayViewMut2<f32>,
    ) -> Result<(), Error> {
        let block = self.block(trial, chunk)?;
        let n_neurons = self.shape.n_neurons;
        let n_rows = block.values.len() / n_neurons;
        let view = ArrayView2::from_shape((n_rows, n_neurons), &block.values)
            .map_err(corrupt(&self.path, "Zarr"))?;
        let end = within + out.nrows();
        out.assign(&view.slice(s![within..end, ..]));
        Ok(())
    }

    fn block(&self, trial: usize, chunk: usize) -> Result<Arc<Block>, Error> {
        // A thread that died while it held the block leaves it whole: it is replaced in one step.
        let known = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some(block) = known.filter(|block| (block.trial, block.chunk) == (trial, chunk)) {
            return Ok(block);
        }
        let start = chunk * self.chunk_frames;
        let end = self.shape.n_frames.min(start + self.chunk_frames);
        let mut subset = vec![trial as u64..trial as u64 + 1, start as u64..end as u64];
        subset.push(0..self.shape.n_neurons as u64);
        if !self.has_trial_axis {
            subset.remove(0);
        }
        let bytes: ArrayBytes<'static> =
            self.array.retrieve_array_subset(&subset).map_err(corrupt(&self.path, "Zarr"))?;
        let bytes = bytes.into_fixed().map_err(corrupt(&self.path, "Zarr"))?;
        let mut values = vec![0.0; (end - start) * self.shape.n_neurons];
        self.dtype.decode_f32(&bytes, &mut values).map_err(|(place, given)| {
            let (frame, neuron) = (place / self.shape.n_neurons, place % self.shape.n_neurons);
            self.bad_value(trial, start + frame, neuron, given)
        })?;
        let block = Arc::new(Block { trial, chunk, values });
        *self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(block.clone());
        Ok(block)
    }

    fn fill_value(&self) -> f32 {
        self.dtype.number(self.array.fill_value().as_ne_bytes()) as f32
    }

    fn bad_value(&self, trial: usize, frame: usize, neuron: usize, given: String) -> Error {
        Error::Element {
            path: self.path.clone(),
            array: self.name.clone(),
            place: format!("trial {trial}, frame {frame}, neuron {neuron}"),
            given,
            allowed: VALUES,
        }
    }
}

impl FrameSource for ZarrFrames {
    fn shape(&self) -> FrameShape {
        self.shape
    }

    fn dt_s(&self) -> f64 {
        self.dt_s
    }

    fn neuron_ids(&self) -> &[NeuronId] {
        &self.neuron_ids
    }

    fn read_frames(
        &self,
        trial: usize,
        frames: Range<usize>,
        out: ArrayViewMut2<f32>,
    ) -> Result<(), CoreError> {
        self.shape.check_request(trial, &frames, out.dim())?;
        self.read(trial, frames, out).map_err(|error| CoreError::Source(Box::new(error)))
    }
}
