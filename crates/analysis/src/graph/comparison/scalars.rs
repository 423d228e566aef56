//! One number a circuit and metric, and how two sets differ by it.

use serde::Serialize;

use super::describe::SetDescription;
use crate::Error;
use crate::graph::nulls::Statistic;
use crate::graph::{
    DirectedGraph, Direction, NullStatistic, assortativity, degree_summary, kolmogorov_smirnov,
};
use crate::statistics::mean_and_sd;

/// The metrics, as [`crate::graph::measure`] defines them.
pub const METRIC_NAMES: [&str; 15] = [
    "n_neurons",
    "density",
    "gini_in",
    "gini_out",
    "in_out_correlation",
    "assortativity_out_in",
    "reciprocity",
    "clustering",
    "clustering_directed",
    "transitivity",
    "path_length",
    "global_efficiency",
    "reachable",
    "betweenness_mean",
    "modularity_leiden",
];

/// How two sets differ by one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricDifference {
    /// Its name.
    pub name: &'static str,
    /// Mean and standard deviation over the circuits of the reference.
    pub reference: (f64, f64),
    /// Mean and standard deviation over the circuits of the other set.
    pub other: (f64, f64),
    /// Largest difference of the two distribution functions (Kolmogorov and Smirnov), 0 to 1.
    pub ks: f64,
    /// Area between the two distribution functions (first Wasserstein distance), in units of the metric.
    pub wasserstein: f64,
    /// Difference of the means over the pooled standard deviation, positive where the other set is larger.
    pub standardised_difference: f64,
}

pub(super) fn metrics(graph: &DirectedGraph) -> Result<Vec<f64>, Error> {
    let summary = degree_summary(graph);
    let statistic = NullStatistic::default();
    let (names, values) = (statistic.names(), statistic.measure(graph)?);
    let value = |name: &&str| match *name {
        "n_neurons" => graph.n_neurons() as f64,
        "density" => summary.density,
        "gini_in" => summary.gini_in,
        "gini_out" => summary.gini_out,
        "in_out_correlation" => summary.in_out_correlation,
        "assortativity_out_in" => assortativity(graph, Direction::Out, Direction::In),
        other => names.iter().position(|one| one == other).map_or(f64::NAN, |place| values[place]),
    };
    Ok(METRIC_NAMES.iter().map(value).collect())
}

pub(super) fn differences(reference: &SetDescription, other: &SetDescription) -> Vec<MetricDifference> {
    METRIC_NAMES
        .into_iter()
        .map(|name| by_metric(name, &reference.metric(name), &other.metric(name)))
        .collect()
}

fn by_metric(name: &'static str, one: &[f64], other: &[f64]) -> MetricDifference {
    let summary = |values: &[f64]| mean_and_sd(values).unwrap_or((f64::NAN, f64::NAN));
    let (first, second) = (summary(one), summary(other));
    let pooled = (0.5 * (first.1 * first.1 + second.1 * second.1)).sqrt();
    let shift = second.0 - first.0;
    MetricDifference {
        name,
        reference: first,
        other: second,
        ks: kolmogorov_smirnov(one, other),
        wasserstein: wasserstein(one, other),
        // Two equal constants do not differ.
        standardised_difference: if shift == 0.0 { 0.0 } else { shift / pooled },
    }
}

/// Integral of the absolute difference of the two distribution functions.
fn wasserstein(one: &[f64], other: &[f64]) -> f64 {
    if one.is_empty() || other.is_empty() {
        return f64::NAN;
    }
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (one, other) = (sorted(one), sorted(other));
    let mut all = [one.as_slice(), other.as_slice()].concat();
    all.sort_unstable_by(f64::total_cmp);
    let below = |values: &[f64], limit: f64| {
        values.partition_point(|&value| value <= limit) as f64 / values.len() as f64
    };
    let area = |pair: &[f64]| (below(&one, pair[0]) - below(&other, pair[0])).abs() * (pair[1] - pair[0]);
    all.windows(2).map(area).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_worked_out_by_hand() {
        // Moving one of two points by 1 and the other by 3 moves 2 on average.
        assert_eq!(wasserstein(&[0.0, 1.0], &[1.0, 4.0]), 2.0);
        let found = by_metric("density", &[1.0, 3.0], &[3.0, 5.0]);
        // means 2 and 4, both with sd sqrt(2)
        assert!((found.standardised_difference - 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(found.ks, 0.5);
        assert_eq!(by_metric("density", &[1.0, 1.0], &[1.0, 1.0]).standardised_difference, 0.0);
    }
}
