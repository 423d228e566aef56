//! The normal distribution, to nearly all digits of an f64; made for a few values, not for millions.

use std::f64::consts::PI;

/// Probability that a standard normal variable lies below `z`.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::normal_cdf;
/// assert!((normal_cdf(1.96) - 0.975_002_104_851_779_5).abs() < 1e-14);
/// ```
pub fn normal_cdf(z: f64) -> f64 {
    if z.is_nan() {
        return f64::NAN;
    }
    let upper = upper_tail(z.abs());
    if z > 0.0 { 1.0 - upper } else { upper }
}

/// The z below which a standard normal variable lies with `probability`: minus infinity at 0, infinity
/// at 1, NaN outside 0..=1.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::normal_quantile;
/// assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-13);
/// ```
pub fn normal_quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    // 1 - p is exact for p >= 1/2, so that both tails have all their digits.
    let tail = probability.min(1.0 - probability);
    let distance = match tail {
        0.0 => f64::INFINITY,
        tail => distance_of_tail(tail),
    };
    if probability < 0.5 { -distance } else { distance }
}

/// Newton's iteration on the logarithm of the tail. It is concave and the start lies beyond the answer
/// (the tail is at most `exp(-z^2 / 2) / 2`), so that the steps come down to the answer and never pass it.
fn distance_of_tail(tail: f64) -> f64 {
    let mut z = (-2.0 * (2.0 * tail).ln()).max(0.0).sqrt();
    for _ in 0..100 {
        let current = upper_tail(z);
        let step = (current / tail).ln() * current / density(z);
        z += step;
        if step.abs() <= 1e-15 * z.abs() {
            break;
        }
    }
    z
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// Probability above `z >= 0`: the Taylor-like series of the error function near 0, its continued fraction
/// beyond (Abramowitz and Stegun 7.1.6 and 26.2.14).
fn upper_tail(z: f64) -> f64 {
    if z > 39.0 {
        return 0.0;
    }
    if z < 2.5 {
        let (mut term, mut sum, mut odd) = (z, z, 3.0);
        while term > 1e-18 * sum {
            term *= z * z / odd;
            sum += term;
            odd += 2.0;
        }
        return 0.5 - density(z) * sum;
    }
    let fraction = (1..=200).rev().fold(z, |tail, level| z + f64::from(level) / tail);
    density(z) / fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        // scipy.stats.norm.cdf / ppf
        for (z, expected) in [(0.0, 0.5), (-1.0, 0.158_655_253_931_457_05), (-6.0, 9.865_876_450_376_98e-10)]
        {
            assert!((normal_cdf(z) / expected - 1.0).abs() < 1e-13, "cdf({z}) = {}", normal_cdf(z));
        }
        assert_eq!((normal_quantile(0.5), normal_quantile(0.0)), (0.0, f64::NEG_INFINITY));
        assert!((normal_quantile(1e-9) + 5.997_807_015_007_687).abs() < 1e-12);
        assert!(normal_quantile(-0.1).is_nan() && normal_cdf(f64::NAN).is_nan());
    }

    #[test]
    fn series_and_fraction_meet() {
        assert!((upper_tail(2.5 - 1e-12) / upper_tail(2.5) - 1.0).abs() < 1e-11);
    }

    proptest! {
        #[test]
        fn quantile_undoes_cdf(z in -8.0..5.0_f64) {
            prop_assert!((normal_quantile(normal_cdf(z)) - z).abs() < 1e-9);
        }
    }
}
