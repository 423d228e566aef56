//! Ranks.

use rayon::prelude::*;

/// Ranks from 1, equal values sharing the mean of theirs (scipy's `rankdata`). NaN sorts last.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::ranks;
/// assert_eq!(ranks(&[0.5, 2.0, 0.5, 1.0]), [1.5, 4.0, 1.5, 3.0]);
/// ```
pub fn ranks(values: &[f64]) -> Vec<f64> {
    // Keys beside their places: looking each value up while sorting would miss the cache at every comparison.
    let mut order: Vec<(i64, usize)> = values.iter().map(|&value| total_order_key(value)).zip(0..).collect();
    order.par_sort_unstable();
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let first = values[order[start].1];
        let same = |&&(_, place): &&(i64, usize)| values[place] == first;
        let n = order[start..].iter().take_while(same).count().max(1);
        for &(_, place) in &order[start..start + n] {
            ranks[place] = start as f64 + (n + 1) as f64 / 2.0;
        }
        start += n;
    }
    ranks
}

/// Integers in the order of [`f64::total_cmp`].
fn total_order_key(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_rank_counts_what_is_smaller_and_half_of_what_is_equal(
            values in prop::collection::vec(prop_oneof![-3.0..3.0_f64, Just(-0.0), Just(0.0), Just(1.0)], 0..60)
        ) {
            for (rank, value) in ranks(&values).into_iter().zip(&values) {
                let smaller = values.iter().filter(|other| *other < value).count() as f64;
                let equal = values.iter().filter(|other| *other == value).count() as f64;
                prop_assert_eq!(rank, smaller + (equal + 1.0) / 2.0);
            }
        }
    }

    #[test]
    fn what_is_no_number_comes_last() {
        assert_eq!(ranks(&[f64::NAN, f64::INFINITY, -f64::INFINITY, f64::NAN]), [3.0, 2.0, 1.0, 4.0]);
    }
}
