//! The vector autoregression: the next frame as a linear function of this one.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

use super::moments::{Outputs, Rows};
use super::{Penalty, Ridge};
use crate::Error;
use crate::correlation::check_trials;

/// Ridge VAR(1): `x_i(t + 1) = sum_j W_ij x_j(t) + c_i`. The baseline that a mechanism has to beat, in
/// forecasts and, by the sizes of its weights, in finding synapses.
///
/// The penalty acts on `W - I`: it draws towards "nothing changes", which is the better guess for slow
/// signals. (Drawn towards W = 0, the five worms of Dag et al. 2023 are forecast worse than by persistence
/// for every penalty; drawn towards I, better.)
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::readout::{Penalty, VectorAutoregression};
/// // a decay by one half per frame
/// let frames = array![[8.0], [4.0], [2.0], [1.0], [0.5]];
/// let model = VectorAutoregression::fit(&[frames.view()], Penalty::Fixed(0.0))?;
/// assert!((model.weight_matrix[[0, 0]] - 0.5).abs() < 1e-12);
/// assert!((model.forecast(array![8.0].view(), 3)?[[2, 0]] - 1.0).abs() < 1e-12);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VectorAutoregression {
    /// W, `[post, pre]`, per frame.
    pub weight_matrix: Array2<f64>,
    /// c, `[neuron]`.
    pub intercept: Array1<f64>,
    /// The penalty that was given or chosen.
    pub penalty: f64,
}

impl VectorAutoregression {
    /// Fits the pairs of neighbouring frames of all trials; a pair with a missing sample is left out.
    ///
    /// # Shapes
    /// Each trial `[time, neuron]`; trials may differ in length.
    ///
    /// # Errors
    /// No trials, trials of different width, an infinite sample, too few complete pairs of frames, or a
    /// penalty that [`Ridge::fit`] refuses.
    pub fn fit(trials: &[ArrayView2<'_, f32>], penalty: Penalty) -> Result<Self, Error> {
        check_trials(trials)?;
        let pairs = trials.iter().filter(|trial| trial.nrows() > 1);
        let rows: Vec<Rows<'_, f32>> = pairs
            .map(|trial| Rows {
                x: trial.slice_move(s![..-1, ..]),
                y: trial.slice_move(s![1.., ..]),
                outputs: Outputs::Increments,
            })
            .collect();
        let Ridge { coefficients, intercept, penalty } = Ridge::fit_rows(&rows, penalty)?;
        let weight_matrix = Array2::eye(intercept.len()) + coefficients;
        Ok(Self { weight_matrix, intercept, penalty })
    }

    /// The next `n_steps` frames after `start`, `[step, neuron]`.
    ///
    /// # Errors
    /// Another number of neurons.
    pub fn forecast(&self, start: ArrayView1<'_, f64>, n_steps: usize) -> Result<Array2<f64>, Error> {
        self.check_width(start.len())?;
        let mut forecast = Array2::zeros((n_steps, start.len()));
        let mut frame = start.to_owned();
        for mut step in forecast.rows_mut() {
            frame = self.weight_matrix.dot(&frame) + &self.intercept;
            step.assign(&frame);
        }
        Ok(forecast)
    }

    /// The forecast of frame `t + n_steps` from frame t alone, for every t: row t of the answer is compared
    /// with row `t + n_steps` of the recording.
    ///
    /// # Shapes
    /// `frames: [time, neuron]` -> `[time - n_steps, neuron]`; NaN in a frame gives NaN in its forecast.
    ///
    /// # Errors
    /// Another number of neurons, or not more frames than steps.
    pub fn forecast_ahead(&self, frames: ArrayView2<'_, f32>, n_steps: usize) -> Result<Array2<f64>, Error> {
        self.check_width(frames.ncols())?;
        let Some(n_starts) = frames.nrows().checked_sub(n_steps).filter(|&n_starts| n_starts > 0) else {
            return Err(Error::TooFew {
                what: "frames to forecast from",
                given: frames.nrows(),
                needed: n_steps + 1,
            });
        };
        let mut ahead = frames.slice(s![..n_starts, ..]).mapv(f64::from);
        for _ in 0..n_steps {
            ahead = ahead.dot(&self.weight_matrix.t()) + &self.intercept;
        }
        Ok(ahead)
    }

    fn check_width(&self, n_neurons: usize) -> Result<(), Error> {
        let expected = self.intercept.len();
        if n_neurons == expected {
            return Ok(());
        }
        let given = format!("{n_neurons} neurons");
        Err(Error::Shape {
            what: "the frames to forecast from",
            given,
            allowed: format!("{expected} neurons"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use neuroloom_core::Seed;
    use rand::RngExt;

    /// A damped rotation driven by noise, about the mean (5, -3).
    fn recording(n_frames: usize, seed: u64) -> Array2<f32> {
        let mut rng = Seed(seed).rng();
        let mut frame = [0.0_f64, 0.0];
        let mut frames = Array2::zeros((n_frames, 2));
        for mut row in frames.rows_mut() {
            frame = [0.9 * frame[0] - 0.3 * frame[1], 0.3 * frame[0] + 0.9 * frame[1]];
            frame = frame.map(|value| value + rng.random::<f64>() - 0.5);
            row.assign(&array![(frame[0] + 5.0) as f32, (frame[1] - 3.0) as f32]);
        }
        frames
    }

    #[test]
    fn the_rotation_is_found_with_post_in_rows() -> Result<(), Error> {
        let (first, second) = (recording(3000, 1), recording(1500, 2));
        for penalty in [Penalty::GeneralizedCrossValidation, Penalty::blocked()] {
            let model = VectorAutoregression::fit(&[first.view(), second.view()], penalty)?;
            let error = &model.weight_matrix - &array![[0.9, -0.3], [0.3, 0.9]];
            assert!(error.iter().all(|error| error.abs() < 0.02), "{error}");
        }
        Ok(())
    }

    #[test]
    fn a_strong_penalty_forecasts_that_nothing_changes() -> Result<(), Error> {
        let frames = recording(400, 8);
        let model = VectorAutoregression::fit(&[frames.view()], Penalty::Fixed(1e12))?;
        assert!((&model.weight_matrix - &Array2::<f64>::eye(2)).iter().all(|error| error.abs() < 1e-6));
        Ok(())
    }

    #[test]
    fn many_steps_are_one_step_many_times() -> Result<(), Error> {
        let frames = recording(200, 3);
        let model = VectorAutoregression::fit(&[frames.view()], Penalty::blocked())?;
        let ahead = model.forecast_ahead(frames.view(), 4)?;
        assert_eq!(ahead.dim(), (196, 2));
        for frame in [0, 100, 195] {
            let start = frames.row(frame).mapv(f64::from);
            let steps = model.forecast(start.view(), 4)?;
            assert!((&steps.row(3) - &ahead.row(frame)).iter().all(|difference| difference.abs() < 1e-12));
        }
        assert!(matches!(model.forecast_ahead(frames.view(), 200), Err(Error::TooFew { .. })));
        assert!(matches!(model.forecast(array![1.0].view(), 1), Err(Error::Shape { .. })));
        Ok(())
    }

    #[test]
    fn a_missing_sample_costs_two_pairs_and_no_more() -> Result<(), Error> {
        let mut frames = recording(300, 4);
        let cut = [frames.slice(s![..150, ..]).to_owned(), frames.slice(s![151.., ..]).to_owned()];
        frames[[150, 1]] = f32::NAN;
        let with_gap = VectorAutoregression::fit(&[frames.view()], Penalty::Fixed(1.0))?;
        let in_pieces = VectorAutoregression::fit(&[cut[0].view(), cut[1].view()], Penalty::Fixed(1.0))?;
        let difference = &with_gap.weight_matrix - &in_pieces.weight_matrix;
        assert!(difference.iter().all(|difference| difference.abs() < 1e-10));
        Ok(())
    }

    #[test]
    fn a_constant_neuron_is_forecast_as_itself() -> Result<(), Error> {
        let mut frames = recording(100, 5);
        frames.column_mut(1).fill(2.0);
        let model = VectorAutoregression::fit(&[frames.view()], Penalty::blocked())?;
        assert!(
            model.forecast_ahead(frames.view(), 3)?.column(1).iter().all(|value| (value - 2.0).abs() < 1e-9)
        );
        let one_frame = recording(1, 6);
        assert!(matches!(
            VectorAutoregression::fit(&[one_frame.view()], Penalty::blocked()),
            Err(Error::TooFew { .. })
        ));
        Ok(())
    }

    #[test]
    fn the_number_of_threads_changes_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let frames = recording(2500, 7);
        let with = |n_threads| -> Result<VectorAutoregression, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| VectorAutoregression::fit(&[frames.view()], Penalty::blocked()))?)
        };
        assert_eq!(with(1)?, with(3)?);
        Ok(())
    }
}
