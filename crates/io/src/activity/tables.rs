//! Recordings in CSV and Parquet files.

use std::path::Path;

use ndarray::ArrayD;
use neuroloom_core::Warning;

use crate::Error;
use crate::activity::arrays::check_dt;
use crate::activity::{OpenRecording, Parts, ReadOptions, names, oriented, timing};
use crate::table::frames::{self, FrameTable};

/// Keys of the footer of a Parquet file that neuroloom writes.
pub(crate) const DT_KEY: &str = "neuroloom.dt_s";
pub(crate) const UNIT_KEY: &str = "neuroloom.unit";

pub(crate) fn open(path: &Path, options: &ReadOptions) -> Result<OpenRecording, Error> {
    let mut table = frames::read(path)?;
    let mut warnings = std::mem::take(&mut table.warnings);
    let dt_s = time_step(path, &table, options, &mut warnings)?;
    let shape = trial_shape(path, &table)?;
    let unit = footer(&table, UNIT_KEY);
    let turned = options.orientation == crate::Orientation::NeuronByTime;
    let n_neurons = if turned { shape[1] } else { shape[2] };
    // The header names the columns; when the rows are the neurons it names frames.
    let stored = (!turned).then(|| std::mem::take(&mut table.names));
    let (neuron_ids, more) = names::resolve(path, options.names.as_deref(), stored, n_neurons)?;
    warnings.extend(more);
    let shape_error = || Error::Shape {
        path: path.to_owned(),
        array: "table".to_owned(),
        given: format!("{shape:?}"),
        allowed: "rows x columns".to_owned(),
    };
    let values = ArrayD::from_shape_vec(shape.to_vec(), table.values).map_err(|_| shape_error())?;
    let values = oriented(values, options.orientation).ok_or_else(shape_error)?;
    let activity = Parts { values, dt_s, neuron_ids, unit: unit.clone() }.into_activity(path)?;
    Ok(OpenRecording { activity: Box::new(activity), drift: None, unit, array: None, warnings })
}

fn time_step(
    path: &Path,
    table: &FrameTable,
    options: &ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<f64, Error> {
    let times = table.time_s.as_deref();
    let stored = times.map(|times| timing::step(path, times, &table.trial_starts)).transpose();
    let stored = stored.map(Option::flatten);
    if let Some(dt_s) = options.dt_s {
        check_dt(path, dt_s)?;
        warnings.extend(timing::objections(dt_s, stored));
        return Ok(dt_s);
    }
    if let Some(dt_s) = footer(table, DT_KEY).and_then(|text| text.parse().ok()) {
        check_dt(path, dt_s)?;
        return Ok(dt_s);
    }
    let (dt_s, warning) = stored?.ok_or_else(|| Error::MissingDt { path: path.to_owned() })?;
    warnings.extend(warning);
    Ok(dt_s)
}

/// `[trial, time, neuron]`; all trials must be equally long.
fn trial_shape(path: &Path, table: &FrameTable) -> Result<[usize; 3], Error> {
    let starts = &table.trial_starts;
    let n_trials = starts.len().max(1);
    let n_frames = table.n_rows / n_trials;
    if let Some(trial) = (0..starts.len()).find(|&trial| starts[trial] != trial * n_frames) {
        return Err(Error::Shape {
            path: path.to_owned(),
            array: "trial".to_owned(),
            given: format!(
                "{} rows in {n_trials} trials; trial {trial} starts at row {}",
                table.n_rows, starts[trial]
            ),
            allowed: "trials of equal length".to_owned(),
        });
    }
    if n_trials * n_frames != table.n_rows {
        return Err(Error::Shape {
            path: path.to_owned(),
            array: "trial".to_owned(),
            given: format!("{} rows in {n_trials} trials", table.n_rows),
            allowed: "trials of equal length".to_owned(),
        });
    }
    Ok([n_trials, n_frames, table.names.len()])
}

fn footer(table: &FrameTable, key: &str) -> Option<String> {
    table.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
}
