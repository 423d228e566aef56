//! Bootstrap intervals and permutation tests: the data themselves say how far a number could have strayed.

use neuroloom_core::Seed;
use rand::RngExt;
use rayon::prelude::*;

use super::{Interval, check_level, check_samples, quantiles};
use crate::Error;
use crate::metrics::check_finite;

/// How resampled values are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    /// How many resampled data sets.
    pub n_resamples: usize,
    /// Probability that an interval is meant to hold, in 0..1.
    pub level: f64,
    /// Consecutive samples that are drawn together: 1 for independent samples, several correlation times
    /// for a time series (moving-block bootstrap, Kuensch 1989).
    pub block_length: usize,
    /// Seed of the draws.
    pub seed: Seed,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { n_resamples: 1000, level: 0.95, block_length: 1, seed: Seed(0) }
    }
}

/// Percentile bootstrap interval of a statistic of one list (Efron 1979).
///
/// # Errors
/// As [`bootstrap_positions`]; a sample that is not finite.
pub fn bootstrap_interval(
    values: &[f64],
    statistic: impl Fn(&[f64]) -> f64 + Sync,
    resampling: &Resampling,
) -> Result<Interval, Error> {
    check_samples(values, 1)?;
    let of_positions = |positions: &[usize]| {
        statistic(&positions.iter().map(|&position| values[position]).collect::<Vec<f64>>())
    };
    bootstrap_positions(values.len(), of_positions, resampling)
}

/// Percentile bootstrap interval of a statistic of `n_samples` cases that are drawn by position: for pairs
/// (truth and prediction, score and label), frames or animals. Resamples on which the statistic is NaN (one
/// class only, say) are left out.
///
/// # Errors
/// No samples, no resamples, a level outside 0..1, a block length outside 1..=`n_samples`, or a statistic
/// that is never finite.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::classification::auroc;
/// use neuroloom_analysis::statistics::{Resampling, bootstrap_positions};
/// let scores = [0.9, 0.8, 0.3, 0.6, 0.2, 0.1];
/// let labels = [true, true, true, false, false, false];
/// let resampled = |positions: &[usize]| {
///     let pick = |&position: &usize| (scores[position], labels[position]);
///     let (scores, labels): (Vec<f64>, Vec<bool>) = positions.iter().map(pick).unzip();
///     auroc(&scores, &labels).unwrap_or(f64::NAN)
/// };
/// let interval = bootstrap_positions(6, resampled, &Resampling::default())?;
/// assert!(interval.low < interval.estimate && interval.high == 1.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn bootstrap_positions(
    n_samples: usize,
    statistic: impl Fn(&[usize]) -> f64 + Sync,
    resampling: &Resampling,
) -> Result<Interval, Error> {
    check_resampling(n_samples, resampling)?;
    let seed = resampling.seed.split("bootstrap");
    let value =
        |index: usize| statistic(&block_draw(n_samples, resampling.block_length, seed.nth(index as u64)));
    let values: Vec<f64> = (0..resampling.n_resamples).into_par_iter().map(value).collect();
    let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    let tail = 0.5 * (1.0 - resampling.level);
    let ends = quantiles(&finite, &[tail, 1.0 - tail])?;
    let estimate = statistic(&(0..n_samples).collect::<Vec<usize>>());
    Ok(Interval { estimate, low: ends[0], high: ends[1] })
}

/// Which values count as at least as extreme as the observed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Larger or equal.
    Upper,
    /// Smaller or equal.
    Lower,
    /// Twice the smaller of both, at most 1.
    Both,
}

/// Probability under the null of a value as extreme as `observed`:
/// `(1 + number of null values at least as extreme) / (1 + number of null values)`, which is never 0
/// (Phipson and Smyth 2010).
///
/// # Errors
/// No null values, or a value that is not finite.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::{Tail, permutation_p_value};
/// assert_eq!(permutation_p_value(3.0, &[1.0, 2.0, 3.0], Tail::Upper)?, 0.5);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn permutation_p_value(observed: f64, null_values: &[f64], tail: Tail) -> Result<f64, Error> {
    check_samples(null_values, 1)?;
    check_finite("the observed statistic", &[observed])?;
    let fraction = |count: usize| (1 + count) as f64 / (1 + null_values.len()) as f64;
    let upper = fraction(null_values.iter().filter(|&&value| value >= observed).count());
    let lower = fraction(null_values.iter().filter(|&&value| value <= observed).count());
    Ok(match tail {
        Tail::Upper => upper,
        Tail::Lower => lower,
        Tail::Both => (2.0 * upper.min(lower)).min(1.0),
    })
}

/// Values of a statistic after random permutations of `n_samples` positions: the null distribution "the
/// order means nothing" for [`permutation_p_value`]. `level` and `block_length` of `resampling` are not used.
///
/// # Errors
/// No samples or no resamples.
pub fn permutation_null(
    n_samples: usize,
    statistic: impl Fn(&[usize]) -> f64 + Sync,
    resampling: &Resampling,
) -> Result<Vec<f64>, Error> {
    check_resampling(n_samples, &Resampling { level: 0.5, block_length: 1, ..*resampling })?;
    let seed = resampling.seed.split("permutation");
    let value = |index: usize| statistic(&shuffled(n_samples, seed.nth(index as u64)));
    Ok((0..resampling.n_resamples).into_par_iter().map(value).collect())
}

fn check_resampling(n_samples: usize, resampling: &Resampling) -> Result<(), Error> {
    check_level(resampling.level)?;
    for (what, given) in [("samples", n_samples), ("n_resamples", resampling.n_resamples)] {
        if given == 0 {
            return Err(Error::TooFew { what, given, needed: 1 });
        }
    }
    if !(1..=n_samples).contains(&resampling.block_length) {
        let (given, allowed) = (resampling.block_length.to_string(), format!("1 to {n_samples} samples"));
        return Err(Error::Value { what: "block_length", given, allowed });
    }
    Ok(())
}

/// `n_samples` positions in blocks of consecutive ones, with replacement.
fn block_draw(n_samples: usize, block_length: usize, seed: Seed) -> Vec<usize> {
    let mut rng = seed.rng();
    let mut positions = Vec::with_capacity(n_samples + block_length);
    while positions.len() < n_samples {
        let start = rng.random_range(0..=n_samples - block_length);
        positions.extend(start..start + block_length);
    }
    positions.truncate(n_samples);
    positions
}

/// Fisher and Yates.
fn shuffled(n_samples: usize, seed: Seed) -> Vec<usize> {
    let mut rng = seed.rng();
    let mut positions: Vec<usize> = (0..n_samples).collect();
    for last in (1..n_samples).rev() {
        positions.swap(last, rng.random_range(0..=last));
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::coverage;
    use proptest::prelude::*;

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[test]
    fn ninety_percent_bootstrap_intervals_of_a_mean_cover_about_ninety_percent() -> Result<(), Error> {
        let mut rng = Seed(7).rng();
        let mut intervals = Vec::new();
        for seed in 0..400 {
            let sample: Vec<f64> = (0..60).map(|_| rng.random::<f64>()).collect();
            let resampling =
                Resampling { level: 0.9, n_resamples: 400, seed: Seed(seed), ..Default::default() };
            intervals.push(bootstrap_interval(&sample, mean, &resampling)?);
        }
        let covered = coverage(&intervals, &[0.5; 400])?;
        assert!((0.85..=0.94).contains(&covered), "{covered}");
        Ok(())
    }

    #[test]
    fn blocks_widen_the_interval_of_a_slow_series() -> Result<(), Error> {
        let series: Vec<f64> = (0..400).map(|frame| (f64::from(frame) * 0.05).sin()).collect();
        let width = |block_length| -> Result<f64, Error> {
            let interval =
                bootstrap_interval(&series, mean, &Resampling { block_length, ..Default::default() })?;
            Ok(interval.high - interval.low)
        };
        assert!(width(40)? > 2.0 * width(1)?);
        assert!(matches!(width(401), Err(Error::Value { what: "block_length", .. })));
        Ok(())
    }

    #[test]
    fn a_permutation_test_tells_order_from_noise() -> Result<(), Error> {
        let x: Vec<f64> = (0..30).map(f64::from).collect();
        let shared =
            |order: &[usize]| order.iter().zip(&x).map(|(&other, here)| here * x[other]).sum::<f64>();
        let identity: Vec<usize> = (0..30).collect();
        let null = permutation_null(30, shared, &Resampling::default())?;
        let p_value = permutation_p_value(shared(&identity), &null, Tail::Upper)?;
        assert_eq!(p_value, 1.0 / 1001.0);
        Ok(())
    }

    #[test]
    fn the_two_sided_p_value_doubles_the_smaller_tail() -> Result<(), Error> {
        let null = [-2.0, -1.0, 0.0, 1.0];
        assert_eq!(permutation_p_value(-1.5, &null, Tail::Lower)?, 0.4);
        assert_eq!(permutation_p_value(-1.5, &null, Tail::Both)?, 0.8);
        assert_eq!(permutation_p_value(-0.5, &null, Tail::Both)?, 1.0);
        Ok(())
    }

    #[test]
    fn the_number_of_threads_changes_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let values: Vec<f64> = (0..50).map(|index| f64::from(index * index % 17)).collect();
        let with = |n_threads| -> Result<Interval, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| bootstrap_interval(&values, mean, &Resampling::default()))?)
        };
        assert_eq!(with(1)?, with(4)?);
        Ok(())
    }

    proptest! {
        #[test]
        fn a_shuffle_is_a_permutation(n_samples in 1..50_usize, seed in any::<u64>()) {
            let mut positions = shuffled(n_samples, Seed(seed));
            positions.sort_unstable();
            prop_assert!(positions.into_iter().eq(0..n_samples));
        }
    }
}
