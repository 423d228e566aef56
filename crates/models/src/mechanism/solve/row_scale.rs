//! How large a row of W is: rows draw their weights from one distribution, and the rows that nothing scales show it.
//!
//! Only Omega_i W_i is determined by a recording. With p the density of ln |W| of the quiet rows, a row whose weights
//! must be multiplied by exp(e) has the log likelihood
//!
//! l_i(e) = sum_j ln p(ln |W_ij| + e).
//!
//! That is as good as any estimate can be: a Cauchy distribution gives e to sqrt(2 / N) (3.1 % at N = 2048; the mean of
//! ln |W| to 1.6 / sqrt(N), 3.5 %), and one that ends, as the published one does at 25 times its scale, gives more. How
//! finely p is resolved is chosen on quiet rows that were kept out of it, and so is the error that is stated.

use neuroloom_analysis::statistics::mean_and_sd;
use rayon::prelude::*;

use crate::Error;

/// Weights below this share of the root mean square of their row are left out: there noise is larger than weights.
const FAINT: f64 = 0.01;
/// Width of a bin of ln |W|.
const BIN: f64 = 0.005;
/// Standard deviations of the kernel that smooths p, in bins: the one of the smallest error on quiet rows is taken.
const KERNELS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 20.0, 50.0, 100.0];
/// Share of weights that may be anywhere: p is never 0.
const ANYWHERE: f64 = 1e-5;
/// Half the number of shifts at which a likelihood is known, and how far they reach in standard deviations of the mean
/// logarithm of a row.
const SHIFTS: (usize, f64) = (100, 5.0);
/// Most quiet rows that choose the kernel.
const JUDGES: usize = 200;

/// l(e) of one row on equal steps.
pub(super) struct Likelihood {
    first: f64,
    step: f64,
    logs: Vec<f64>,
}

/// What the sizes of weights tell of the scale of rows.
pub(super) struct RowScales {
    /// One a row.
    pub(super) rows: Vec<Likelihood>,
    /// Root mean square error of e on quiet rows that were kept out of p.
    pub(super) spread: f64,
    /// The same over the error that the likelihoods claim.
    pub(super) calibration: f64,
}

impl Likelihood {
    /// Mean and variance of e under a normal prior (mean, variance), or none.
    pub(super) fn posterior(&self, prior: Option<(f64, f64)>) -> (f64, f64) {
        let shift = |place: usize| self.first + self.step * place as f64;
        let penalty = |e: f64| prior.map_or(0.0, |(mean, variance)| (e - mean).powi(2) / (2.0 * variance));
        let logs: Vec<f64> =
            self.logs.iter().enumerate().map(|(place, log)| log - penalty(shift(place))).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sums = [0.0; 3];
        for (place, log) in logs.iter().enumerate() {
            let (e, weight) = (shift(place), (log - most).exp());
            sums.iter_mut().zip([1.0, e, e * e]).for_each(|(sum, power)| *sum += weight * power);
        }
        let mean = sums[1] / sums[0];
        (mean, (sums[2] / sums[0] - mean * mean).max(self.step * self.step / 12.0))
    }
}

/// Likelihoods of the scales of some rows, given quiet ones; each row without its own neuron.
pub(super) fn row_scales(quiet: &[Vec<f64>], rows: &[Vec<f64>]) -> Result<RowScales, Error> {
    let sizes = |rows: &[Vec<f64>]| rows.iter().map(|row| logarithms(row)).collect::<Vec<_>>();
    let (quiet, rows) = (sizes(quiet), sizes(rows));
    let levels: Vec<f64> = quiet.iter().map(|row| mean(row)).collect();
    let (level, sd) = mean_and_sd(&levels)?;
    let reach = SHIFTS.1 * sd.max(1e-4);
    let every_other = |from: usize| quiet.iter().skip(from).step_by(2).map(Vec::as_slice);
    let known: Vec<&[f64]> = every_other(0).collect();
    let kept_out: Vec<&[f64]> = every_other(1).take(JUDGES).collect();
    let mut best = (f64::INFINITY, 1.0, KERNELS[0]);
    for kernel in KERNELS {
        let density = Density::new(&known, kernel);
        let found: Vec<(f64, f64)> = kept_out
            .par_iter()
            .map(|row| density.likelihood(row, (level - mean(row), reach)).posterior(None))
            .collect();
        let count = found.len().max(1) as f64;
        let error = (found.iter().map(|(e, _)| e * e).sum::<f64>() / count).sqrt();
        let claimed = (found.iter().map(|(_, variance)| variance).sum::<f64>() / count).sqrt();
        if error < best.0 {
            best = (error, error / claimed, kernel);
        }
    }
    let (spread, calibration, kernel) = best;
    let all: Vec<&[f64]> = quiet.iter().map(Vec::as_slice).collect();
    let density = Density::new(&all, kernel);
    let likelihood = |row: &Vec<f64>| density.likelihood(row, (level - mean(row), reach));
    Ok(RowScales { rows: rows.par_iter().map(likelihood).collect(), spread, calibration })
}

/// ln p on bins.
struct Density {
    first: f64,
    logs: Vec<f64>,
}

impl Density {
    fn new(rows: &[&[f64]], kernel: f64) -> Self {
        let all = || rows.iter().flat_map(|row| row.iter().copied());
        let (low, high) =
            all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)));
        let margin = (4.0 * kernel).ceil() as usize + 1;
        let first = low - margin as f64 * BIN;
        let count = ((high - low) / BIN).max(0.0) as usize + 2 * margin + 2;
        let mut counts = vec![0.0; count];
        all().for_each(|one| counts[((one - first) / BIN) as usize] += 1.0);
        let total: f64 = counts.iter().sum::<f64>().max(1.0);
        let reach = (4.0 * kernel).ceil() as isize;
        let weights: Vec<f64> =
            (-reach..=reach).map(|step| (-0.5 * (step as f64 / kernel).powi(2)).exp()).collect();
        let norm: f64 = weights.iter().sum();
        let log = |place: usize| {
            let near = weights.iter().zip(place as isize - reach..);
            let sum: f64 =
                near.filter_map(|(weight, at)| Some(weight * counts.get(usize::try_from(at).ok()?)?)).sum();
            ((1.0 - ANYWHERE) * sum / (norm * total * BIN) + ANYWHERE / (count as f64 * BIN)).ln()
        };
        Self { first, logs: (0..count).map(log).collect() }
    }

    /// ln p between the centres of two bins, the last one beyond them.
    fn log(&self, size: f64) -> f64 {
        let last = self.logs.len() - 1;
        let place = ((size - self.first) / BIN - 0.5).clamp(0.0, last as f64);
        let left = (place as usize).min(last.saturating_sub(1));
        let share = place - left as f64;
        self.logs[left] + share * (self.logs[(left + 1).min(last)] - self.logs[left])
    }

    fn likelihood(&self, row: &[f64], (center, reach): (f64, f64)) -> Likelihood {
        let step = reach / SHIFTS.0 as f64;
        let first = center - reach;
        let log = |place: usize| {
            let shift = first + step * place as f64;
            row.iter().map(|size| self.log(size + shift)).sum()
        };
        Likelihood { first, step, logs: (0..=2 * SHIFTS.0).map(log).collect() }
    }
}

/// ln |W| of the weights of a row that are not faint.
fn logarithms(row: &[f64]) -> Vec<f64> {
    let square = row.iter().map(|weight| weight * weight).sum::<f64>() / row.len().max(1) as f64;
    let least = (FAINT * square.sqrt()).max(f64::MIN_POSITIVE);
    row.iter().map(|weight| weight.abs()).filter(|&size| size >= least).map(f64::ln).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::Seed;
    use rand_chacha::rand_core::Rng;

    /// Rows of Cauchy weights, those above 25 times the scale set to 0, times the scale of each row.
    fn rows(seed: u64, n: usize, scales: &[f64]) -> Vec<Vec<f64>> {
        let mut rng = Seed(seed).rng();
        let mut weight = || {
            let uniform = ((rng.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
            let cauchy = (std::f64::consts::PI * (uniform - 0.5)).tan();
            if cauchy.abs() > 25.0 { 0.0 } else { cauchy }
        };
        scales.iter().map(|scale| (0..n).map(|_| scale * weight()).collect()).collect()
    }

    #[test]
    fn the_likelihood_tells_the_scale_better_than_the_mean_logarithm() {
        let n = 1000;
        let quiet = rows(1, n, &[1.0; 200]);
        let scales: Vec<f64> = (0..150).map(|row| (0.4 * f64::from(row % 7) - 1.2).exp()).collect();
        let scaled = rows(2, n, &scales);
        let found = row_scales(&quiet, &scaled).unwrap();
        let rms = |errors: Vec<f64>| {
            (errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64).sqrt()
        };
        let of_likelihood = rms(found
            .rows
            .iter()
            .zip(&scales)
            .map(|(row, scale)| row.posterior(None).0 + scale.ln())
            .collect());
        let level = mean(&quiet.iter().map(|row| mean(&logarithms(row))).collect::<Vec<_>>());
        let of_mean = rms(scaled
            .iter()
            .zip(&scales)
            .map(|(row, scale)| level - mean(&logarithms(row)) + scale.ln())
            .collect());
        // Fisher information of a Cauchy scale: sqrt(2 / 1000) = 4.5 %; its end at 25 tells more.
        assert!(of_likelihood < 0.042, "{of_likelihood}");
        assert!(of_likelihood < 0.9 * of_mean, "{of_likelihood} against {of_mean}");
        // What is said of the error is so, to a fifth.
        assert!((found.spread / of_likelihood - 1.0).abs() < 0.2, "{} {of_likelihood}", found.spread);
    }

    #[test]
    fn a_prior_pulls_as_far_as_the_weights_let_it() {
        let quiet = rows(3, 400, &[1.0; 60]);
        let row = &row_scales(&quiet, &rows(4, 400, &[1.0])).unwrap().rows[0];
        let (mean, variance) = row.posterior(None);
        assert!((row.posterior(Some((mean + 0.05, 1e-8))).0 - mean - 0.05).abs() < 1e-3);
        let between = row.posterior(Some((mean + variance.sqrt(), variance))).0 - mean;
        assert!((0.2..0.8).contains(&(between / variance.sqrt())), "{between}");
    }
}
