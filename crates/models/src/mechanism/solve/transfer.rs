//! psi while it is being fitted: its basis, its gauge, and where it starts.

use neuroloom_analysis::spline::{Beyond, CubicBasis, CubicCurve};

use crate::Error;
use crate::mechanism::TransferFunction;

/// A spline for psi on knots that are dense near its centre.
#[derive(Debug, Clone)]
pub(super) struct Transfer {
    pub(super) basis: CubicBasis,
    pub(super) coefficients: Vec<f64>,
    /// Where psi is 0.
    pub(super) center: f64,
    /// Recorded range on which max |psi| = 1.
    pub(super) range: (f64, f64),
}

/// The recorded range of all neurons and where psi is anchored in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::mechanism) struct Domain {
    pub(in crate::mechanism) lower: f64,
    pub(in crate::mechanism) upper: f64,
    pub(in crate::mechanism) center: f64,
}

impl Domain {
    /// The pooled range; anchored at 0, or at the middle where 0 was never recorded.
    pub(in crate::mechanism) fn new(lower: &[f64], upper: &[f64]) -> Self {
        let low = lower.iter().copied().fold(f64::INFINITY, f64::min);
        let high = upper.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let center = if low <= 0.0 && 0.0 <= high { 0.0 } else { 0.5 * (low + high) };
        Self { lower: low, upper: high, center }
    }

    /// Largest distance from the centre.
    pub(in crate::mechanism) fn reach(&self) -> f64 {
        1.001 * (self.upper - self.center).max(self.center - self.lower)
    }
}

impl Transfer {
    /// Starts at (2/pi) arctan(x / width), gauged.
    pub(super) fn bounded(domain: Domain, width: f64, n_knots: usize) -> Result<Self, Error> {
        let knots = CubicBasis::sinh(domain.reach(), width, n_knots)?;
        let shifted = knots.knots().iter().map(|knot| knot + domain.center).collect();
        let basis = CubicBasis::new(shifted)?;
        let bounded = |x: f64| std::f64::consts::FRAC_2_PI * ((x - domain.center) / width).atan();
        let coefficients = basis.project(bounded)?;
        let range = (domain.lower, domain.upper);
        Self { basis, coefficients, center: domain.center, range }.gauged()
    }

    /// The same psi with other coefficients, gauged.
    pub(super) fn moved(&self, step: &[f64]) -> Result<Self, Error> {
        let coefficients = self.coefficients.iter().zip(step).map(|(value, step)| value + step).collect();
        Self { coefficients, ..self.clone() }.gauged()
    }

    /// psi as a curve.
    pub(super) fn curve(&self) -> Result<CubicCurve, Error> {
        Ok(self.basis.curve(&self.coefficients, Beyond::Constant)?)
    }

    /// psi as it is stored.
    pub(super) fn finish(&self) -> TransferFunction {
        TransferFunction { knots: self.basis.knots().to_vec(), coefficients: self.coefficients.clone() }
    }

    /// psi(center) = 0, max |psi| = 1 on the recorded range, positive at the right end. A spline's functions
    /// add up to one, so a constant is subtracted from every coefficient.
    fn gauged(mut self) -> Result<Self, Error> {
        let anchor = self.curve()?.value(self.center);
        self.coefficients.iter_mut().for_each(|value| *value -= anchor);
        let curve = self.curve()?;
        let (low, high) = self.range;
        let values = (0..=2000).map(|step| curve.value(low + (high - low) * f64::from(step) / 2000.0));
        let largest = values.fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let scale = largest.max(f64::MIN_POSITIVE) * if curve.value(high) < 0.0 { -1.0 } else { 1.0 };
        self.coefficients.iter_mut().for_each(|value| *value /= scale);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_holds() {
        let domain = Domain::new(&[-3.0, -8.0], &[2.0, 10.0]);
        let start = Transfer::bounded(domain, 0.7, 24).unwrap();
        let bent: Vec<f64> = (0..start.coefficients.len()).map(|m| -2.0 - (m as f64).sin()).collect();
        for psi in [start.clone(), start.moved(&bent).unwrap()] {
            let curve = psi.curve().unwrap();
            let values: Vec<f64> =
                (0..=4000).map(|k| curve.value(-8.0 + 18.0 * f64::from(k) / 4000.0)).collect();
            assert!(curve.value(0.0).abs() < 1e-12);
            assert!((values.iter().fold(0.0_f64, |a, b| a.max(b.abs())) - 1.0).abs() < 1e-4);
            assert!(curve.value(10.0) > 0.0);
        }
    }

    #[test]
    fn a_range_without_zero_is_anchored_in_its_middle() {
        let domain = Domain::new(&[500.0], &[700.0]);
        assert_eq!(domain.center, 600.0);
        let psi = Transfer::bounded(domain, 50.0, 12).unwrap();
        assert!(psi.curve().unwrap().value(600.0).abs() < 1e-12);
    }
}
