//! Which rows may be scaled from outside, by what they leave at Omega = 1.

use super::pass::Pass;

/// Share of a row's residual that goes with its own recurrent sum, window by window, above which the row counts as
/// scaled from outside; so much more than by chance, which is the inverse number of equations of a window. Slow
/// residuals of rows without a field reach .05, those with one .19 (200 neurons, psi of the wrong width).
pub(super) const SCALED: f64 = 0.08;
/// And least relative change of Omega that this would need (rms over windows, what W takes over left out): where psi
/// is right, little is left that could be anything.
const MATTERS: f64 = 0.01;
/// A row that leaves so many times what others leave may be scaled: the fit of its Omega decides.
pub(super) const APART: f64 = 10.0;
/// What is left below this share of the recurrent sum is what psi and phi cannot follow.
const NEGLIGIBLE: f64 = 0.003;
/// While psi is still wrong, some rows with a field pass for rows without: only the half of those that leave least of
/// their own recurrent sum drives psi, and at least so many.
const FEWEST_CALM: usize = 60;

/// What rows leave of their targets at Omega = 1.
pub(super) struct Verdict {
    /// Share that goes with the row's own recurrent sum, window by window.
    share: Vec<f64>,
    /// What it is by chance.
    chance: f64,
    /// All that is left, over the square of the recurrent sum.
    pub(super) left: Vec<f64>,
    /// Whether that is far more than other rows leave.
    apart: Vec<bool>,
}

impl Verdict {
    pub(super) fn new(here: &Pass, n_equations: usize, windows: usize) -> Self {
        let explained = |row: usize| -> f64 {
            let of_row = row * windows..(row + 1) * windows;
            let pairs = here.square[of_row.clone()].iter().zip(&here.gradient.o[of_row]);
            pairs.filter(|(z, _)| **z > 0.0).map(|(z, pull)| pull * pull / z).sum()
        };
        let total = |row: usize| here.square[row * windows..(row + 1) * windows].iter().sum::<f64>();
        let over = |value: f64, by: f64| value / by.max(f64::MIN_POSITIVE);
        let rows = 0..here.loss.len();
        let left: Vec<f64> = rows.clone().map(|row| over(here.loss[row], total(row))).collect();
        Self {
            share: rows.map(|row| over(explained(row), here.loss[row])).collect(),
            chance: windows as f64 / n_equations.max(1) as f64,
            apart: stands_apart(&left),
            left,
        }
    }

    /// Much of what is left goes with the recurrent sum; or, once psi is right, far more is left than in other rows (W
    /// follows a slow field, so that little of what it leaves goes with the recurrent sum).
    pub(super) fn is_scaled(&self, row: usize) -> bool {
        let clearly =
            self.share[row] > self.chance + SCALED && self.share[row] * self.left[row] > MATTERS * MATTERS;
        clearly || self.apart[row]
    }
}

/// Rows that leave far more than the row in the middle of the lower half, and more than psi and phi cannot follow.
pub(super) fn stands_apart(left: &[f64]) -> Vec<bool> {
    let mut sorted = left.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 4).copied().unwrap_or(0.0);
    left.iter().map(|&left| left > (APART * usual).max(NEGLIGIBLE * NEGLIGIBLE)).collect()
}

/// The half of some rows that leave least, but no fewer than psi needs; ascending.
pub(super) fn calmest(rows: &[usize], left: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut rows = rows.to_vec();
    rows.sort_by(|&a, &b| left(a).total_cmp(&left(b)));
    rows.truncate((rows.len() / 2).max(FEWEST_CALM));
    rows.sort_unstable();
    rows
}
