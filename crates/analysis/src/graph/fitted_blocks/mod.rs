//! A generator of simple features, fitted to a training set: the strongest baseline that a code of circuits must beat.
//!
//! A neuron i of type a sends to j of type b with probability
//!
//! ```text
//! p_ij = min(0.95, c R_ab f(d_ij) o_i n_j)
//! ```
//!
//! R by pairs of types and f by distance bins are fitted together; o and n are log-normal gains of mean 1 (the
//! degree correction), c a log-normal gain of the circuit. Their spreads are what degrees and edge counts vary by
//! beyond chance (method of moments). The two directions of a pair are drawn together so that mutual pairs are
//! as many times chance as in the training set. This is a degree-corrected block model with distance and
//! reciprocity that, unlike [`super::nulls`], never sees the circuit that it is compared with.

mod fit;
mod spread;

use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, Seed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::Error;
use spread::Spread;

/// Width of a distance bin in micrometres.
const BIN_UM: f64 = 20.0;
/// Largest probability of an edge.
const MOST: f64 = 0.95;

/// Edge rates by type and distance, spreads of gains, and reciprocity, fitted to circuits.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::FittedBlocks;
/// use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed};
/// let neurons = NeuronTable::new(NeuronId::numbered(3))?;
/// let edges = EdgeList { pre: vec![0, 1], post: vec![1, 2], ..EdgeList::default() };
/// let circuit = Circuit::new(Connectome::new(neurons, edges)?, CircuitOrigin::default());
/// let fitted = FittedBlocks::fit(&[&circuit])?;
/// assert_eq!(fitted.sample(circuit.connectome(), Seed(1))?.n_neurons(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FittedBlocks {
    /// Types that the training set has; others get the mean of all rates.
    types: Vec<String>,
    /// Rate by type of sender and receiver, `[pre * types + post]`, over the mean rate.
    rate: Vec<f64>,
    /// Probability of an edge by distance; the last bin is that of unknown distances.
    distance: Vec<f64>,
    spread: Spread,
    /// Mutual pairs over those of independent directions.
    reciprocity: f64,
}

impl FittedBlocks {
    /// Fits the generator to circuits; pairs that could not be observed are left out.
    ///
    /// # Errors
    /// [`Error::TooFew`] where there is no pair of neurons, or no edge.
    pub fn fit(circuits: &[&Circuit]) -> Result<Self, Error> {
        fit::fit(circuits)
    }

    /// Mutual pairs of the training set over those of independent directions with the same probabilities.
    pub fn reciprocity_over_chance(&self) -> f64 {
        self.reciprocity
    }

    /// Standard deviations of the gains of senders, of receivers and of whole circuits, relative to their mean of 1.
    pub fn gain_spreads(&self) -> [f64; 3] {
        [self.spread.out, self.spread.into, self.spread.circuit].map(f64::sqrt)
    }

    /// Draws the edges of a circuit with the neurons, types, positions and observation mask of `like`.
    ///
    /// # Errors
    /// What [`Connectome::new`] says; nothing for a valid connectome.
    pub fn sample(&self, like: &Connectome, seed: Seed) -> Result<Circuit, Error> {
        let mut rng = seed.rng();
        let n = like.neurons().len();
        let view = View::new(self, like);
        let gains = self.spread.gains(n, &mut rng);
        let circuit = self.spread.circuit_gain(&mut rng);
        let probability = |pre: usize, post: usize| {
            edge_probability(circuit * view.rate(pre, post), gains[pre].0, gains[post].1)
        };
        let mut edges = EdgeList::default();
        for one in 0..n {
            for other in one + 1..n {
                let (forth, back) = (probability(one, other), probability(other, one));
                let (is_forth, is_back) = draw_pair(forth, back, self.reciprocity, &mut rng);
                for (pre, post, is_edge) in [(one, other, is_forth), (other, one, is_back)] {
                    if is_edge && view.is_observed(pre, post) {
                        edges.pre.push(pre as u32);
                        edges.post.push(post as u32);
                    }
                }
            }
        }
        let connectome =
            Connectome::new(like.neurons().clone(), edges)?.with_observed(like.observed().clone());
        let origin =
            CircuitOrigin { method: "fitted-blocks".to_owned(), seed: seed.0, ..CircuitOrigin::default() };
        Ok(Circuit::new(connectome, origin))
    }
}

/// Both directions of a pair, with `excess` times as many mutual edges as chance, each margin kept.
fn draw_pair(forth: f64, back: f64, excess: f64, rng: &mut ChaCha8Rng) -> (bool, bool) {
    let mutual = mutual_share(forth, back, excess);
    let draw: f64 = rng.random();
    if draw < mutual {
        (true, true)
    } else if draw < forth {
        (true, false)
    } else {
        (false, draw < forth + back - mutual)
    }
}

fn edge_probability(rate: f64, of_sender: f64, of_receiver: f64) -> f64 {
    (rate * of_sender * of_receiver).min(MOST)
}

/// How often both directions are there: `excess` times chance, as far as their own probabilities allow.
fn mutual_share(forth: f64, back: f64, excess: f64) -> f64 {
    let least = (forth + back - 1.0).max(0.0);
    (excess * forth * back).clamp(least, forth.min(back))
}

/// A normal number.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// The neurons of one circuit as a fitted generator sees them.
struct View<'a> {
    fitted: &'a FittedBlocks,
    label: Vec<Option<usize>>,
    connectome: &'a Connectome,
}

impl<'a> View<'a> {
    fn new(fitted: &'a FittedBlocks, connectome: &'a Connectome) -> Self {
        let n = connectome.neurons().len();
        let place = |name: &String| fitted.types.iter().position(|one| one == name);
        let label = match connectome.neurons().cell_type() {
            Some(types) => types.iter().map(place).collect(),
            None => vec![Some(0).filter(|_| fitted.types.len() == 1); n],
        };
        Self { fitted, label, connectome }
    }

    fn rate(&self, pre: usize, post: usize) -> f64 {
        let by_type = match (self.label[pre], self.label[post]) {
            (Some(sender), Some(receiver)) => self.fitted.rate[sender * self.fitted.types.len() + receiver],
            _ => 1.0,
        };
        by_type * self.fitted.distance[distance_bin(self.connectome, (pre, post), self.fitted.distance.len())]
    }

    fn is_observed(&self, pre: usize, post: usize) -> bool {
        is_observed(self.connectome, pre, post)
    }
}

fn is_observed(connectome: &Connectome, pre: usize, post: usize) -> bool {
    let flag = |flags: &Option<Vec<bool>>, row: usize| flags.as_ref().is_none_or(|flags| flags[row]);
    let observed = connectome.observed();
    flag(&observed.pre_observed, pre) && flag(&observed.post_observed, post)
}

/// The bin of a pair; far ones share the last but one, unknown ones have the last.
fn distance_bin(connectome: &Connectome, (pre, post): (usize, usize), n_bins: usize) -> usize {
    let Some(places) = connectome.neurons().position_um() else { return n_bins - 1 };
    let squared: f64 = places[pre].iter().zip(&places[post]).map(|(a, b)| (a - b).powi(2)).sum();
    let distance = squared.sqrt();
    if distance.is_finite() { ((distance / BIN_UM) as usize).min(n_bins - 2) } else { n_bins - 1 }
}

#[cfg(test)]
mod tests;
