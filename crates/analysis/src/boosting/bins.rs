//! Features cut into bins of equally many rows.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::Error;

/// Rows from which the cuts are found; more only cost time.
const MAX_SORTED: usize = 200_000;

/// Every feature as small integers, one column after the other.
pub(super) struct Binned {
    pub(super) n_rows: usize,
    /// Bin of each row, one column a feature.
    pub(super) columns: Vec<Vec<u8>>,
    /// Cut `b` is between bin `b` and bin `b + 1`: bin `b` or less means a value of at most cut `b`.
    pub(super) cuts: Vec<Vec<f64>>,
}

impl Binned {
    pub(super) fn new<T: Copy + Into<f64> + Sync>(
        features: ArrayView2<'_, T>,
        n_bins: usize,
    ) -> Result<Self, Error> {
        let column = |feature: usize| {
            let values: Vec<f64> = features.column(feature).iter().map(|&value| value.into()).collect();
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { what: "features", row, column: feature, given: values[row] });
            }
            let cuts = cuts(&values, n_bins);
            let bin = |value: &f64| cuts.partition_point(|cut| cut < value) as u8;
            Ok((values.iter().map(bin).collect(), cuts))
        };
        let both: Result<Vec<_>, Error> = (0..features.ncols()).into_par_iter().map(column).collect();
        let (columns, cuts) = both?.into_iter().unzip();
        Ok(Self { n_rows: features.nrows(), columns, cuts })
    }
}

/// Midway between neighbouring values where a quantile falls; each distinct value is a bin where they are few.
fn cuts(values: &[f64], n_bins: usize) -> Vec<f64> {
    let step = values.len().div_ceil(MAX_SORTED);
    let mut sorted: Vec<f64> = values.iter().step_by(step).copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for value in sorted {
        match runs.last_mut() {
            Some((last, count)) if *last == value => *count += 1,
            _ => runs.push((value, 1)),
        }
    }
    let total: usize = runs.iter().map(|(_, count)| count).sum();
    let mut cuts = Vec::new();
    let mut below = 0;
    for pair in runs.windows(2) {
        below += pair[0].1;
        let wanted = if runs.len() <= n_bins { true } else { below * n_bins >= (cuts.len() + 1) * total };
        if wanted && cuts.len() + 1 < n_bins {
            cuts.push(midpoint(pair[0].0, pair[1].0));
        }
    }
    cuts
}

/// At least `low` and below `high`, also where they are neighbouring floats.
fn midpoint(low: f64, high: f64) -> f64 {
    let middle = 0.5 * low + 0.5 * high;
    if middle < high { middle.max(low) } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_bin_each_and_many_share() {
        assert_eq!(cuts(&[3.0, 1.0, 1.0, 2.0], 255), [1.5, 2.5]);
        assert!(cuts(&[7.0; 5], 255).is_empty());
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        let found = cuts(&many, 4);
        assert_eq!(found, [249.5, 499.5, 749.5]);
        assert_eq!(midpoint(1.0, 1.0 + f64::EPSILON), 1.0);
    }
}
