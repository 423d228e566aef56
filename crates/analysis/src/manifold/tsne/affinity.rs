//! Who is a neighbour of whom, and how much.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::{Place, TsneConfig};
use crate::Error;
use crate::manifold::neighbours::NearestNeighbours;

/// Symmetric probabilities `p_ij = (p_j|i + p_i|j) / 2n` over nearest neighbours; they add up to 1.
pub(super) struct Affinities {
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Affinities {
    pub(super) fn of(points: ArrayView2<'_, f64>, config: &TsneConfig) -> Result<Self, Error> {
        let n = points.nrows();
        let k = ((3.0 * config.perplexity) as usize).clamp(1, n - 1);
        let nearest = NearestNeighbours::fit(points, k, config.metric)?;
        let conditional = |point: usize| conditional(nearest.distances.row(point), config.perplexity);
        let conditionals: Vec<Vec<f64>> = (0..n).into_par_iter().map(conditional).collect();
        let mut lists: Vec<Vec<(u32, f64)>> = vec![Vec::with_capacity(2 * k); n];
        for ((point, rank), &other) in nearest.indices.indexed_iter() {
            let half = conditionals[point][rank] / (2.0 * n as f64);
            lists[point].push((other, half));
            lists[other as usize].push((point as u32, half));
        }
        let (mut starts, mut entries) = (vec![0], Vec::new());
        for mut list in lists {
            list.sort_by_key(|entry| entry.0);
            for run in list.chunk_by(|a, b| a.0 == b.0) {
                entries.push((run[0].0, run.iter().map(|entry| entry.1).sum()));
            }
            starts.push(entries.len());
        }
        Ok(Self { starts, entries })
    }

    fn row(&self, point: usize) -> &[(u32, f64)] {
        &self.entries[self.starts[point]..self.starts[point + 1]]
    }

    /// `sum_j p_ij w_ij (y_i - y_j)`.
    #[inline(always)]
    pub(super) fn attraction(&self, places: &[Place], point: usize) -> Place {
        let own = places[point];
        let mut sum = [0.0; 2];
        for &(other, probability) in self.row(point) {
            let place = places[other as usize];
            let apart = [own[0] - place[0], own[1] - place[1]];
            let pull = probability / (1.0 + apart[0] * apart[0] + apart[1] * apart[1]);
            sum[0] += pull * apart[0];
            sum[1] += pull * apart[1];
        }
        sum
    }

    /// `sum_ij p_ij ln(p_ij / q_ij)`.
    pub(super) fn divergence(&self, places: &[Place], total: f64) -> f64 {
        let of_point = |point: usize| {
            let term = |&(other, probability): &(u32, f64)| {
                let (own, place) = (places[point], places[other as usize]);
                let square = (own[0] - place[0]).powi(2) + (own[1] - place[1]).powi(2);
                probability * (probability * (1.0 + square) * total).max(f64::MIN_POSITIVE).ln()
            };
            self.row(point).iter().map(term).sum::<f64>()
        };
        (0..places.len()).map(of_point).sum()
    }
}

/// Gaussian probabilities of the neighbours whose entropy is `ln(perplexity)`, by bisection of the precision.
fn conditional(distances: ArrayView1<'_, f64>, perplexity: f64) -> Vec<f64> {
    let nearest = distances[0] * distances[0];
    let squares: Vec<f64> = distances.iter().map(|distance| distance * distance - nearest).collect();
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    // Neighbours that are all equally far share alike.
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut precision = 1.0 / mean.max(f64::MIN_POSITIVE);
    let mut weights = vec![1.0; squares.len()];
    for _ in 0..200 {
        weights = squares.iter().map(|square| (-square * precision).exp()).collect();
        let total: f64 = weights.iter().sum();
        let weighted: f64 = weights.iter().zip(&squares).map(|(weight, square)| weight * square).sum();
        let excess = total.ln() + precision * weighted / total - perplexity.ln();
        if excess.abs() < 1e-10 || mean == 0.0 {
            break;
        }
        if excess > 0.0 {
            low = precision
        } else {
            high = precision
        }
        precision = if high.is_finite() { 0.5 * (low + high) } else { precision * 2.0 };
    }
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn the_entropy_is_that_of_the_perplexity() {
        let distances = Array1::from_iter((1..=90).map(|rank| 1e3 + f64::from(rank).sqrt()));
        let found = conditional(distances.view(), 30.0);
        let entropy: f64 = found.iter().map(|p| -p * p.ln()).sum();
        assert!((entropy.exp() - 30.0).abs() < 1e-6, "{}", entropy.exp());
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let equal = conditional(Array1::from_elem(10, 2.0).view(), 3.0);
        assert!(equal.iter().all(|p| (p - 0.1).abs() < 1e-12));
    }
}
