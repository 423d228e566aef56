//! Logistic regression with a ridge.

use ndarray::{Array1, Array2};

use crate::Error;
use crate::linear_algebra::solve_positive_definite;

/// Newton steps at most; ten are usual.
const MAX_STEPS: usize = 100;

/// A fitted classifier: P(positive) = 1 / (1 + exp(-(w x + b))).
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    /// One weight a feature.
    pub weights: Vec<f64>,
    /// The intercept, which the ridge leaves alone.
    pub intercept: f64,
}

impl LogisticRegression {
    /// Minimises |w|^2 / 2 + sum log(1 + exp(-y (w x + b))), y = +-1, by Newton's method with halved steps: what
    /// scikit-learn's `LogisticRegression(C=1)` minimises.
    ///
    /// # Shapes
    /// `features[sample][feature]`, `labels[sample]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the lengths differ or there is no sample, [`Error::NotFinite`].
    pub fn fit(features: &[Vec<f64>], labels: &[bool]) -> Result<Self, Error> {
        let (n, width) = (features.len(), features.first().map_or(0, Vec::len));
        if n == 0 || labels.len() != n || features.iter().any(|row| row.len() != width) {
            let given = format!("[{n}][{width}] with {} labels", labels.len());
            return Err(Error::Shape {
                what: "features",
                given,
                allowed: "one label and equally many features a row".into(),
            });
        }
        for (row, values) in features.iter().enumerate() {
            if let Some(column) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { what: "features", row, column, given: values[column] });
            }
        }
        let problem = Problem {
            // The intercept is the weight of a last feature that is always 1.
            features: Array2::from_shape_fn((n, width + 1), |(row, column)| {
                features[row].get(column).copied().unwrap_or(1.0)
            }),
            labels: labels.iter().map(|&label| if label { 1.0 } else { 0.0 }).collect(),
        };
        let mut weights = problem.solve()?;
        let intercept = weights.pop().unwrap_or(0.0);
        Ok(Self { weights, intercept })
    }

    /// Probability of the positive class.
    pub fn probability(&self, features: &[f64]) -> f64 {
        let margin: f64 = self.weights.iter().zip(features).map(|(weight, value)| weight * value).sum();
        sigmoid(margin + self.intercept)
    }
}

fn sigmoid(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}

/// log(1 + exp(x)) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

struct Problem {
    features: Array2<f64>,
    labels: Array1<f64>,
}

impl Problem {
    fn solve(&self) -> Result<Vec<f64>, Error> {
        let width = self.features.ncols();
        let mut weights = Array1::<f64>::zeros(width);
        let mut loss = self.loss(&weights);
        for _ in 0..MAX_STEPS {
            let (gradient, hessian) = self.derivatives(&weights);
            if gradient.iter().all(|slope| slope.abs() < 1e-10) {
                break;
            }
            let step =
                solve_positive_definite(hessian.view(), &gradient, "the Hessian of a logistic regression")?;
            let mut length = 1.0;
            let mut tried = &weights - &step;
            let mut tried_loss = self.loss(&tried);
            while tried_loss > loss && length > 1e-8 {
                length *= 0.5;
                tried = &weights - &(length * &step);
                tried_loss = self.loss(&tried);
            }
            let gained = loss - tried_loss;
            (weights, loss) = (tried, tried_loss);
            if gained.abs() <= 1e-14 * loss.max(1.0) {
                break;
            }
        }
        Ok(weights.to_vec())
    }

    fn loss(&self, weights: &Array1<f64>) -> f64 {
        let margins = self.features.dot(weights);
        let last = weights.len() - 1;
        let ridge: f64 = weights.iter().take(last).map(|weight| weight * weight).sum();
        let data = margins.iter().zip(&self.labels).map(|(margin, label)| softplus(*margin) - label * margin);
        0.5 * ridge + data.sum::<f64>()
    }

    fn derivatives(&self, weights: &Array1<f64>) -> (Array1<f64>, Array2<f64>) {
        let last = weights.len() - 1;
        let probability = self.features.dot(weights).mapv(sigmoid);
        let mut gradient = self.features.t().dot(&(&probability - &self.labels));
        let mut scaled = self.features.clone();
        for (mut row, probability) in scaled.rows_mut().into_iter().zip(&probability) {
            row *= probability * (1.0 - probability);
        }
        let mut hessian = self.features.t().dot(&scaled);
        for feature in 0..last {
            gradient[feature] += weights[feature];
            hessian[[feature, feature]] += 1.0;
        }
        // Keeps the intercept solvable where every probability is 0 or 1.
        hessian[[last, last]] += 1e-12;
        (gradient, hessian)
    }
}
