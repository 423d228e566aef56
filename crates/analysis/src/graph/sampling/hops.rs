//! What a few synapses reach from one neuron.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use rand::Rng;
use rand::seq::SliceRandom;

use super::Direction;
use super::region::{Cut, Region};

/// Breadth-first from a random neuron; the hop that would exceed the greatest size is thinned at random.
pub(super) fn cut(
    region: &Region,
    sizes: &RangeInclusive<usize>,
    (n_hops, direction): (usize, Direction),
    rng: &mut impl Rng,
) -> Option<Cut> {
    let first = region.any_member(rng)?;
    let mut members = vec![first];
    let mut seen = HashSet::from([first]);
    let mut frontier = vec![first];
    for _ in 0..n_hops {
        let mut next: Vec<u32> = frontier
            .iter()
            .flat_map(|&neuron| region.wiring.partners(neuron, direction))
            .filter(|&neuron| region.inside[neuron as usize] && seen.insert(neuron))
            .collect();
        let room = sizes.end() - members.len();
        if next.len() > room {
            next.shuffle(rng);
            next.truncate(room);
        }
        members.extend(&next);
        frontier = next;
    }
    Some(Cut::of(members))
}
