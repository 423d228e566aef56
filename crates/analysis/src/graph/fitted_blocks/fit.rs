//! Fitting: rates by alternating ratios, then the spreads, then reciprocity.

use std::collections::BTreeSet;

use neuroloom_core::{Circuit, Connectome, Seed, Synapses};

use super::spread::{Degrees, Spread};
use super::{BIN_UM, FittedBlocks, View, distance_bin, edge_probability, is_observed, mutual_share};
use crate::Error;
use crate::graph::DirectedGraph;

/// Rounds of the alternating fit of types and distances; it converges in a few.
const N_ROUNDS: usize = 30;
/// Pairs farther apart than this many bins share one.
const MOST_BINS: usize = 100;
/// Edges that every class is given before it is counted, so that an empty one is rare and not impossible.
const PRIOR: f64 = 0.5;
/// Draws of gains, over all circuits, that reciprocity is fitted on at least.
const LEAST_DRAWS: usize = 100;
/// Largest excess of mutual pairs over chance, and one over the smallest.
const MOST_EXCESS: f64 = 1e4;
/// Halvings of the range of the excess.
const N_BISECTIONS: usize = 40;

pub(super) fn fit(circuits: &[&Circuit]) -> Result<FittedBlocks, Error> {
    let connectomes: Vec<&Connectome> = circuits.iter().map(|circuit| circuit.connectome()).collect();
    let graphs: Vec<DirectedGraph> = connectomes
        .iter()
        .map(|one| DirectedGraph::from_connectome(one, Synapses::Binary))
        .collect::<Result<_, _>>()?;
    let types = types(&connectomes);
    let n_bins = n_bins(&connectomes) + 1;
    let unit = FittedBlocks {
        rate: vec![1.0; types.len() * types.len()],
        types,
        distance: vec![1.0; n_bins],
        spread: Spread::default(),
        reciprocity: 1.0,
    };
    let counts = Counts::of(&unit, &connectomes, &graphs);
    let (n_pairs, n_edges) = (counts.pairs.iter().sum::<f64>(), counts.edges.iter().sum::<f64>());
    if n_edges == 0.0 {
        let (what, needed) = ("edges of the training circuits", 1);
        return Err(Error::TooFew { what, given: 0, needed });
    }
    let (rate, distance) = counts.alternate(n_edges / n_pairs);
    let fitted = FittedBlocks { rate, distance, ..unit };
    let spread = Degrees::of(&fitted, &connectomes, &graphs).spread();
    let reciprocity = reciprocity(&fitted, spread, (&connectomes, &graphs));
    Ok(FittedBlocks { spread, reciprocity, ..fitted })
}

fn types(connectomes: &[&Connectome]) -> Vec<String> {
    let all: BTreeSet<String> =
        connectomes.iter().filter_map(|one| one.neurons().cell_type()).flatten().cloned().collect();
    if all.is_empty() { vec![String::new()] } else { all.into_iter().collect() }
}

fn n_bins(connectomes: &[&Connectome]) -> usize {
    let width = |one: &&Connectome| {
        let places = one.neurons().position_um().unwrap_or_default();
        let side = |axis: usize| {
            let values = || places.iter().map(|place| place[axis]).filter(|value| value.is_finite());
            (values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)).max(0.0)
        };
        (0..3).map(|axis| side(axis).powi(2)).sum::<f64>().sqrt()
    };
    let widest = connectomes.iter().map(width).fold(0.0, f64::max);
    ((widest / BIN_UM) as usize + 1).min(MOST_BINS)
}

/// Pairs and edges by pair of types and distance bin.
struct Counts {
    n_classes: usize,
    n_bins: usize,
    pairs: Vec<f64>,
    edges: Vec<f64>,
}

impl Counts {
    fn of(unit: &FittedBlocks, connectomes: &[&Connectome], graphs: &[DirectedGraph]) -> Self {
        let (n_types, n_bins) = (unit.types.len(), unit.distance.len());
        let n_classes = n_types * n_types;
        let mut counts = Self {
            n_classes,
            n_bins,
            pairs: vec![0.0; n_classes * n_bins],
            edges: vec![0.0; n_classes * n_bins],
        };
        for (connectome, graph) in connectomes.iter().zip(graphs) {
            let view = View::new(unit, connectome);
            for_each_pair(connectome, |pre, post| {
                let label = |one: usize| view.label[one].unwrap_or(0);
                let bin = distance_bin(connectome, (pre, post), n_bins);
                let class = (label(pre) * n_types + label(post)) * n_bins + bin;
                counts.pairs[class] += 1.0;
                counts.edges[class] += f64::from(u8::from(graph.has_edge(pre as u32, post as u32)));
            });
        }
        counts
    }

    /// R_ab and f(d) whose expected counts match the margins (iterative proportional fitting).
    fn alternate(&self, density: f64) -> (Vec<f64>, Vec<f64>) {
        let (mut rate, mut distance) = (vec![1.0; self.n_classes], vec![density; self.n_bins]);
        for _ in 0..N_ROUNDS {
            for (class, rate) in rate.iter_mut().enumerate() {
                let row = class * self.n_bins..(class + 1) * self.n_bins;
                let expected: f64 = self.pairs[row.clone()].iter().zip(&distance).map(|(n, f)| n * f).sum();
                *rate = (self.edges[row].iter().sum::<f64>() + PRIOR) / (expected + PRIOR);
            }
            for (bin, probability) in distance.iter_mut().enumerate() {
                let (mut edges, mut expected) = (0.0, 0.0);
                for (class, rate) in rate.iter().enumerate() {
                    edges += self.edges[class * self.n_bins + bin];
                    expected += self.pairs[class * self.n_bins + bin] * rate;
                }
                *probability = (edges + PRIOR * density) / (expected + PRIOR);
            }
        }
        (rate, distance)
    }
}

/// Mutual pairs over those of independent directions, such that circuits drawn with gains have as many on average as
/// the training set. A pair cannot be mutual more often than its rarer direction is there, so that the plain ratio of
/// observed to expected pairs would lose some: it is solved for, with gains drawn from a fixed seed.
fn reciprocity(
    fitted: &FittedBlocks,
    spread: Spread,
    (connectomes, graphs): (&[&Connectome], &[DirectedGraph]),
) -> f64 {
    let n_draws = (LEAST_DRAWS / connectomes.len().max(1)).max(1);
    let (mut mutual, mut pairs) = (0.0, Vec::new());
    for (place, (connectome, graph)) in connectomes.iter().zip(graphs).enumerate() {
        let view = View::new(fitted, connectome);
        for draw in 0..n_draws {
            let mut rng = Seed(0).split("gains of the fit").nth((place * n_draws + draw) as u64).rng();
            let gains = spread.gains(connectome.neurons().len(), &mut rng);
            let circuit = spread.circuit_gain(&mut rng);
            let probability = |pre: usize, post: usize| {
                edge_probability(circuit * view.rate(pre, post), gains[pre].0, gains[post].1)
            };
            for_each_pair(connectome, |pre, post| {
                if pre < post && is_observed(connectome, post, pre) {
                    let both =
                        graph.has_edge(pre as u32, post as u32) && graph.has_edge(post as u32, pre as u32);
                    mutual += f64::from(u8::from(both));
                    pairs.push((probability(pre, post), probability(post, pre)));
                }
            });
        }
    }
    excess_for(mutual, &pairs)
}

/// The excess at which pairs with these probabilities are mutual so often, by bisection of its logarithm.
fn excess_for(mutual: f64, pairs: &[(f64, f64)]) -> f64 {
    let expected =
        |excess: f64| pairs.iter().map(|&(forth, back)| mutual_share(forth, back, excess)).sum::<f64>();
    if mutual == 0.0 || pairs.is_empty() {
        return if pairs.is_empty() { 1.0 } else { 0.0 };
    }
    let (mut low, mut high) = (MOST_EXCESS.recip(), MOST_EXCESS);
    for _ in 0..N_BISECTIONS {
        let middle = (low * high).sqrt();
        if expected(middle) < mutual { low = middle } else { high = middle }
    }
    (low * high).sqrt()
}

/// Every ordered pair that could be observed.
pub(super) fn for_each_pair(connectome: &Connectome, mut visit: impl FnMut(usize, usize)) {
    let n = connectome.neurons().len();
    for pre in 0..n {
        for post in (0..n).filter(|&post| post != pre) {
            if is_observed(connectome, pre, post) {
                visit(pre, post);
            }
        }
    }
}
