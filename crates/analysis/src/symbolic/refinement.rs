//! Constants of a given form by Levenberg-Marquardt (Levenberg 1944; Marquardt 1963).

use super::{Expression, Samples};
use crate::least_squares::solve_small;

/// Steps tried at most.
const STEPS: usize = 60;
/// Relative gain below which a form counts as fitted.
const GAIN: f64 = 1e-10;
/// Damping beyond which no step helps.
const MOST_DAMPING: f64 = 1e12;

/// A form with its best constants.
#[derive(Debug, Clone, PartialEq)]
pub struct Refined {
    /// The form.
    pub expression: Expression,
    /// Unexplained share of the weighted variance.
    pub unexplained: f64,
}

/// Changes the free constants until the weighted squared error has a minimum near them.
///
/// sum_k w_k (y_k - f(x_k; c))^2 -> min, damped by the diagonal of J'WJ.
///
/// # Examples
/// ```
/// use neuroloom_analysis::symbolic::{Expression, Function, Samples, refine};
/// let x: Vec<f64> = (-20..=20).map(|step| f64::from(step) / 4.0).collect();
/// let y: Vec<f64> = x.iter().map(|x| 1.5 * (0.4 * x).tanh()).collect();
/// let samples = Samples::new(x.clone(), y, vec![1.0; x.len()])?;
/// let inner = Expression::Product(vec![Expression::Constant(0.7), Expression::Variable]);
/// let tanh = Expression::Apply(Function::Tanh, Box::new(inner));
/// let start = Expression::Product(vec![Expression::Constant(0.9), tanh]);
/// let found = refine(&samples, &start);
/// assert!((found.expression.constants()[0] - 1.5).abs() < 1e-9);
/// assert!((found.expression.constants()[1] - 0.4).abs() < 1e-9);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn refine(samples: &Samples, start: &Expression) -> Refined {
    let mut best =
        Refined { expression: start.clone(), unexplained: samples.unexplained(&start.values(samples.x())) };
    if !best.unexplained.is_finite() || best.expression.constants().is_empty() {
        return best;
    }
    let mut damping = 1e-3;
    let mut system = System::new(samples, &best.expression);
    for _ in 0..STEPS {
        let Some(step) = system.step(damping) else {
            damping *= 10.0;
            if damping > MOST_DAMPING {
                break;
            }
            continue;
        };
        let moved: Vec<f64> =
            best.expression.constants().iter().zip(&step).map(|(constant, step)| constant + step).collect();
        // A free constant that lands on a sign exactly would become fixed.
        if moved.iter().any(|&constant| !Expression::is_free(constant)) {
            damping *= 3.0;
            continue;
        }
        let expression = best.expression.with_constants(&moved);
        let unexplained = samples.unexplained(&expression.values(samples.x()));
        if unexplained < best.unexplained {
            let gain = 1.0 - unexplained / best.unexplained;
            best = Refined { expression, unexplained };
            if gain < GAIN || unexplained < f64::EPSILON.powi(2) {
                break;
            }
            damping = (damping / 5.0).max(1e-14);
            system = System::new(samples, &best.expression);
        } else {
            damping *= 5.0;
            if damping > MOST_DAMPING {
                break;
            }
        }
    }
    best
}

/// J'WJ and J'Wr at one set of constants.
struct System {
    normal: Vec<f64>,
    right: Vec<f64>,
}

impl System {
    fn new(samples: &Samples, expression: &Expression) -> Self {
        let (values, jacobian) = expression.jacobian(samples.x());
        let n = jacobian.len();
        let residual: Vec<f64> = samples.y().iter().zip(&values).map(|(y, value)| y - value).collect();
        let weighted = |a: &[f64], b: &[f64]| -> f64 {
            a.iter().zip(b).zip(samples.weight()).map(|((a, b), weight)| weight * a * b).sum()
        };
        let mut normal = vec![0.0; n * n];
        for row in 0..n {
            for column in 0..n {
                normal[row * n + column] = weighted(&jacobian[row], &jacobian[column]);
            }
        }
        Self { normal, right: jacobian.iter().map(|slope| weighted(slope, &residual)).collect() }
    }

    fn step(&self, damping: f64) -> Option<Vec<f64>> {
        let n = self.right.len();
        if self.normal.iter().chain(&self.right).any(|value| !value.is_finite()) {
            return None;
        }
        // Scaled to a unit diagonal, so that constants of any size are treated alike.
        let scale: Vec<f64> = (0..n).map(|row| self.normal[row * n + row].sqrt()).collect();
        if scale.contains(&0.0) {
            return None;
        }
        let mut normal = self.normal.clone();
        for row in 0..n {
            for column in 0..n {
                normal[row * n + column] /= scale[row] * scale[column];
            }
            normal[row * n + row] += damping;
        }
        let right = self.right.iter().zip(&scale).map(|(value, scale)| value / scale).collect();
        let step = solve_small(normal, right)?;
        let step: Vec<f64> = step.iter().zip(&scale).map(|(step, scale)| step / scale).collect();
        step.iter().all(|value| value.is_finite()).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Function;
    use super::*;

    #[test]
    fn a_form_without_constants_is_only_scored() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let samples = Samples::new(x.clone(), x.clone(), vec![1.0; 20]).unwrap();
        let refined = refine(&samples, &Expression::Variable);
        assert_eq!(refined.unexplained, 0.0);
        assert_eq!(refined.expression, Expression::Variable);
    }

    #[test]
    fn overflow_is_no_panic() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let samples = Samples::new(x.clone(), x, vec![1.0; 20]).unwrap();
        let power = Expression::Product(vec![Expression::Constant(900.0), Expression::Variable]);
        let wild = Expression::Apply(Function::Exp, Box::new(power));
        assert_eq!(refine(&samples, &wild).unexplained, f64::INFINITY);
    }
}
