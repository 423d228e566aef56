//! Each psi against the true one, in one gauge; widths and linear parts where the truth is a tanh.

use neuroloom_analysis::least_squares::solve_small;
use neuroloom_core::{Activation, TransferKind, Truth};

use super::TransferScore;
use super::recovery::{middle, pooled};
use crate::Error;
use crate::mechanism::Mechanism;

/// Scores of all functions.
pub(super) struct TransferScores {
    /// Root mean square over the functions.
    pub(super) rmse: f64,
    pub(super) functions: Vec<TransferScore>,
}

/// Compares every psi with the true one of the most common pair of types that it stands for.
pub(super) fn score(mechanism: &Mechanism, truth: &Truth) -> Result<TransferScores, Error> {
    let classes = mechanism.transfer.n_sender_classes;
    let mut functions = Vec::new();
    for (place, curve) in mechanism.transfer.curves()?.iter().enumerate() {
        let members = Members::new(mechanism, place);
        let (low, high) = sender_range(mechanism, place);
        let grid = middle(low, high);
        let learned: Vec<f64> = grid.iter().map(|&x| curve.value(x)).collect();
        let known = gauged_truth(mechanism, truth, place, &grid);
        let square: f64 = learned.iter().zip(&known).map(|(a, b)| (a - b).powi(2)).sum();
        let (receiver, sender) = members.types(truth);
        let (width, slope) = shape(truth, &grid, &learned);
        let own = match truth.transfer {
            TransferKind::Receiver => receiver,
            _ => sender,
        };
        functions.push(TransferScore {
            receiver_class: place / classes,
            sender_class: place % classes,
            n_receivers: members.receivers.len(),
            n_senders: members.senders.len(),
            rmse: (square / grid.len() as f64).sqrt(),
            width,
            true_width: width.map(|_| true_width(truth, own)),
            slope,
            true_slope: slope.map(|_| truth.types[sender].width.ln() / 50.0),
        });
    }
    let mean = functions.iter().map(|one| one.rmse.powi(2)).sum::<f64>() / functions.len().max(1) as f64;
    Ok(TransferScores { rmse: mean.sqrt(), functions })
}

/// The true psi of the most common pair of types behind one learned psi: 0 at 0, of maximum 1, positive at the
/// right end of the grid.
pub(crate) fn gauged_truth(mechanism: &Mechanism, truth: &Truth, place: usize, grid: &[f64]) -> Vec<f64> {
    let (receiver, sender) = Members::new(mechanism, place).types(truth);
    let at = |x: f64| truth.transfer(receiver, sender, x);
    let (low, high) = sender_range(mechanism, place);
    let center = if low <= 0.0 && 0.0 <= high { 0.0 } else { 0.5 * (low + high) };
    let step = (high - low) / 400.0;
    let all = (0..=400).map(|k| (at(low + step * f64::from(k)) - at(center)).abs());
    let largest = all.fold(f64::MIN_POSITIVE, f64::max);
    let sign = if at(high) < at(center) { -1.0 } else { 1.0 };
    grid.iter().map(|&x| sign * (at(x) - at(center)) / largest).collect()
}

/// Range over which the senders of one psi were recorded.
pub(crate) fn sender_range(mechanism: &Mechanism, place: usize) -> (f64, f64) {
    let senders = Members::new(mechanism, place).senders;
    let low = senders.iter().map(|&one| mechanism.update.lower[one]).fold(f64::INFINITY, f64::min);
    let high = senders.iter().map(|&one| mechanism.update.upper[one]).fold(f64::NEG_INFINITY, f64::max);
    if low < high { (low, high) } else { pooled(mechanism) }
}

/// The neurons that one psi connects.
struct Members {
    receivers: Vec<usize>,
    senders: Vec<usize>,
}

impl Members {
    fn new(mechanism: &Mechanism, place: usize) -> Self {
        let transfer = &mechanism.transfer;
        let of = |classes: &[u32], class: usize| -> Vec<usize> {
            let member = |&one: &usize| classes[one] as usize == class && !mechanism.is_excluded(one);
            (0..classes.len()).filter(member).collect()
        };
        Self {
            receivers: of(&transfer.receiver_class, place / transfer.n_sender_classes),
            senders: of(&transfer.sender_class, place % transfer.n_sender_classes),
        }
    }

    /// Most common true type of receivers and senders.
    fn types(&self, truth: &Truth) -> (usize, usize) {
        let of = |members: &[usize]| {
            let count =
                |label: usize| members.iter().filter(|&&one| truth.cell_type[one] as usize == label).count();
            (0..truth.types.len()).max_by_key(|&label| (count(label), std::cmp::Reverse(label))).unwrap_or(0)
        };
        (of(&self.receivers), of(&self.senders))
    }
}

fn true_width(truth: &Truth, own: usize) -> f64 {
    match truth.transfer {
        TransferKind::Shared => 1.0,
        _ => truth.types[own].width,
    }
}

/// Width and linear part of the best a tanh(x / width) - b x: width by golden section, a and b by least squares.
/// Only where the truth has this form.
fn shape(truth: &Truth, grid: &[f64], psi: &[f64]) -> (Option<f64>, Option<f64>) {
    if truth.activation != Activation::Tanh || truth.types.iter().any(|one| one.threshold != 0.0) {
        return (None, None);
    }
    let linear = truth.transfer == TransferKind::Receiver;
    let loss = |log_width: f64| fit_at(grid, psi, log_width.exp(), linear).0;
    let log_width = minimise(loss, (0.05_f64.ln(), 100.0_f64.ln()));
    let (_, amplitude, slope) = fit_at(grid, psi, log_width.exp(), linear);
    (Some(log_width.exp()), linear.then_some(-slope / amplitude))
}

/// Loss and coefficients of a tanh(x / width) + b x.
fn fit_at(grid: &[f64], psi: &[f64], width: f64, linear: bool) -> (f64, f64, f64) {
    let features = |x: f64| [(x / width).tanh(), if linear { x } else { 0.0 }];
    let (mut normal, mut right) = (vec![0.0, 0.0, 0.0, if linear { 0.0 } else { 1.0 }], vec![0.0; 2]);
    for (&x, &y) in grid.iter().zip(psi) {
        let f = features(x);
        for a in 0..2 {
            right[a] += f[a] * y;
            (0..2).for_each(|b| normal[2 * a + b] += f[a] * f[b]);
        }
    }
    let Some(best) = solve_small(normal, right) else { return (f64::INFINITY, 1.0, 0.0) };
    let residual = |(&x, &y): (&f64, &f64)| {
        let f = features(x);
        (y - best[0] * f[0] - best[1] * f[1]).powi(2)
    };
    (grid.iter().zip(psi).map(residual).sum(), best[0], best[1])
}

/// The smallest of a scan, refined by golden section.
fn minimise(loss: impl Fn(f64) -> f64, (low, high): (f64, f64)) -> f64 {
    const STEPS: usize = 60;
    let at = |step: usize| low + (high - low) * step as f64 / STEPS as f64;
    let best = (0..=STEPS).min_by(|&a, &b| loss(at(a)).total_cmp(&loss(at(b)))).unwrap_or(0);
    let (mut left, mut right) = (at(best.saturating_sub(1)), at((best + 1).min(STEPS)));
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..50 {
        let (a, b) = (right - golden * (right - left), left + golden * (right - left));
        match loss(a) < loss(b) {
            true => right = b,
            false => left = a,
        }
    }
    0.5 * (left + right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_linear_part_are_read_off_a_tanh() {
        let grid: Vec<f64> = (-200..=200).map(|k| 0.1 * f64::from(k)).collect();
        let psi: Vec<f64> = grid.iter().map(|x| 1.3 * ((x / 4.0_f64).tanh() - 0.02 * x)).collect();
        let log_width = minimise(|w| fit_at(&grid, &psi, w.exp(), true).0, (0.05_f64.ln(), 100.0_f64.ln()));
        let (_, amplitude, slope) = fit_at(&grid, &psi, log_width.exp(), true);
        assert!((log_width.exp() - 4.0).abs() < 1e-5 && (slope / amplitude + 0.02).abs() < 1e-6);
    }
}
