//! Choosing the penalty by generalized cross-validation.

use super::{FEWEST_FRAMES, SmoothingSpline};
use crate::Error;
use crate::metrics::{check_finite, check_same_length};

/// Factored smoothers of a ladder of penalties, for any number of series of one length.
///
/// The smoothing half-widths go from a fifth of a frame to `MAX_WIDTH` frames (or the length of the series)
/// in steps of 2^(1/8), that is of 2^(1/2) in the penalty.
#[derive(Debug, Clone, PartialEq)]
pub struct PenaltyGrid {
    splines: Vec<SmoothingSpline>,
    effective_parameters: Vec<f64>,
    n_frames: usize,
}

/// A penalty and how it was judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PenaltyChoice {
    /// The penalty, in second^3.
    pub penalty: f64,
    /// The score that it minimises: `(RSS / T) / (1 - effective_parameters / T)^2`.
    pub gcv_score: f64,
    /// Free parameters that the smoothed series uses.
    pub effective_parameters: f64,
    /// Standard deviation of the noise that is smoothed away: `sqrt(RSS / (T - effective_parameters))`.
    pub noise_sd: f64,
}

/// Steps per doubling of the smoothing width.
const STEPS_PER_OCTAVE: f64 = 8.0;
/// Smallest half-width, in frames: below it nothing is smoothed.
const MIN_WIDTH: f64 = 0.2;
/// Largest half-width, in frames. Beyond it the five-banded system loses digits as the fourth power.
const MAX_WIDTH: f64 = 300.0;
/// Every so many steps the score is looked at before the search narrows.
const COARSE_STEP: usize = 4;

impl PenaltyGrid {
    /// Factors the ladder for series of `n_frames` frames, `dt_s` apart; about 2 kB per frame.
    ///
    /// # Errors
    /// Fewer than [`FEWEST_FRAMES`] frames or `dt_s` not positive.
    pub fn new(n_frames: usize, dt_s: f64) -> Result<Self, Error> {
        if n_frames < FEWEST_FRAMES {
            return Err(Error::TooFew { what: "frames to smooth", given: n_frames, needed: FEWEST_FRAMES });
        }
        let octaves = (MAX_WIDTH.min(n_frames as f64) / MIN_WIDTH).log2();
        let n_steps = (octaves * STEPS_PER_OCTAVE).ceil() as usize;
        let width = |step: usize| MIN_WIDTH * (step as f64 / STEPS_PER_OCTAVE).exp2();
        let spline = |step| SmoothingSpline::new(n_frames, dt_s, width(step).powi(4) * dt_s.powi(3));
        let splines = (0..=n_steps).map(spline).collect::<Result<Vec<_>, Error>>()?;
        let effective_parameters = splines.iter().map(SmoothingSpline::effective_parameters).collect();
        Ok(Self { splines, effective_parameters, n_frames })
    }

    /// The smoother with the smallest score for this series, and the score: every fourth penalty of the
    /// ladder is tried, then all beside the best of them.
    ///
    /// # Errors
    /// Another length than the ladder was made for, or a sample that is not finite.
    pub fn choose(&self, series: &[f64]) -> Result<(&SmoothingSpline, PenaltyChoice), Error> {
        check_same_length("series", series.len(), self.n_frames)?;
        check_finite("series", series)?;
        let last = self.splines.len() - 1;
        let coarse = (0..=last).step_by(COARSE_STEP).chain([last]);
        let center = self.best(series, coarse).0;
        let beside = center.saturating_sub(COARSE_STEP)..=(center + COARSE_STEP).min(last);
        let (step, choice) = self.best(series, beside);
        Ok((&self.splines[step], choice))
    }

    /// The first of the smallest scores.
    fn best(&self, series: &[f64], steps: impl Iterator<Item = usize>) -> (usize, PenaltyChoice) {
        let judged = steps.map(|step| (step, self.judge(series, step)));
        let smaller = |best: (usize, PenaltyChoice), next: (usize, PenaltyChoice)| {
            if next.1.gcv_score < best.1.gcv_score { next } else { best }
        };
        judged.reduce(smaller).unwrap_or_else(|| (0, self.judge(series, 0)))
    }

    fn judge(&self, series: &[f64], step: usize) -> PenaltyChoice {
        let n_frames = self.n_frames as f64;
        let effective_parameters = self.effective_parameters[step];
        let free = n_frames - effective_parameters;
        let residual = self.splines[step].residual_sum_of_squares(series);
        PenaltyChoice {
            penalty: self.splines[step].penalty(),
            gcv_score: residual * n_frames / (free * free),
            effective_parameters,
            noise_sd: (residual / free).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::Seed;
    use rand::RngExt;

    const DT_S: f64 = 0.02;
    const N_FRAMES: usize = 600;

    fn clean() -> (Vec<f64>, Vec<f64>) {
        let time = |frame: usize| frame as f64 * DT_S;
        let value = (0..N_FRAMES).map(|frame| (2.0 * time(frame)).sin()).collect();
        (value, (0..N_FRAMES).map(|frame| 2.0 * (2.0 * time(frame)).cos()).collect())
    }

    /// Uniform noise of standard deviation `sd`.
    fn noisy(clean: &[f64], sd: f64, seed: u64) -> Vec<f64> {
        let mut rng = Seed(seed).rng();
        clean.iter().map(|value| value + sd * 12_f64.sqrt() * (rng.random::<f64>() - 0.5)).collect()
    }

    fn rms(a: &[f64], b: &[f64]) -> f64 {
        (a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
    }

    #[test]
    fn the_derivative_of_a_noisy_sine_beats_differences_tenfold() -> Result<(), Error> {
        let (value, slope) = clean();
        let series = noisy(&value, 0.1, 1);
        let grid = PenaltyGrid::new(N_FRAMES, DT_S)?;
        let smoothed = grid.choose(&series)?.0.smooth(&series)?;
        let inner = 1..N_FRAMES - 1;
        let differences: Vec<f64> =
            inner.clone().map(|frame| (series[frame + 1] - series[frame - 1]) / (2.0 * DT_S)).collect();
        let by_differences = rms(&differences, &slope[inner.clone()]);
        let by_spline = rms(&smoothed.derivative[inner.clone()], &slope[inner]);
        assert!(by_spline < 0.1 * by_differences, "{by_spline} against {by_differences}");
        assert!(rms(&smoothed.values, &value) < 0.03);
        Ok(())
    }

    #[test]
    fn cross_validation_comes_near_the_oracle_and_finds_the_noise() -> Result<(), Error> {
        let (value, _) = clean();
        let grid = PenaltyGrid::new(N_FRAMES, DT_S)?;
        for (seed, sd) in [(1, 0.02), (2, 0.1), (3, 0.5), (4, 0.1), (5, 0.1)] {
            let series = noisy(&value, sd, seed);
            let error = |spline: &SmoothingSpline| spline.smooth(&series).map(|s| rms(&s.values, &value));
            let all = grid.splines.iter().map(error).collect::<Result<Vec<f64>, Error>>()?;
            let oracle = all.into_iter().fold(f64::INFINITY, f64::min);
            let (spline, choice) = grid.choose(&series)?;
            assert!(error(spline)? < 1.3 * oracle, "seed {seed}: {} against {oracle}", error(spline)?);
            assert!((choice.noise_sd / sd - 1.0).abs() < 0.1, "seed {seed}: {}", choice.noise_sd);
        }
        Ok(())
    }

    #[test]
    fn a_clean_series_is_left_alone_and_pure_noise_is_flattened() -> Result<(), Error> {
        let (value, slope) = clean();
        let grid = PenaltyGrid::new(N_FRAMES, DT_S)?;
        let smoothed = grid.choose(&value)?.0.smooth(&value)?;
        assert!(rms(&smoothed.derivative[20..580], &slope[20..580]) < 1e-5);
        let flat = noisy(&vec![0.0; N_FRAMES], 1.0, 8);
        assert!(grid.choose(&flat)?.1.effective_parameters < 12.0);
        Ok(())
    }

    #[test]
    fn a_constant_series_stays_constant() -> Result<(), Error> {
        let grid = PenaltyGrid::new(9, 1.0)?;
        let series = [2.5; 9];
        let (spline, choice) = grid.choose(&series)?;
        assert_eq!(spline.smooth(&series)?.values, series);
        assert_eq!(choice.noise_sd, 0.0);
        Ok(())
    }
}
