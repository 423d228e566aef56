//! Distribution of a sum of squares of normal variables.

/// P(X <= x) of a chi-square variable: the regularised lower incomplete gamma function P(k / 2, x / 2), by its series
/// below and its continued fraction above the mean. `degrees` of freedom k; 0 for negative `x`, NaN for k = 0.
///
/// # Examples
/// ```
/// use neuroloom_analysis::statistics::chi_square_cdf;
/// assert!((chi_square_cdf(2.0, 2) - (1.0 - (-1.0_f64).exp())).abs() < 1e-12); // an exponential variable
/// assert!((chi_square_cdf(3.841458820694124, 1) - 0.95).abs() < 1e-12);
/// ```
pub fn chi_square_cdf(x: f64, degrees: usize) -> f64 {
    if degrees == 0 || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    let (shape, x) = (degrees as f64 / 2.0, x / 2.0);
    if x.is_infinite() {
        return 1.0;
    }
    // x^a e^-x / Gamma(a)
    let front = (shape * x.ln() - x - ln_gamma_of_half(degrees)).exp();
    if x < shape + 1.0 { front * series(shape, x) } else { 1.0 - front * continued_fraction(shape, x) }
}

/// ln Gamma(k / 2) from Gamma(1/2) = sqrt(pi), Gamma(1) = 1 and Gamma(a + 1) = a Gamma(a).
fn ln_gamma_of_half(degrees: usize) -> f64 {
    let first = if degrees.is_multiple_of(2) { 0.0 } else { 0.5 * std::f64::consts::PI.ln() };
    let start = if degrees.is_multiple_of(2) { 2 } else { 1 };
    first + (start..degrees).step_by(2).map(|k| (k as f64 / 2.0).ln()).sum::<f64>()
}

fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut a) = (1.0 / shape, 1.0 / shape, shape);
    while term > sum * 1e-17 {
        a += 1.0;
        term *= x / a;
        sum += term;
    }
    sum
}

/// Lentz's method.
fn continued_fraction(shape: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1.0 / tiny, 1.0 / b);
    let mut value = d;
    for i in 1..10_000 {
        let step = f64::from(i);
        let a = -step * (step - shape);
        b += 2.0;
        d = 1.0 / (a * d + b).abs().max(tiny).copysign(a * d + b);
        c = (b + a / c).abs().max(tiny).copysign(b + a / c);
        value *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.chi2.cdf
        for (x, degrees, expected) in [
            (32.0, 32, 0.533_255_108_612_279_6),
            (10.0, 32, 6.900_824_185_567_814e-5),
            (60.0, 32, 0.998_052_520_222_127_6),
            (0.5, 3, 0.081_108_588_345_324_14),
            (1000.0, 5, 1.0),
        ] {
            let found = chi_square_cdf(x, degrees);
            assert!(
                (found - expected).abs() < 1e-11 * expected.max(1e-3),
                "{x} {degrees}: {found} {expected}"
            );
        }
        assert_eq!((chi_square_cdf(-1.0, 4), chi_square_cdf(f64::INFINITY, 4)), (0.0, 1.0));
    }
}
