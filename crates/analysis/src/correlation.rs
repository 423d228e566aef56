//! Correlation of recordings: the baselines that every inferred wiring is compared with.
//!
//! All functions take the trials of a recording as a list of `[time, neuron]` views (trials may differ in
//! length), add up in f64 in fixed blocks, and answer NaN for neurons whose correlation is not defined
//! (constant or never observed). None of these numbers knows about causes.
//!
//! | function | sees direction | sees through a common input |
//! |---|---|---|
//! | [`correlation_matrix`] | no | no |
//! | [`lagged_correlation`] | by the lag | no |
//! | [`partial_correlation`] | no | of recorded neurons |
//!
//! # Examples
//! ```
//! use ndarray::array;
//! use neuroloom_analysis::correlation::correlation_matrix;
//! let frames = array![[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [3.0, 6.0, 0.0]];
//! let correlation = correlation_matrix(&[frames.view()])?;
//! assert!((correlation[[0, 1]] - 1.0).abs() < 1e-12 && correlation[[0, 2]].abs() < 1e-12);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod covariance;
mod pairs;

pub use covariance::{ShrunkCovariance, ledoit_wolf};

use ndarray::{Array2, ArrayView2, Axis, s};

use crate::Error;
use crate::linear_algebra::inverse_of_positive_definite;
use covariance::standardized;
use pairs::PairSums;

/// Pearson correlation of all pairs of neurons, `[neuron, neuron]`; NaN samples are left out pair by pair
/// (pairwise complete, so that with missing samples the matrix need not be positive definite).
///
/// A pair that shares fewer than two frames, or a neuron that is constant on them, gives NaN.
///
/// # Shapes
/// Each trial `[time, neuron]`; the mean is taken over all trials together.
///
/// # Errors
/// No trials, trials of different width, or an infinite sample.
pub fn correlation_matrix(trials: &[ArrayView2<'_, f32>]) -> Result<Array2<f64>, Error> {
    let mut correlation = lagged_correlation(trials, 0)?;
    // Each pair was added up twice, from both sides; rounding must not make them differ.
    for row in 0..correlation.nrows() {
        for column in 0..row {
            correlation[[row, column]] = correlation[[column, row]];
        }
        if !correlation[[row, row]].is_nan() {
            correlation[[row, row]] = 1.0;
        }
    }
    Ok(correlation)
}

/// Correlation of each neuron now with each neuron `lag_frames` earlier, `[post, pre]`: entry (i, j) is
/// `corr(x_i(t + lag), x_j(t))` within trials. NaN is handled as in [`correlation_matrix`].
///
/// # Shapes
/// Each trial `[time, neuron]`; trials that are not longer than the lag contribute nothing.
///
/// # Errors
/// As [`correlation_matrix`]; no trial is longer than the lag.
pub fn lagged_correlation(trials: &[ArrayView2<'_, f32>], lag_frames: usize) -> Result<Array2<f64>, Error> {
    check_trials(trials)?;
    let long_enough = |trial: &&ArrayView2<'_, f32>| trial.nrows() > lag_frames;
    let pairs: Vec<_> = trials
        .iter()
        .filter(long_enough)
        .map(|trial| {
            let n_pairs = trial.nrows() - lag_frames;
            (trial.slice_move(s![lag_frames.., ..]), trial.slice_move(s![..n_pairs, ..]))
        })
        .collect();
    if pairs.is_empty() {
        let longest = trials.iter().map(|trial| trial.nrows()).max().unwrap_or(0);
        return Err(Error::TooFew {
            what: "frames in the longest trial",
            given: longest,
            needed: lag_frames + 1,
        });
    }
    Ok(PairSums::add_up(&pairs).correlation())
}

/// Correlation of all pairs of neurons given all other neurons, `[neuron, neuron]`: with P the inverse of
/// the Ledoit-Wolf covariance of the z-scored frames, `-P_ij / sqrt(P_ii P_jj)`, and 1 on the diagonal.
///
/// Frames with a missing sample are left out (a joint inverse needs complete frames); constant neurons give
/// NaN.
///
/// # Errors
/// As [`correlation_matrix`]; fewer than two complete frames.
pub fn partial_correlation(trials: &[ArrayView2<'_, f32>]) -> Result<Array2<f64>, Error> {
    check_trials(trials)?;
    let (frames, constant) = standardized(complete_frames(trials)?);
    let shrunk = ledoit_wolf(frames.view())?;
    let precision = inverse_of_positive_definite(shrunk.covariance.view(), "the shrunk covariance matrix")?;
    let scale: Vec<f64> = precision.diag().iter().map(|entry| entry.sqrt()).collect();
    Ok(Array2::from_shape_fn(precision.dim(), |(row, column)| match (row, column) {
        _ if constant[row] || constant[column] => f64::NAN,
        _ if row == column => 1.0,
        _ => -precision[[row, column]] / (scale[row] * scale[column]),
    }))
}

/// All frames without a missing sample, one below the other, in f64.
fn complete_frames(trials: &[ArrayView2<'_, f32>]) -> Result<Array2<f64>, Error> {
    let complete = |frame: &ndarray::ArrayView1<'_, f32>| frame.iter().all(|sample| sample.is_finite());
    let rows: Vec<f64> = trials
        .iter()
        .flat_map(|trial| trial.axis_iter(Axis(0)))
        .filter(complete)
        .flat_map(|frame| frame.to_vec())
        .map(f64::from)
        .collect();
    let n_neurons = trials[0].ncols();
    let n_frames = rows.len() / n_neurons;
    if n_frames < 2 {
        return Err(Error::TooFew { what: "frames without a missing sample", given: n_frames, needed: 2 });
    }
    Array2::from_shape_vec((n_frames, n_neurons), rows).map_err(|_| Error::TooFew {
        what: "frames without a missing sample",
        given: 0,
        needed: 2,
    })
}

/// Refuses a list of trials that are not of one recording. NaN passes: it means missing.
pub(crate) fn check_trials(trials: &[ArrayView2<'_, f32>]) -> Result<(), Error> {
    let Some(first) = trials.first() else {
        return Err(Error::TooFew { what: "trials", given: 0, needed: 1 });
    };
    for trial in trials {
        if trial.ncols() != first.ncols() || trial.ncols() == 0 {
            let given = format!("[{}, {}]", trial.nrows(), trial.ncols());
            let allowed = format!("[time, {}], as the first trial and at least one neuron", first.ncols());
            return Err(Error::Shape { what: "a trial", given, allowed });
        }
        if let Some(((row, column), &given)) = trial.indexed_iter().find(|(_, sample)| sample.is_infinite()) {
            return Err(Error::NotFinite { what: "a trial", row, column, given: f64::from(given) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::regression::pearson;
    use ndarray::array;
    use neuroloom_core::Seed;
    use rand::RngExt;

    fn noise(shape: (usize, usize), seed: u64) -> Array2<f32> {
        let mut rng = Seed(seed).rng();
        Array2::from_shape_simple_fn(shape, || rng.random::<f32>() - 0.5)
    }

    #[test]
    fn agrees_with_pearson_pair_by_pair_with_and_without_gaps() -> Result<(), Error> {
        let mut frames = noise((700, 4), 1);
        for gaps in [false, true] {
            if gaps {
                frames[[3, 0]] = f32::NAN;
                frames[[9, 2]] = f32::NAN;
                frames[[9, 3]] = f32::NAN;
            }
            let matrix = correlation_matrix(&[frames.slice(s![..300, ..]), frames.slice(s![300.., ..])])?;
            for ((row, column), &found) in matrix.indexed_iter() {
                let pair = crate::metrics::regression::complete_pairs(
                    &frames.column(row).to_vec(),
                    &frames.column(column).to_vec(),
                )?;
                assert!((found - pearson(&pair.0, &pair.1)?).abs() < 1e-12);
                assert_eq!(found, matrix[[column, row]]);
            }
        }
        Ok(())
    }

    #[test]
    fn an_offset_costs_no_digits() -> Result<(), Error> {
        let frames = noise((500, 3), 2).mapv(|sample| (sample * 64.0).round() / 64.0);
        let lifted = frames.mapv(|sample| sample + 4096.0);
        let difference = correlation_matrix(&[frames.view()])? - correlation_matrix(&[lifted.view()])?;
        assert!(difference.iter().all(|entry| entry.abs() < 1e-12));
        Ok(())
    }

    #[test]
    fn a_lag_shows_who_leads() -> Result<(), Error> {
        let lead = noise((1000, 1), 3);
        let frames = Array2::from_shape_fn((998, 2), |(frame, neuron)| lead[[frame + 2 * (1 - neuron), 0]]);
        // neuron 1 repeats neuron 0 two frames later
        let lagged = lagged_correlation(&[frames.view()], 2)?;
        assert!(lagged[[1, 0]] > 0.999 && lagged[[0, 1]].abs() < 0.15);
        assert!(matches!(lagged_correlation(&[frames.view()], 998), Err(Error::TooFew { .. })));
        Ok(())
    }

    #[test]
    fn partial_correlation_removes_the_common_input() -> Result<(), Error> {
        let mut frames = noise((4000, 3), 4);
        for mut frame in frames.rows_mut() {
            frame[1] = frame[0] + 0.3 * frame[1];
            frame[2] = frame[0] + 0.3 * frame[2];
        }
        let plain = correlation_matrix(&[frames.view()])?;
        let partial = partial_correlation(&[frames.view()])?;
        assert!(plain[[1, 2]] > 0.8 && partial[[1, 2]].abs() < 0.05 && partial[[0, 1]] > 0.6);
        assert_eq!((partial[[1, 2]], partial[[2, 2]]), (partial[[2, 1]], 1.0));
        Ok(())
    }

    #[test]
    fn constant_neurons_are_nan_and_the_rest_is_not() -> Result<(), Error> {
        let mut frames = noise((100, 3), 5);
        frames.column_mut(1).fill(7.0);
        for matrix in [correlation_matrix(&[frames.view()])?, partial_correlation(&[frames.view()])?] {
            assert!(matrix[[0, 1]].is_nan() && matrix[[1, 1]].is_nan() && matrix[[0, 2]].is_finite());
        }
        Ok(())
    }

    #[test]
    fn bad_trials_are_refused() {
        let (one, two) = (array![[1.0_f32], [2.0]], array![[1.0_f32, 2.0]]);
        assert!(matches!(correlation_matrix(&[]), Err(Error::TooFew { .. })));
        assert!(matches!(correlation_matrix(&[one.view(), two.view()]), Err(Error::Shape { .. })));
        let infinite = array![[1.0_f32], [f32::INFINITY]];
        assert!(matches!(correlation_matrix(&[infinite.view()]), Err(Error::NotFinite { row: 1, .. })));
        let missing = array![[1.0_f32, f32::NAN], [f32::NAN, 1.0]];
        assert!(matches!(partial_correlation(&[missing.view()]), Err(Error::TooFew { given: 0, .. })));
    }
}
