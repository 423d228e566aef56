//! The scale of Omega from the places of the neurons: neighbours whose ratio hardly changes in time are similar in level.
//!
//! Only Omega_i W_i is determined by a recording. The wiring tells the scale of a row (`row_scale`); a field in space tells
//! more. With e_i the error of the log scale of row i, o_i and s_i^2 what the wiring says of it and its variance, d_ik the
//! median over time of log Omega_i - log Omega_k and m_ik the median distance from it, the errors have the density
//!
//! -2 ln p = sum_i (e_i - o_i)^2 / s_i^2 + sum_ik (e_i - e_k - d_ik)^2 / (c^2 m_ik^2),
//!
//! over pairs of near neighbours, with c from E (d - o_i + o_k)^2 = c^2 m^2 + s_i^2 + s_k^2. What the others say of row i
//! is that density without the row's own first term. m adapts to the field: along an edge in it neighbours tell little.
//! With the published movie scales known to 3.2 % become known to 1.5 %; a Gaussian process of one smoothness
//! everywhere (Matern 3/2, the best length) left 1.7 %.

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

/// Where the wiring knows scales worse than this, c is poorly known and neighbours did harm (about 100 neurons).
const POORLY: f64 = 0.1;
/// What the others say counts from this share of the row's own precision.
const DEAF: f64 = 1e-6;

/// An error of a log scale, and its variance.
pub(super) type Estimate = (f64, f64);

/// Two near rows: how their levels differ, and how much that changes in time.
struct Pair {
    rows: (usize, usize),
    difference: f64,
    change: f64,
}

impl Pair {
    /// What scales known with these variances leave of the square of the difference.
    fn excess(&self, own: &[Estimate]) -> f64 {
        let (a, b) = (own[self.rows.0], own[self.rows.1]);
        (self.difference - a.0 + b.0).powi(2) - a.1 - b.1
    }
}

/// What the other rows say of the error of the log scale of each row; `None` for rows without a place, and for all
/// where the wiring alone says too little.
///
/// # Shapes
/// `positions` is `[neuron that takes part, 2 or 3]`.
pub(super) fn by_neighbours(
    rows: &[ScaledRow],
    own: &[Estimate],
    positions: &Array2<f64>,
) -> Result<Vec<Option<Estimate>>, Error> {
    let mut said = vec![None; rows.len()];
    let pairs = pairs(rows, positions);
    let mean = own.iter().map(|(_, variance)| variance).sum::<f64>() / own.len().max(1) as f64;
    if pairs.is_empty() || mean > POORLY * POORLY {
        return Ok(said);
    }
    let excess: f64 = pairs.iter().map(|pair| pair.excess(own)).sum();
    let factor = (excess / pairs.iter().map(|pair| pair.change.powi(2)).sum::<f64>()).max(LEAST);
    let n = rows.len();
    let mut precision = Mat::from_fn(n, n, |a, b| if a == b { 1.0 / own[a].1 } else { 0.0 });
    let mut right = Mat::from_fn(n, 1, |row, _| own[row].0 / own[row].1);
    for Pair { rows: (a, b), difference, change } in pairs {
        let of_pair = 1.0 / (factor * change.powi(2));
        precision[(a, a)] += of_pair;
        precision[(b, b)] += of_pair;
        precision[(a, b)] -= of_pair;
        precision[(b, a)] -= of_pair;
        right[(a, 0)] += of_pair * difference;
        right[(b, 0)] -= of_pair * difference;
    }
    let factored = precision.llt(Side::Lower).map_err(|_| Error::Singular { stage: "scales of Omega" })?;
    let mut variance = Mat::<f64>::identity(n, n);
    factored.solve_in_place(variance.as_mut());
    let all = &variance * &right;
    for (row, said) in said.iter_mut().enumerate() {
        let of_others = 1.0 / variance[(row, row)] - 1.0 / own[row].1;
        // A row without neighbours hears nothing but itself.
        if of_others * own[row].1 > DEAF {
            let mean = (all[(row, 0)] / variance[(row, row)] - own[row].0 / own[row].1) / of_others;
            *said = Some((mean, 1.0 / of_others));
        }
    }
    Ok(said)
}

fn pairs(rows: &[ScaledRow], positions: &Array2<f64>) -> Vec<Pair> {
    let logs: Vec<Vec<f64>> = rows.iter().map(|row| logarithms(&row.omega)).collect();
    let pair = |(a, b): (usize, usize)| {
        let differences: Vec<f64> = logs[a].iter().zip(&logs[b]).map(|(a, b)| a - b).collect();
        let difference = middle(differences.clone());
        let change = middle(differences.iter().map(|one| (one - difference).abs()).collect());
        Pair { rows: (a, b), difference, change: change.max(STILL) }
    };
    neighbours(rows, positions).into_iter().map(pair).collect()
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
            loss: 1.0,
            first: 1.0,
            left: 1.0,
        };
        let rows: Vec<ScaledRow> = (0..side * side).map(row).collect();
        let positions = Array2::from_shape_fn((side * side, 2), |(pixel, axis)| {
            if axis == 0 { (pixel / side) as f64 } else { (pixel % side) as f64 }
        });
        let own = vec![(0.0, spread * spread); wrong.len()];
        let said = by_neighbours(&rows, &own, &positions).unwrap();
        let square = said.iter().zip(&wrong).map(|(said, wrong)| {
            let (mean, variance) = said.unwrap();
            let both = mean / variance / (1.0 / variance + 1.0 / (spread * spread));
            (both - wrong).powi(2)
        });
        let left = square.sum::<f64>() / wrong.len() as f64;
        assert!(left.sqrt() < 0.5 * spread, "{} of {spread}", left.sqrt());
        let nowhere = Array2::from_elem((side * side, 2), f64::NAN);
        assert!(by_neighbours(&rows, &own, &nowhere).unwrap().iter().all(Option::is_none));
    }
}
