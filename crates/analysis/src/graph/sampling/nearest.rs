//! The neurons nearest to one neuron.

use rand::Rng;

use super::ball::distance;
use super::region::{Cut, Region};

/// `n_neurons` somata, the nearest to a random one; equal distances in the order of the table.
pub(super) fn cut(region: &Region, n_neurons: usize, rng: &mut impl Rng) -> Option<Cut> {
    let center = region.position_um(region.any_member(rng)?);
    let from_center = |&neuron: &u32| (distance(region.position_um(neuron), center), neuron);
    let mut nearest: Vec<(f64, u32)> = region.members.iter().map(from_center).collect();
    nearest.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    nearest.truncate(n_neurons);
    let radius = nearest.last()?.0;
    let cut = Cut::of(nearest.into_iter().map(|one| one.1).collect());
    let n_cut_off =
        region.elsewhere.iter().filter(|&&one| distance(region.position_um(one), center) <= radius).count();
    Some(Cut { center_um: Some(center), radius_um: Some(radius), n_cut_off, ..cut })
}
