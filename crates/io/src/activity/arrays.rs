//! Recordings in npz and npy files.

use std::path::Path;

use neuroloom_core::{Activity, FrameSource, Warning};

use crate::Error;
use crate::activity::stream::ArrayStream;
use crate::activity::{OpenRecording, Orientation, Parts, ReadOptions, frame_shape, names, oriented, timing};
use crate::array::dtype::Kind;
use crate::array::{ArrayFile, Entry};
use crate::error::noun;

/// Stored arrays with more elements than this (64 MiB as f32) are streamed.
const STREAM_ABOVE: usize = 1 << 24;

const SHAPES: &str = "[time, neuron] or [trial, time, neuron]";

pub(crate) fn open(path: &Path, options: &ReadOptions) -> Result<OpenRecording, Error> {
    let mut file = ArrayFile::open(path)?;
    let entry = choose(&file, options)?;
    let shape = frame_shape(&entry.header.shape, options.orientation)
        .ok_or_else(|| file.shape_error(&entry, SHAPES))?;
    if shape.n_trials == 0 || shape.n_frames == 0 || shape.n_neurons == 0 {
        return Err(file.shape_error(&entry, "no axis of length 0"));
    }
    let stored_names = stored_names(&mut file)?;
    let (neuron_ids, mut warnings) =
        names::resolve(path, options.names.as_deref(), stored_names, shape.n_neurons)?;
    let dt_s = time_step(&mut file, options, shape.n_frames, &mut warnings)?;
    let unit = word(&mut file, "unit")?;
    let drift = drift_entry(&file, &entry);
    let array = Some(entry.name.clone());
    let opener = Opener { file, options, dt_s, neuron_ids, unit: unit.clone() };
    let (activity, drift) = opener.sources(&entry, drift.as_ref())?;
    Ok(OpenRecording { activity, drift, unit, array, warnings })
}

/// The array that holds the recording.
pub(crate) fn choose(file: &ArrayFile, options: &ReadOptions) -> Result<Entry, Error> {
    let fits = |entry: &Entry| {
        entry.header.dtype.kind == Kind::Float
            && frame_shape(&entry.header.shape, options.orientation).is_some()
    };
    if let [only] = file.entries()
        && options.array.is_none()
    {
        // A file with one array leaves no choice; what does not fit is an error about that array.
        return Ok(only.clone());
    }
    file.choose(options.array.as_deref(), &["activity"], "recording", fits)
}

struct Opener<'a> {
    file: ArrayFile,
    options: &'a ReadOptions,
    dt_s: f64,
    neuron_ids: Vec<neuroloom_core::NeuronId>,
    unit: Option<String>,
}

type Sources = (Box<dyn FrameSource>, Option<Box<dyn FrameSource>>);

impl Opener<'_> {
    fn sources(mut self, activity: &Entry, drift: Option<&Entry>) -> Result<Sources, Error> {
        let drift = drift.map(|entry| self.source(entry)).transpose()?;
        Ok((self.source(activity)?, drift))
    }

    fn source(&mut self, entry: &Entry) -> Result<Box<dyn FrameSource>, Error> {
        let turned = self.options.orientation == Orientation::NeuronByTime;
        let large = entry.header.n_elements() > STREAM_ABOVE;
        if let (Some(data_at), true) = (entry.data_at, large && !turned && !entry.header.fortran) {
            let stream = ArrayStream::new(self.file.path(), entry, data_at, self.neuron_ids.clone());
            return Ok(Box::new(stream.with_dt_s(self.dt_s)));
        }
        Ok(Box::new(self.in_memory(entry)?))
    }

    fn in_memory(&mut self, entry: &Entry) -> Result<Activity, Error> {
        let values = self.file.f32(entry)?;
        let values =
            oriented(values, self.options.orientation).ok_or_else(|| self.file.shape_error(entry, SHAPES))?;
        let (neuron_ids, unit) = (self.neuron_ids.clone(), self.unit.clone());
        Parts { values, dt_s: self.dt_s, neuron_ids, unit }.into_activity(self.file.path())
    }
}

/// The array `drift` beside `activity`, if it has the same shape.
fn drift_entry(file: &ArrayFile, activity: &Entry) -> Option<Entry> {
    let drift = file.find("drift")?;
    (activity.name == "activity" && drift.header.shape == activity.header.shape).then_some(drift)
}

fn time_step(
    file: &mut ArrayFile,
    options: &ReadOptions,
    n_frames: usize,
    warnings: &mut Vec<Warning>,
) -> Result<f64, Error> {
    let from_times = time_vector(file, n_frames);
    if let Some(dt_s) = options.dt_s {
        check_dt(file.path(), dt_s)?;
        warnings.extend(timing::objections(dt_s, from_times));
        return Ok(dt_s);
    }
    for name in ["dt_s", "dt"] {
        if let Some(entry) = file.find(name) {
            let values = file.f64(&entry)?;
            let first = values.iter().copied().next().filter(|_| values.len() == 1);
            let dt_s = first.ok_or_else(|| file.shape_error(&entry, "one number, in seconds"))?;
            check_dt(file.path(), dt_s)?;
            return Ok(dt_s);
        }
    }
    let (dt_s, warning) = from_times?.ok_or_else(|| Error::MissingDt { path: file.path().to_owned() })?;
    warnings.extend(warning);
    Ok(dt_s)
}

pub(crate) fn check_dt(path: &Path, dt_s: f64) -> Result<(), Error> {
    if dt_s.is_finite() && dt_s > 0.0 {
        return Ok(());
    }
    let (given, allowed) = (dt_s.to_string(), "seconds, above 0".to_owned());
    Err(noun(path)(neuroloom_core::Error::Value { what: "dt_s", given, allowed }))
}

fn time_vector(file: &mut ArrayFile, n_frames: usize) -> Result<Option<(f64, Option<Warning>)>, Error> {
    let vectors = ["time_s", "time", "t"].iter().filter_map(|name| file.find(name));
    let fits = |entry: &Entry| entry.header.shape == [n_frames] && entry.header.dtype.is_number();
    let Some(entry) = vectors.into_iter().find(fits) else { return Ok(None) };
    let times = file.f64(&entry)?.into_raw_vec_and_offset().0;
    timing::step(file.path(), &times, &[0])
}

/// Names that the file itself holds: text or integers, one axis.
pub(crate) fn stored_names(file: &mut ArrayFile) -> Result<Option<Vec<String>>, Error> {
    for name in ["neuron_ids", "names", "neuron_names", "node_id"] {
        let Some(entry) = file.find(name) else { continue };
        if entry.header.dtype.is_text() {
            return Ok(Some(file.text(&entry)?.into_raw_vec_and_offset().0));
        }
        if entry.header.dtype.kind == Kind::Float {
            return Err(Error::Dtype {
                path: file.path().to_owned(),
                array: entry.name,
                given: entry.header.dtype.to_string(),
                allowed: "text or integers: an id loses digits in a float".to_owned(),
            });
        }
        return Ok(Some(file.i64(&entry)?.iter().map(i64::to_string).collect()));
    }
    Ok(None)
}

/// A text without axes.
pub(crate) fn word(file: &mut ArrayFile, name: &str) -> Result<Option<String>, Error> {
    match file.find(name).filter(|entry| entry.header.dtype.is_text()) {
        Some(entry) => Ok(file.text(&entry)?.iter().next().cloned()),
        None => Ok(None),
    }
}
