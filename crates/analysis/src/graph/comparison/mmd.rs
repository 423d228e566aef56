//! Maximum mean discrepancy of two samples of descriptors (Gretton et al. 2012), biased: the diagonal is included.

use rayon::prelude::*;

/// Widths of the adaptive Gaussian kernel, in units of the root mean squared distance between the samples.
const WIDTHS: [f64; 10] = [0.01, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Squared MMD, mean k(x, x') + mean k(y, y') - 2 mean k(x, y), with the kernel of the graph-generation literature,
/// k = exp(-TV^2 / (2 width^2)), TV = half the L1 distance (GRAN, Liao et al. 2019). The kernel is not positive
/// definite, so a small negative value is possible.
///
/// # Shapes
/// `[sample][feature]`, all rows equally long.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::comparison::gaussian_tv_mmd;
/// let (one, other) = (vec![vec![1.0, 0.0]], vec![vec![0.0, 1.0]]);
/// // TV = 1: 1 + 1 - 2 exp(-1/2)
/// assert!((gaussian_tv_mmd(&one, &other, 1.0) - (2.0 - 2.0 * (-0.5_f64).exp())).abs() < 1e-15);
/// assert_eq!(gaussian_tv_mmd(&one, &one, 1.0), 0.0);
/// ```
pub fn gaussian_tv_mmd(one: &[Vec<f64>], other: &[Vec<f64>], width: f64) -> f64 {
    let kernel = |x: &[f64], y: &[f64]| {
        let variation = 0.5 * x.iter().zip(y).map(|(x, y)| (x - y).abs()).sum::<f64>();
        (-variation * variation / (2.0 * width * width)).exp()
    };
    let mean = |one: &[Vec<f64>], other: &[Vec<f64>]| {
        let rows: Vec<f64> =
            one.par_iter().map(|x| other.iter().map(|y| kernel(x, y)).sum::<f64>()).collect();
        rows.iter().sum::<f64>() / (one.len() * other.len()) as f64
    };
    mean(one, one) + mean(other, other) - 2.0 * mean(one, other)
}

/// The largest squared MMD over ten Gaussian kernels k = exp(-|x - y|^2 / (2 (b s)^2)), with s^2 the mean squared
/// distance between the samples (1 if that is 0) and b from 0.01 to 10 (Thompson et al. 2022; PolyGraph benchmark).
///
/// # Shapes
/// `[sample][feature]`, all rows equally long.
pub fn rbf_mmd(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
    let (within_one, within_other) = (squared_distances(one, one), squared_distances(other, other));
    let between = squared_distances(one, other);
    let mean_between = between.iter().sum::<f64>() / between.len() as f64;
    let scale = if mean_between > 0.0 { mean_between } else { 1.0 };
    let with = |width: &f64| {
        let mean = |distances: &[f64]| {
            let kernels = distances.iter().map(|distance| (-distance / (2.0 * width * width * scale)).exp());
            kernels.sum::<f64>() / distances.len() as f64
        };
        mean(&within_one) + mean(&within_other) - 2.0 * mean(&between)
    };
    WIDTHS.iter().map(with).fold(f64::NEG_INFINITY, f64::max)
}

fn squared_distances(one: &[Vec<f64>], other: &[Vec<f64>]) -> Vec<f64> {
    let distance = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
    one.par_iter().flat_map_iter(|x| other.iter().map(|y| distance(x, y))).collect()
}
