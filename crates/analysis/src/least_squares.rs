//! Small dense least squares: a handful of unknowns, solved many times.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

/// Solves the symmetric positive definite system `normal` x = `right`, row-major, by Cholesky.
///
/// Returns `None` if the matrix is not positive definite.
///
/// # Examples
/// ```
/// use neuroloom_analysis::least_squares::solve_small;
/// // 2 x + y = 5, x + 3 y = 10  =>  x = 1, y = 3
/// let x = solve_small(vec![2.0, 1.0, 1.0, 3.0], vec![5.0, 10.0]).unwrap_or_default();
/// assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 3.0).abs() < 1e-12);
/// ```
pub fn solve_small(normal: Vec<f64>, right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    let normal = faer::MatRef::from_row_major_slice(&normal, n, n).to_owned();
    let factor = normal.llt(Side::Lower).ok()?;
    let mut x = Mat::from_fn(n, 1, |row, _| right[row]);
    factor.solve_in_place(x.as_mut());
    Some((0..n).map(|row| x[(row, 0)]).collect())
}
