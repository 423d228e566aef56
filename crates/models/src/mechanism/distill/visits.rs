//! How often each neuron was at which activity.

use ndarray::Array2;
use neuroloom_analysis::statistics::quantile;
use neuroloom_core::{Event, FrameSource, Listener};
use rayon::prelude::*;

use super::{check_cancelled, started};
use crate::Error;
use crate::mechanism::Mechanism;
use crate::mechanism::evaluate::pooled;

/// Cells of the grid.
const CELLS: usize = 240;
/// Cells are narrowest near 0, where the functions bend: reach / scale.
const FOCUS: f64 = 40.0;
/// Stretches of the recording that are looked at.
const STRETCHES: usize = 64;
/// Frames of each.
const FRAMES: usize = 512;

/// Counts of visits, one row a neuron, on one grid for all.
pub(super) struct Visits {
    /// Middles of the cells.
    pub(super) x: Vec<f64>,
    /// `[neuron, cell]`.
    pub(super) counts: Array2<f64>,
}

impl Visits {
    /// Counts stretches of the recording spread evenly over all trials; a short recording is counted whole.
    pub(super) fn count(
        mechanism: &Mechanism,
        activity: &dyn FrameSource,
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        let edges = grid(mechanism)?;
        let shape = activity.shape();
        let stretches = stretches(shape.n_trials, shape.n_frames);
        let mut counts = Array2::<f64>::zeros((shape.n_neurons, CELLS));
        started(events, "visited states", stretches.len());
        for (done, (trial, range)) in stretches.into_iter().enumerate() {
            check_cancelled(events)?;
            let mut frames = Array2::zeros((range.len(), shape.n_neurons));
            activity.read_frames(trial, range, frames.view_mut())?;
            let rows: Vec<_> = counts.rows_mut().into_iter().collect();
            rows.into_par_iter().enumerate().for_each(|(neuron, mut row)| {
                for &value in frames.column(neuron) {
                    if let Some(cell) = cell_of(&edges, f64::from(value)) {
                        row[cell] += 1.0;
                    }
                }
            });
            events.emit(Event::Step { done: done as u64 + 1, loss: None });
        }
        events.emit(Event::Finished);
        let x = edges.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
        Ok(Self { x, counts })
    }

    /// Visits of one neuron.
    pub(super) fn of(&self, neuron: usize) -> Vec<f64> {
        self.counts.row(neuron).to_vec()
    }
}

/// Edges of the cells over the range that the neurons share, narrow near 0.
fn grid(mechanism: &Mechanism) -> Result<Vec<f64>, Error> {
    let kept = || (0..mechanism.n_neurons()).filter(|&one| !mechanism.is_excluded(one));
    let lower: Vec<f64> = kept().map(|one| mechanism.update.lower[one]).collect();
    let upper: Vec<f64> = kept().map(|one| mechanism.update.upper[one]).collect();
    let (least, most) = pooled(mechanism);
    // One neuron far out must not widen all cells.
    let reach = quantile(&lower, 0.02)?.abs().max(quantile(&upper, 0.98)?.abs());
    let center = 0.0_f64.clamp(least, most);
    let scale = (reach.min(most - least) / FOCUS).max(f64::MIN_POSITIVE);
    let (first, last) = (((least - center) / scale).asinh(), ((most - center) / scale).asinh());
    let at = |cell: usize| first + (last - first) * cell as f64 / CELLS as f64;
    Ok((0..=CELLS).map(|cell| center + scale * at(cell).sinh()).collect())
}

fn cell_of(edges: &[f64], value: f64) -> Option<usize> {
    let above = edges.partition_point(|&edge| edge <= value);
    (value.is_finite() && above > 0).then(|| (above - 1).min(edges.len() - 2))
}

fn stretches(n_trials: usize, n_frames: usize) -> Vec<(usize, std::ops::Range<usize>)> {
    let length = FRAMES.min(n_frames);
    let per_trial = (STRETCHES / n_trials).clamp(1, n_frames.div_ceil(length));
    let start = |stretch: usize| match per_trial {
        1 => 0,
        several => stretch * (n_frames - length) / (several - 1),
    };
    let of_trial =
        |trial: usize| (0..per_trial).map(move |stretch| (trial, start(stretch)..start(stretch) + length));
    (0..n_trials).flat_map(of_trial).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_their_cells() {
        let edges = [0.0, 1.0, 2.0, 4.0];
        assert_eq!(cell_of(&edges, -0.1), None);
        assert_eq!(cell_of(&edges, 0.0), Some(0));
        assert_eq!(cell_of(&edges, 1.0), Some(1));
        assert_eq!(cell_of(&edges, 3.9), Some(2));
        // The upper end belongs to the last cell.
        assert_eq!(cell_of(&edges, 4.0), Some(2));
        assert_eq!(cell_of(&edges, f64::NAN), None);
    }

    #[test]
    fn stretches_reach_from_the_first_to_the_last_frame() {
        for n_frames in [3, 512, 513, 100_000] {
            let all = stretches(2, n_frames);
            assert_eq!(all.first().map(|one| one.1.start), Some(0));
            let last = all.last().map(|one| one.1.end).unwrap();
            assert!(last == n_frames || all.len() == 2 && last == n_frames.min(FRAMES), "{n_frames}: {last}");
        }
        assert!(stretches(500, 1000).len() == 500);
    }
}
