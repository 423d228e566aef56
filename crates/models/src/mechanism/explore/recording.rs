//! Heat map and example traces of the recording.

use ndarray::Array2;
use neuroloom_core::FrameSource;

use super::Exploration;
use crate::Error;

/// Rows and columns of the heat map at most.
const HEAT_MAP: (usize, usize) = (300, 400);
/// Traces and frames a trace at most.
const TRACES: (usize, usize) = (12, 1000);

/// Fills in the heat map (sorted by type, frames picked evenly from the first trial) and the first frames of
/// a dozen neurons.
pub(super) fn show(
    source: &dyn FrameSource,
    order: &[usize],
    exploration: &mut Exploration,
) -> Result<(), Error> {
    let shape = source.shape();
    let (most_rows, most_columns) = HEAT_MAP;
    let rows = pick(order, most_rows);
    let columns = pick(&(0..shape.n_frames).collect::<Vec<_>>(), most_columns);
    exploration.heat_map = vec![Vec::with_capacity(columns.len()); rows.len()];
    let mut frame = Array2::zeros((1, shape.n_neurons));
    for &time in &columns {
        source.read_frames(0, time..time + 1, frame.view_mut())?;
        for (row, &neuron) in exploration.heat_map.iter_mut().zip(&rows) {
            row.push(f64::from(frame[[0, neuron]]));
        }
    }
    exploration.duration_s = shape.n_frames as f64 * source.dt_s();

    let n_frames = shape.n_frames.min(TRACES.1);
    let mut frames = Array2::zeros((n_frames, shape.n_neurons));
    source.read_frames(0, 0..n_frames, frames.view_mut())?;
    let shown = pick(order, TRACES.0);
    exploration.trace_time_s = (0..n_frames).map(|time| time as f64 * source.dt_s()).collect();
    exploration.trace_names = shown.iter().map(|&one| source.neuron_ids()[one].to_string()).collect();
    exploration.traces =
        shown.iter().map(|&one| frames.column(one).iter().map(|&value| f64::from(value)).collect()).collect();
    Ok(())
}

fn pick(from: &[usize], most: usize) -> Vec<usize> {
    let count = from.len().min(most);
    (0..count).map(|one| from[one * from.len() / count]).collect()
}
