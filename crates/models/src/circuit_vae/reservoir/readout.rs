//! A linear readout of states, its penalty chosen on the last fifth of the steps it is fitted to.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use crate::Error;

/// y = B x + c.
pub(super) struct Readout {
    /// `[neuron, output]`.
    weights: Array2<f64>,
    intercept: Array1<f64>,
}

impl Readout {
    /// # Shapes
    /// `states: [time, neuron]`, `wanted: [time, output]`.
    pub(super) fn fit(
        states: ArrayView2<'_, f64>,
        wanted: ArrayView2<'_, f64>,
        penalties: &[f64],
    ) -> Result<Self, Error> {
        let cut = states.nrows() - states.nrows() / 5;
        let centre = [states, wanted].map(|part| part.sum_axis(Axis(0)) / part.nrows() as f64);
        let (x, y) = (&states - &centre[0], &wanted - &centre[1]);
        let head = Moments::of(x.slice(s![..cut, ..]), y.slice(s![..cut, ..]));
        let tail = Moments::of(x.slice(s![cut.., ..]), y.slice(s![cut.., ..]));
        let whole = Moments { xx: &head.xx + &tail.xx, xy: &head.xy + &tail.xy, yy: &head.yy + &tail.yy };
        let choice = choose(&head, &tail, penalties)?;
        let mut weights = Array2::zeros(whole.xy.dim());
        for (place, &penalty) in penalties.iter().enumerate().filter(|(place, _)| choice.contains(place)) {
            let solved = whole.solve(penalty)?;
            for (output, _) in choice.iter().enumerate().filter(|(_, chosen)| **chosen == place) {
                weights.column_mut(output).assign(&solved.column(output));
            }
        }
        let intercept = &centre[1] - &centre[0].dot(&weights);
        Ok(Self { weights, intercept })
    }

    /// `[time, output]`.
    pub(super) fn predict(&self, states: ArrayView2<'_, f64>) -> Array2<f64> {
        states.dot(&self.weights) + &self.intercept
    }

    /// The first output of one state.
    pub(super) fn predict_one(&self, state: &[f64]) -> f64 {
        state.iter().zip(self.weights.column(0)).map(|(x, w)| x * w).sum::<f64>() + self.intercept[0]
    }
}

struct Moments {
    xx: Array2<f64>,
    xy: Array2<f64>,
    /// Sum of squares of each output.
    yy: Array1<f64>,
}

impl Moments {
    fn of(x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>) -> Self {
        Self { xx: x.t().dot(&x), xy: x.t().dot(&y), yy: (&y * &y).sum_axis(Axis(0)) }
    }

    fn solve(&self, penalty: f64) -> Result<Array2<f64>, Error> {
        let n = self.xx.nrows();
        let matrix = Mat::from_fn(n, n, |row, column| {
            self.xx[[row, column]] + if row == column { penalty } else { 0.0 }
        });
        let right = Mat::from_fn(n, self.xy.ncols(), |row, column| self.xy[[row, column]]);
        // States that repeat each other leave no room but the penalty; rounding may eat that up.
        let factor = (0..8).find_map(|decade| {
            let extra = if decade == 0 { 0.0 } else { penalty * 10_f64.powi(decade) };
            let raised = Mat::from_fn(n, n, |row, column| {
                matrix[(row, column)] + if row == column { extra } else { 0.0 }
            });
            raised.llt(Side::Lower).ok()
        });
        let factor = factor.ok_or(Error::Singular { stage: "reservoir readout" })?;
        let solution = factor.solve(&right);
        Ok(Array2::from_shape_fn((n, self.xy.ncols()), |(row, column)| solution[(row, column)]))
    }

    /// Squared error of each output.
    fn errors(&self, weights: &Array2<f64>) -> Vec<f64> {
        let fitted = self.xx.dot(weights);
        let one = |output: usize| {
            let w = weights.column(output);
            self.yy[output] - 2.0 * w.dot(&self.xy.column(output)) + w.dot(&fitted.column(output))
        };
        (0..weights.ncols()).map(one).collect()
    }
}

/// Which penalty is best on the tail for each output: what recalls one step does not recall fifty.
fn choose(head: &Moments, tail: &Moments, penalties: &[f64]) -> Result<Vec<usize>, Error> {
    let mut best = vec![(f64::INFINITY, 0); head.xy.ncols()];
    for (place, &penalty) in penalties.iter().enumerate() {
        let errors = tail.errors(&head.solve(penalty)?);
        for (best, error) in best.iter_mut().zip(errors) {
            if error < best.0 {
                *best = (error, place);
            }
        }
    }
    Ok(best.into_iter().map(|(_, place)| place).collect())
}

/// sqrt(mean (predicted - observed)²) over the standard deviation of the observed: 0 perfect, 1 as good as their mean.
pub(super) fn nrmse(predicted: &[f64], observed: &[f64]) -> f64 {
    let n = observed.len() as f64;
    let mean = observed.iter().sum::<f64>() / n;
    let spread = observed.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let error = predicted.iter().zip(observed).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    (error / spread).sqrt()
}

/// Share of predictions on the right side of one half.
pub(super) fn accuracy(predicted: &[f64], observed: &[f64]) -> f64 {
    let right = predicted.iter().zip(observed).filter(|(a, b)| (**a > 0.5) == (**b > 0.5)).count();
    right as f64 / observed.len() as f64
}
