//! A curve as points with weights.

use crate::Error;

/// Fewest points that can tell forms apart.
const FEWEST: usize = 8;

/// A sampled function: y at x, and how much each point counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    x: Vec<f64>,
    y: Vec<f64>,
    /// Scaled to a sum of 1.
    weight: Vec<f64>,
    mean: f64,
    variance: f64,
}

impl Samples {
    /// Points with weights (any scale, such as how often each x was visited).
    ///
    /// # Errors
    /// [`Error::Shape`] if the lengths differ, [`Error::TooFew`] below 8 points of positive weight,
    /// [`Error::NotFinite`] or [`Error::Value`] for a number that is none, [`Error::Constant`] if y does not vary.
    pub fn new(x: Vec<f64>, y: Vec<f64>, weight: Vec<f64>) -> Result<Self, Error> {
        if x.len() != y.len() || x.len() != weight.len() {
            let given = format!("x: {}, y: {}, weight: {}", x.len(), y.len(), weight.len());
            return Err(Error::Shape {
                what: "a sampled curve",
                given,
                allowed: "three equal lengths".to_owned(),
            });
        }
        for (column, values) in [&x, &y, &weight].into_iter().enumerate() {
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { what: "a sampled curve", row, column, given: values[row] });
            }
        }
        if let Some(negative) = weight.iter().find(|&&value| value < 0.0) {
            let given = negative.to_string();
            return Err(Error::Value {
                what: "the weight of a point",
                given,
                allowed: "0 or above".to_owned(),
            });
        }
        let counted = weight.iter().filter(|&&value| value > 0.0).count();
        if counted < FEWEST {
            return Err(Error::TooFew { what: "points of a curve", given: counted, needed: FEWEST });
        }
        let total: f64 = weight.iter().sum();
        let weight: Vec<f64> = weight.into_iter().map(|value| value / total).collect();
        let mean: f64 = y.iter().zip(&weight).map(|(y, weight)| weight * y).sum();
        let variance: f64 = y.iter().zip(&weight).map(|(y, weight)| weight * (y - mean).powi(2)).sum();
        if variance <= 1e-24 * mean * mean || variance == 0.0 {
            return Err(Error::Constant { what: "a sampled curve", value: mean });
        }
        Ok(Self { x, y, weight, mean, variance })
    }

    /// Where the curve is sampled.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// Its values.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// How much each point counts; the sum is 1.
    pub fn weight(&self) -> &[f64] {
        &self.weight
    }

    /// Weighted variance of y.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Weighted standard deviation of x: the scale of the visited states.
    pub(super) fn spread(&self) -> f64 {
        let mean: f64 = self.x.iter().zip(&self.weight).map(|(x, weight)| weight * x).sum();
        let square: f64 =
            self.x.iter().zip(&self.weight).map(|(x, weight)| weight * (x - mean).powi(2)).sum();
        square.sqrt().max(f64::MIN_POSITIVE)
    }

    /// Unexplained share of the variance; infinite if a value is not finite.
    pub fn unexplained(&self, values: &[f64]) -> f64 {
        let terms = self.y.iter().zip(values).zip(&self.weight);
        let square: f64 = terms.map(|((y, value), weight)| weight * (y - value).powi(2)).sum();
        if square.is_finite() { square / self.variance } else { f64::INFINITY }
    }

    /// Weighted mean of y: the best constant.
    pub(super) fn mean(&self) -> f64 {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_curves_are_refused() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let one = vec![1.0; 10];
        assert!(Samples::new(x.clone(), x[..9].to_vec(), one.clone()).is_err());
        assert!(matches!(Samples::new(x.clone(), one.clone(), one.clone()), Err(Error::Constant { .. })));
        let mut hole = x.clone();
        hole[3] = f64::NAN;
        assert!(matches!(
            Samples::new(x.clone(), hole, one.clone()),
            Err(Error::NotFinite { row: 3, column: 1, .. })
        ));
        assert!(Samples::new(x.clone(), x.clone(), vec![-1.0; 10]).is_err());
        let mut few = vec![0.0; 10];
        few[0] = 1.0;
        assert!(matches!(Samples::new(x.clone(), x, few), Err(Error::TooFew { given: 1, .. })));
    }

    #[test]
    fn the_mean_leaves_all_the_variance() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let samples = Samples::new(x.clone(), x.clone(), vec![2.0; 10]).unwrap();
        assert!((samples.unexplained(&[4.5; 10]) - 1.0).abs() < 1e-12);
        assert_eq!(samples.unexplained(&x), 0.0);
        assert_eq!(samples.unexplained(&[f64::NAN; 10]), f64::INFINITY);
    }
}
