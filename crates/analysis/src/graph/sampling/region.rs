//! The neurons that the circuits of one part may be cut from, and the geometry that samplers share.

use std::ops::RangeInclusive;

use neuroloom_core::CircuitPart;
use rand::{Rng, RngExt};

use super::extract::Extractor;

/// Steps of the bisection for a radius.
const BISECTION_STEPS: usize = 40;

/// Neurons of one part.
pub(super) struct Region<'a> {
    pub(super) part: CircuitPart,
    /// Purpose of its seed.
    pub(super) name: &'static str,
    /// Positions in the table, ascending.
    pub(super) members: Vec<u32>,
    /// Whether each neuron of the table is a member.
    pub(super) inside: Vec<bool>,
    /// Eligible neurons of the other parts.
    pub(super) elsewhere: Vec<u32>,
    pub(super) positions_um: &'a [[f64; 3]],
    pub(super) wiring: &'a Extractor<'a>,
}

/// One draw of a sampler.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cut {
    /// Positions in the table, ascending.
    pub(super) members: Vec<u32>,
    pub(super) center_um: Option<[f64; 3]>,
    pub(super) radius_um: Option<f64>,
    /// Neurons of other parts within the shape.
    pub(super) n_cut_off: usize,
}

impl Cut {
    /// A cut without a shape.
    pub(super) fn of(mut members: Vec<u32>) -> Self {
        members.sort_unstable();
        Self { members, center_um: None, radius_um: None, n_cut_off: 0 }
    }
}

impl Region<'_> {
    pub(super) fn any_member(&self, rng: &mut impl Rng) -> Option<u32> {
        if self.members.is_empty() {
            return None;
        }
        Some(self.members[rng.random_range(0..self.members.len())])
    }

    pub(super) fn position_um(&self, neuron: u32) -> [f64; 3] {
        self.positions_um[neuron as usize]
    }

    /// Every member within the radius, found by bisection, at which their number is in `sizes`; `None` if there is
    /// no such radius (several neurons at one distance).
    pub(super) fn within(
        &self,
        center_um: [f64; 3],
        sizes: &RangeInclusive<usize>,
        distance: impl Fn([f64; 3]) -> f64,
    ) -> Option<Cut> {
        let from_center = |&neuron: &u32| distance(self.position_um(neuron));
        let mut nearest: Vec<(f64, u32)> = self.members.iter().map(|one| (from_center(one), *one)).collect();
        nearest.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut low, mut high) = (0.0, nearest.last()?.0);
        for _ in 0..BISECTION_STEPS {
            let radius = 0.5 * (low + high);
            let n = nearest.partition_point(|one| one.0 <= radius);
            if n < *sizes.start() {
                low = radius;
            } else if n > *sizes.end() {
                high = radius;
            } else {
                let mut cut = Cut::of(nearest[..n].iter().map(|one| one.1).collect());
                cut.n_cut_off = self.elsewhere.iter().filter(|one| from_center(one) <= radius).count();
                return Some(Cut { center_um: Some(center_um), radius_um: Some(radius), ..cut });
            }
        }
        None
    }

    /// A uniform point of the bounding box of the members, kept off the walls of the `across` axes by the size that
    /// a circuit of `n_neurons` would have at the mean density (at most 45 % of the side).
    pub(super) fn random_center(&self, n_neurons: usize, across: &[usize], rng: &mut impl Rng) -> [f64; 3] {
        let (low, high) = self.bounds();
        let side = |axis: usize| (high[axis] - low[axis]).max(0.0);
        let share = n_neurons as f64 / self.members.len().max(1) as f64;
        let measure: f64 = across.iter().map(|&axis| side(axis)).product::<f64>() * share;
        let half_width = 0.5 * measure.powf(1.0 / across.len() as f64);
        std::array::from_fn(|axis| {
            let margin = if across.contains(&axis) { half_width.min(0.45 * side(axis)) } else { 0.0 };
            let (from, to) = (low[axis] + margin, high[axis] - margin);
            if to > from { rng.random_range(from..to) } else { 0.5 * (from + to) }
        })
    }

    fn bounds(&self) -> ([f64; 3], [f64; 3]) {
        let all = || self.members.iter().map(|&neuron| self.position_um(neuron));
        let low = std::array::from_fn(|axis| all().map(|at| at[axis]).fold(f64::INFINITY, f64::min));
        let high = std::array::from_fn(|axis| all().map(|at| at[axis]).fold(f64::NEG_INFINITY, f64::max));
        (low, high)
    }
}

/// A size in the middle of the allowed ones.
pub(super) fn middle(sizes: &RangeInclusive<usize>) -> usize {
    (sizes.start() + sizes.end()) / 2
}
