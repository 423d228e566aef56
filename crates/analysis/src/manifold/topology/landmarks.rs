//! A few points that cover all.

use crate::manifold::neighbours::Geodesics;

/// Maxmin landmarks (de Silva and Carlsson 2004): each is the point farthest from those before it; the first is the
/// point with the largest mean distance. Ties go to the smaller index.
pub(super) fn maxmin(geodesics: &Geodesics, n_landmarks: usize) -> Vec<usize> {
    let n = geodesics.n_points();
    let sums: Vec<f64> = (0..n).map(|point| geodesics.row(point).iter().sum()).collect();
    let mut chosen = vec![largest(&sums)];
    let mut nearest = geodesics.row(chosen[0]);
    while chosen.len() < n_landmarks.min(n) {
        let next = largest(&nearest);
        if nearest[next] <= 0.0 {
            break;
        }
        chosen.push(next);
        nearest.iter_mut().zip(geodesics.row(next)).for_each(|(old, new)| *old = old.min(new));
    }
    chosen.sort_unstable();
    chosen
}

fn largest(values: &[f64]) -> usize {
    let better = |best: usize, next: usize| if values[next] > values[best] { next } else { best };
    (0..values.len()).fold(0, better)
}
