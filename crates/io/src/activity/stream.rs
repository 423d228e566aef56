//! Frames of an uncompressed array, read from the file when they are asked for.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use ndarray::ArrayViewMut2;
use neuroloom_core::{Error as CoreError, FrameShape, FrameSource, NeuronId};

use crate::Error;
use crate::activity::{Orientation, frame_shape};
use crate::array::Entry;
use crate::array::dtype::Dtype;
use crate::array::rows::{RowError, read_rows};
use crate::error::io_error;

/// A row-major `[time, neuron]` or `[trial, time, neuron]` array inside a npy or stored npz file.
pub(crate) struct ArrayStream {
    path: PathBuf,
    array: String,
    dtype: Dtype,
    data_at: u64,
    shape: FrameShape,
    dt_s: f64,
    neuron_ids: Vec<NeuronId>,
}

impl ArrayStream {
    pub(crate) fn new(path: &Path, entry: &Entry, data_at: u64, neuron_ids: Vec<NeuronId>) -> Self {
        let shape = frame_shape(&entry.header.shape, Orientation::TimeByNeuron);
        let shape = shape.unwrap_or(FrameShape { n_trials: 0, n_frames: 0, n_neurons: 0 });
        let (array, dtype) = (entry.name.clone(), entry.header.dtype.clone());
        Self { path: path.to_owned(), array, dtype, data_at, shape, dt_s: 1.0, neuron_ids }
    }

    pub(crate) fn with_dt_s(mut self, dt_s: f64) -> Self {
        self.dt_s = dt_s;
        self
    }

    fn read(&self, first: usize, out: ArrayViewMut2<f32>) -> Result<(), Error> {
        let frame_bytes = self.shape.n_neurons * self.dtype.size;
        // A file of its own for each call, so that threads do not share a position.
        let mut file = File::open(&self.path).map_err(io_error("read", &self.path))?;
        let start = self.data_at + (first * frame_bytes) as u64;
        file.seek(SeekFrom::Start(start)).map_err(io_error("read", &self.path))?;
        read_rows(&mut file, &self.dtype, out).map_err(|error| match error {
            RowError::Io(source) => io_error("read", &self.path)(source),
            RowError::Value { row, column, given } => Error::Element {
                path: self.path.clone(),
                array: self.array.clone(),
                place: format!("frame {}, neuron {column}", first + row),
                given,
                allowed: "a finite number within the range of f32, or NaN for missing",
            },
        })
    }
}

impl FrameSource for ArrayStream {
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
        let first = trial * self.shape.n_frames + frames.start;
        self.read(first, out).map_err(|error| CoreError::Source(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::ArrayFile;
    use crate::{write_npy, write_npz};
    use ndarray::{Array2, Array3, s};

    #[test]
    fn a_stream_hands_out_what_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let values = Array3::from_shape_fn((2, 50, 3), |(k, t, i)| (100 * k + t) as f64 + 0.1 * i as f64);
        let expected = values.mapv(|value| value as f32);
        for name in ["a.npy", "a.npz"] {
            let path = folder.path().join(name);
            match name {
                "a.npy" => write_npy(&path, &(&values).into()).unwrap(),
                _ => write_npz(&path, &[("first", (&expected).into()), ("a", (&values).into())]).unwrap(),
            }
            let file = ArrayFile::open(&path).unwrap();
            let entry = file.entries().last().unwrap();
            let stream = ArrayStream::new(&path, entry, entry.data_at.unwrap(), NeuronId::numbered(3));
            let mut out = Array2::zeros((7, 3));
            stream.read_frames(1, 40..47, out.view_mut()).unwrap();
            assert_eq!(out, expected.slice(s![1, 40..47, ..]));
            assert!(stream.read_frames(1, 44..51, out.view_mut()).is_err());
            assert!(stream.read_frames(2, 0..7, out.view_mut()).is_err());
        }
    }

    #[test]
    fn an_infinite_value_is_named_when_it_is_met() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        let mut values = Array2::<f64>::zeros((20, 2));
        values[[13, 1]] = 1e39;
        write_npy(&path, &(&values).into()).unwrap();
        let file = ArrayFile::open(&path).unwrap();
        let entry = &file.entries()[0];
        let stream = ArrayStream::new(&path, entry, entry.data_at.unwrap(), NeuronId::numbered(2));
        let mut out = Array2::zeros((20, 2));
        let error = stream.read_frames(0, 0..20, out.view_mut()).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("frame 13, neuron 1"), "{cause}");
    }
}
