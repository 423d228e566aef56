//! Intervals and how often they hold.

use super::{check_level, check_samples, normal_quantile};
use crate::Error;
use crate::metrics::check_same_length;

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The statistic of the data as they are.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Fraction of truths that lie in their interval, ends included. An honest 90 % interval covers about 0.9.
///
/// # Errors
/// Lengths differ or there is no interval.
pub fn coverage(intervals: &[Interval], truths: &[f64]) -> Result<f64, Error> {
    check_same_length("truths", truths.len(), intervals.len())?;
    check_samples(truths, 1)?;
    let held = intervals
        .iter()
        .zip(truths)
        .filter(|(interval, truth)| interval.low <= **truth && **truth <= interval.high);
    Ok(held.count() as f64 / truths.len() as f64)
}

/// The normal interval `estimate -+ z standard_error` that is meant to hold with probability `level`.
///
/// # Errors
/// A level outside 0..1, or a standard error that is negative or NaN.
pub fn normal_interval(estimate: f64, standard_error: f64, level: f64) -> Result<Interval, Error> {
    check_level(level)?;
    if standard_error.is_nan() || standard_error < 0.0 {
        let given = standard_error.to_string();
        return Err(Error::Value { what: "a standard error", given, allowed: "at least 0".into() });
    }
    let half = normal_quantile(0.5 * (1.0 + level)) * standard_error;
    Ok(Interval { estimate, low: estimate - half, high: estimate + half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_counts_the_ends_as_inside() -> Result<(), Error> {
        let interval = Interval { estimate: 1.0, low: 0.0, high: 2.0 };
        assert_eq!(coverage(&[interval; 4], &[0.0, 2.0, 2.1, -0.1])?, 0.5);
        assert!(matches!(coverage(&[interval], &[]), Err(Error::Shape { .. })));
        Ok(())
    }

    #[test]
    fn a_normal_interval_is_1_645_standard_errors_wide_at_ninety_percent() -> Result<(), Error> {
        let interval = normal_interval(1.0, 2.0, 0.9)?;
        assert!((interval.high - 1.0 - 2.0 * 1.644_853_626_951_472_7).abs() < 1e-12);
        assert!(matches!(normal_interval(0.0, -1.0, 0.9), Err(Error::Value { .. })));
        assert!(matches!(normal_interval(0.0, 1.0, 1.0), Err(Error::Value { .. })));
        Ok(())
    }
}
