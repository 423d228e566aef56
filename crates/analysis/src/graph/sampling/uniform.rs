//! Neurons drawn without regard to place or wiring.

use rand::Rng;
use rand::seq::SliceRandom;

use super::region::{Cut, Region};

/// `n_neurons` different neurons, each as likely as any other.
pub(super) fn cut(region: &Region, n_neurons: usize, rng: &mut impl Rng) -> Option<Cut> {
    let mut members = region.members.clone();
    let (drawn, _) = members.partial_shuffle(rng, n_neurons);
    Some(Cut::of(drawn.to_vec()))
}
