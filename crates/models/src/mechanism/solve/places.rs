//! The scale of Omega from the places of the neurons: neighbours whose ratio hardly changes in time are similar in level.
//!
//! Only Omega_i W_i is determined by a recording. The wiring alone tells the scale of a row to about 1.6 / sqrt(N)
//! (its mean log |W| is that of all rows); a field in space tells more. With e_i the error of the log scale of row i,
//! sigma its standard deviation, d_ik the median over time of log Omega_i - log Omega_k and m_ik the median distance
//! from it,
//!
//! e minimises sum_i e_i^2 / sigma^2 + sum_ik (e_i - e_k - d_ik)^2 / (c^2 m_ik^2),
//!
//! over pairs of near neighbours, with c from E d^2 = c^2 m^2 + 2 sigma^2.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use ndarray::Array2;

use super::modulation::ScaledRow;
use crate::Error;

/// Nearest neighbours of a row that it is compared with.
const NEIGHBOURS: usize = 4;
/// Smallest c^2: with few rows it is poorly known, and neighbours are never taken for equal (the published movie: 1).
const LEAST: f64 = 0.25;
/// Smallest m, in logarithms.
const STILL: f64 = 1e-3;
/// Omega below this share of its row's mean counts as that.
const FAINT: f64 = 1e-3;

/// Two near rows: how their levels differ, and how much that changes in time.
struct Pair {
    rows: (usize, usize),
    difference: f64,
    change: f64,
}

/// Errors of the log scales of rows, as their neighbours see them; `spread` is the standard deviation of the error
/// of a row by itself. Rows without a place are left alone.
///
/// # Shapes
/// `positions` is `[neuron that takes part, 2 or 3]`.
pub(super) fn scale_errors(
    rows: &[ScaledRow],
    positions: &Array2<f64>,
    spread: f64,
) -> Result<Vec<f64>, Error> {
    let logs: Vec<Vec<f64>> = rows.iter().map(|row| logarithms(&row.omega)).collect();
    let pairs: Vec<Pair> = neighbours(rows, positions)
        .into_iter()
        .map(|(a, b)| {
            let differences: Vec<f64> = logs[a].iter().zip(&logs[b]).map(|(a, b)| a - b).collect();
            let difference = middle(differences.clone());
            let change = middle(differences.iter().map(|one| (one - difference).abs()).collect());
            Pair { rows: (a, b), difference, change: change.max(STILL) }
        })
        .collect();
    if pairs.is_empty() {
        return Ok(vec![0.0; rows.len()]);
    }
    let sum = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    let excess = sum(|pair| pair.difference.powi(2)) - 2.0 * spread.powi(2) * pairs.len() as f64;
    let factor = (excess / sum(|pair| pair.change.powi(2))).max(LEAST);
    let own = 1.0 / spread.powi(2).max(f64::MIN_POSITIVE);
    let mut normal = Mat::from_fn(rows.len(), rows.len(), |a, b| if a == b { own } else { 0.0 });
    let mut right = Mat::zeros(rows.len(), 1);
    for Pair { rows: (a, b), difference, change } in pairs {
        let precision = 1.0 / (factor * change.powi(2));
        normal[(a, a)] += precision;
        normal[(b, b)] += precision;
        normal[(a, b)] -= precision;
        normal[(b, a)] -= precision;
        right[(a, 0)] += precision * difference;
        right[(b, 0)] -= precision * difference;
    }
    let factored = normal.llt(Side::Lower).map_err(|_| Error::Singular { stage: "scales of Omega" })?;
    factored.solve_in_place(right.as_mut());
    Ok((0..rows.len()).map(|row| right[(row, 0)]).collect())
}

fn logarithms(omega: &[f64]) -> Vec<f64> {
    let mean = omega.iter().map(|one| one.abs()).sum::<f64>() / omega.len().max(1) as f64;
    omega.iter().map(|one| one.max(FAINT * mean).max(f64::MIN_POSITIVE).ln()).collect()
}

/// Each row with its nearest ones, every pair once.
fn neighbours(rows: &[ScaledRow], positions: &Array2<f64>) -> Vec<(usize, usize)> {
    let place = |row: usize| positions.row(rows[row].receiver);
    let placed: Vec<usize> =
        (0..rows.len()).filter(|&row| place(row).iter().all(|one| one.is_finite())).collect();
    let mut pairs = Vec::new();
    for &row in &placed {
        let distance =
            |other: usize| -> f64 { place(row).iter().zip(place(other)).map(|(a, b)| (a - b).powi(2)).sum() };
        let mut others: Vec<(f64, usize)> =
            placed.iter().filter(|&&other| other != row).map(|&other| (distance(other), other)).collect();
        others.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        pairs.extend(others.iter().take(NEIGHBOURS).map(|&(_, other)| (row.min(other), row.max(other))));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n => 0.5 * (values[(n - 1) / 2] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::Seed;
    use rand_chacha::rand_core::Rng;

    #[test]
    fn neighbours_tell_the_scale() {
        // A smooth field on 12 x 12 pixels that runs over them twice, each row scaled wrongly by up to 6 %. Half a wave
        // would leave true differences of level between neighbours, which nothing tells from wrong scales.
        let mut rng = Seed(4).rng();
        let mut uniform = || (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let side = 12;
        let wrong: Vec<f64> = (0..side * side).map(|_| 0.12 * (uniform() - 0.5)).collect();
        let spread = (wrong.iter().map(|one| one * one).sum::<f64>() / wrong.len() as f64).sqrt();
        let level = |pixel: usize, time: usize| {
            let (x, y) = ((pixel / side) as f64, (pixel % side) as f64);
            1.0 + 0.3 * (0.3 * x + 0.3 * time as f64).sin() * (0.25 * y).cos()
        };
        let row = |pixel: usize| ScaledRow {
            receiver: pixel,
            weights: Vec::new(),
            coefficients: Vec::new(),
            omega: (0..40).map(|time| level(pixel, time) * wrong[pixel].exp()).collect(),
            gain: 1.0,
        };
        let rows: Vec<ScaledRow> = (0..side * side).map(row).collect();
        let positions = Array2::from_shape_fn((side * side, 2), |(pixel, axis)| {
            if axis == 0 { (pixel / side) as f64 } else { (pixel % side) as f64 }
        });
        let found = scale_errors(&rows, &positions, spread).unwrap();
        let left = found.iter().zip(&wrong).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / wrong.len() as f64;
        assert!(left.sqrt() < 0.5 * spread, "{} of {spread}", left.sqrt());
        let nowhere = Array2::from_elem((side * side, 2), f64::NAN);
        assert!(scale_errors(&rows, &nowhere, spread).unwrap().iter().all(|&one| one == 0.0));
    }
}
