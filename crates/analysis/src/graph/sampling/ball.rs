//! Every neuron within a radius of a point.

use std::ops::RangeInclusive;

use rand::Rng;

use super::region::{Cut, Region, middle};

/// A ball around a random point, radius by bisection.
pub(super) fn cut(region: &Region, sizes: &RangeInclusive<usize>, rng: &mut impl Rng) -> Option<Cut> {
    let center = region.random_center(middle(sizes), &[0, 1, 2], rng);
    region.within(center, sizes, |at| distance(at, center))
}

/// Euclidean distance.
pub(super) fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
}
