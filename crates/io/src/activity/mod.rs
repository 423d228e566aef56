//! Recordings: opening them from any format, streamed where possible, and writing them.

mod arrays;
mod names;
mod stream;
mod survey;
mod tables;
mod timing;
mod write;

use std::path::{Path, PathBuf};

use ndarray::{Array3, Axis};
use neuroloom_core::{Activity, FrameShape, FrameSource, NeuronId, Warning};

use crate::Error;
use crate::error::noun;
use crate::format::Format;
pub(crate) use arrays::{check_dt, stored_names, word};
pub(crate) use names::{resolve as resolve_names, unique_ids};
pub use survey::{Survey, survey};
pub use write::write_activity;

/// Which axis of a stored 2-D array is time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orientation {
    /// Rows are frames; a warning says so if there are fewer frames than neurons.
    #[default]
    Auto,
    /// Rows are frames, columns are neurons.
    TimeByNeuron,
    /// Rows are neurons, columns are frames.
    NeuronByTime,
}

/// What a user states about a recording because the file does not.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Array of a npz or Zarr file.
    pub array: Option<String>,
    /// Seconds between two frames; wins over what the file says.
    pub dt_s: Option<f64>,
    /// CSV with one row a neuron: `index` (column of the recording, from 0) and `label`.
    pub names: Option<PathBuf>,
    /// Which axis is time.
    pub orientation: Orientation,
}

/// A recording, in memory or streamed from its file.
pub struct OpenRecording {
    /// The states.
    pub activity: Box<dyn FrameSource>,
    /// The exact drift dx/dt, where a simulation stored it.
    pub drift: Option<Box<dyn FrameSource>>,
    /// Unit of the values, where stated.
    pub unit: Option<String>,
    /// Array that was read, for files that hold several.
    pub array: Option<String>,
    /// Partial trouble, to be shown once.
    pub warnings: Vec<Warning>,
}

/// Opens a recording: Zarr, npz, npy, CSV(.gz), TSV or Parquet, told apart by content.
///
/// - **Arrays** are `[time, neuron]` or `[trial, time, neuron]`; without [`ReadOptions::array`] the array
///   `activity` is taken, else the only float array with two or three axes.
/// - **Time step**: [`ReadOptions::dt_s`], else `dt_s` or `dt` in the file, else the median step of `time_s`.
/// - **Names**: [`ReadOptions::names`], else `neuron_ids` or `names` in the file, else the table
///   `<stem>_neurons.csv` beside it, else `0, 1, 2, ...`.
/// - **Tables** have a header row of names and optional leading columns `trial` and `time_s`; empty, `NA` and
///   `NaN` are missing.
///
/// Zarr and large uncompressed npy or npz arrays are streamed: only the frames asked for are read.
///
/// # Errors
/// [`Error`] with file, row, column, value and what is allowed; [`Error::hint`] says what to do.
///
/// # Examples
/// ```
/// use neuroloom_core::FrameSource;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("worm.csv");
/// std::fs::write(&path, "time_s,AVAL,AVAR\n0.0,1.5,NA\n0.6,1.25,0.5\n")?;
/// let recording = neuroloom_io::open_recording(&path, &Default::default())?;
/// assert_eq!(recording.activity.dt_s(), 0.6);
/// assert_eq!(recording.activity.neuron_ids()[1].to_string(), "AVAR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_recording(path: &Path, options: &ReadOptions) -> Result<OpenRecording, Error> {
    let mut recording = match Format::of_existing(path)? {
        Format::Zarr => crate::zarr::open(path, options)?,
        Format::Numpy => arrays::open(path, options)?,
        Format::Csv | Format::Parquet => tables::open(path, options)?,
    };
    let shape = recording.activity.shape();
    if options.orientation == Orientation::Auto && shape.n_frames < shape.n_neurons {
        recording.warnings.push(orientation_warning(shape));
    }
    Ok(recording)
}

/// Values that are read, in the file's orientation, with all that was found out about them.
pub(crate) struct Parts {
    pub(crate) values: Array3<f32>,
    pub(crate) dt_s: f64,
    pub(crate) neuron_ids: Vec<NeuronId>,
    pub(crate) unit: Option<String>,
}

impl Parts {
    pub(crate) fn into_activity(self, path: &Path) -> Result<Activity, Error> {
        let activity = Activity::new(self.values, self.dt_s, self.neuron_ids).map_err(noun(path))?;
        Ok(match self.unit {
            Some(unit) => activity.with_unit(unit),
            None => activity,
        })
    }
}

/// `[time, neuron]` becomes one trial; `neuron x time` is turned.
pub(crate) fn oriented(values: ndarray::ArrayD<f32>, orientation: Orientation) -> Option<Array3<f32>> {
    let values = if values.ndim() == 2 { values.insert_axis(Axis(0)) } else { values };
    let mut values = values.into_dimensionality::<ndarray::Ix3>().ok()?;
    if orientation == Orientation::NeuronByTime {
        values.swap_axes(1, 2);
    }
    Some(values)
}

/// Shape of a stored array as a recording; `None` if it has neither two nor three axes.
pub(crate) fn frame_shape(shape: &[usize], orientation: Orientation) -> Option<FrameShape> {
    let (n_trials, rows, columns) = match *shape {
        [rows, columns] => (1, rows, columns),
        [n_trials, rows, columns] => (n_trials, rows, columns),
        _ => return None,
    };
    let turned = orientation == Orientation::NeuronByTime;
    let (n_frames, n_neurons) = if turned { (columns, rows) } else { (rows, columns) };
    Some(FrameShape { n_trials, n_frames, n_neurons })
}

fn orientation_warning(shape: FrameShape) -> Warning {
    let FrameShape { n_frames, n_neurons, .. } = shape;
    Warning::new(
        "orientation",
        format!(
            "read as {n_frames} frames of {n_neurons} neurons (rows are time); if the rows are neurons, add \
             --orientation neuron-by-time"
        ),
    )
}
