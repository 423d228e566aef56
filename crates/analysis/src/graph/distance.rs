//! Connection probability by the distance of two somata.

use super::DirectedGraph;
use crate::Error;

/// Edges and observable pairs by distance.
#[derive(Debug, Clone, PartialEq)]
pub struct DistanceProfile {
    /// Width of a bin in micrometres; bin `b` holds distances from `b` to `b + 1` widths.
    pub bin_um: f64,
    /// Edges of each bin.
    pub n_edges: Vec<u64>,
    /// Observable ordered pairs of each bin.
    pub n_pairs: Vec<u64>,
    /// Lengths of all edges in micrometres, ascending.
    pub edge_length_um: Vec<f64>,
    /// Largest difference between the cumulated distributions of edge length and of the distance of all pairs, at the
    /// bin edges (Kolmogorov and Smirnov): 0 where connections do not care about distance, at most 1.
    pub ks_against_pairs: f64,
}

impl DistanceProfile {
    /// Connection probability of each bin; NaN where it holds no pair.
    pub fn probability(&self) -> Vec<f64> {
        self.n_edges.iter().zip(&self.n_pairs).map(|(&edges, &pairs)| edges as f64 / pairs as f64).collect()
    }
}

/// Connection probability in bins of distance.
///
/// # Units
/// Positions and `bin_um` in micrometres. Neurons whose position is NaN are left out.
///
/// # Errors
/// [`Error::Shape`] if there is not one position a neuron, [`Error::Value`] if the bin is not positive.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, distance_profile};
/// let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 0)])?;
/// let profile = distance_profile(&graph, &[[0.0; 3], [5.0, 0.0, 0.0], [25.0, 0.0, 0.0]], 20.0)?;
/// assert_eq!((profile.n_edges.clone(), profile.n_pairs.clone()), (vec![2, 0], vec![2, 4]));
/// assert_eq!(profile.probability(), [1.0, 0.0]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn distance_profile(
    graph: &DirectedGraph,
    position_um: &[[f64; 3]],
    bin_um: f64,
) -> Result<DistanceProfile, Error> {
    let bins = DistanceBins::new(graph.n_neurons(), position_um, bin_um)?;
    let seen = |mask: &Option<Vec<bool>>, neuron: usize| mask.as_ref().is_none_or(|mask| mask[neuron]);
    let observed = graph.observed();
    let mut n_pairs = vec![0_u64; bins.n_bins];
    for pre in (0..graph.n_neurons()).filter(|&pre| seen(&observed.pre_observed, pre)) {
        for post in (0..graph.n_neurons()).filter(|&post| post != pre && seen(&observed.post_observed, post))
        {
            if let Some(bin) = bins.of(pre, post) {
                n_pairs[bin] += 1;
            }
        }
    }
    let mut n_edges = vec![0_u64; bins.n_bins];
    let mut edge_length_um = Vec::with_capacity(graph.n_edges());
    for (pre, post) in graph.edges() {
        if let Some(bin) = bins.of(pre as usize, post as usize) {
            n_edges[bin] += 1;
            edge_length_um.push(bins.distance_um(pre as usize, post as usize));
        }
    }
    edge_length_um.sort_unstable_by(f64::total_cmp);
    let ks_against_pairs = largest_gap(&n_edges, &n_pairs);
    Ok(DistanceProfile { bin_um, n_edges, n_pairs, edge_length_um, ks_against_pairs })
}

/// Kolmogorov-Smirnov distance of two lists: the largest difference of their cumulated distributions, 0 to 1
/// (`ks_2samp` of scipy). NaN if one is empty.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::kolmogorov_smirnov;
/// assert_eq!(kolmogorov_smirnov(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
/// assert_eq!(kolmogorov_smirnov(&[1.0, 3.0], &[2.0, 4.0]), 0.5);
/// ```
pub fn kolmogorov_smirnov(first: &[f64], second: &[f64]) -> f64 {
    if first.is_empty() || second.is_empty() {
        return f64::NAN;
    }
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (first, second) = (sorted(first), sorted(second));
    let (mut i, mut j, mut largest) = (0, 0, 0.0_f64);
    while i < first.len() && j < second.len() {
        let value = first[i].min(second[j]);
        i += first[i..].iter().take_while(|&&one| one <= value).count();
        j += second[j..].iter().take_while(|&&one| one <= value).count();
        largest = largest.max((i as f64 / first.len() as f64 - j as f64 / second.len() as f64).abs());
    }
    largest
}

fn largest_gap(edges: &[u64], pairs: &[u64]) -> f64 {
    let (all_edges, all_pairs) = (edges.iter().sum::<u64>() as f64, pairs.iter().sum::<u64>() as f64);
    let (mut below, mut pairs_below, mut largest) = (0, 0, 0.0_f64);
    for (edges, pairs) in edges.iter().zip(pairs) {
        below += edges;
        pairs_below += pairs;
        largest = largest.max((below as f64 / all_edges - pairs_below as f64 / all_pairs).abs());
    }
    if all_edges == 0.0 { f64::NAN } else { largest }
}

/// Distances of pairs in bins of equal width.
pub(super) struct DistanceBins<'a> {
    position_um: &'a [[f64; 3]],
    bin_um: f64,
    pub(super) n_bins: usize,
}

impl<'a> DistanceBins<'a> {
    pub(super) fn new(n: usize, position_um: &'a [[f64; 3]], bin_um: f64) -> Result<Self, Error> {
        if position_um.len() != n {
            let (given, allowed) = (format!("[{}]", position_um.len()), format!("[{n}], one a neuron"));
            return Err(Error::Shape { what: "position_um", given, allowed });
        }
        if !(bin_um.is_finite() && bin_um > 0.0) {
            let (given, allowed) = (bin_um.to_string(), "micrometres above 0".to_owned());
            return Err(Error::Value { what: "bin_um", given, allowed });
        }
        let mut bins = Self { position_um, bin_um, n_bins: 0 };
        let last = (0..n).filter_map(|pre| (pre + 1..n).filter_map(|post| bins.of(pre, post)).max()).max();
        bins.n_bins = last.map_or(0, |last| last + 1);
        Ok(bins)
    }

    /// Bin of a pair, `None` if a position is unknown.
    #[inline]
    pub(super) fn of(&self, pre: usize, post: usize) -> Option<usize> {
        let distance = self.distance_um(pre, post);
        (!distance.is_nan()).then(|| (distance / self.bin_um) as usize)
    }

    #[inline]
    pub(super) fn distance_um(&self, pre: usize, post: usize) -> f64 {
        let (a, b) = (&self.position_um[pre], &self.position_um[post]);
        ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)).sqrt()
    }
}
