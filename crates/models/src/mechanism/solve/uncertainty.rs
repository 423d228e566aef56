//! How sure each weight is, and which senders the recording does not determine.

use faer::{Mat, Side};
use neuroloom_analysis::gram::{RowBlock, multiply_transposed};
use neuroloom_analysis::statistics::quantile;
use rayon::prelude::*;

use super::eliminate::RowFit;
use super::equations::Equations;
use super::normal::{Design, entries, messages, receiver_targets};
use super::transfer::Transfer;
use crate::Error;

/// Lags over which correlated residuals widen the errors.
const LAGS: usize = 20;
/// A sender is weak when its median standard error exceeds this share of the rms weight: half of its weights
/// could then be told from zero at one standard error only if they were twice as strong as usual.
const WEAK: f64 = 0.5;

/// Variances of one row of W for unit noise: the diagonal of G^-1 + G^-1 P'B S^-1 B'P G^-1.
pub(super) fn row_variance(inverse_diagonal: &[f64], fit: &RowFit) -> Vec<f64> {
    let spread = &fit.projected * &fit.schur_inverse;
    let through = (0..spread.nrows()).map(|sender| -> f64 {
        (0..spread.ncols()).map(|m| spread[(sender, m)] * fit.projected[(sender, m)]).sum()
    });
    through.zip(inverse_diagonal).map(|(through, inverse)| inverse + through).collect()
}

/// A fitted row as it is needed to form residuals.
pub(super) struct FittedRow<'a> {
    pub(super) weights: &'a [f64],
    pub(super) coefficients: &'a [f64],
}

/// By how much the variance of each row is larger than for white residuals:
/// 1 + 2 sum_l (1 - l/L) rho_residual(l) rho_message(l), over a contiguous run of equations (Bartlett 1946).
pub(super) fn variance_inflation(
    design: &Design<'_>,
    run: &Equations,
    psi: &Transfer,
    rows: &[FittedRow<'_>],
) -> Result<Vec<f64>, Error> {
    let n_rows = run.len();
    if n_rows < 4 * LAGS {
        return Ok(vec![1.0; rows.len()]);
    }
    let message = messages(run, 0..n_rows, &psi.senders()?, design.bump);
    let weights: Vec<f64> = rows.iter().flat_map(|row| row.weights).copied().collect();
    let fitted = multiply_transposed(RowBlock::new(&message, run.n)?, RowBlock::new(&weights, run.n)?)?;
    let mut residual = receiver_targets(run, 0..n_rows, design.receivers);
    residual.iter_mut().zip(&fitted).for_each(|(residual, fitted)| *residual -= fitted);
    let own = entries(design, run, 0..n_rows);
    for (position, (own, row)) in own.iter().zip(rows).enumerate() {
        for entry in own {
            let local = &row.coefficients[entry.first as usize..entry.first as usize + 4];
            let phi: f64 = local.iter().zip(entry.values).map(|(c, value)| c * value).sum();
            residual[entry.row as usize * rows.len() + position] -= phi;
        }
    }
    let of_messages = mean_correlogram(&message, run.n);
    let one = |position: usize| {
        let series: Vec<f64> = residual.iter().skip(position).step_by(rows.len()).copied().collect();
        let of_residual = correlogram(&series);
        let terms = of_residual.iter().zip(&of_messages).enumerate();
        let sum: f64 = terms.map(|(lag, (r, p))| (1.0 - (lag + 1) as f64 / (LAGS + 1) as f64) * r * p).sum();
        (1.0 + 2.0 * sum).max(1.0)
    };
    Ok((0..rows.len()).into_par_iter().map(one).collect())
}

/// Singular values of psi(X)/sqrt(T), descending.
pub(in crate::mechanism) fn singular_values(gram: &Mat<f64>, n_equations: usize) -> Result<Vec<f64>, Error> {
    let eigen = gram
        .self_adjoint_eigenvalues(Side::Lower)
        .map_err(|_| Error::Singular { stage: "singular values" })?;
    let scale = 1.0 / n_equations.max(1) as f64;
    Ok(eigen.iter().rev().map(|&value| (value.max(0.0) * scale).sqrt()).collect())
}

/// Median relative error of each sender's outgoing weights: standard error over the rms of all weights. The rms
/// is that of the weights behind the estimates, mean W^2 - mean SE^2: noise alone makes estimates large.
pub(in crate::mechanism) fn sender_errors(
    weights: &[Vec<f64>],
    errors: &[Vec<f64>],
) -> Result<Vec<f64>, Error> {
    let n = weights.len();
    let pairs = || (0..n * n).map(|place| (place / n, place % n)).filter(|(post, pre)| post != pre);
    let mean = |of: &[Vec<f64>]| {
        pairs().map(|(post, pre)| of[post][pre].powi(2)).sum::<f64>() / pairs().count().max(1) as f64
    };
    let (square, noise) = (mean(weights), mean(errors));
    // Where noise explains all of it the weights may be anything below it: one percent stands for "not seen".
    let rms = (square - noise).max(1e-4 * square).sqrt().max(f64::MIN_POSITIVE);
    let one = |sender: usize| -> Result<f64, Error> {
        let of_sender: Vec<f64> = (0..n)
            .filter(|&receiver| receiver != sender)
            .map(|receiver| errors[receiver][sender] / rms)
            .collect();
        match of_sender.is_empty() {
            true => Ok(0.0),
            false => Ok(quantile(&of_sender, 0.5)?),
        }
    };
    (0..n).into_par_iter().map(one).collect()
}

/// Whether a sender of this relative error is weak.
pub(in crate::mechanism) fn is_weak(sender_error: f64) -> bool {
    sender_error > WEAK
}

fn mean_correlogram(message: &[f64], n: usize) -> Vec<f64> {
    let each: Vec<Vec<f64>> = (0..n)
        .into_par_iter()
        .map(|sender| correlogram(&message.iter().skip(sender).step_by(n).copied().collect::<Vec<_>>()))
        .collect();
    (0..LAGS).map(|lag| each.iter().map(|one| one[lag]).sum::<f64>() / n as f64).collect()
}

/// Autocorrelation at lags 1..=LAGS.
fn correlogram(series: &[f64]) -> Vec<f64> {
    let n = series.len();
    let mean = series.iter().sum::<f64>() / n as f64;
    let product = |lag: usize| -> f64 {
        series[..n - lag].iter().zip(&series[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let variance = product(0).max(f64::MIN_POSITIVE);
    (1..=LAGS).map(|lag| product(lag) / variance).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternating_series_is_anticorrelated() {
        let series: Vec<f64> = (0..200).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let lags = correlogram(&series);
        assert!((lags[0] + 199.0 / 200.0).abs() < 1e-12);
        assert!((lags[1] - 198.0 / 200.0).abs() < 1e-12);
    }

    #[test]
    fn errors_are_relative_to_the_rms_weight() {
        // Off-diagonal weights 3 and 4, errors 1 and 2: rms = sqrt((9 + 16) / 2 - (1 + 4) / 2) = sqrt(10).
        let weights = vec![vec![0.0, 3.0], vec![4.0, 0.0]];
        let errors = vec![vec![0.0, 1.0], vec![2.0, 0.0]];
        let sender = sender_errors(&weights, &errors).unwrap();
        assert!((sender[0] - 2.0 / 10.0_f64.sqrt()).abs() < 1e-12);
        assert!(is_weak(sender[0]) && !is_weak(sender[1]));
        // Errors as large as the estimates: nothing was seen.
        let sender = sender_errors(&weights, &weights).unwrap();
        assert!(sender.iter().all(|&one| is_weak(one)));
    }
}
