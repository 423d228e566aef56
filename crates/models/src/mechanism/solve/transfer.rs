//! psi while it is being fitted: its basis, its gauge, and where it starts.

use neuroloom_analysis::spline::{Beyond, CubicBasis, CubicCurve};

use crate::Error;
use crate::mechanism::TransferFunction;

/// Splines for the psi of one class of receivers, on knots that are dense near their centre.
#[derive(Debug, Clone)]
pub(super) struct Transfer {
    pub(super) basis: CubicBasis,
    /// One list of coefficients a class of senders.
    pub(super) coefficients: Vec<Vec<f64>>,
    /// Class of each sender; empty where all are of class 0.
    pub(super) class: Vec<u32>,
    /// Where psi is 0.
    pub(super) center: f64,
    /// Recorded range of each class of senders, on which max |psi| = 1.
    pub(super) ranges: Vec<(f64, f64)>,
}

/// Class of each sender and the recorded range of each class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SenderClasses {
    /// Empty where all senders are of class 0.
    pub(super) class: Vec<u32>,
    pub(super) ranges: Vec<(f64, f64)>,
}

impl SenderClasses {
    /// All senders alike.
    pub(super) fn one(domain: Domain) -> Self {
        Self { class: Vec::new(), ranges: vec![(domain.lower, domain.upper)] }
    }

    /// Given classes; `lower` and `upper` are the recorded ranges of the senders.
    pub(super) fn new(class: Vec<u32>, lower: &[f64], upper: &[f64]) -> Self {
        let n_classes = class.iter().copied().max().map_or(1, |most| most as usize + 1);
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); n_classes];
        for (&class, (&low, &high)) in class.iter().zip(lower.iter().zip(upper)) {
            let range = &mut ranges[class as usize];
            *range = (range.0.min(low), range.1.max(high));
        }
        Self { class, ranges }
    }
}

/// psi of each sender as fast curves.
pub(super) struct Senders {
    curves: Vec<CubicCurve>,
    /// Class of each sender; empty where all are of class 0.
    class: Vec<u32>,
}

impl Senders {
    /// Adds weight psi_j(x_j) of all senders to `message`.
    #[inline]
    pub(super) fn add(&self, state: &[f32], weight: f64, message: &mut [f64]) {
        if self.class.is_empty() {
            let curve = &self.curves[0];
            for (sum, &x) in message.iter_mut().zip(state) {
                *sum += weight * curve.value(f64::from(x));
            }
            return;
        }
        for ((sum, &x), &class) in message.iter_mut().zip(state).zip(&self.class) {
            *sum += weight * self.curves[class as usize].value(f64::from(x));
        }
    }
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
    /// Starts at (2/pi) arctan(x / width) for all senders, gauged.
    pub(super) fn bounded(domain: Domain, width: f64, n_knots: usize) -> Result<Self, Error> {
        let functions = [move |x: f64| bounded(x - domain.center, width)];
        Self::projected(domain, (width, n_knots), &functions, SenderClasses::one(domain))
    }

    /// Starts at one given function a class of senders, gauged; knots are dense within `width` of the centre.
    pub(super) fn projected<F: Fn(f64) -> f64>(
        domain: Domain,
        (width, n_knots): (f64, usize),
        functions: &[F],
        classes: SenderClasses,
    ) -> Result<Self, Error> {
        let knots = CubicBasis::sinh(domain.reach(), width, n_knots)?;
        let shifted = knots.knots().iter().map(|knot| knot + domain.center).collect();
        let basis = CubicBasis::new(shifted)?;
        let coefficients =
            functions.iter().map(|function| Ok(basis.project(function)?)).collect::<Result<_, Error>>()?;
        let SenderClasses { class, ranges } = classes;
        Self { basis, coefficients, class, center: domain.center, ranges }.gauged()
    }

    /// The same psi for other classes of senders.
    pub(super) fn reassigned(&self, classes: SenderClasses) -> Result<Self, Error> {
        let SenderClasses { class, mut ranges } = classes;
        // A class that lost all its senders keeps its old range.
        ranges.resize(self.ranges.len(), (f64::INFINITY, f64::NEG_INFINITY));
        ranges
            .iter_mut()
            .zip(&self.ranges)
            .filter(|(new, _)| new.0 >= new.1)
            .for_each(|(new, old)| *new = *old);
        Self { class, ranges, ..self.clone() }.gauged()
    }

    /// The senders of class `lost` join the class `kept`, which stands before it; `lower` and `upper` are the recorded
    /// ranges of the senders.
    pub(super) fn joined(
        &self,
        (kept, lost): (usize, usize),
        lower: &[f64],
        upper: &[f64],
    ) -> Result<Self, Error> {
        let joined = |&class: &u32| match class as usize {
            class if class == lost => kept as u32,
            class if class > lost => class as u32 - 1,
            class => class as u32,
        };
        let SenderClasses { class, ranges } =
            SenderClasses::new(self.class.iter().map(joined).collect(), lower, upper);
        let mut coefficients = self.coefficients.clone();
        coefficients.remove(lost);
        Self { coefficients, class, ranges, ..self.clone() }.gauged()
    }

    /// The same psi with other coefficients, gauged; `step` holds those of all classes in turn.
    pub(super) fn moved(&self, step: &[f64]) -> Result<Self, Error> {
        let steps = step.chunks_exact(self.basis.n_functions());
        let of_class = |(values, step): (&Vec<f64>, &[f64])| {
            values.iter().zip(step).map(|(value, step)| value + step).collect()
        };
        let coefficients = self.coefficients.iter().zip(steps).map(of_class).collect();
        Self { coefficients, ..self.clone() }.gauged()
    }

    /// Coefficients of all classes.
    pub(super) fn n_coefficients(&self) -> usize {
        self.coefficients.len() * self.basis.n_functions()
    }

    /// Class of a sender.
    pub(super) fn class_of(&self, sender: usize) -> usize {
        self.class.get(sender).map_or(0, |&class| class as usize)
    }

    /// psi of each sender.
    pub(super) fn senders(&self) -> Result<Senders, Error> {
        Ok(Senders { curves: self.curves()?, class: self.class.clone() })
    }

    /// psi of each class of senders.
    pub(super) fn curves(&self) -> Result<Vec<CubicCurve>, Error> {
        self.coefficients.iter().map(|one| Ok(self.basis.curve(one, Beyond::Constant)?)).collect()
    }

    /// psi as it is stored, one function a class of senders, each on the range of its class.
    pub(super) fn finish(&self) -> Result<Vec<TransferFunction>, Error> {
        let whole = self.class.is_empty();
        let one = |(coefficients, &(low, high)): (&Vec<f64>, &(f64, f64))| {
            let knots = self.basis.knots().to_vec();
            if whole {
                return Ok(TransferFunction { knots, coefficients: coefficients.clone() });
            }
            // Where no sender of the class has been, psi is whatever the spline did: it ends where they do.
            let curve = self.basis.curve(coefficients, Beyond::Constant)?;
            let gap = 1e-6 * (high - low);
            let inside = knots.into_iter().filter(|&knot| knot > low + gap && knot < high - gap);
            let knots: Vec<f64> = std::iter::once(low).chain(inside).chain(std::iter::once(high)).collect();
            let coefficients = CubicBasis::new(knots.clone())?.project(|x| curve.value(x))?;
            Ok(TransferFunction { knots, coefficients })
        };
        self.coefficients.iter().zip(&self.ranges).map(one).collect()
    }

    /// psi(center) = 0, max |psi| = 1 on the recorded range, positive at the right end. A spline's functions
    /// add up to one, so a constant is subtracted from every coefficient.
    fn gauged(mut self) -> Result<Self, Error> {
        for (coefficients, &(low, high)) in self.coefficients.iter_mut().zip(&self.ranges) {
            let anchor = self.basis.curve(coefficients, Beyond::Constant)?.value(self.center);
            coefficients.iter_mut().for_each(|value| *value -= anchor);
            let curve = self.basis.curve(coefficients, Beyond::Constant)?;
            let values = (0..=2000).map(|step| curve.value(low + (high - low) * f64::from(step) / 2000.0));
            let largest = values.fold(0.0_f64, |largest, value| largest.max(value.abs()));
            let scale = largest.max(f64::MIN_POSITIVE) * if curve.value(high) < 0.0 { -1.0 } else { 1.0 };
            coefficients.iter_mut().for_each(|value| *value /= scale);
        }
        Ok(self)
    }
}

/// (2/pi) arctan(x / width): a bounded odd function with heavy tails, nobody's true psi.
pub(super) fn bounded(x: f64, width: f64) -> f64 {
    std::f64::consts::FRAC_2_PI * (x / width).atan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_holds() {
        let domain = Domain::new(&[-3.0, -8.0], &[2.0, 10.0]);
        let start = Transfer::bounded(domain, 0.7, 24).unwrap();
        let bent: Vec<f64> = (0..start.n_coefficients()).map(|m| -2.0 - (m as f64).sin()).collect();
        for psi in [start.clone(), start.moved(&bent).unwrap()] {
            let curve = &psi.curves().unwrap()[0];
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
        assert!(psi.curves().unwrap()[0].value(600.0).abs() < 1e-12);
    }
}
