//! Where the centres start.

use ndarray::{Array1, ArrayView2};
use neuroloom_core::Seed;
use rand::RngExt;

use super::squared_distance;

/// An ordered list of starting centres; the first k of them start a run with k clusters, so that one list
/// serves every k of a range.
pub(super) struct Seeding {
    /// Points that were chosen, in the order of choice; shorter than asked when points coincide.
    pub(super) chosen: Vec<usize>,
}

impl Seeding {
    /// Farthest-first traversal (Gonzalez 1985) from the point farthest from the mean: no chance in it, and
    /// it cannot miss a cluster that lies farther from all others than it is wide.
    pub(super) fn farthest_first(points: ArrayView2<'_, f64>, n_centers: usize) -> Self {
        let from_mean: Vec<f64> = points.rows().into_iter().map(|point| point.dot(&point)).collect();
        let mut nearest = vec![f64::INFINITY; points.nrows()];
        let mut chosen = Vec::new();
        let mut next = largest(&from_mean);
        while chosen.len() < n_centers && nearest[next] > 0.0 {
            chosen.push(next);
            nearest = nearer(points, next, &nearest);
            next = largest(&nearest);
        }
        Self { chosen }
    }

    /// Greedy k-means++ (Arthur and Vassilvitskii 2007): each centre is the best of `2 + ln k` candidates
    /// drawn with probability proportional to the squared distance to the centres so far.
    pub(super) fn greedy_plus_plus(points: ArrayView2<'_, f64>, n_centers: usize, seed: Seed) -> Self {
        let mut rng = seed.rng();
        let n_candidates = 2 + (n_centers as f64).ln() as usize;
        let first = rng.random_range(0..points.nrows());
        let mut nearest: Vec<f64> =
            points.rows().into_iter().map(|point| squared_distance(point, points.row(first))).collect();
        let mut chosen = vec![first];
        while chosen.len() < n_centers && nearest.iter().any(|&distance| distance > 0.0) {
            let candidates: Vec<usize> =
                (0..n_candidates).map(|_| draw(&nearest, rng.random::<f64>())).collect();
            let improved: Vec<Vec<f64>> =
                candidates.iter().map(|&candidate| nearer(points, candidate, &nearest)).collect();
            let potentials: Vec<f64> = improved.iter().map(|nearest| nearest.iter().sum()).collect();
            let best = smallest(&potentials);
            chosen.push(candidates[best]);
            nearest.clone_from(&improved[best]);
        }
        Self { chosen }
    }
}

/// `|x|^2` of every point.
pub(super) fn squared_norms(points: ArrayView2<'_, f64>) -> Array1<f64> {
    points.rows().into_iter().map(|point| point.dot(&point)).collect()
}

/// Squared distances to the nearest centre once `candidate` is one too. Differences, not a matrix product:
/// equal points must come out at exactly zero, and close ones above it.
fn nearer(points: ArrayView2<'_, f64>, candidate: usize, nearest: &[f64]) -> Vec<f64> {
    let center = points.row(candidate);
    let distances = points.rows().into_iter().map(|point| squared_distance(point, center));
    distances.zip(nearest).map(|(new, &old)| new.min(old)).collect()
}

/// The point at `fraction` of the cumulative weight; never one of weight zero.
fn draw(weights: &[f64], fraction: f64) -> usize {
    let mut left = fraction * weights.iter().sum::<f64>();
    let mut last = 0;
    for (point, &weight) in weights.iter().enumerate().filter(|&(_, &weight)| weight > 0.0) {
        last = point;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

fn largest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, next| if values[next] > values[best] { next } else { best })
}

/// The first of the smallest.
pub(super) fn smallest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, next| if values[next] < values[best] { next } else { best })
}
