//! A first look at a recording: ranges, missing samples, and which neurons can be used at all.

use ndarray::{Array2, Array3, s};
use neuroloom_core::{Activity, Event, FrameSource, Listener, Recording, Warning};

use crate::Error;

/// Above this share of missing samples a neuron is left out.
const MOST_MISSING: f64 = 0.2;
/// Frames read at a time.
pub(in crate::mechanism) const CHUNK: usize = 2048;

/// Ranges of all neurons over the whole recording.
#[derive(Debug, Clone)]
pub(in crate::mechanism) struct Survey {
    /// Neurons that take part, ascending.
    pub(in crate::mechanism) kept: Vec<usize>,
    /// Neurons left out.
    pub(in crate::mechanism) excluded: Vec<usize>,
    /// Lowest value of each kept neuron.
    pub(in crate::mechanism) lower: Vec<f64>,
    /// Highest value of each kept neuron.
    pub(in crate::mechanism) upper: Vec<f64>,
    /// Standard deviation of all kept samples about 0 mean of each neuron.
    pub(in crate::mechanism) std: f64,
    /// Missing samples in kept neurons.
    pub(in crate::mechanism) n_missing: usize,
}

#[derive(Debug, Clone, Copy)]
struct Range {
    lower: f64,
    upper: f64,
    sum: f64,
    square: f64,
    n: usize,
    missing: usize,
}

impl Range {
    const EMPTY: Self =
        Self { lower: f64::INFINITY, upper: f64::NEG_INFINITY, sum: 0.0, square: 0.0, n: 0, missing: 0 };

    fn add(&mut self, value: f32) {
        if value.is_finite() {
            let value = f64::from(value);
            self.lower = self.lower.min(value);
            self.upper = self.upper.max(value);
            self.sum += value;
            self.square += value * value;
            self.n += 1;
        } else {
            self.missing += 1;
        }
    }

    fn usable(&self) -> bool {
        let total = (self.n + self.missing) as f64;
        let spread = self.upper - self.lower;
        self.missing as f64 <= MOST_MISSING * total && spread > 1e-9 * (1.0 + self.upper.abs())
    }
}

impl Survey {
    /// Reads the whole recording once.
    pub(in crate::mechanism) fn new(source: &dyn FrameSource, events: &dyn Listener) -> Result<Self, Error> {
        let shape = source.shape();
        let mut ranges = vec![Range::EMPTY; shape.n_neurons];
        for_each_chunk(source, events, |frames| {
            for frame in frames.rows() {
                for (range, &value) in ranges.iter_mut().zip(frame) {
                    range.add(value);
                }
            }
        })?;
        let survey = Self::from_ranges(&ranges);
        survey.warn(source, events);
        match survey.kept.is_empty() {
            false => Ok(survey),
            true => Err(Error::Recording {
                problem: format!("none of the {} neurons varies and is mostly recorded", shape.n_neurons),
                hint: "check the array and the orientation (time x neuron) with `neuroloom inspect`"
                    .to_owned(),
            }),
        }
    }

    fn from_ranges(ranges: &[Range]) -> Self {
        let (kept, excluded): (Vec<usize>, Vec<usize>) =
            (0..ranges.len()).partition(|&one| ranges[one].usable());
        let mut variance = 0.0;
        for &one in &kept {
            let n = ranges[one].n.max(1) as f64;
            variance += (ranges[one].square / n - (ranges[one].sum / n).powi(2)).max(0.0);
        }
        Self {
            lower: kept.iter().map(|&one| ranges[one].lower).collect(),
            upper: kept.iter().map(|&one| ranges[one].upper).collect(),
            std: (variance / kept.len().max(1) as f64).sqrt(),
            n_missing: kept.iter().map(|&one| ranges[one].missing).sum(),
            kept,
            excluded,
        }
    }

    fn warn(&self, source: &dyn FrameSource, events: &dyn Listener) {
        if !self.excluded.is_empty() {
            let ids: Vec<String> =
                self.excluded.iter().take(5).map(|&one| source.neuron_ids()[one].to_string()).collect();
            let message = format!(
                "{} of {} neurons are constant or over 20 % missing and are left out: {}{}",
                self.excluded.len(),
                source.shape().n_neurons,
                ids.join(", "),
                if self.excluded.len() > 5 { ", ..." } else { "" },
            );
            events.emit(Event::Warning(Warning::new("excluded-neurons", message)));
        }
        if self.n_missing > 0 {
            let message =
                format!("{} missing samples are filled by linear interpolation in time", self.n_missing);
            events.emit(Event::Warning(Warning::new("missing-samples", message)));
        }
    }
}

/// A copy in memory whose gaps are filled linearly in time (constant at the ends of a trial).
pub(in crate::mechanism) fn fill_gaps(recording: &Recording<'_>) -> Result<Activity, Error> {
    let source = recording.activity;
    let shape = source.shape();
    let mut values = Array3::zeros((shape.n_trials, shape.n_frames, shape.n_neurons));
    for trial in 0..shape.n_trials {
        source.read_frames(trial, 0..shape.n_frames, values.slice_mut(s![trial, .., ..]))?;
        for neuron in 0..shape.n_neurons {
            let mut series: Vec<f32> = values.slice(s![trial, .., neuron]).to_vec();
            fill_series(&mut series);
            values.slice_mut(s![trial, .., neuron]).assign(&ndarray::ArrayView1::from(&series));
        }
    }
    Ok(Activity::new(values, source.dt_s(), source.neuron_ids().to_vec())?)
}

fn fill_series(series: &mut [f32]) {
    let known: Vec<usize> = (0..series.len()).filter(|&time| series[time].is_finite()).collect();
    let (Some(&first), Some(&last)) = (known.first(), known.last()) else {
        series.fill(0.0);
        return;
    };
    let (head, tail) = (series[first], series[last]);
    series[..first].fill(head);
    series[last..].fill(tail);
    for pair in known.windows(2) {
        let (left, right) = (series[pair[0]], series[pair[1]]);
        for (step, value) in series[pair[0] + 1..pair[1]].iter_mut().enumerate() {
            let share = (step + 1) as f32 / (pair[1] - pair[0]) as f32;
            *value = left + share * (right - left);
        }
    }
}

fn for_each_chunk(
    source: &dyn FrameSource,
    events: &dyn Listener,
    mut visit: impl FnMut(&Array2<f32>),
) -> Result<(), Error> {
    let shape = source.shape();
    for trial in 0..shape.n_trials {
        for start in (0..shape.n_frames).step_by(CHUNK) {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "survey" });
            }
            let end = (start + CHUNK).min(shape.n_frames);
            let mut frames = Array2::zeros((end - start, shape.n_neurons));
            source.read_frames(trial, start..end, frames.view_mut())?;
            visit(&frames);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_by_hand() {
        let mut series = [f32::NAN, 1.0, f32::NAN, f32::NAN, 4.0, f32::NAN];
        fill_series(&mut series);
        // 1 -> 4 in three steps; the ends keep the nearest value.
        assert_eq!(series, [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
    }
}
