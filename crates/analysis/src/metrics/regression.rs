//! Numbers against numbers: three different R2 are in use in this field, so each has its own name here.
//!
//! All functions take f32 or f64, add up in f64 in the order of the input, and refuse NaN and infinities;
//! [`complete_pairs`] leaves out missing samples first.

use super::{check_finite, check_same_length};
use crate::Error;
use crate::statistics::ranks;

/// A least-squares line `y = slope x + intercept` and how much of y it explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearFit {
    /// Rise of y for one unit of x; 1 when y has the scale of x.
    pub slope: f64,
    /// y where x is 0.
    pub intercept: f64,
    /// `1 - sum (y - slope x - intercept)^2 / sum (y - mean y)^2`, in 0..=1: the squared correlation. It
    /// forgives a wrong scale and offset, which is why the slope stands beside it.
    pub r2_linear_fit: f64,
}

/// Fraction of the variance of `observed` that `predicted` explains about the identity line:
/// `1 - sum (observed - predicted)^2 / sum (observed - mean observed)^2` (Nash and Sutcliffe 1970).
///
/// 1 is perfect, 0 is as good as the mean, below 0 is worse than the mean. It is scikit-learn's `r2_score`.
///
/// # Errors
/// Lengths differ, a sample is not finite, or `observed` is constant.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::regression::r2_identity;
/// // residuals 0, 0, 1 against a spread of 1 + 0 + 1
/// assert_eq!(r2_identity(&[1.0, 2.0, 4.0], &[1.0, 2.0, 3.0])?, 0.5);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn r2_identity<T: Copy + Into<f64>>(predicted: &[T], observed: &[T]) -> Result<f64, Error> {
    check_pair(predicted, observed, 1)?;
    let spread = sum_of_squares("observed", observed)?;
    Ok(1.0 - residual_sum_of_squares(predicted, observed) / spread)
}

/// The least-squares line of `y` on `x`, with its `r2_linear_fit`.
///
/// Give the truth as `x` and the estimate as `y`: the slope is then the scale of the estimate.
///
/// # Errors
/// Lengths differ, a sample is not finite, or one of the two is constant.
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::regression::linear_fit;
/// let fit = linear_fit(&[0.0, 1.0, 2.0], &[1.0, 3.0, 5.0])?;
/// assert_eq!((fit.slope, fit.intercept, fit.r2_linear_fit), (2.0, 1.0, 1.0));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn linear_fit<T: Copy + Into<f64>>(x: &[T], y: &[T]) -> Result<LinearFit, Error> {
    check_pair(x, y, 2)?;
    let x_spread = sum_of_squares("x", x)?;
    let y_spread = sum_of_squares("y", y)?;
    let shared = sum_of_products(x, y);
    let slope = shared / x_spread;
    // Rounding alone can lift the quotient above 1.
    let r2_linear_fit = (slope * (shared / y_spread)).min(1.0);
    Ok(LinearFit { slope, intercept: mean(y) - slope * mean(x), r2_linear_fit })
}

/// Pearson correlation: `sum (x - mean x)(y - mean y) / (n sd x sd y)`, in -1..=1.
///
/// # Errors
/// Lengths differ, a sample is not finite, or one of the two is constant.
pub fn pearson<T: Copy + Into<f64>>(x: &[T], y: &[T]) -> Result<f64, Error> {
    check_pair(x, y, 2)?;
    let scale = sum_of_squares("x", x)?.sqrt() * sum_of_squares("y", y)?.sqrt();
    Ok((sum_of_products(x, y) / scale).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation: [`pearson`] of the mid-ranks, in -1..=1. 1 means that one rises whenever the other does.
///
/// # Errors
/// As [`pearson`].
///
/// # Examples
/// ```
/// use neuroloom_analysis::metrics::regression::spearman;
/// assert!((spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1000.0])? - 1.0).abs() < 1e-12);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Result<f64, Error> {
    check_pair(x, y, 2)?;
    pearson(&ranks(x), &ranks(y))
}

/// Root mean squared error `sqrt(mean (predicted - observed)^2)`, in the units of the input.
///
/// # Errors
/// Lengths differ, there is no sample, or a sample is not finite.
pub fn rmse<T: Copy + Into<f64>>(predicted: &[T], observed: &[T]) -> Result<f64, Error> {
    check_pair(predicted, observed, 1)?;
    Ok((residual_sum_of_squares(predicted, observed) / observed.len() as f64).sqrt())
}

/// The pairs of which both members are finite, in order: leaves out missing samples before a score.
///
/// # Errors
/// Lengths differ.
pub fn complete_pairs<T: Copy + Into<f64>>(x: &[T], y: &[T]) -> Result<(Vec<f64>, Vec<f64>), Error> {
    check_same_length("the second of two compared lists", y.len(), x.len())?;
    let pairs = x.iter().zip(y).map(|(&x, &y)| (x.into(), y.into()));
    Ok(pairs.filter(|(x, y): &(f64, f64)| x.is_finite() && y.is_finite()).unzip())
}

fn check_pair<T: Copy + Into<f64>>(x: &[T], y: &[T], needed: usize) -> Result<(), Error> {
    check_same_length("the second of two compared lists", y.len(), x.len())?;
    if x.len() < needed {
        return Err(Error::TooFew { what: "compared samples", given: x.len(), needed });
    }
    check_finite("the first of two compared lists", x)?;
    check_finite("the second of two compared lists", y)
}

fn mean<T: Copy + Into<f64>>(values: &[T]) -> f64 {
    values.iter().map(|&value| value.into()).sum::<f64>() / values.len() as f64
}

/// About the mean, in two passes: one pass loses all digits of a small spread on a large mean.
fn sum_of_squares<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<f64, Error> {
    let first = values[0].into();
    if values.iter().all(|&value| value.into() == first) {
        return Err(Error::Constant { what, value: first });
    }
    let mean = mean(values);
    Ok(values.iter().map(|&value| (value.into() - mean).powi(2)).sum())
}

fn sum_of_products<T: Copy + Into<f64>>(x: &[T], y: &[T]) -> f64 {
    let (x_mean, y_mean) = (mean(x), mean(y));
    x.iter().zip(y).map(|(&x, &y)| (x.into() - x_mean) * (y.into() - y_mean)).sum()
}

fn residual_sum_of_squares<T: Copy + Into<f64>>(predicted: &[T], observed: &[T]) -> f64 {
    predicted.iter().zip(observed).map(|(&p, &o)| (o.into() - p.into()).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn linear_fit_worked_out_by_hand() -> Result<(), Error> {
        // mean x 2, mean y 3; Sxx 2, Sxy (-1)(-2) + 0 + 1 * 1 = 3, Syy 4 + 1 + 1 = 6
        let fit = linear_fit(&[1.0, 2.0, 3.0], &[1.0, 4.0, 4.0])?;
        assert_eq!((fit.slope, fit.intercept), (1.5, 0.0));
        assert!((fit.r2_linear_fit - 9.0 / 12.0).abs() < 1e-15);
        Ok(())
    }

    #[test]
    fn f32_input_adds_up_in_f64() -> Result<(), Error> {
        // In f32 the running sum stops growing at 2^24.
        let values: Vec<f32> = (0..20_000_000).map(|frame| (frame % 2) as f32).collect();
        assert!((pearson(&values, &values)? - 1.0).abs() < 1e-12);
        assert_eq!(mean(&values), 0.5);
        Ok(())
    }

    #[test]
    fn a_small_spread_on_a_large_mean_keeps_its_digits() -> Result<(), Error> {
        let x = [1e9, 1e9 + 1.0, 1e9 + 2.0];
        assert!((linear_fit(&x, &x)?.slope - 1.0).abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn bad_input_is_an_error_that_says_where() {
        assert_eq!(
            rmse(&[1.0, f64::NAN], &[1.0, 2.0]).map_err(|error| error.to_string()),
            Err("the first of two compared lists holds NaN at row 1, column 0 (from 0); every sample must be finite".into())
        );
        assert!(matches!(r2_identity(&[1.0], &[1.0, 2.0]), Err(Error::Shape { .. })));
        assert!(matches!(r2_identity(&[1.0, 2.0], &[3.0, 3.0]), Err(Error::Constant { value: 3.0, .. })));
        assert!(matches!(rmse::<f64>(&[], &[]), Err(Error::TooFew { .. })));
    }

    #[test]
    fn missing_pairs_are_left_out_together() -> Result<(), Error> {
        let (x, y) = complete_pairs(&[1.0, f64::NAN, 3.0, 4.0], &[1.0, 2.0, f64::INFINITY, 5.0])?;
        assert_eq!((x, y), (vec![1.0, 4.0], vec![1.0, 5.0]));
        Ok(())
    }

    proptest! {
        #[test]
        fn a_perfect_prediction_scores_one(values in prop::collection::vec(-1e3..1e3_f64, 3..40)) {
            prop_assume!(values.iter().any(|value| *value != values[0]));
            prop_assert_eq!(r2_identity(&values, &values)?, 1.0);
            prop_assert_eq!(rmse(&values, &values)?, 0.0);
        }

        #[test]
        fn a_line_is_recovered(slope in 0.1..10.0_f64, intercept in -5.0..5.0_f64) {
            let x: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.3 - 2.0).collect();
            let y: Vec<f64> = x.iter().map(|x| slope * x + intercept).collect();
            let fit = linear_fit(&x, &y)?;
            prop_assert!((fit.slope - slope).abs() < 1e-10 && (fit.intercept - intercept).abs() < 1e-10);
            prop_assert!((fit.r2_linear_fit - 1.0).abs() < 1e-12);
        }

        #[test]
        fn the_fitted_line_is_never_worse_than_the_identity(
            pairs in prop::collection::vec((-10.0..10.0_f64, -10.0..10.0_f64), 3..30)
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            prop_assert!(linear_fit(&x, &y)?.r2_linear_fit >= r2_identity(&x, &y)? - 1e-9);
            prop_assert!((pearson(&x, &y)?.powi(2) - linear_fit(&x, &y)?.r2_linear_fit).abs() < 1e-12);
        }
    }
}
