//! Histograms that put every value where numpy does.

/// Counts of values in `n_bins` equal bins of `low..=high`, values outside left out: `numpy.histogram`, to the last bin
/// edge.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::comparison::histogram;
/// assert_eq!(histogram(&[0.0, 0.5, 0.5, 1.0, 1.5], 2, (0.0, 1.0)), [1.0, 3.0]);
/// ```
pub fn histogram(values: &[f64], n_bins: usize, (low, high): (f64, f64)) -> Vec<f64> {
    let step = (high - low) / n_bins as f64;
    let edge = |bin: usize| if bin == n_bins { high } else { low + bin as f64 * step };
    let mut counts = vec![0.0; n_bins];
    for &value in values.iter().filter(|value| (low..=high).contains(*value)) {
        let mut bin = ((value - low) / (high - low) * n_bins as f64) as usize;
        bin = bin.min(n_bins - 1);
        // The division may round to the wrong side of an edge.
        if value < edge(bin) {
            bin -= 1;
        } else if bin + 1 < n_bins && value >= edge(bin + 1) {
            bin += 1;
        }
        counts[bin] += 1.0;
    }
    counts
}

/// Divided by the sum; all zero if there is nothing to divide.
pub(super) fn normalised(mut counts: Vec<f64>) -> Vec<f64> {
    let total: f64 = counts.iter().sum();
    if total > 0.0 {
        counts.iter_mut().for_each(|count| *count /= total);
    }
    counts
}
