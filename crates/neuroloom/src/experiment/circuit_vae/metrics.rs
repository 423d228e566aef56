//! The statistics that codes are read and set by.

use ndarray::Array2;
use neuroloom_analysis::graph::comparison::{METRIC_NAMES, circuit_metrics};
use neuroloom_core::Circuit;
use neuroloom_models::circuit_vae::synthesize::{TARGETS, measure_targets};
use rayon::prelude::*;

use crate::Error;

/// Names of the statistics: six that a published experiment may have controlled (which six is our guess), then others.
pub const METRICS: [&str; 10] = [
    "edges",
    "reciprocity",
    "clustering",
    "path_length",
    "modularity",
    "betweenness",
    "transitivity",
    "gini_in",
    "gini_out",
    "in_out_correlation",
];

/// The place of a metric in [`METRICS`].
pub(super) fn metric(name: &str) -> Option<usize> {
    METRICS.iter().position(|one| *one == name)
}

/// Every statistic of a circuit; NaN where one is not defined.
///
/// # Errors
/// What the statistics say.
pub(super) fn measure(circuit: &Circuit) -> Result<Vec<f64>, Error> {
    let others = circuit_metrics(circuit)?;
    let value =
        |name: &&str| METRIC_NAMES.iter().position(|one| one == name).map_or(f64::NAN, |place| others[place]);
    Ok(measure_targets(circuit).into_iter().chain(METRICS.iter().skip(TARGETS.len()).map(value)).collect())
}

/// The same of many circuits, `[circuit, metric]`.
///
/// # Errors
/// What the statistics say.
pub(super) fn measure_all(circuits: &[&Circuit]) -> Result<Array2<f64>, Error> {
    let rows: Vec<Vec<f64>> =
        circuits.par_iter().map(|circuit| measure(circuit)).collect::<Result<_, _>>()?;
    Ok(Array2::from_shape_fn((rows.len(), METRICS.len()), |(row, column)| rows[row][column]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_measured() {
        assert_eq!(METRICS[..TARGETS.len()], TARGETS);
        for name in METRICS.iter().skip(TARGETS.len()) {
            assert!(METRIC_NAMES.contains(name), "{name}");
        }
    }
}
