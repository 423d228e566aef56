//! Points in a row: angles on a ring, positions on a line, and the order that a matrix of affinities asks for.

use ndarray::{Array2, ArrayView2, Axis};

use super::distances::check_points;
use crate::Error;
use crate::linear_algebra::symmetric_eigen;

/// Angles about the centre of the first two coordinates of an embedding, in -pi..=pi.
///
/// # Units
/// Radians.
///
/// # Errors
/// Fewer than two coordinates, or a sample that is not finite.
pub fn ring_angles(embedding: ArrayView2<'_, f64>) -> Result<Vec<f64>, Error> {
    check_points(embedding, 1)?;
    if embedding.ncols() < 2 {
        return Err(Error::TooFew { what: "coordinates of a ring", given: embedding.ncols(), needed: 2 });
    }
    let centre = embedding.sum_axis(Axis(0)) / embedding.nrows() as f64;
    Ok(embedding.rows().into_iter().map(|row| (row[1] - centre[1]).atan2(row[0] - centre[0])).collect())
}

/// Points by rising value (angle or position), equals by index.
///
/// # Examples
/// ```
/// use neuroloom_analysis::manifold::order_of;
/// assert_eq!(order_of(&[0.3, -1.0, 0.3, 0.1]), [1, 3, 0, 2]);
/// ```
pub fn order_of(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

/// Seriation (Atkins, Boman and Hendrickson 1998): the order of rows in which large affinities lie near the diagonal, by
/// the Fiedler vector of the Laplacian `diag(A 1) - A`. Exact where the rows have such an order; the direction is
/// that in which the first row stands in the first half.
///
/// # Shapes
/// `affinity: [row, row]`, symmetric, 0 or more; the diagonal is not read.
///
/// # Errors
/// A matrix that is not square or not symmetric, fewer than two rows, a negative affinity, or rows that fall
/// into groups without affinity between them: order each group by itself.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::seriation;
/// let place = [2.0_f64, 0.0, 3.0, 1.0];
/// let affinity = Array2::from_shape_fn((4, 4), |(a, b)| (-(place[a] - place[b]).abs()).exp());
/// assert_eq!(seriation(affinity.view())?, [2, 0, 3, 1]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn seriation(affinity: ArrayView2<'_, f64>) -> Result<Vec<usize>, Error> {
    check_affinity(affinity)?;
    let n = affinity.nrows();
    let mut laplacian = Array2::from_shape_fn((n, n), |(a, b)| if a == b { 0.0 } else { -affinity[[a, b]] });
    for row in 0..n {
        laplacian[[row, row]] = -laplacian.row(row).sum();
    }
    let (values, vectors) = symmetric_eigen(laplacian.view(), "the Laplacian of the affinities")?;
    if values[1] <= 1e-12 * values[n - 1] {
        let given = "in groups without affinity between them".into();
        return Err(Error::Value {
            what: "the affinities",
            given,
            allowed: "one group; order each by itself".into(),
        });
    }
    let mut order = order_of(&vectors.column(1).to_vec());
    if order.iter().position(|&row| row == 0).is_some_and(|place| place >= n.div_ceil(2)) {
        order.reverse();
    }
    Ok(order)
}

fn check_affinity(affinity: ArrayView2<'_, f64>) -> Result<(), Error> {
    check_points(affinity, 2)?;
    let (n, columns) = affinity.dim();
    if n != columns {
        let (given, allowed) = (format!("[{n}, {columns}]"), format!("[{n}, {n}]"));
        return Err(Error::Shape { what: "the affinities", given, allowed });
    }
    let scale = affinity.iter().fold(0.0_f64, |scale, entry| scale.max(entry.abs()));
    for ((row, column), &entry) in affinity.indexed_iter() {
        if entry < 0.0 || (entry - affinity[[column, row]]).abs() > 1e-9 * scale {
            let given = format!("{entry} at [{row}, {column}]");
            return Err(Error::Value {
                what: "the affinities",
                given,
                allowed: "0 or more, symmetric".into(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_banded_matrix_is_put_back_in_order() -> Result<(), Error> {
        let n = 50;
        let place: Vec<usize> = (0..n).map(|row| row * 17 % n).collect();
        let affinity =
            Array2::from_shape_fn((n, n), |(a, b)| 1.0 / (1.0 + (place[a] as f64 - place[b] as f64).abs()));
        let order = seriation(affinity.view())?;
        assert!(order.windows(2).all(|pair| place[pair[0]].abs_diff(place[pair[1]]) == 1));
        Ok(())
    }

    #[test]
    fn groups_apart_are_refused() {
        let apart =
            array![[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]];
        assert!(matches!(seriation(apart.view()), Err(Error::Value { .. })));
    }
}
