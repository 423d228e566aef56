//! A symmetric positive definite matrix with five constant bands, as `L D L'`.

use crate::Error;

/// The factors; column i of L has the entries `below[i]` and `far_below[i]` under its 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pentadiagonal {
    pivots: Vec<f64>,
    below: Vec<f64>,
    far_below: Vec<f64>,
}

impl Pentadiagonal {
    /// Factors the matrix with `diagonals = [main, first, second]`, the same in every row.
    pub(super) fn factor(n: usize, diagonals: [f64; 3]) -> Result<Self, Error> {
        let [main, first, second] = diagonals;
        let mut factors = Self {
            pivots: Vec::with_capacity(n),
            below: Vec::with_capacity(n),
            far_below: Vec::with_capacity(n),
        };
        for row in 0..n {
            let (mut pivot, mut next) = (main, first);
            if row >= 1 {
                let carried = factors.pivots[row - 1] * factors.below[row - 1];
                pivot -= carried * factors.below[row - 1];
                next -= carried * factors.far_below[row - 1];
            }
            if row >= 2 {
                pivot -= factors.pivots[row - 2] * factors.far_below[row - 2].powi(2);
            }
            if !(pivot.is_finite() && pivot > 0.0) {
                let hint = "choose a smaller penalty";
                return Err(Error::Singular { what: "the smoothing matrix", hint });
            }
            factors.pivots.push(pivot);
            factors.below.push(if row + 1 < n { next / pivot } else { 0.0 });
            factors.far_below.push(if row + 2 < n { second / pivot } else { 0.0 });
        }
        Ok(factors)
    }

    /// Replaces the right side by the solution.
    pub(super) fn solve_in_place(&self, right: &mut [f64]) {
        let n = self.pivots.len();
        for row in 1..n {
            right[row] -= self.below[row - 1] * right[row - 1];
            if row >= 2 {
                right[row] -= self.far_below[row - 2] * right[row - 2];
            }
        }
        for (entry, pivot) in right.iter_mut().zip(&self.pivots) {
            *entry /= pivot;
        }
        for row in (0..n.saturating_sub(1)).rev() {
            right[row] -= self.below[row] * right[row + 1];
            if row + 2 < n {
                right[row] -= self.far_below[row] * right[row + 2];
            }
        }
    }

    /// Trace of the inverse times a second matrix with five constant bands. Only the five central bands of
    /// the inverse are needed; they follow from the last row upwards (Hutchinson and de Hoog 1985).
    pub(super) fn trace_of_inverse_times(&self, diagonals: [f64; 3]) -> f64 {
        let mut trace = 0.0;
        // The inverse at (row + 1, row + 1), (row + 1, row + 2) and (row + 2, row + 2).
        let (mut near, mut across, mut far) = (0.0, 0.0, 0.0);
        for row in (0..self.pivots.len()).rev() {
            let (below, far_below) = (self.below[row], self.far_below[row]);
            let first = -below * near - far_below * across;
            let second = -below * across - far_below * far;
            let main = 1.0 / self.pivots[row] - below * first - far_below * second;
            trace += diagonals[0] * main + 2.0 * (diagonals[1] * first + diagonals[2] * second);
            (near, across, far) = (main, first, near);
        }
        trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_system_worked_out_by_hand() -> Result<(), Error> {
        // rows (6 -4 1), (-4 6 -4), (1 -4 6) times (1 2 3)
        let mut right = [1.0, -4.0, 11.0];
        Pentadiagonal::factor(3, [6.0, -4.0, 1.0])?.solve_in_place(&mut right);
        for (found, expected) in right.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
        Ok(())
    }

    #[test]
    fn the_trace_of_the_inverse_times_itself_is_the_dimension() -> Result<(), Error> {
        for n in [1, 2, 3, 17] {
            let rows = [7.0, -4.0, 1.0];
            assert!((Pentadiagonal::factor(n, rows)?.trace_of_inverse_times(rows) - n as f64).abs() < 1e-12);
        }
        Ok(())
    }

    #[test]
    fn an_indefinite_matrix_is_refused() {
        assert!(matches!(Pentadiagonal::factor(3, [1.0, 2.0, 0.0]), Err(Error::Singular { .. })));
    }
}
