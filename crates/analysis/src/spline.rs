//! Cubic B-splines with local support, evaluated as piecewise polynomials.
//!
//! f(x) = sum_m c_m B_m(x); n knots carry n + 2 functions, of which four are non-zero at any x (de Boor 2001).
//!
//! # Examples
//! ```
//! use neuroloom_analysis::spline::{Beyond, CubicBasis};
//! let basis = CubicBasis::uniform(-1.0, 1.0, 9)?;
//! // The functions add up to one everywhere.
//! let one = basis.curve(&vec![1.0; basis.n_functions()], Beyond::Constant)?;
//! assert!((one.value(0.3) - 1.0).abs() < 1e-12);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

use crate::Error;

/// What a [`CubicCurve`] does beyond its first and last knot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// Stays at the value of the end.
    Constant,
    /// Goes on with the slope of the end.
    Linear,
}

/// A cubic B-spline basis on ascending knots, clamped at both ends.
#[derive(Debug, Clone, PartialEq)]
pub struct CubicBasis {
    knots: Vec<f64>,
    finder: IntervalFinder,
    /// `pieces[interval][function][power]`, powers of the distance to the interval's left knot.
    pieces: Vec<[[f64; 4]; 4]>,
}

/// The four functions that are non-zero at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalBasis {
    /// Index of the first of them.
    pub first: usize,
    /// Their values.
    pub values: [f64; 4],
}

impl CubicBasis {
    /// A basis on the given knots.
    ///
    /// # Errors
    /// [`Error::Value`] unless there are at least two finite, strictly ascending knots.
    pub fn new(knots: Vec<f64>) -> Result<Self, Error> {
        let ascending = knots.windows(2).all(|pair| pair[0] < pair[1]);
        if knots.len() < 2 || !ascending || knots.iter().any(|knot| !knot.is_finite()) {
            return Err(Error::Value {
                what: "spline knots",
                given: format!("{} knots", knots.len()),
                allowed: "at least 2, finite, strictly ascending".to_owned(),
            });
        }
        let finder = IntervalFinder::new(&knots);
        let pieces = (0..knots.len() - 1).map(|interval| piece(&knots, interval)).collect();
        Ok(Self { knots, finder, pieces })
    }

    /// Equally spaced knots from `lower` to `upper`.
    ///
    /// # Errors
    /// As [`CubicBasis::new`].
    pub fn uniform(lower: f64, upper: f64, n_knots: usize) -> Result<Self, Error> {
        let step = (upper - lower) / (n_knots.max(2) - 1) as f64;
        let mut knots: Vec<f64> = (0..n_knots).map(|knot| lower + step * knot as f64).collect();
        if let Some(last) = knots.last_mut() {
            *last = upper;
        }
        Self::new(knots)
    }

    /// An odd number of knots at scale * sinh(u), u uniform: dense near 0, reaching -`reach` and `reach`.
    ///
    /// # Errors
    /// As [`CubicBasis::new`].
    pub fn sinh(reach: f64, scale: f64, n_knots: usize) -> Result<Self, Error> {
        let half = (n_knots / 2).max(1);
        let end = (reach / scale).asinh();
        let right = (1..=half).map(|step| match step == half {
            true => reach,
            false => scale * (end * step as f64 / half as f64).sinh(),
        });
        let right: Vec<f64> = right.collect();
        let mut knots: Vec<f64> = right.iter().rev().map(|knot| -knot).collect();
        knots.push(0.0);
        knots.extend(right);
        Self::new(knots)
    }

    /// Knots, ascending.
    pub fn knots(&self) -> &[f64] {
        &self.knots
    }

    /// Number of basis functions, knots + 2.
    pub fn n_functions(&self) -> usize {
        self.knots.len() + 2
    }

    /// The non-zero functions at `x`, clamped to the knots.
    #[inline]
    pub fn local(&self, x: f64) -> LocalBasis {
        let x = x.clamp(self.knots[0], self.knots[self.knots.len() - 1]);
        let first = self.finder.interval(&self.knots, x);
        let u = x - self.knots[first];
        let values = self.pieces[first].map(|[a, b, c, d]| a + u * (b + u * (c + u * d)));
        LocalBasis { first, values }
    }

    /// The function with the given coefficients.
    ///
    /// # Errors
    /// [`Error::Value`] if their number is not [`CubicBasis::n_functions`].
    pub fn curve(&self, coefficients: &[f64], beyond: Beyond) -> Result<CubicCurve, Error> {
        if coefficients.len() != self.n_functions() {
            return Err(Error::Value {
                what: "number of spline coefficients",
                given: coefficients.len().to_string(),
                allowed: self.n_functions().to_string(),
            });
        }
        let combine = |(interval, piece): (usize, &[[f64; 4]; 4])| {
            let local = &coefficients[interval..interval + 4];
            let power = |p: usize| (0..4).map(|m| local[m] * piece[m][p]).sum();
            [power(0), power(1), power(2), power(3)]
        };
        let pieces = self.pieces.iter().enumerate().map(combine).collect();
        Ok(CubicCurve { knots: self.knots.clone(), finder: self.finder.clone(), pieces, beyond })
    }

    /// Coefficients of the spline nearest to `function` in least squares on a fine grid, lightly smoothed.
    ///
    /// # Errors
    /// [`Error::Value`] if the normal matrix is not positive definite (cannot happen on a valid basis).
    pub fn project(&self, function: impl Fn(f64) -> f64) -> Result<Vec<f64>, Error> {
        let n = self.n_functions();
        let mut normal = vec![0.0; n * n];
        let mut right = vec![0.0; n];
        for pair in self.knots.windows(2) {
            for step in 0..=8 {
                let x = pair[0] + (pair[1] - pair[0]) * f64::from(step) / 8.0;
                let local = self.local(x);
                let value = function(x);
                for (a, &left) in local.values.iter().enumerate() {
                    right[local.first + a] += left * value;
                    for (b, &other) in local.values.iter().enumerate() {
                        normal[(local.first + a) * n + local.first + b] += left * other;
                    }
                }
            }
        }
        for row in 0..n {
            normal[row * n + row] += 1e-9;
        }
        crate::least_squares::solve_small(normal, right).ok_or(Error::Value {
            what: "spline projection",
            given: "a singular normal matrix".to_owned(),
            allowed: "a basis with distinct knots".to_owned(),
        })
    }
}

/// A cubic spline as one polynomial an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct CubicCurve {
    knots: Vec<f64>,
    finder: IntervalFinder,
    pieces: Vec<[f64; 4]>,
    beyond: Beyond,
}

impl CubicCurve {
    /// The value at `x`.
    #[inline]
    pub fn value(&self, x: f64) -> f64 {
        let (low, high) = (self.knots[0], self.knots[self.knots.len() - 1]);
        let inside = x.clamp(low, high);
        let interval = self.finder.interval(&self.knots, inside);
        let u = inside - self.knots[interval];
        let [a, b, c, d] = self.pieces[interval];
        let value = a + u * (b + u * (c + u * d));
        match self.beyond {
            Beyond::Constant => value,
            Beyond::Linear => value + (x - inside) * (b + u * (2.0 * c + 3.0 * u * d)),
        }
    }
}

/// Finds the knot interval of a point by a table of equal bins and a short walk.
#[derive(Debug, Clone, PartialEq)]
struct IntervalFinder {
    low: f64,
    bins_per_unit: f64,
    start: Vec<u32>,
}

impl IntervalFinder {
    fn new(knots: &[f64]) -> Self {
        let (low, high) = (knots[0], knots[knots.len() - 1]);
        let n_bins = 16 * knots.len();
        let width = (high - low) / n_bins as f64;
        let last = knots.len() - 2;
        let start = (0..=n_bins).map(|bin| {
            let left = low + width * bin as f64;
            (knots.partition_point(|&knot| knot <= left).saturating_sub(1)).min(last) as u32
        });
        Self { low, bins_per_unit: 1.0 / width, start: start.collect() }
    }

    /// Interval of an `x` between the first and the last knot.
    #[inline]
    fn interval(&self, knots: &[f64], x: f64) -> usize {
        let bin = ((x - self.low) * self.bins_per_unit) as usize;
        let mut interval = self.start[bin.min(self.start.len() - 1)] as usize;
        // The bin's left edge is rounded: step back where it overshot, then walk to the knot.
        while interval > 0 && x < knots[interval] {
            interval -= 1;
        }
        while interval + 2 < knots.len() && x >= knots[interval + 1] {
            interval += 1;
        }
        interval
    }
}

/// Polynomials of the four functions on one interval, by interpolation of the Cox-de Boor recursion.
fn piece(knots: &[f64], interval: usize) -> [[f64; 4]; 4] {
    let width = knots[interval + 1] - knots[interval];
    let at = |fraction: f64| cox_de_boor(knots, interval, knots[interval] + fraction * width);
    let samples = [at(0.0), at(1.0 / 3.0), at(2.0 / 3.0), at(1.0)];
    std::array::from_fn(|m| {
        let [f0, f1, f2, f3] = samples.map(|values| values[m]);
        // Newton form on 0, 1/3, 2/3, 1 turned into powers of the fraction, then of the distance.
        let cubic = [
            f0,
            -5.5 * f0 + 9.0 * f1 - 4.5 * f2 + f3,
            9.0 * f0 - 22.5 * f1 + 18.0 * f2 - 4.5 * f3,
            -4.5 * f0 + 13.5 * f1 - 13.5 * f2 + 4.5 * f3,
        ];
        let mut scale = 1.0;
        cubic.map(|coefficient| {
            let scaled = coefficient / scale;
            scale *= width;
            scaled
        })
    })
}

/// The four cubic functions that are non-zero on `interval`, at `x`.
fn cox_de_boor(knots: &[f64], interval: usize, x: f64) -> [f64; 4] {
    let last = knots.len() as isize - 1;
    let knot = |index: isize| knots[(interval as isize + index).clamp(0, last) as usize];
    let mut values = [1.0, 0.0, 0.0, 0.0];
    for degree in 1..4_isize {
        let mut carried = 0.0;
        for m in 0..degree {
            let right = knot(m + 1);
            let left = knot(m + 1 - degree);
            let share = if right > left { values[m as usize] / (right - left) } else { 0.0 };
            values[m as usize] = carried + (right - x) * share;
            carried = (x - left) * share;
        }
        values[degree as usize] = carried;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_uniform_interior_piece_is_the_cardinal_spline() {
        // At a knot deep inside, the cardinal cubic B-splines are 1/6, 4/6, 1/6.
        let basis = CubicBasis::uniform(0.0, 10.0, 11).unwrap();
        let local = basis.local(5.0);
        for (got, expected) in local.values.iter().zip([1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0, 0.0]) {
            assert!((got - expected).abs() < 1e-14, "{:?}", local.values);
        }
        assert_eq!(local.first, 5);
    }

    #[test]
    fn beyond_the_knots() {
        let basis = CubicBasis::uniform(-1.0, 1.0, 6).unwrap();
        let line = basis.project(|x| 2.0 * x + 1.0).unwrap();
        let constant = basis.curve(&line, Beyond::Constant).unwrap();
        let linear = basis.curve(&line, Beyond::Linear).unwrap();
        assert!((constant.value(3.0) - 3.0).abs() < 1e-6);
        assert!((linear.value(3.0) - 7.0).abs() < 1e-5);
        assert!((linear.value(-2.0) + 3.0).abs() < 1e-5);
    }

    #[test]
    fn bad_knots_are_refused() {
        assert!(CubicBasis::new(vec![0.0]).is_err());
        assert!(CubicBasis::new(vec![0.0, 0.0]).is_err());
        assert!(CubicBasis::new(vec![0.0, f64::NAN]).is_err());
        assert!(CubicBasis::uniform(1.0, 1.0, 5).is_err());
    }

    proptest! {
        #[test]
        fn functions_add_up_to_one_and_are_smooth(
            gaps in prop::collection::vec(0.01_f64..3.0, 2..12),
            place in 0.0_f64..1.0,
        ) {
            let mut knots = vec![-2.0];
            for gap in &gaps {
                knots.push(knots[knots.len() - 1] + gap);
            }
            let (low, high) = (knots[0], knots[knots.len() - 1]);
            let basis = CubicBasis::new(knots.clone()).unwrap();
            let x = low + place * (high - low);
            let local = basis.local(x);
            prop_assert!((local.values.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(local.values.iter().all(|&value| value > -1e-9));
            // A cubic lies in the space: projecting it gives it back.
            let cubic = |x: f64| 0.3 * x * x * x - x + 0.2;
            let curve = basis.curve(&basis.project(cubic).unwrap(), Beyond::Constant).unwrap();
            let size = cubic(low).abs().max(cubic(high).abs()).max(1.0);
            prop_assert!((curve.value(x) - cubic(x)).abs() < 1e-5 * size);
        }

        #[test]
        fn sinh_knots_are_odd_and_reach(reach in 0.5_f64..100.0, scale in 0.05_f64..5.0, n in 5_usize..40) {
            let basis = CubicBasis::sinh(reach, scale, n).unwrap();
            let knots = basis.knots();
            prop_assert_eq!(knots[knots.len() - 1], reach);
            for (left, right) in knots.iter().zip(knots.iter().rev()) {
                prop_assert!((left + right).abs() < 1e-12 * reach);
            }
        }
    }
}
