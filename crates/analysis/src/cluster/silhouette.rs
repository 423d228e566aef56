//! The silhouette: how much nearer a point is to its own cluster than to the next one.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::{centred, squared_distance};
use crate::Error;

/// Mean silhouette of labelled points (Rousseeuw 1987): the mean of `(b - a) / max(a, b)`, with a = mean
/// distance to the other points of the own cluster and b = the smallest mean distance to another cluster.
/// A point that is alone in its cluster counts 0.
///
/// In -1..=1. Above about 0.5 is a clear structure, below 0.25 none (Kaufman and Rousseeuw 1990).
///
/// # Shapes
/// `points: [point, feature]`; one label per point, any numbers.
///
/// # Errors
/// A sample that is not finite, another number of labels than points, or fewer than two clusters.
pub fn mean_silhouette(points: ArrayView2<'_, f64>, labels: &[usize]) -> Result<f64, Error> {
    Distances::between(points)?.mean_silhouette(labels)
}

/// All Euclidean distances between points, `[point, point]`, computed once for many labellings.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances(Array2<f64>);

impl Distances {
    /// The distances between all points; `8 n^2` bytes.
    ///
    /// # Errors
    /// No points or a sample that is not finite.
    pub fn between(points: ArrayView2<'_, f64>) -> Result<Self, Error> {
        let data = centred(points)?;
        let row = |a: usize| {
            (0..data.nrows()).map(|b| squared_distance(data.row(a), data.row(b)).sqrt()).collect::<Vec<f64>>()
        };
        let rows: Vec<Vec<f64>> = (0..data.nrows()).into_par_iter().map(row).collect();
        let n_points = data.nrows();
        Ok(Self(Array2::from_shape_fn((n_points, n_points), |(a, b)| rows[a][b])))
    }

    /// As [`mean_silhouette`].
    ///
    /// # Errors
    /// Another number of labels than points, or fewer than two clusters.
    pub fn mean_silhouette(&self, labels: &[usize]) -> Result<f64, Error> {
        crate::metrics::check_same_length("labels", labels.len(), self.0.nrows())?;
        let compact = compact(labels);
        let n_clusters = compact.iter().max().map_or(0, |label| label + 1);
        if n_clusters < 2 {
            return Err(Error::TooFew { what: "clusters in the labels", given: n_clusters, needed: 2 });
        }
        let mut sizes = vec![0.0_f64; n_clusters];
        for &label in &compact {
            sizes[label] += 1.0;
        }
        let widths: Vec<f64> =
            (0..labels.len()).into_par_iter().map(|point| self.width(point, &compact, &sizes)).collect();
        Ok(widths.iter().sum::<f64>() / labels.len() as f64)
    }

    fn width(&self, point: usize, labels: &[usize], sizes: &[f64]) -> f64 {
        let own = labels[point];
        if sizes[own] <= 1.0 {
            return 0.0;
        }
        let mut sums = vec![0.0; sizes.len()];
        for (distance, &label) in self.0.row(point).iter().zip(labels) {
            sums[label] += distance;
        }
        let within = sums[own] / (sizes[own] - 1.0);
        let others = (0..sizes.len()).filter(|&cluster| cluster != own);
        let between = others.map(|cluster| sums[cluster] / sizes[cluster]).fold(f64::INFINITY, f64::min);
        let scale = within.max(between);
        if scale > 0.0 { (between - within) / scale } else { 0.0 }
    }
}

/// The labels as 0, 1, 2, .. in ascending order of their names.
fn compact(labels: &[usize]) -> Vec<usize> {
    let mut names = labels.to_vec();
    names.sort_unstable();
    names.dedup();
    labels.iter().map(|label| names.partition_point(|name| name < label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn three_points_worked_out_by_hand() -> Result<(), Error> {
        // point 0: a 1, b 4 -> 3/4; point 1: a 1, b 3 -> 2/3; point 2 alone -> 0
        let points = array![[0.0], [1.0], [4.0]];
        let value = mean_silhouette(points.view(), &[5, 5, 2])?;
        assert!((value - (0.75 + 2.0 / 3.0) / 3.0).abs() < 1e-15);
        Ok(())
    }

    #[test]
    fn one_cluster_has_no_silhouette() {
        let points = array![[0.0], [1.0]];
        assert!(matches!(mean_silhouette(points.view(), &[1, 1]), Err(Error::TooFew { given: 1, .. })));
        assert!(matches!(mean_silhouette(points.view(), &[1]), Err(Error::Shape { .. })));
    }

    #[test]
    fn coinciding_clusters_have_width_zero() -> Result<(), Error> {
        assert_eq!(mean_silhouette(array![[1.0], [1.0], [1.0], [1.0]].view(), &[0, 0, 1, 1])?, 0.0);
        Ok(())
    }
}
