//! Whether edges of probability p are there a share p of the time.

use serde::{Deserialize, Serialize};

/// Bins of about equally many pairs.
const BINS: usize = 20;

/// Pairs of like probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Mean predicted probability.
    pub predicted: f64,
    /// Share of them that are edges.
    pub observed: f64,
    /// Number of pairs.
    pub n_pairs: usize,
}

/// Predicted against observed frequencies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Pairs by ascending probability, in bins of equally many.
    pub bins: Vec<CalibrationBin>,
    /// Mean over pairs of |predicted - observed| of their bin; 0 is best, the density is what "never" reaches.
    pub expected_error: f64,
    /// Expected over observed number of edges.
    pub edge_ratio: f64,
}

impl Calibration {
    pub(super) fn new(probability: &[f64], labels: &[bool]) -> Self {
        let mut order: Vec<usize> = (0..probability.len()).collect();
        order.sort_by(|a, b| probability[*a].total_cmp(&probability[*b]));
        let size = probability.len().div_ceil(BINS).max(1);
        let bin = |some: &[usize]| {
            let n = some.len() as f64;
            let edges = some.iter().filter(|at| labels[**at]).count() as f64;
            CalibrationBin {
                predicted: some.iter().map(|at| probability[*at]).sum::<f64>() / n,
                observed: edges / n,
                n_pairs: some.len(),
            }
        };
        let bins: Vec<CalibrationBin> = order.chunks(size).map(bin).collect();
        let n = probability.len().max(1) as f64;
        let error = bins.iter().map(|bin| bin.n_pairs as f64 * (bin.predicted - bin.observed).abs());
        let edges = labels.iter().filter(|&&edge| edge).count().max(1) as f64;
        Self {
            expected_error: error.sum::<f64>() / n,
            edge_ratio: probability.iter().sum::<f64>() / edges,
            bins,
        }
    }
}
