//! G = P'P + ridge, factored tile by tile on all cores: the tiles do not depend on how many there are.

use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Accum, Col, Mat, MatMut, Par, Side};
use rayon::prelude::*;

use super::normal::Normal;
use crate::Error;

/// Rows and columns of a tile.
const TILE: usize = 256;

/// The Cholesky factor L of G = LL'.
pub(super) struct Factor {
    lower: Mat<f64>,
}

impl Factor {
    /// Factors P'P + ridge.
    pub(super) fn new(gram: &Mat<f64>, ridge: f64) -> Result<Self, Error> {
        let n = gram.nrows();
        let starts: Vec<usize> = (0..n).step_by(TILE).collect();
        let span = |start: usize| TILE.min(n - start);
        // Columns of tiles at and below the diagonal.
        let mut columns: Vec<Vec<Mat<f64>>> = Vec::with_capacity(starts.len());
        for (k, &column) in starts.iter().enumerate() {
            let tile = |at: usize| {
                let row = starts[k + at];
                let mut tile = gram.submatrix(row, column, span(row), span(column)).to_owned();
                if at == 0 {
                    (0..span(column)).for_each(|i| tile[(i, i)] += ridge);
                }
                for (j, before) in columns.iter().enumerate() {
                    let right = before[k - j].transpose();
                    matmul(tile.as_mut(), Accum::Add, &before[k - j + at], right, -1.0, Par::Seq);
                }
                tile
            };
            let mut tiles: Vec<Mat<f64>> = (0..starts.len() - k).into_par_iter().map(tile).collect();
            let diagonal =
                tiles[0].llt(Side::Lower).map_err(|_| Error::Singular { stage: "weights" })?.L().to_owned();
            tiles[1..].par_iter_mut().for_each(|tile| {
                solve_lower_triangular_in_place(diagonal.as_ref(), tile.as_mut().transpose_mut(), Par::Seq);
            });
            tiles[0] = diagonal;
            columns.push(tiles);
        }
        let mut lower = Mat::zeros(n, n);
        for (k, tiles) in columns.iter().enumerate() {
            for (at, tile) in tiles.iter().enumerate() {
                lower.submatrix_mut(starts[k + at], starts[k], tile.nrows(), tile.ncols()).copy_from(tile);
            }
        }
        Ok(Self { lower })
    }

    /// G^-1 times the columns of `right`, in place.
    pub(super) fn solve(&self, mut right: MatMut<'_, f64>) {
        solve_lower_triangular_in_place(self.lower.as_ref(), right.as_mut(), Par::Seq);
        solve_upper_triangular_in_place(self.lower.transpose(), right, Par::Seq);
    }

    /// G^-1 P'B and then G^-1 P'y of the rows at some positions, one row beside the other.
    pub(super) fn solve_rows(&self, normal: &Normal<'_>, positions: &[usize]) -> Mat<f64> {
        let width = normal.own.first().map_or(0, Mat::nrows) + 1;
        let mut solved = Mat::zeros(self.lower.nrows(), positions.len() * width);
        for (place, &position) in positions.iter().enumerate() {
            let mut own = solved.as_mut().subcols_mut(place * width, width);
            own.as_mut().subcols_mut(0, width - 1).copy_from(normal.local.of(position));
            own.col_mut(width - 1).copy_from(normal.cross.col(position));
        }
        self.solve(solved.as_mut());
        solved
    }

    /// One column of G^-1.
    pub(super) fn inverse_column(&self, column: usize) -> Col<f64> {
        let mut unit = Mat::zeros(self.lower.nrows(), 1);
        unit[(column, 0)] = 1.0;
        self.solve(unit.as_mut());
        unit.col(0).to_owned()
    }

    /// The diagonal of G^-1: the squared length of each column of L^-1.
    pub(super) fn inverse_diagonal(&self) -> Vec<f64> {
        let n = self.lower.nrows();
        let tiles: Vec<usize> = (0..n).step_by(TILE).collect();
        let lengths = |&start: &usize| {
            let below = n - start;
            let mut columns = Mat::<f64>::identity(below, TILE.min(below));
            let corner = self.lower.submatrix(start, start, below, below);
            solve_lower_triangular_in_place(corner, columns.as_mut(), Par::Seq);
            (0..columns.ncols()).map(|j| columns.col(j).squared_norm_l2()).collect::<Vec<f64>>()
        };
        tiles.par_iter().map(lengths).collect::<Vec<_>>().concat()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gram(n: usize, salt: f64) -> Mat<f64> {
        let p = Mat::from_fn(n + 5, n, |i, j| {
            ((i * 37 + j * 101) as f64 * 0.618 + salt).sin() + f64::from(i == j)
        });
        p.transpose() * &p
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn tiles_factor_the_whole(n in 1_usize..600, salt in 0.0_f64..9.0) {
            let (gram, ridge) = (gram(n, salt), 0.3);
            let factor = Factor::new(&gram, ridge).unwrap();
            let shifted = &gram + Mat::<f64>::identity(n, n) * faer::Scale(ridge);
            let back = &factor.lower * factor.lower.transpose();
            prop_assert!((&back - &shifted).norm_max() < 1e-10 * shifted.norm_max());
            let diagonal = factor.inverse_diagonal();
            for column in [0, n / 2, n - 1] {
                let inverse = factor.inverse_column(column);
                prop_assert!((inverse[column] - diagonal[column]).abs() < 1e-9 * diagonal[column]);
                let unit = &shifted * &inverse;
                for row in 0..n {
                    prop_assert!((unit[row] - f64::from(row == column)).abs() < 1e-8);
                }
            }
        }
    }

    #[test]
    fn what_is_not_positive_is_refused() {
        let mut indefinite = gram(300, 0.1);
        indefinite[(299, 299)] = -1.0;
        assert!(Factor::new(&indefinite, 1e-9).is_err());
    }
}
