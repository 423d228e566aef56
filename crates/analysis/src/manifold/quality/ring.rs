//! Angles against angles.

use crate::Error;
use crate::metrics::{check_finite, check_same_length};

/// Agreement of two lists of angles up to a rotation and a reflection:
/// `R = max(|mean exp(i (found - truth))|, |mean exp(i (found + truth))|)`.
///
/// In 0..=1: 1 when one is a rotated or mirrored copy of the other, about `1.15 / sqrt(n)` by chance.
///
/// # Units
/// Radians.
///
/// # Errors
/// Lengths that differ, no angles, or one that is not finite.
///
/// # Examples
/// ```
/// use neuroloom_analysis::manifold::quality::ring_resultant;
/// let truth = [0.0, 1.0, 2.0, 5.0];
/// let mirrored: Vec<f64> = truth.iter().map(|angle| 0.3 - angle).collect();
/// assert!((ring_resultant(&mirrored, &truth)? - 1.0).abs() < 1e-12);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn ring_resultant(found: &[f64], truth: &[f64]) -> Result<f64, Error> {
    let (same, mirrored) = resultants(found, truth)?;
    Ok(same.max(mirrored))
}

/// Circular correlation (Jammalamadaka and SenGupta 2001, section 8.2) in the form that needs no mean direction,
/// which angles all around a ring do not have:
///
/// `rho = (R(a - b) - R(a + b)) / (2 sqrt(mean sin^2(a - a0) mean sin^2(b - b0)))`
///
/// with `R(x) = |mean exp(i x)|` and the mean directions `a0`, `b0` in the denominator alone. About -1..1;
/// positive if the angles turn the same way, 0 by chance.
///
/// # Units
/// Radians.
///
/// # Errors
/// As [`ring_resultant`]; angles that are all equal.
pub fn circular_correlation(a: &[f64], b: &[f64]) -> Result<f64, Error> {
    let (same, mirrored) = resultants(a, b)?;
    let spread = |angles: &[f64]| {
        let mean = mean_direction(angles);
        angles.iter().map(|angle| (angle - mean).sin().powi(2)).sum::<f64>() / angles.len() as f64
    };
    let scale = (spread(a) * spread(b)).sqrt();
    if scale < 1e-24 {
        return Err(Error::Constant { what: "one list of angles", value: a[0] });
    }
    Ok(((same - mirrored) / (2.0 * scale)).clamp(-1.0, 1.0))
}

fn resultants(a: &[f64], b: &[f64]) -> Result<(f64, f64), Error> {
    check_same_length("the other angles", b.len(), a.len())?;
    if a.is_empty() {
        return Err(Error::TooFew { what: "angles", given: 0, needed: 1 });
    }
    check_finite("the angles", a)?;
    check_finite("the other angles", b)?;
    let resultant = |sign: f64| {
        let angles = a.iter().zip(b).map(|(a, b)| a + sign * b);
        let (x, y) = angles.fold((0.0, 0.0), |(x, y), angle: f64| (x + angle.cos(), y + angle.sin()));
        x.hypot(y) / a.len() as f64
    };
    Ok((resultant(-1.0), resultant(1.0)))
}

fn mean_direction(angles: &[f64]) -> f64 {
    let (x, y) = angles.iter().fold((0.0, 0.0), |(x, y), angle| (x + angle.cos(), y + angle.sin()));
    y.atan2(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientation_is_a_sign_for_the_correlation_only() -> Result<(), Error> {
        let angles: Vec<f64> = (0..50).map(|step| f64::from(step) * std::f64::consts::TAU / 50.0).collect();
        let mirrored: Vec<f64> = angles.iter().map(|angle| 2.0 - angle).collect();
        assert!((circular_correlation(&angles, &angles)? - 1.0).abs() < 1e-12);
        assert!((circular_correlation(&angles, &mirrored)? + 1.0).abs() < 1e-12);
        assert!((ring_resultant(&angles, &mirrored)? - 1.0).abs() < 1e-12);
        // Twice as fast around: no rotation makes them agree.
        let twice: Vec<f64> = angles.iter().map(|angle| 2.0 * angle).collect();
        assert!(ring_resultant(&angles, &twice)? < 1e-12);
        assert!(circular_correlation(&angles, &twice)?.abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn small_angles_correlate_as_numbers_do() -> Result<(), Error> {
        let a: Vec<f64> = (0..40).map(|step| 1e-3 * f64::from((step * 7919) % 101)).collect();
        let b: Vec<f64> = (0..40).map(|step| a[step] + 1e-3 * ((step * 104_729) % 97) as f64).collect();
        let expected = crate::metrics::regression::pearson(&a, &b)?;
        assert!((circular_correlation(&a, &b)? - expected).abs() < 0.01);
        Ok(())
    }
}
