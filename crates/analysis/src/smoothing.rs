//! Cubic smoothing splines on a uniform time grid: a noisy recording becomes a smooth one with a derivative.
//!
//! The spline g minimises `sum_t (y_t - g(t))^2 + penalty * integral g''(s)^2 ds` (Reinsch 1967). It is a
//! natural cubic spline; with c = its second derivatives at the inner frames,
//! `(R + penalty Q'Q) c = Q'y` and `g = y - penalty Q c`, where Q'y are second differences and R is
//! tridiagonal. The matrix has five bands, so that a series of T frames costs O(T) time and memory.
//!
//! The penalty is chosen by generalized cross-validation (Craven and Wahba 1979), with the exact trace of the
//! smoother matrix by the recursion of Hutchinson and de Hoog (1985). GCV assumes noise that is independent
//! from frame to frame; correlated noise (a filtered recording) is taken for signal.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::smoothing::SmoothingSpline;
//! // A straight line is its own smoothing spline, whatever the penalty.
//! let line: Vec<f64> = (0..20).map(|frame| 3.0 + 2.0 * 0.1 * f64::from(frame)).collect();
//! let smoothed = SmoothingSpline::new(20, 0.1, 5.0)?.smooth(&line)?;
//! assert!(smoothed.derivative.iter().all(|slope| (slope - 2.0).abs() < 1e-9));
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod banded;
mod penalty;
mod recording;

pub use penalty::{PenaltyChoice, PenaltyGrid};
pub use recording::{SmoothedRecording, smooth_recording};

use banded::Pentadiagonal;

use crate::Error;
use crate::metrics::{check_finite, check_same_length};

/// Fewest frames that a cubic spline can smooth.
pub const FEWEST_FRAMES: usize = 5;

/// The smoother of one penalty, factored once for any number of series of the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct SmoothingSpline {
    dt_s: f64,
    /// The penalty in units of frames: penalty / dt^3.
    scaled_penalty: f64,
    n_frames: usize,
    system: Pentadiagonal,
}

/// A smoothed series and its slope, at the frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Smoothed {
    /// g(t), in the units of the series.
    pub values: Vec<f64>,
    /// g'(t), in units of the series per second.
    pub derivative: Vec<f64>,
}

impl SmoothingSpline {
    /// Factors the smoother of `penalty` (units: second^3) for series of `n_frames` frames, `dt_s` apart.
    ///
    /// The half-width of the smoothing window is about `(penalty * dt_s)^(1/4)` seconds.
    ///
    /// # Errors
    /// Fewer than [`FEWEST_FRAMES`] frames, or `dt_s` or `penalty` not positive and finite.
    pub fn new(n_frames: usize, dt_s: f64, penalty: f64) -> Result<Self, Error> {
        if n_frames < FEWEST_FRAMES {
            return Err(Error::TooFew { what: "frames to smooth", given: n_frames, needed: FEWEST_FRAMES });
        }
        for (what, value) in [("dt_s", dt_s), ("penalty", penalty)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Value { what, given: value.to_string(), allowed: "above 0".into() });
            }
        }
        let scaled_penalty = penalty / dt_s.powi(3);
        // R has the rows (1 4 1) / 6, Q'Q the rows (1 -4 6 -4 1), with frames as the unit of time.
        let rows = [4.0 / 6.0 + 6.0 * scaled_penalty, 1.0 / 6.0 - 4.0 * scaled_penalty, scaled_penalty];
        let system = Pentadiagonal::factor(n_frames - 2, rows)?;
        Ok(Self { dt_s, scaled_penalty, n_frames, system })
    }

    /// The smoothed series and its derivative.
    ///
    /// # Errors
    /// Another length than the smoother was made for, or a sample that is not finite.
    pub fn smooth(&self, series: &[f64]) -> Result<Smoothed, Error> {
        check_same_length("series", series.len(), self.n_frames)?;
        check_finite("series", series)?;
        let curvature = self.curvature(series);
        let values = self.values(series, &curvature);
        let derivative = slopes(&values, &curvature).into_iter().map(|slope| slope / self.dt_s).collect();
        Ok(Smoothed { values, derivative })
    }

    /// The penalty, in second^3.
    pub fn penalty(&self) -> f64 {
        self.scaled_penalty * self.dt_s.powi(3)
    }

    /// Trace of the smoother matrix: the number of free parameters that the smoothed series uses, from 2 (a
    /// line) to the number of frames (no smoothing).
    pub fn effective_parameters(&self) -> f64 {
        self.n_frames as f64 - self.scaled_penalty * self.system.trace_of_inverse_times([6.0, -4.0, 1.0])
    }

    /// Sum of squared residuals of a series that is known to be finite and of the right length.
    fn residual_sum_of_squares(&self, series: &[f64]) -> f64 {
        let curvature = self.curvature(series);
        let residual = |frame| self.scaled_penalty * second_difference(&curvature, frame);
        (0..self.n_frames).map(|frame| residual(frame).powi(2)).sum()
    }

    /// Second derivatives at all frames (zero at both ends), with frames as the unit of time.
    fn curvature(&self, series: &[f64]) -> Vec<f64> {
        let mut curvature = vec![0.0; self.n_frames];
        for (inner, window) in curvature[1..].iter_mut().zip(series.windows(3)) {
            *inner = window[0] - 2.0 * window[1] + window[2];
        }
        self.system.solve_in_place(&mut curvature[1..self.n_frames - 1]);
        curvature
    }

    fn values(&self, series: &[f64], curvature: &[f64]) -> Vec<f64> {
        let shift = |frame| self.scaled_penalty * second_difference(curvature, frame);
        series.iter().enumerate().map(|(frame, sample)| sample - shift(frame)).collect()
    }
}

/// Entry `frame` of Q c; the curvature is zero at the ends and beyond.
fn second_difference(curvature: &[f64], frame: usize) -> f64 {
    let at = |frame: usize| curvature.get(frame).copied().unwrap_or(0.0);
    let before = if frame == 0 { 0.0 } else { at(frame - 1) };
    before - 2.0 * at(frame) + at(frame + 1)
}

/// Slopes of the spline through `values` with the given second derivatives, with frames as the unit of time.
fn slopes(values: &[f64], curvature: &[f64]) -> Vec<f64> {
    let last = values.len() - 1;
    let mut slopes: Vec<f64> = (0..last)
        .map(|frame| {
            values[frame + 1] - values[frame] - (2.0 * curvature[frame] + curvature[frame + 1]) / 6.0
        })
        .collect();
    slopes.push(values[last] - values[last - 1] + (2.0 * curvature[last] + curvature[last - 1]) / 6.0);
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_grids_are_refused() -> Result<(), Error> {
        assert!(matches!(SmoothingSpline::new(4, 0.1, 1.0), Err(Error::TooFew { given: 4, .. })));
        assert!(matches!(SmoothingSpline::new(9, 0.0, 1.0), Err(Error::Value { what: "dt_s", .. })));
        assert!(matches!(SmoothingSpline::new(9, 0.1, f64::NAN), Err(Error::Value { what: "penalty", .. })));
        let spline = SmoothingSpline::new(5, 0.1, 1.0)?;
        let result = spline.smooth(&[0.0, 1.0, f64::NAN, 1.0, 0.0]);
        assert!(matches!(result, Err(Error::NotFinite { row: 2, .. })));
        assert!(matches!(spline.smooth(&[0.0; 6]), Err(Error::Shape { .. })));
        Ok(())
    }

    #[test]
    fn the_effective_parameters_are_the_trace_of_the_smoother() -> Result<(), Error> {
        for penalty in [1e-4, 0.3, 1e3] {
            let spline = SmoothingSpline::new(12, 0.5, penalty)?;
            let mut trace = 0.0;
            for frame in 0..12 {
                let mut impulse = [0.0; 12];
                impulse[frame] = 1.0;
                trace += spline.smooth(&impulse)?.values[frame];
            }
            assert!((spline.effective_parameters() - trace).abs() < 1e-10, "penalty {penalty}");
        }
        Ok(())
    }

    #[test]
    fn the_penalty_runs_from_interpolation_to_the_line() -> Result<(), Error> {
        let series: Vec<f64> = (0..40).map(|frame| (f64::from(frame) * 0.7).sin()).collect();
        let rough = SmoothingSpline::new(40, 1.0, 1e-9)?;
        let residual =
            rough.smooth(&series)?.values.iter().zip(&series).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(residual < 1e-7 && rough.effective_parameters() > 39.99);
        let stiff = SmoothingSpline::new(40, 1.0, 1e9)?;
        let slopes = stiff.smooth(&series)?.derivative;
        assert!(slopes.iter().all(|slope| (slope - slopes[0]).abs() < 1e-4));
        assert!(stiff.effective_parameters() < 2.01);
        Ok(())
    }

    proptest! {
        #[test]
        fn lines_are_reproduced_and_their_slope_is_exact(
            offset in -5.0..5.0_f64, slope in -5.0..5.0_f64, penalty in 1e-3..1e4_f64, n_frames in 5..60_usize
        ) {
            let dt_s = 0.05;
            let line: Vec<f64> = (0..n_frames).map(|frame| offset + slope * dt_s * frame as f64).collect();
            let smoothed = SmoothingSpline::new(n_frames, dt_s, penalty * dt_s.powi(3))?.smooth(&line)?;
            for (frame, sample) in line.iter().enumerate() {
                prop_assert!((smoothed.values[frame] - sample).abs() < 1e-8);
                prop_assert!((smoothed.derivative[frame] - slope).abs() < 1e-6);
            }
        }

        #[test]
        fn smoothing_is_linear_and_keeps_the_sum(
            series in prop::collection::vec(-1.0..1.0_f64, 5..50), penalty in 1e-2..1e2_f64, factor in -3.0..3.0_f64
        ) {
            let spline = SmoothingSpline::new(series.len(), 1.0, penalty)?;
            let smoothed = spline.smooth(&series)?;
            let scaled: Vec<f64> = series.iter().map(|sample| factor * sample).collect();
            for (a, b) in spline.smooth(&scaled)?.values.iter().zip(&smoothed.values) {
                prop_assert!((a - factor * b).abs() < 1e-10);
            }
            let sum = |values: &[f64]| values.iter().sum::<f64>();
            prop_assert!((sum(&smoothed.values) - sum(&series)).abs() < 1e-9);
        }
    }
}
