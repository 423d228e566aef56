//! The statistics that codes are read and set by.

use ndarray::Array2;
use neuroloom_analysis::graph::comparison::{METRIC_NAMES, circuit_metrics};
use neuroloom_core::Circuit;
use rayon::prelude::*;

use crate::Error;

/// Names of the statistics: six that a published experiment may have controlled (which six is our guess), then others.
pub const METRICS: [&str; 10] = [
    "edges",
    "reciprocity",
    "clustering",
    "path-length",
    "modularity",
    "betweenness",
    "transitivity",
    "gini-in",
    "gini-out",
    "in-out-correlation",
];

/// How many of them are targets of control by default.
pub(super) const N_TARGETS: usize = 6;

/// The place of a metric in [`METRICS`].
pub(super) fn metric(name: &str) -> Option<usize> {
    METRICS.iter().position(|one| *one == name)
}

/// Name of the same number in `neuroloom measure` and `compare`.
fn measured_name(name: &str) -> String {
    match name {
        "modularity" => "modularity_leiden".to_owned(),
        "betweenness" => "betweenness_mean".to_owned(),
        other => other.replace('-', "_"),
    }
}

/// Every statistic of a circuit; NaN where one is not defined.
///
/// # Errors
/// What the statistics say.
pub(super) fn measure(circuit: &Circuit) -> Result<Vec<f64>, Error> {
    let values = circuit_metrics(circuit)?;
    let value = |name: &&str| match *name {
        "edges" => circuit.n_edges() as f64,
        other => {
            let name = measured_name(other);
            METRIC_NAMES.iter().position(|one| *one == name).map_or(f64::NAN, |place| values[place])
        }
    };
    Ok(METRICS.iter().map(value).collect())
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
        for name in METRICS.iter().skip(1) {
            assert!(METRIC_NAMES.contains(&measured_name(name).as_str()), "{name}");
        }
    }
}
