//! Stochastic descent on the edges, one after the other.

use ndarray::Array2;
use rand_chacha::rand_core::Rng;

use super::UmapConfig;
use super::curve::Curve;
use super::fuzzy::FuzzyGraph;

/// Longest step along a coordinate, over the learning rate.
const LONGEST: f64 = 4.0;

/// Both ends of an edge pull each other as often as its membership asks; the first end is pushed by points drawn at random.
pub(super) fn descend(
    graph: &FuzzyGraph,
    mut places: Array2<f64>,
    (curve, n_epochs): (Curve, usize),
    config: &UmapConfig,
) -> Array2<f64> {
    let mut schedule = schedule(graph, config.negative_sample_rate);
    let n = places.nrows() as u64;
    let width = places.ncols();
    let mut rng = config.seed.split("umap layout").rng();
    let Some(coordinates) = places.as_slice_mut() else { return places };
    for epoch in 0..n_epochs {
        let rate = config.learning_rate * (1.0 - epoch as f64 / n_epochs as f64);
        for edge in &mut schedule {
            if edge.next > epoch as f64 {
                continue;
            }
            edge.next += edge.period;
            let head = edge.head as usize * width;
            let tail = edge.tail as usize * width;
            curve.pull(coordinates, (head, tail, width), rate);
            // As many pushes as fell due since the last pull.
            let due = ((epoch as f64 - edge.next_push) / edge.push_period) as usize;
            for _ in 0..due {
                // Multiply and shift: a number below n from 32 bits.
                let other = ((u64::from(rng.next_u32()) * n) >> 32) as usize * width;
                if other != head {
                    curve.push(coordinates, (head, other, width), rate);
                }
            }
            edge.next_push += due as f64 * edge.push_period;
        }
    }
    places
}

struct Edge {
    head: u32,
    tail: u32,
    /// Epochs from one pull to the next.
    period: f64,
    next: f64,
    push_period: f64,
    next_push: f64,
}

fn schedule(graph: &FuzzyGraph, pushes_per_pull: usize) -> Vec<Edge> {
    let largest = graph.lists.iter().flatten().fold(0.0, |largest: f64, entry| largest.max(entry.1));
    let edge = |(head, &(tail, weight)): (usize, &(u32, f64))| {
        let period = largest / weight;
        let push_period = period / pushes_per_pull as f64;
        Edge { head: head as u32, tail, period, next: period, push_period, next_push: push_period }
    };
    graph
        .lists
        .iter()
        .enumerate()
        .flat_map(|(head, list)| list.iter().map(move |entry| (head, entry)))
        .map(edge)
        .collect()
}

impl Curve {
    #[inline]
    fn pull(&self, coordinates: &mut [f64], (head, tail, width): (usize, usize, usize), rate: f64) {
        let square = square(coordinates, head, tail, width);
        if square <= 0.0 {
            return;
        }
        let power = square.powf(self.b);
        let strength = -2.0 * self.a * self.b * power / (square * (1.0 + self.a * power));
        for axis in 0..width {
            let step =
                (strength * (coordinates[head + axis] - coordinates[tail + axis])).clamp(-LONGEST, LONGEST);
            coordinates[head + axis] += rate * step;
            coordinates[tail + axis] -= rate * step;
        }
    }

    #[inline]
    fn push(&self, coordinates: &mut [f64], (head, other, width): (usize, usize, usize), rate: f64) {
        let square = square(coordinates, head, other, width);
        if square <= 0.0 {
            return;
        }
        let strength = 2.0 * self.b / ((0.001 + square) * (1.0 + self.a * square.powf(self.b)));
        for axis in 0..width {
            let step =
                (strength * (coordinates[head + axis] - coordinates[other + axis])).clamp(-LONGEST, LONGEST);
            coordinates[head + axis] += rate * step;
        }
    }
}

fn square(coordinates: &[f64], a: usize, b: usize, width: usize) -> f64 {
    (0..width).map(|axis| (coordinates[a + axis] - coordinates[b + axis]).powi(2)).sum()
}
