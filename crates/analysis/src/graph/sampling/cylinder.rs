//! Every neuron within a radius of a line along the depth axis.

use std::ops::RangeInclusive;

use rand::Rng;

use super::Axis;
use super::region::{Cut, Region, middle};

/// A cylinder through the whole depth, radius by bisection (Li, Liu and Chen 2025, arXiv 2505.13011).
pub(super) fn cut(
    region: &Region,
    sizes: &RangeInclusive<usize>,
    axis: Axis,
    rng: &mut impl Rng,
) -> Option<Cut> {
    let across = axis.others();
    let center = region.random_center(middle(sizes), &across, rng);
    region.within(center, sizes, |at| {
        across.iter().map(|&axis| (at[axis] - center[axis]).powi(2)).sum::<f64>().sqrt()
    })
}
