//! What a walk along edges visits.

use std::collections::HashSet;

use rand::{Rng, RngExt};

use super::Direction;
use super::region::{Cut, Region};

/// Steps for each neuron that is wanted, after which a walk that goes round in a small component is given up.
const STEPS_PER_NEURON: usize = 100;

/// A walk over edges in either direction until `n_neurons` are visited.
pub(super) fn cut(region: &Region, n_neurons: usize, restart: f64, rng: &mut impl Rng) -> Option<Cut> {
    let first = region.any_member(rng)?;
    let (mut here, mut visited, mut order) = (first, HashSet::from([first]), vec![first]);
    for _ in 0..STEPS_PER_NEURON * n_neurons {
        if order.len() == n_neurons {
            return Some(Cut::of(order));
        }
        let partners: Vec<u32> = region
            .wiring
            .partners(here, Direction::Both)
            .filter(|&neuron| region.inside[neuron as usize])
            .collect();
        if partners.is_empty() {
            return None;
        }
        here = if rng.random_bool(restart) { first } else { partners[rng.random_range(0..partners.len())] };
        if visited.insert(here) {
            order.push(here);
        }
    }
    None
}
