//! Every neuron in a cube around a point.

use std::ops::RangeInclusive;

use rand::Rng;

use super::region::{Cut, Region, middle};

/// A cube around a random point; its `radius_um` is half a side, found by bisection.
pub(super) fn cut(region: &Region, sizes: &RangeInclusive<usize>, rng: &mut impl Rng) -> Option<Cut> {
    let center = region.random_center(middle(sizes), &[0, 1, 2], rng);
    region.within(center, sizes, |at| {
        at.iter().zip(center).map(|(at, center)| (at - center).abs()).fold(0.0, f64::max)
    })
}
