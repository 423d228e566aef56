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
        let mut best: Option<(f64, f64)> = None;
        for &penalty in penalties {
            let weights = head.solve(penalty)?;
            let error = tail.error(&weights);
            if best.is_none_or(|(least, _)| error < least) {
                best = Some((error, penalty));
            }
        }
        let penalty = best.map_or(penalties[0], |(_, penalty)| penalty);
        let weights = Moments { xx: &head.xx + &tail.xx, xy: &head.xy + &tail.xy, yy: head.yy + tail.yy }
            .solve(penalty)?;
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
    /// Each output counts by its spread.
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

    /// Sum over outputs of squared error over spread.
    fn error(&self, weights: &Array2<f64>) -> f64 {
        let fitted = self.xx.dot(weights);
        (0..weights.ncols())
            .map(|output| {
                let w = weights.column(output);
                let error =
                    self.yy[output] - 2.0 * w.dot(&self.xy.column(output)) + w.dot(&fitted.column(output));
                if self.yy[output] > 0.0 { error / self.yy[output] } else { 0.0 }
            })
            .sum()
    }
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
