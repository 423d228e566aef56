//! Which pairs are connected, both directions drawn together.

use neuroloom_core::{Event, Listener, Seed};
use rand::RngExt;

use super::soma::Somata;
use super::{TissueConfig, TissueFactors};
use crate::Error;

/// No pair is certain.
const LARGEST_PROBABILITY: f64 = 0.95;

/// Sender and receiver of each edge; adds what was expected to the factors.
pub(super) fn draw(
    config: &TissueConfig,
    somata: &Somata,
    factors: &mut TissueFactors,
    (seed, events): (Seed, &dyn Listener),
) -> Result<Vec<(u32, u32)>, Error> {
    let n = config.n_neurons;
    let seed = seed.split("pairs");
    let mut edges = Vec::new();
    events.emit(Event::Started { stage: "wire", total: Some(n as u64) });
    for one in 0..n {
        if events.cancelled() {
            return Err(Error::Interrupted);
        }
        // A stream a neuron: the rows could be drawn in any order.
        let mut rng = seed.nth(one as u64).rng();
        for other in one + 1..n {
            let (there, back) = probabilities(config, somata, factors, (one, other));
            let both = (config.reciprocity * there * back).min(there).min(back).max(there + back - 1.0);
            factors.expected_edges += there + back;
            factors.expected_reciprocal += 2.0 * both;
            factors.expected_reciprocal_independent += 2.0 * there * back;
            let draw: f64 = rng.random();
            if draw < there {
                edges.push((one as u32, other as u32));
            }
            // [0, both) both, [both, there) there only, [there, there + back - both) back only
            if draw < both || (there..there + back - both).contains(&draw) {
                edges.push((other as u32, one as u32));
            }
        }
        if one.is_multiple_of(64) {
            events.emit(Event::Step { done: one as u64, loss: None });
        }
    }
    Ok(edges)
}

/// p of each direction.
fn probabilities(
    config: &TissueConfig,
    somata: &Somata,
    factors: &TissueFactors,
    (one, other): (usize, usize),
) -> (f64, f64) {
    let (from, to) = (somata.type_index[one], somata.type_index[other]);
    let ends = somata.position_um[one].iter().zip(&somata.position_um[other]);
    let distance = ends.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let directed = |pre: (usize, usize), post: (usize, usize)| {
        let decay = (-distance / config.types[pre.1].decay_um).exp();
        let gain = factors.out_gain[pre.0] * factors.in_gain[post.0];
        (config.probability[pre.1][post.1] * decay * gain).min(LARGEST_PROBABILITY)
    };
    (directed((one, from), (other, to)), directed((other, to), (one, from)))
}
