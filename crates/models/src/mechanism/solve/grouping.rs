//! Clusters of profiles in which a few odd neurons do not pass for a group of their own.

use ndarray::{Array2, Axis};
use neuroloom_analysis::cluster::{SelectConfig, Selection};
use neuroloom_core::Seed;

use crate::Error;

/// A group holds at least this share of the points.
const SMALLEST_SHARE: f64 = 0.01;
/// And at least so many, from a dozen points on.
const SMALLEST: usize = 3;
/// Rounds in which odd points are set aside.
const ROUNDS: usize = 8;

/// Clusters `[point, feature]`; the number of clusters, at most `most`, by silhouette.
///
/// The silhouette rewards a cluster of one far point: it says that this point is far from the rest, which is no
/// type. Points in clusters below 1 % of all are set aside, the others are clustered again, and the points set aside
/// join the nearest centre.
pub(super) fn group(points: &Array2<f64>, most: usize, seed: Seed) -> Result<Selection, Error> {
    let n = points.nrows();
    let config = SelectConfig { n_clusters: 1..=most, seed, ..SelectConfig::default() };
    let least = match n {
        0..12 => 1,
        _ => SMALLEST.max((SMALLEST_SHARE * n as f64).ceil() as usize),
    };
    let mut inside: Vec<usize> = (0..n).collect();
    let mut chosen = Selection::fit(points.view(), &config)?;
    for _ in 0..ROUNDS {
        let mut sizes = vec![0; chosen.n_clusters];
        chosen.labels.iter().for_each(|&label| sizes[label] += 1);
        let stays: Vec<usize> = inside
            .iter()
            .zip(&chosen.labels)
            .filter(|(_, label)| sizes[**label] >= least)
            .map(|(&point, _)| point)
            .collect();
        if stays.len() == inside.len() || 2 * stays.len() < n {
            break;
        }
        inside = stays;
        chosen = Selection::fit(points.select(Axis(0), &inside).view(), &config)?;
    }
    chosen.labels = by_nearest(points, &inside, &chosen);
    Ok(chosen)
}

/// Labels of all points, numbered by first appearance; those that were clustered keep theirs.
fn by_nearest(points: &Array2<f64>, inside: &[usize], chosen: &Selection) -> Vec<usize> {
    let mut labels: Vec<Option<usize>> = vec![None; points.nrows()];
    inside.iter().zip(&chosen.labels).for_each(|(&point, &label)| labels[point] = Some(label));
    let nearest = |point: usize| {
        let row = points.row(point);
        let distance = |center: usize| {
            row.iter().zip(chosen.centers.row(center)).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
        };
        (0..chosen.centers.nrows()).min_by(|&a, &b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    };
    let full: Vec<usize> =
        labels.iter().enumerate().map(|(point, label)| label.unwrap_or_else(|| nearest(point))).collect();
    let mut order = Vec::new();
    full.iter().for_each(|label| {
        if !order.contains(label) {
            order.push(*label);
        }
    });
    full.iter().map(|label| order.iter().position(|one| one == label).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_point_is_no_group() {
        // Two groups of 20 at 0 and 1, and one point at 100.
        let at = |point: usize| if point == 40 { 100.0 } else { (point % 2) as f64 + 0.001 * point as f64 };
        let points = Array2::from_shape_fn((41, 1), |(point, _)| at(point));
        let chosen = group(&points, 8, Seed(1)).unwrap();
        assert_eq!(chosen.n_clusters, 2);
        assert!((0..40).all(|point| chosen.labels[point] == point % 2), "{:?}", chosen.labels);
        assert_eq!(chosen.labels[40], 1);
    }
}
