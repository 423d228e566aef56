//! Density, degrees, their inequality and how the degrees of joined neurons go together.

use super::DirectedGraph;
use crate::statistics::mean_and_sd;

/// Degrees in a few numbers. Only what could have been observed counts: out-degrees of neurons whose outputs were
/// traced, in-degrees of neurons whose inputs were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DegreeSummary {
    /// `E / (observable ordered pairs)`; without a mask `E / (N (N - 1))`.
    pub density: f64,
    /// `E / N` over the neurons whose outputs were traced.
    pub mean_degree: f64,
    /// Gini coefficient of the out-degrees, 0 (all equal) to 1.
    pub gini_out: f64,
    /// Gini coefficient of the in-degrees.
    pub gini_in: f64,
    /// Pearson correlation of in- and out-degree over the fully observed neurons; NaN where one is constant.
    pub in_out_correlation: f64,
}

/// Which degree of a neuron is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Number of edges it sends.
    Out,
    /// Number of edges it receives.
    In,
}

/// Density, mean degree, inequality, correlation.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, degree_summary};
/// // a hub that sends to three: out-degrees 3 0 0 0, in-degrees 0 1 1 1
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (0, 2), (0, 3)])?;
/// let summary = degree_summary(&graph);
/// assert_eq!((summary.density, summary.gini_out, summary.in_out_correlation), (0.25, 0.75, -1.0));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn degree_summary(graph: &DirectedGraph) -> DegreeSummary {
    let senders = traced(graph.observed().pre_observed.as_ref(), graph.n_neurons());
    let receivers = traced(graph.observed().post_observed.as_ref(), graph.n_neurons());
    let out: Vec<f64> = senders.iter().map(|&neuron| degree(graph, neuron, Direction::Out)).collect();
    let into: Vec<f64> = receivers.iter().map(|&neuron| degree(graph, neuron, Direction::In)).collect();
    let core = graph.fully_observed();
    let both = |direction| core.iter().map(|&neuron| degree(graph, neuron, direction)).collect::<Vec<f64>>();
    DegreeSummary {
        density: graph.n_edges() as f64 / graph.n_observable_pairs() as f64,
        mean_degree: mean_and_sd(&out).map_or(f64::NAN, |(mean, _)| mean),
        gini_out: gini(&out),
        gini_in: gini(&into),
        in_out_correlation: correlation(&both(Direction::Out), &both(Direction::In)),
    }
}

/// Degree of every neuron.
pub fn degrees(graph: &DirectedGraph, direction: Direction) -> Vec<u32> {
    (0..graph.n_neurons() as u32).map(|neuron| degree(graph, neuron, direction) as u32).collect()
}

/// Gini coefficient of non-negative values: half the mean absolute difference of two values over their mean,
///
/// `G = sum_i (2 i - n - 1) x_i / (n sum x)` with `x` ascending and `i = 1..n`.
///
/// 0 where all are equal, near 1 where one has everything; NaN where all are 0.
pub fn gini(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let ranked: f64 = (1..=sorted.len()).zip(&sorted).map(|(i, x)| (2.0 * i as f64 - n - 1.0) * x).sum();
    ranked / (n * sorted.iter().sum::<f64>())
}

/// Degree assortativity: over all edges, Pearson correlation of a degree of the sender with a degree of the receiver
/// (Foster et al. 2010; `degree_pearson_correlation_coefficient` of networkx). NaN where one does not vary.
///
/// The sums are over integers and exact, so that no degree distribution, however heavy its tail, costs digits.
pub fn assortativity(graph: &DirectedGraph, sender: Direction, receiver: Direction) -> f64 {
    let (of_pre, of_post) = (degrees(graph, sender), degrees(graph, receiver));
    let (mut x_sum, mut x_squares, mut y_sum, mut y_squares, mut products) = (0, 0, 0, 0, 0);
    for neuron in 0..graph.n_neurons() {
        let (x, y) = (i128::from(of_pre[neuron]), i128::from(of_post[neuron]));
        let receivers = graph.successors(neuron as u32);
        let (sent, received) = (receivers.len() as i128, graph.predecessors(neuron as u32).len() as i128);
        // Over edges, each degree counts as often as its neuron sends or receives.
        x_sum += sent * x;
        x_squares += sent * x * x;
        y_sum += received * y;
        y_squares += received * y * y;
        products +=
            x * i128::from(receivers.iter().map(|&post| u64::from(of_post[post as usize])).sum::<u64>());
    }
    let n_edges = graph.n_edges() as i128;
    let (x_variance, y_variance) = (n_edges * x_squares - x_sum * x_sum, n_edges * y_squares - y_sum * y_sum);
    let covariance = n_edges * products - x_sum * y_sum;
    covariance as f64 / ((x_variance as f64).sqrt() * (y_variance as f64).sqrt())
}

/// Pearson correlation; NaN where a list does not vary.
pub(super) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    crate::metrics::regression::pearson(x, y).unwrap_or(f64::NAN)
}

fn degree(graph: &DirectedGraph, neuron: u32, direction: Direction) -> f64 {
    match direction {
        Direction::Out => graph.successors(neuron).len() as f64,
        Direction::In => graph.predecessors(neuron).len() as f64,
    }
}

fn traced(mask: Option<&Vec<bool>>, n_neurons: usize) -> Vec<u32> {
    (0..n_neurons as u32).filter(|&neuron| mask.is_none_or(|mask| mask[neuron as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inequality_worked_out_by_hand() {
        assert_eq!(gini(&[2.0, 2.0, 2.0]), 0.0);
        // |differences| of all 9 ordered pairs: 4 x 3 = 12, mean 4/3; over twice the mean 1: 2/3
        assert!((gini(&[0.0, 3.0, 0.0]) - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn traced_neurons_alone_are_counted() {
        let graph = DirectedGraph::from_edges(3, &[(0, 1), (0, 2), (1, 2)]).unwrap();
        let observed =
            neuroloom_core::EdgeMask { pre_observed: Some(vec![true, true, false]), post_observed: None };
        let summary = degree_summary(&graph.with_observed(observed).unwrap());
        assert_eq!(summary.mean_degree, 1.5);
        assert_eq!(summary.density, 0.75);
    }
}
