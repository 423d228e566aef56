//! Recordings, in memory or streamed.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayViewMut2, Axis, s};

use crate::{Error, NeuronId};

/// Size of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameShape {
    /// Independent repeats with the same wiring.
    pub n_trials: usize,
    /// Frames a trial.
    pub n_frames: usize,
    /// Neurons a frame.
    pub n_neurons: usize,
}

impl FrameShape {
    /// Refuses frames that do not exist and buffers that do not fit: the first line of every
    /// [`FrameSource::read_frames`].
    ///
    /// # Shapes
    /// `buffer`: the dimensions of the array to fill, `(frames, neuron)`.
    ///
    /// # Errors
    /// [`Error::Value`] if the trial or the frames are outside the recording, [`Error::Shape`] if the buffer does
    /// not fit.
    ///
    /// # Examples
    /// ```
    /// use neuroloom_core::FrameShape;
    /// let shape = FrameShape { n_trials: 1, n_frames: 10, n_neurons: 3 };
    /// assert!(shape.check_request(0, &(4..6), (2, 3)).is_ok());
    /// assert!(shape.check_request(0, &(9..11), (2, 3)).is_err());
    /// ```
    pub fn check_request(
        self,
        trial: usize,
        frames: &Range<usize>,
        buffer: (usize, usize),
    ) -> Result<(), Error> {
        if trial >= self.n_trials || frames.end > self.n_frames || frames.start > frames.end {
            return Err(Error::Value {
                what: "trial and frames",
                given: format!("trial {trial}, frames {frames:?}"),
                allowed: format!("trial below {}, frames within 0..{}", self.n_trials, self.n_frames),
            });
        }
        if buffer != (frames.len(), self.n_neurons) {
            return Err(Error::Shape {
                what: "frame buffer",
                given: format!("{buffer:?}"),
                allowed: format!("({}, {})", frames.len(), self.n_neurons),
            });
        }
        Ok(())
    }
}

/// Anything that hands out frames of a recording: an [`Activity`] in memory, a chunked file, a window.
pub trait FrameSource: Sync {
    /// Trials, frames, neurons.
    fn shape(&self) -> FrameShape;

    /// Seconds between two frames.
    fn dt_s(&self) -> f64;

    /// One id a neuron, in the order of the columns.
    fn neuron_ids(&self) -> &[NeuronId];

    /// Copies `frames` of one trial into `out`, shape `[frames, neuron]`.
    ///
    /// # Errors
    /// [`Error::Source`] if the frames cannot be fetched, [`Error::Shape`] if `out` does not fit.
    fn read_frames(&self, trial: usize, frames: Range<usize>, out: ArrayViewMut2<f32>) -> Result<(), Error>;
}

/// What a solver learns from: the activity and, where a simulation stored it, its exact drift dx/dt.
#[derive(Clone, Copy)]
pub struct Recording<'a> {
    /// The states x.
    pub activity: &'a dyn FrameSource,
    /// The noise-free drift at the same frames.
    pub drift: Option<&'a dyn FrameSource>,
}

/// A recording in memory: `values[trial, time, neuron]`, f32, NaN = missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    values: Array3<f32>,
    dt_s: f64,
    unit: Option<String>,
    neuron_ids: Vec<NeuronId>,
}

impl Activity {
    /// A recording of one or several trials.
    ///
    /// # Shapes
    /// `values`: `[trial, time, neuron]`; `neuron_ids`: one a neuron, unique.
    ///
    /// # Errors
    /// [`Error::Shape`] if an axis is empty or the ids do not fit, [`Error::Value`] if `dt_s` is not positive
    /// and finite, [`Error::DuplicateNeuron`] if an id occurs twice.
    pub fn new(values: Array3<f32>, dt_s: f64, neuron_ids: Vec<NeuronId>) -> Result<Self, Error> {
        let (n_trials, n_frames, n_neurons) = values.dim();
        if n_trials == 0 || n_frames == 0 || n_neurons == 0 || neuron_ids.len() != n_neurons {
            return Err(Error::Shape {
                what: "activity",
                given: format!("{:?} with {} neuron ids", values.shape(), neuron_ids.len()),
                allowed: "[trial, time, neuron], none of them 0, one id a neuron".to_owned(),
            });
        }
        check_dt(dt_s)?;
        let neuron_ids = crate::NeuronTable::new(neuron_ids)?.id().to_vec();
        let values = values.as_standard_layout().into_owned();
        Ok(Self { values, dt_s, unit: None, neuron_ids })
    }

    /// A recording of one trial, `frames[time, neuron]`.
    ///
    /// # Errors
    /// As [`Activity::new`].
    pub fn from_frames(frames: Array2<f32>, dt_s: f64, neuron_ids: Vec<NeuronId>) -> Result<Self, Error> {
        Self::new(frames.insert_axis(Axis(0)), dt_s, neuron_ids)
    }

    /// States the unit of the values, such as `dF/F`.
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// The values, `[trial, time, neuron]`, in row-major order.
    pub fn values(&self) -> &Array3<f32> {
        &self.values
    }

    /// The unit of the values, where stated.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Number of missing samples (NaN).
    pub fn n_missing(&self) -> usize {
        self.values.iter().filter(|value| value.is_nan()).count()
    }

    /// Only the named columns, in the given order.
    ///
    /// # Errors
    /// [`Error::Value`] if a column does not exist, else as [`Activity::new`].
    pub fn select_neurons(&self, columns: &[usize]) -> Result<Self, Error> {
        if let Some(&column) = columns.iter().find(|&&column| column >= self.neuron_ids.len()) {
            return Err(Error::Value {
                what: "neuron column",
                given: column.to_string(),
                allowed: format!("below {}", self.neuron_ids.len()),
            });
        }
        let ids = columns.iter().map(|&column| self.neuron_ids[column].clone()).collect();
        let mut selected = Self::new(self.values.select(Axis(2), columns), self.dt_s, ids)?;
        selected.unit.clone_from(&self.unit);
        Ok(selected)
    }
}

impl FrameSource for Activity {
    fn shape(&self) -> FrameShape {
        let (n_trials, n_frames, n_neurons) = self.values.dim();
        FrameShape { n_trials, n_frames, n_neurons }
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
        mut out: ArrayViewMut2<f32>,
    ) -> Result<(), Error> {
        self.shape().check_request(trial, &frames, out.dim())?;
        out.assign(&self.values.slice(s![trial, frames, ..]));
        Ok(())
    }
}

/// A stretch of time of another source, seen as a recording of its own.
#[derive(Clone)]
pub struct FrameWindow<'a> {
    source: &'a dyn FrameSource,
    frames: Range<usize>,
}

impl<'a> FrameWindow<'a> {
    /// The stretch `frames` of `source`, the same in every trial.
    ///
    /// # Errors
    /// [`Error::Value`] if the stretch is empty or reaches beyond the source.
    pub fn new(source: &'a dyn FrameSource, frames: Range<usize>) -> Result<Self, Error> {
        let n_frames = source.shape().n_frames;
        if frames.is_empty() || frames.end > n_frames {
            return Err(Error::Value {
                what: "frames",
                given: format!("{frames:?}"),
                allowed: format!("a non-empty range within 0..{n_frames}"),
            });
        }
        Ok(Self { source, frames })
    }
}

impl FrameSource for FrameWindow<'_> {
    fn shape(&self) -> FrameShape {
        FrameShape { n_frames: self.frames.len(), ..self.source.shape() }
    }

    fn dt_s(&self) -> f64 {
        self.source.dt_s()
    }

    fn neuron_ids(&self) -> &[NeuronId] {
        self.source.neuron_ids()
    }

    fn read_frames(&self, trial: usize, frames: Range<usize>, out: ArrayViewMut2<f32>) -> Result<(), Error> {
        self.shape().check_request(trial, &frames, out.dim())?;
        let start = self.frames.start;
        self.source.read_frames(trial, start + frames.start..start + frames.end, out)
    }
}

fn check_dt(dt_s: f64) -> Result<(), Error> {
    if dt_s.is_finite() && dt_s > 0.0 {
        return Ok(());
    }
    Err(Error::Value { what: "dt_s", given: dt_s.to_string(), allowed: "seconds, above 0".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array;

    fn counting(n_frames: usize) -> Activity {
        let frames = Array::from_shape_fn((n_frames, 2), |(time, neuron)| (10 * time + neuron) as f32);
        Activity::from_frames(frames, 0.5, NeuronId::numbered(2)).unwrap()
    }

    #[test]
    fn a_window_shifts_time() {
        let activity = counting(6);
        let window = FrameWindow::new(&activity, 2..5).unwrap();
        let mut out = Array2::zeros((2, 2));
        window.read_frames(0, 1..3, out.view_mut()).unwrap();
        // Frame 1 of the window is frame 3 of the recording.
        assert_eq!(out, ndarray::array![[30.0, 31.0], [40.0, 41.0]]);
        assert!(window.read_frames(0, 2..4, out.view_mut()).is_err());
        assert!(FrameWindow::new(&activity, 4..7).is_err());
    }

    #[test]
    fn bad_recordings_are_refused() {
        let frames = || Array2::zeros((3, 2));
        assert!(Activity::from_frames(frames(), 0.0, NeuronId::numbered(2)).is_err());
        assert!(Activity::from_frames(frames(), f64::NAN, NeuronId::numbered(2)).is_err());
        assert!(Activity::from_frames(frames(), 1.0, NeuronId::numbered(3)).is_err());
        let twins = vec![NeuronId::from("A"), NeuronId::from("A")];
        assert!(Activity::from_frames(frames(), 1.0, twins).is_err());
    }
}
