//! Can the latent variables be read from the neighbours?

use ndarray::{Array2, ArrayView2, Axis};

use super::check_pair;
use crate::Error;
use crate::manifold::distances::Metric;
use crate::manifold::neighbours::NearestNeighbours;

/// R2 of reading each point's targets as the mean over its k nearest other points in the embedding:
/// `1 - sum (y - y_hat)^2 / sum (y - mean)^2` over all points and columns. 1 is perfect, 0 as good as the mean,
/// about `-1 / k` for targets that know nothing of the embedding. Give a circle as its cosine and sine.
///
/// # Errors
/// Numbers of points that differ, samples that are not finite, k outside 1..n, or targets that are constant.
pub fn neighbour_regression_r2(
    embedding: ArrayView2<'_, f64>,
    targets: ArrayView2<'_, f64>,
    k: usize,
) -> Result<f64, Error> {
    check_pair("the targets", embedding, targets, 2)?;
    let nearest = NearestNeighbours::fit(embedding, k, Metric::Euclidean)?;
    let mut read = Array2::zeros(targets.raw_dim());
    for (mut row, neighbours) in read.rows_mut().into_iter().zip(nearest.indices.rows()) {
        neighbours.iter().for_each(|&other| row += &targets.row(other as usize));
        row /= k as f64;
    }
    let mean = targets.sum_axis(Axis(0)) / targets.nrows() as f64;
    let squares = |table: Array2<f64>| table.iter().map(|entry| entry * entry).sum::<f64>();
    let total = squares(&targets - &mean);
    if total <= 0.0 {
        return Err(Error::Constant { what: "every target", value: mean.first().copied().unwrap_or(0.0) });
    }
    Ok(1.0 - squares(&targets - &read) / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_line_worked_out_by_hand() -> Result<(), Error> {
        // Nearest of 0 1 2 (k = 1, ties by index): 1, 0, 1. Errors 1, 1, 1 against squares 1, 0, 1.
        let line = array![[0.0], [1.0], [2.0]];
        assert!((neighbour_regression_r2(line.view(), line.view(), 1)? + 0.5).abs() < 1e-15);
        let constant = Array2::ones((3, 1));
        assert!(neighbour_regression_r2(line.view(), constant.view(), 1).is_err());
        Ok(())
    }
}
