//! The fuzzy union of what each point takes for its neighbourhood.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::UmapConfig;
use crate::Error;
use crate::manifold::neighbours::NearestNeighbours;

/// A symmetric graph with memberships in 0..=1.
pub(super) struct FuzzyGraph {
    /// Neighbours and memberships by index.
    pub(super) lists: Vec<Vec<(u32, f64)>>,
}

impl FuzzyGraph {
    /// `a + b - a b` of the memberships `exp(-(d - rho) / sigma)` of both directions; `rho` is the distance of the nearest
    /// point apart, sigma makes the memberships add up to `log2(n_neighbours)`.
    pub(super) fn of(points: ArrayView2<'_, f64>, config: &UmapConfig) -> Result<Self, Error> {
        let n = points.nrows();
        let nearest = NearestNeighbours::fit(points, config.n_neighbours - 1, config.metric)?;
        let mean = nearest.distances.sum() / (n * config.n_neighbours) as f64;
        let of_point = |point: usize| memberships(nearest.distances.row(point), mean);
        let memberships: Vec<Vec<f64>> = (0..n).into_par_iter().map(of_point).collect();
        let mut lists: Vec<Vec<(u32, f64)>> = vec![Vec::new(); n];
        for ((point, rank), &other) in nearest.indices.indexed_iter() {
            let membership = memberships[point][rank];
            lists[point].push((other, membership));
            lists[other as usize].push((point as u32, membership));
        }
        let union = |mut list: Vec<(u32, f64)>| {
            list.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let joined =
                |run: &[(u32, f64)]| (run[0].0, 1.0 - run.iter().map(|entry| 1.0 - entry.1).product::<f64>());
            list.chunk_by(|a, b| a.0 == b.0).map(joined).collect()
        };
        Ok(Self { lists: lists.into_iter().map(union).collect() })
    }

    /// Without the edges that would not be drawn once in so many epochs.
    pub(super) fn strong_enough(&self, n_epochs: usize) -> Self {
        let largest = self.lists.iter().flatten().fold(0.0, |largest: f64, entry| largest.max(entry.1));
        let least = largest / n_epochs.max(1) as f64;
        let keep = |list: &Vec<(u32, f64)>| list.iter().copied().filter(|entry| entry.1 >= least).collect();
        Self { lists: self.lists.iter().map(keep).collect() }
    }

    /// The connected pieces: lists of points by index.
    pub(super) fn pieces(&self) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.lists.len()];
        let mut pieces = Vec::new();
        for first in 0..self.lists.len() {
            if std::mem::replace(&mut seen[first], true) {
                continue;
            }
            let (mut members, mut next) = (vec![first], 0);
            while next < members.len() {
                for &(other, _) in &self.lists[members[next]] {
                    if !std::mem::replace(&mut seen[other as usize], true) {
                        members.push(other as usize);
                    }
                }
                next += 1;
            }
            members.sort_unstable();
            pieces.push(members);
        }
        pieces
    }
}

/// Smallest sigma as a share of the mean distance.
const LEAST: f64 = 1e-3;

fn memberships(distances: ArrayView1<'_, f64>, mean_of_all: f64) -> Vec<f64> {
    // The point itself counts as a neighbour: the target is that of one more, its own membership is not in the sum.
    let target = ((distances.len() + 1) as f64).log2();
    let rho = distances.iter().copied().find(|&distance| distance > 0.0).unwrap_or(0.0);
    let total = |sigma: f64| {
        let one = |&distance: &f64| if distance > rho { (-(distance - rho) / sigma).exp() } else { 1.0 };
        distances.iter().map(one).sum::<f64>()
    };
    let (mut low, mut high, mut sigma) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..64 {
        let excess = total(sigma) - target;
        if excess.abs() < 1e-5 {
            break;
        }
        if excess > 0.0 {
            high = sigma
        } else {
            low = sigma
        }
        sigma = if high.is_finite() { 0.5 * (low + high) } else { sigma * 2.0 };
    }
    let mean = if rho > 0.0 { distances.sum() / (distances.len() + 1) as f64 } else { mean_of_all };
    sigma = sigma.max(LEAST * mean);
    let membership = |&distance: &f64| if distance > rho { (-(distance - rho) / sigma).exp() } else { 1.0 };
    distances.iter().map(membership).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn memberships_add_up_to_the_logarithm_of_the_neighbours() {
        let distances = Array1::from_iter((1..=14).map(|rank| 5.0 + f64::from(rank).sqrt()));
        let found = memberships(distances.view(), 1.0);
        assert_eq!(found[0], 1.0);
        assert!((found.iter().sum::<f64>() - 15_f64.log2()).abs() < 1e-4);
    }
}
