//! Rows whose search ended far from where others end: Omega of another row is where they start again.
//!
//! The problem of a row is bilinear, and about one in thirty ends in a valley where Omega hardly moves. Rows see the
//! same field, and the little that Omega did move points to the row that sees most of the same.

use neuroloom_analysis::metrics::regression::pearson;

use super::ScaledRow;
use super::verdict::stands_apart;

/// Starts that are more alike than this are one.
const ALIKE: f64 = 0.9;

/// Starts that each row has had.
#[derive(Debug, Default)]
pub(super) struct Tried(Vec<(usize, Vec<f64>)>);

impl Tried {
    /// Rows that should start again and Omega to start from.
    pub(super) fn next(&mut self, rows: &[ScaledRow]) -> Vec<(usize, Vec<f64>)> {
        let apart = stands_apart(&rows.iter().map(|row| row.left).collect::<Vec<_>>());
        let mut starts = Vec::new();
        for (place, row) in rows.iter().enumerate().filter(|(place, _)| apart[*place]) {
            let had: Vec<&Vec<f64>> =
                self.0.iter().filter(|(one, _)| *one == place).map(|(_, omega)| omega).collect();
            let new = |omega: &Vec<f64>| had.iter().all(|had| alike(had, omega) < ALIKE);
            let others = rows.iter().zip(&apart).filter(|(other, apart)| !**apart && new(&other.omega));
            let best = others
                .max_by(|(a, _), (b, _)| alike(&row.omega, &a.omega).total_cmp(&alike(&row.omega, &b.omega)));
            starts.extend(best.map(|(other, _)| (place, other.omega.clone())));
        }
        self.0.extend(starts.iter().cloned());
        starts
    }
}

fn alike(a: &[f64], b: &[f64]) -> f64 {
    pearson(a, b).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(omega: [f64; 4], left: f64) -> ScaledRow {
        ScaledRow {
            receiver: 0,
            weights: Vec::new(),
            coefficients: Vec::new(),
            omega: omega.to_vec(),
            loss: left,
            first: 1.0,
            left,
        }
    }

    #[test]
    fn a_stuck_row_starts_from_what_it_is_most_like_and_never_twice_from_the_same() {
        let (up, late) = ([0.5, 0.8, 1.2, 1.5], [1.0, 0.6, 1.0, 1.4]);
        let rows = [row(up, 1e-8), row(up, 1e-8), row(late, 1e-8), row([0.99, 1.0, 1.0, 1.01], 1e-2)];
        let mut tried = Tried::default();
        assert_eq!(tried.next(&rows), [(3, up.to_vec())]);
        assert_eq!(tried.next(&rows), [(3, late.to_vec())]);
        assert!(tried.next(&rows).is_empty());
    }

    #[test]
    fn where_all_rows_leave_the_same_none_starts_again() {
        let rows = [row([1.0; 4], 0.1), row([1.0; 4], 0.2), row([1.0; 4], 0.15)];
        assert!(Tried::default().next(&rows).is_empty());
    }
}
