//! Omega against the true one.

use neuroloom_analysis::metrics::regression::{linear_fit, r2_identity};
use neuroloom_analysis::statistics::mean_and_sd;
use neuroloom_core::{ModulationMode, Truth};

use super::ModulationScores;
use super::recovery::Reference;
use crate::Error;
use crate::mechanism::Mechanism;

/// Scores Omega over the neurons whose true Omega varies, once for each slice of the truth; `None` where the truth
/// is not scaled from outside.
///
/// The slices of the model and of the truth need not agree: both are read at the middle frame of a true slice.
pub(super) fn score(
    mechanism: &Mechanism,
    truth: &Truth,
    reference: &Reference,
) -> Result<Option<ModulationScores>, Error> {
    let Some(known) = truth.modulation.as_ref().filter(|field| field.mode == ModulationMode::Multiplicative)
    else {
        return Ok(None);
    };
    let n = mechanism.n_neurons();
    let varies =
        |neuron: usize| known.values.column(neuron).iter().any(|&one| one != known.values[[0, neuron]]);
    let modulated: Vec<usize> = (0..n).filter(|&one| varies(one) && !mechanism.is_excluded(one)).collect();
    let slices = known.values.nrows();
    let (mut learned, mut truths) = (Vec::new(), Vec::new());
    for slice in 0..slices.saturating_sub(1) {
        let frame = (2 * slice + 1) * known.n_frames / (2 * (slices - 1));
        for &neuron in &modulated {
            truths.push(f64::from(known.values[[known.slice_at(frame), neuron]]));
            learned.push(match &mechanism.modulation {
                Some(field) => field.values[[field.slice_at(frame), neuron]],
                None => 1.0,
            });
        }
    }
    if truths.is_empty() {
        return Ok(None);
    }
    let found = |neuron: usize| match &mechanism.modulation {
        Some(field) => field.values.column(neuron).iter().any(|&one| one != 1.0),
        None => false,
    };
    let right = (0..n).filter(|&one| found(one) == varies(one)).count();
    let fit = linear_fit(&truths, &learned).ok();
    let (own_truths, own_learned) =
        (about_own_mean(&truths, modulated.len()), about_own_mean(&learned, modulated.len()));
    let within = linear_fit(&own_truths, &own_learned).ok();
    let (wiring_r2_within_rows, row_scale_error) = within_rows(reference, &modulated, n);
    Ok(Some(ModulationScores {
        wiring_r2_within_rows,
        row_scale_error,
        r2_linear_fit: fit.as_ref().map_or(0.0, |fit| fit.r2_linear_fit),
        slope: fit.as_ref().map_or(0.0, |fit| fit.slope),
        r2_within_neuron: within.as_ref().map_or(0.0, |fit| fit.r2_linear_fit),
        r2_identity: r2_identity(&learned, &truths)?,
        constant_r2_identity: r2_identity(&vec![1.0; truths.len()], &truths)?,
        n_modulated: modulated.len(),
        detection_accuracy: right as f64 / n as f64,
    }))
}

/// R2 of learned against true rows, each learned one over its own factor, and the standard deviation of the logarithms
/// of the factors.
fn within_rows(reference: &Reference, rows: &[usize], n: usize) -> (f64, f64) {
    let (mut truths, mut learned, mut logarithms) = (Vec::new(), Vec::new(), Vec::new());
    for &row in rows {
        let (own, known) = (&reference.learned[row * n..][..n], &reference.truth[row * n..][..n]);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let factor = dot(own, known) / dot(known, known).max(f64::MIN_POSITIVE);
        if factor > 0.0 {
            logarithms.push(factor.ln());
            truths.extend_from_slice(known);
            learned.extend(own.iter().map(|weight| weight / factor));
        }
    }
    let r2 = linear_fit(&truths, &learned).map_or(0.0, |fit| fit.r2_linear_fit);
    (r2, mean_and_sd(&logarithms).map_or(0.0, |(_, sd)| sd))
}

/// `[slice][neuron]` over the mean of each neuron, minus 1.
fn about_own_mean(values: &[f64], n: usize) -> Vec<f64> {
    let slices = (values.len() / n.max(1)).max(1) as f64;
    let mean = |neuron: usize| values.iter().skip(neuron).step_by(n).sum::<f64>() / slices;
    let means: Vec<f64> = (0..n).map(mean).collect();
    values.iter().enumerate().map(|(place, value)| value / means[place % n] - 1.0).collect()
}
