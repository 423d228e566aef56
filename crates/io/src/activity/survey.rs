//! What is missing or flat in a recording.

use ndarray::Array2;
use neuroloom_core::{FrameSource, Warning};
use serde::Serialize;

/// Frames looked at in one go.
const BLOCK: usize = 4096;

/// Missing samples and neurons that never change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Survey {
    /// Samples that are NaN.
    pub n_missing: usize,
    /// Frames in which no neuron was measured.
    pub n_empty_frames: usize,
    /// The neuron with most missing samples, and how many; `None` if nothing is missing.
    pub worst_neuron: Option<(String, usize)>,
    /// Neurons without a single sample.
    pub empty_neurons: Vec<String>,
    /// Neurons whose samples are all equal.
    pub constant_neurons: Vec<String>,
}

/// Reads a recording once and counts what a model cannot learn from.
///
/// # Errors
/// As [`FrameSource::read_frames`].
pub fn survey(source: &dyn FrameSource) -> Result<Survey, neuroloom_core::Error> {
    let shape = source.shape();
    let mut tallies = vec![Tally::default(); shape.n_neurons];
    let mut n_empty_frames = 0;
    let mut buffer = Array2::zeros((BLOCK.min(shape.n_frames), shape.n_neurons));
    for trial in 0..shape.n_trials {
        for start in (0..shape.n_frames).step_by(BLOCK) {
            let end = (start + BLOCK).min(shape.n_frames);
            let mut frames = buffer.slice_mut(ndarray::s![..end - start, ..]);
            source.read_frames(trial, start..end, frames.view_mut())?;
            for frame in frames.rows() {
                let mut n_missing = 0;
                for (tally, &value) in tallies.iter_mut().zip(frame) {
                    n_missing += tally.add(value);
                }
                n_empty_frames += usize::from(n_missing == shape.n_neurons);
            }
        }
    }
    let n_samples = shape.n_trials * shape.n_frames;
    let ids = source.neuron_ids();
    let named = |fits: &dyn Fn(&Tally) -> bool| {
        ids.iter().zip(&tallies).filter(|(_, tally)| fits(tally)).map(|(id, _)| id.to_string()).collect()
    };
    let worst = ids.iter().zip(&tallies).rev().max_by_key(|(_, tally)| tally.n_missing);
    Ok(Survey {
        n_missing: tallies.iter().map(|tally| tally.n_missing).sum(),
        n_empty_frames,
        worst_neuron: worst
            .filter(|(_, one)| one.n_missing > 0)
            .map(|(id, one)| (id.to_string(), one.n_missing)),
        empty_neurons: named(&|tally| tally.n_missing == n_samples),
        constant_neurons: named(&|tally| tally.n_missing < n_samples && tally.lowest == tally.highest),
    })
}

impl Survey {
    /// The same as warnings.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some((neuron, worst)) = &self.worst_neuron {
            let message = format!(
                "{} samples are missing, {worst} of them of neuron `{neuron}`; {} frames have no sample",
                self.n_missing, self.n_empty_frames
            );
            warnings.push(Warning::new("missing-samples", message));
        }
        for (code, what, neurons) in [
            ("constant-neurons", "never change", &self.constant_neurons),
            ("empty-neurons", "have no sample", &self.empty_neurons),
        ] {
            if !neurons.is_empty() {
                let first = neurons.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
                let message =
                    format!("{} neurons {what} ({first}): nothing can be learned from them", neurons.len());
                warnings.push(Warning::new(code, message));
            }
        }
        warnings
    }
}

#[derive(Debug, Clone)]
struct Tally {
    n_missing: usize,
    lowest: f32,
    highest: f32,
}

impl Default for Tally {
    fn default() -> Self {
        Self { n_missing: 0, lowest: f32::INFINITY, highest: f32::NEG_INFINITY }
    }
}

impl Tally {
    /// 1 if the sample is missing, else 0.
    fn add(&mut self, value: f32) -> usize {
        let missing = usize::from(value.is_nan());
        self.n_missing += missing;
        // min and max pass over NaN.
        self.lowest = self.lowest.min(value);
        self.highest = self.highest.max(value);
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use neuroloom_core::{Activity, NeuronId};

    #[test]
    fn holes_and_flat_lines_are_counted() {
        let nan = f32::NAN;
        let values = array![[1.0, nan, 5.0, nan], [1.0, nan, nan, nan], [1.0, 2.0, 6.0, nan], [nan; 4]];
        let activity = Activity::from_frames(values, 1.0, NeuronId::numbered(4)).unwrap();
        let survey = survey(&activity).unwrap();
        assert_eq!((survey.n_missing, survey.n_empty_frames), (1 + 3 + 2 + 4, 1));
        assert_eq!(survey.worst_neuron, Some(("3".to_owned(), 4)));
        assert_eq!(survey.empty_neurons, ["3"]);
        assert_eq!(survey.constant_neurons, ["0", "1"]);
        assert_eq!(survey.warnings().len(), 3);
    }
}
