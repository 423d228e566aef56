//! Omega of a few neurons over time, and of all against truth.

use neuroloom_core::{ModulationMode, Truth};

use super::{FieldView, names};
use crate::mechanism::Mechanism;

/// Neurons drawn.
const EXAMPLES: usize = 6;
/// Pairs kept for the scatter.
const PAIRS: usize = 3000;

/// `None` where no field was looked for or no neuron is scaled.
pub(super) fn show(mechanism: &Mechanism, truth: Option<&Truth>, dt_s: f64) -> Option<FieldView> {
    let field = mechanism.modulation.as_ref()?;
    let scaled: Vec<usize> = (0..mechanism.n_neurons())
        .filter(|&neuron| field.values.column(neuron).iter().any(|&omega| omega != 1.0))
        .collect();
    let examples: Vec<usize> = (0..EXAMPLES.min(scaled.len()))
        .map(|one| scaled[one * scaled.len() / EXAMPLES.min(scaled.len())])
        .collect();
    let slices = field.values.nrows();
    let frames: Vec<usize> =
        (0..slices).map(|slice| (2 * slice + 1) * field.n_frames / (2 * slices)).collect();
    let known = truth
        .and_then(|truth| truth.modulation.as_ref())
        .filter(|known| known.mode == ModulationMode::Multiplicative);
    let learned = |neuron: usize| field.values.column(neuron).to_vec();
    let truth = known.map(|known| {
        move |neuron: usize| -> Vec<f64> {
            frames.iter().map(|&frame| f64::from(known.values[[known.slice_at(frame), neuron]])).collect()
        }
    });
    let pairs = truth.as_ref().map_or_else(Vec::new, |truth| {
        let all: Vec<(f64, f64)> =
            scaled.iter().flat_map(|&neuron| truth(neuron).into_iter().zip(learned(neuron))).collect();
        let step = all.len().div_ceil(PAIRS).max(1);
        // A stride that divides the number of slices would pick the same slices of every neuron.
        let step = (step..).find(|&one| slices % one != 0 || one == 1).unwrap_or(step);
        all.into_iter().step_by(step).collect()
    });
    (!examples.is_empty()).then(|| FieldView {
        time_s: (0..slices)
            .map(|slice| (slice as f64 + 0.5) * field.n_frames as f64 * dt_s / slices as f64)
            .collect(),
        names: names(mechanism, &examples),
        learned: examples.iter().map(|&neuron| learned(neuron)).collect(),
        truth: truth.map(|truth| examples.iter().map(|&neuron| truth(neuron)).collect()),
        pairs,
        n_scaled: scaled.len(),
    })
}
