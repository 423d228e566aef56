//! Learned against true: wiring, types and functions, in one gauge.

use neuroloom_analysis::metrics::clustering::{adjusted_rand_index, matched_accuracy};
use neuroloom_analysis::metrics::regression::{linear_fit, r2_identity};
use neuroloom_analysis::statistics::quantile;
use neuroloom_core::Truth;

use super::{ConnectivityScores, Evaluation, FunctionScores, classes, modulation, transfer};
use crate::Error;
use crate::mechanism::{Mechanism, TransferFunction};

/// Points of a function that are compared.
const GRID: usize = 201;
/// Half-width of a 90 % interval in standard errors.
const Z_90: f64 = 1.644_853_626_951_472_7;

/// The truth in the units of the model: W times psi at the plateau window of the published evaluation.
pub(crate) struct Reference {
    /// Learned W times the median of psi over the window, `[post][pre]`, row-major.
    pub(crate) learned: Vec<f64>,
    /// True g W times the median of the true psi over the window, row-major.
    pub(crate) truth: Vec<f64>,
    /// Median of each learned psi over the window.
    scales: Vec<f64>,
}

impl Reference {
    /// Both matrices with W times the median of psi over [0.8, 1] xnorm, xnorm = 1.5 std of all activity
    /// (Allier et al. 2026, their evaluation; rounded there to an integer).
    pub(crate) fn new(mechanism: &Mechanism, truth: &Truth) -> Result<Self, Error> {
        let n = mechanism.n_neurons();
        if truth.n_neurons() != n {
            return Err(Error::Mismatch { what: "the truth", given: truth.n_neurons(), expected: n });
        }
        let norm = 1.5 * mechanism.fit.activity_std;
        let norm = if norm >= 2.0 { norm.round() } else { norm };
        let window: Vec<f64> = (0..=100).map(|step| norm * (0.8 + 0.002 * f64::from(step))).collect();
        let plateau = |function: &TransferFunction| -> Result<f64, Error> {
            let curve = function.curve()?;
            let values: Vec<f64> = window.iter().map(|&x| curve.value(x)).collect();
            Ok(quantile(&values, 0.5)?)
        };
        let scales: Vec<f64> = mechanism.transfer.functions.iter().map(plateau).collect::<Result<_, _>>()?;
        let plateaus = true_plateaus(truth, &window)?;
        let truth_at = |post: usize, pre: usize| {
            let (receiver, sender) = (truth.cell_type[post] as usize, truth.cell_type[pre] as usize);
            truth.types[receiver].gain
                * f64::from(truth.weight_matrix[[post, pre]])
                * plateaus[receiver * truth.types.len() + sender]
        };
        let places = || (0..n * n).map(|place| (place / n, place % n));
        let learned_at = |post: usize, pre: usize| {
            mechanism.weight_matrix[[post, pre]] * scales[mechanism.transfer.place(post, pre)]
        };
        Ok(Self {
            learned: places().map(|(post, pre)| learned_at(post, pre)).collect(),
            truth: places().map(|(post, pre)| truth_at(post, pre)).collect(),
            scales,
        })
    }

    /// What a learned weight is multiplied by to be in the units of `learned`.
    pub(crate) fn scale(&self, mechanism: &Mechanism, post: usize, pre: usize) -> f64 {
        self.scales[mechanism.transfer.place(post, pre)]
    }
}

/// Median of the true psi over the window, minus its value at 0, for each (receiver type, sender type).
fn true_plateaus(truth: &Truth, window: &[f64]) -> Result<Vec<f64>, Error> {
    let n_types = truth.types.len();
    (0..n_types * n_types)
        .map(|pair| {
            let (receiver, sender) = (pair / n_types, pair % n_types);
            let at = |x: f64| truth.transfer(receiver, sender, x);
            let values: Vec<f64> = window.iter().map(|&x| at(x) - at(0.0)).collect();
            Ok(quantile(&values, 0.5)?)
        })
        .collect()
}

/// Fills in everything that needs truth except the rollout.
pub(super) fn score(mechanism: &Mechanism, truth: &Truth, evaluation: &mut Evaluation) -> Result<(), Error> {
    let reference = Reference::new(mechanism, truth)?;
    evaluation.connectivity = Some(connectivity(mechanism, &reference)?);
    evaluation.functions = Some(functions(mechanism, truth)?);
    evaluation.modulation = modulation::score(mechanism, truth, &reference)?;
    if let Some(types) = &mut evaluation.types {
        let kept: Vec<usize> =
            (0..mechanism.n_neurons()).filter(|&one| !mechanism.is_excluded(one)).collect();
        let found: Vec<usize> = kept.iter().map(|&one| mechanism.types.label[one] as usize).collect();
        let known: Vec<usize> = kept.iter().map(|&one| truth.cell_type[one] as usize).collect();
        types.accuracy = Some(matched_accuracy(&known, &found)?);
        types.ari = Some(adjusted_rand_index(&known, &found)?);
        let count = |one: usize| known.iter().filter(|&&other| other == one).count();
        let counts: Vec<usize> = (0..truth.types.len()).map(count).collect();
        classes::score(mechanism, truth, &kept, types)?;
        types.chance = Some(counts.iter().copied().max().unwrap_or(0) as f64 / known.len().max(1) as f64);
        types.n_true = Some(counts.iter().filter(|&&count| count > 0).count());
    }
    Ok(())
}

fn connectivity(mechanism: &Mechanism, reference: &Reference) -> Result<ConnectivityScores, Error> {
    let n = mechanism.n_neurons();
    let fit = linear_fit(&reference.truth, &reference.learned)?;
    let (mut inside, mut pairs) = (0_usize, 0_usize);
    let mut errors = Vec::with_capacity(n * n);
    for (place, (learned, truth)) in reference.learned.iter().zip(&reference.truth).enumerate() {
        let (post, pre) = (place / n, place % n);
        let error = mechanism.standard_error[[post, pre]] * reference.scale(mechanism, post, pre).abs();
        // An edge that is known to be absent has no error, and proves nothing.
        if post != pre && error > 0.0 && error.is_finite() {
            pairs += 1;
            inside += usize::from((learned - truth).abs() <= Z_90 * error);
            errors.push(error);
        }
    }
    let rms = (reference.truth.iter().map(|w| w * w).sum::<f64>() / pairs.max(1) as f64).sqrt();
    let median_error = if errors.is_empty() { f64::NAN } else { quantile(&errors, 0.5)? };
    Ok(ConnectivityScores {
        r2_linear_fit: Some(fit.r2_linear_fit),
        slope: Some(fit.slope),
        r2_identity: Some(r2_identity(&reference.learned, &reference.truth)?),
        coverage_90: Some(inside as f64 / pairs.max(1) as f64),
        relative_standard_error: Some(median_error / rms.max(f64::MIN_POSITIVE))
            .filter(|value| value.is_finite()),
        n_pairs: pairs,
        n_matched: n,
        ..ConnectivityScores::default()
    })
}

fn functions(mechanism: &Mechanism, truth: &Truth) -> Result<FunctionScores, Error> {
    let (mut square, mut spread, mut count) = (0.0, 0.0, 0_usize);
    for neuron in (0..mechanism.n_neurons()).filter(|&one| !mechanism.is_excluded(one)) {
        let curve = mechanism.update_curve(neuron)?;
        let constant = silent_input(truth, neuron);
        let grid = middle(mechanism.update.lower[neuron], mechanism.update.upper[neuron]);
        let known: Vec<f64> =
            grid.iter().map(|&x| truth.update(truth.cell_type[neuron] as usize, x) + constant).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        for (&x, known) in grid.iter().zip(&known) {
            square += (curve.value(x) - known).powi(2);
            spread += (known - mean).powi(2);
            count += 1;
        }
    }
    let phi_rmse = (square / count.max(1) as f64).sqrt();
    let transfer = transfer::score(mechanism, truth)?;
    Ok(FunctionScores {
        phi_rmse,
        phi_rmse_relative: (square / f64::max(spread, f64::MIN_POSITIVE)).sqrt(),
        psi_rmse: transfer.rmse,
        psi: transfer.functions,
    })
}

/// What psi(0) of all senders adds to phi: in the gauge psi(0) = 0 a constant of psi belongs to phi.
fn silent_input(truth: &Truth, neuron: usize) -> f64 {
    let receiver = truth.cell_type[neuron] as usize;
    let of_sender =
        |(weight, sender): (&f32, &u32)| f64::from(*weight) * truth.transfer(receiver, *sender as usize, 0.0);
    let row = truth.weight_matrix.row(neuron);
    truth.types[receiver].gain * row.iter().zip(&truth.cell_type).map(of_sender).sum::<f64>()
}

/// Pooled range of the neurons that take part.
pub(crate) fn pooled(mechanism: &Mechanism) -> (f64, f64) {
    let kept = || (0..mechanism.n_neurons()).filter(|&one| !mechanism.is_excluded(one));
    let low = kept().map(|one| mechanism.update.lower[one]).fold(f64::INFINITY, f64::min);
    let high = kept().map(|one| mechanism.update.upper[one]).fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}

/// Equal steps over the middle 95 % of a range: its ends were visited once.
pub(super) fn middle(low: f64, high: f64) -> Vec<f64> {
    let at = |step: usize| 0.025 + 0.95 * step as f64 / (GRID - 1) as f64;
    (0..GRID).map(|step| low + (high - low) * at(step)).collect()
}
