//! Quantiles, median, mean and spread of a list.

use super::check_samples;
use crate::Error;

/// The value below which the fraction `level` of the samples lies, linearly interpolated between the order
/// statistics at `level (n - 1)` (numpy's default).
///
/// # Errors
/// No samples, a sample that is not finite, or a level outside 0..=1.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::quantile;
/// // position 0.25 * 3 = 0.75 between 1 and 2
/// assert_eq!(quantile(&[4.0, 2.0, 1.0, 8.0], 0.25)?, 1.75);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn quantile(values: &[f64], level: f64) -> Result<f64, Error> {
    Ok(quantiles(values, &[level])?[0])
}

/// Several quantiles for one sort; as [`quantile`].
///
/// # Errors
/// As [`quantile`].
pub fn quantiles(values: &[f64], levels: &[f64]) -> Result<Vec<f64>, Error> {
    check_samples(values, 1)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |&level: &f64| {
        if !(0.0..=1.0).contains(&level) {
            let given = level.to_string();
            return Err(Error::Value { what: "a quantile level", given, allowed: "0 to 1".into() });
        }
        let position = level * (sorted.len() - 1) as f64;
        let below = position.floor() as usize;
        let above = sorted[(below + 1).min(sorted.len() - 1)];
        Ok(sorted[below] + (position - below as f64) * (above - sorted[below]))
    };
    levels.iter().map(at).collect()
}

/// The middle value; the mean of the two middle ones for an even number.
///
/// # Errors
/// No samples or a sample that is not finite.
pub fn median(values: &[f64]) -> Result<f64, Error> {
    quantile(values, 0.5)
}

/// Mean and standard deviation (`n - 1` in the denominator; 0 for one sample).
///
/// # Errors
/// No samples or a sample that is not finite.
pub fn mean_and_sd(values: &[f64]) -> Result<(f64, f64), Error> {
    check_samples(values, 1)?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Ok((mean, (squares / (values.len() - 1).max(1) as f64).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_worked_out_by_hand() -> Result<(), Error> {
        assert_eq!(quantiles(&[3.0, 1.0, 2.0], &[0.0, 0.5, 0.75, 1.0])?, [1.0, 2.0, 2.5, 3.0]);
        assert_eq!(median(&[1.0, 9.0, 2.0, 4.0])?, 3.0);
        assert_eq!(median(&[7.0])?, 7.0);
        assert_eq!(mean_and_sd(&[1.0, 3.0])?, (2.0, 2_f64.sqrt()));
        assert!(matches!(quantile(&[1.0], 1.5), Err(Error::Value { .. })));
        assert!(matches!(median(&[]), Err(Error::TooFew { .. })));
        assert!(matches!(median(&[0.0, f64::NAN]), Err(Error::NotFinite { row: 1, .. })));
        Ok(())
    }

    proptest! {
        #[test]
        fn quantiles_rise_with_their_level_and_stay_inside(
            values in prop::collection::vec(-1e6..1e6_f64, 1..40), a in 0.0..=1.0_f64, b in 0.0..=1.0_f64
        ) {
            let ends = quantiles(&values, &[0.0, a.min(b), a.max(b), 1.0])?;
            prop_assert!(ends.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
