//! One neuron and its strongest partners.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rand::Rng;

use super::Direction;
use super::region::{Cut, Region};

/// A random neuron with its partners, those with the most synapses first; equal ones in the order of the table.
pub(super) fn cut(
    region: &Region,
    sizes: &RangeInclusive<usize>,
    direction: Direction,
    rng: &mut impl Rng,
) -> Option<Cut> {
    let ego = region.any_member(rng)?;
    let mut synapses: BTreeMap<u32, f64> = BTreeMap::new();
    for (partner, n_synapses) in region.wiring.synapses(ego, direction) {
        if partner != ego && region.inside[partner as usize] {
            *synapses.entry(partner).or_default() += n_synapses;
        }
    }
    let mut strongest: Vec<(u32, f64)> = synapses.into_iter().collect();
    strongest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    strongest.truncate(sizes.end() - 1);
    Some(Cut::of(std::iter::once(ego).chain(strongest.into_iter().map(|one| one.0)).collect()))
}
