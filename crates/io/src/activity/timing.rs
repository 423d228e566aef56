//! The time step of a recording, from a vector of times.

use std::path::Path;

use neuroloom_core::Warning;

use crate::Error;

/// Steps that differ from the median by more than this fraction are called irregular.
const TOLERANCE: f64 = 0.01;

/// The median step of `times`, and a warning if steps differ from it by over 1 %.
///
/// `trial_starts` holds the first row of each trial: steps across it do not count. `Ok(None)` if no trial has
/// two frames.
pub(crate) fn step(
    path: &Path,
    times: &[f64],
    trial_starts: &[usize],
) -> Result<Option<(f64, Option<Warning>)>, Error> {
    if let Some(row) = times.iter().position(|time| !time.is_finite()) {
        return Err(bad_time(path, row, times[row]));
    }
    let mut steps = Vec::with_capacity(times.len());
    for row in (1..times.len()).filter(|row| trial_starts.binary_search(row).is_err()) {
        let step = times[row] - times[row - 1];
        if step <= 0.0 {
            return Err(bad_time(path, row, times[row]));
        }
        steps.push(step);
    }
    if steps.is_empty() {
        return Ok(None);
    }
    let first = steps[0];
    let even = times.iter().take(steps.len() + 1).enumerate();
    let mut even = even.map(|(row, time)| (time - row as f64 * first).abs() <= 1e-9 * time.abs());
    if trial_starts.len() <= 1 && even.all(|one| one) {
        // Times that count from 0 hold the step exactly.
        return Ok(Some((first, None)));
    }
    let median = median(&steps);
    let irregular = steps.iter().filter(|&&step| (step / median - 1.0).abs() > TOLERANCE).count();
    let warning = (irregular > 0).then(|| {
        let longest = steps.iter().copied().fold(0.0, f64::max);
        let message = format!(
            "{irregular} of {} time steps differ from the median {median:.6} s by over 1 % (longest {longest:.6} \
             s); the recording is treated as regular",
            steps.len()
        );
        Warning::new("irregular-sampling", message)
    });
    Ok(Some((rounded(median), warning)))
}

/// What the stored times have to say about a step that the user gave: they may differ, jitter or be useless,
/// none of which stops the user.
pub(crate) fn objections(
    given_s: f64,
    stored: Result<Option<(f64, Option<Warning>)>, Error>,
) -> Vec<Warning> {
    match stored {
        Ok(None) => Vec::new(),
        Ok(Some((stored_s, jitter))) => {
            let differs = (given_s / stored_s - 1.0).abs() > TOLERANCE;
            let message =
                format!("the given time step {given_s} s is used; the times in the file say {stored_s:.6} s");
            differs.then(|| Warning::new("time-step", message)).into_iter().chain(jitter).collect()
        }
        Err(error) => {
            vec![Warning::new("time-step", format!("the given time step {given_s} s is used: {error}"))]
        }
    }
}

fn median(steps: &[f64]) -> f64 {
    let mut sorted = steps.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Nine significant digits: 0.6 instead of 0.5999999999999943, which differences of rounded times give.
fn rounded(step: f64) -> f64 {
    format!("{step:.8e}").parse().unwrap_or(step)
}

fn bad_time(path: &Path, row: usize, time: f64) -> Error {
    Error::Element {
        path: path.to_owned(),
        array: "time".to_owned(),
        place: format!("frame {row}"),
        given: time.to_string(),
        allowed: "finite seconds that grow from frame to frame",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step_of(times: &[f64]) -> Option<(f64, Option<Warning>)> {
        step(Path::new("a.csv"), times, &[0]).unwrap()
    }

    #[test]
    fn steps_are_recovered() {
        let counted: Vec<f64> = (0..1000).map(|frame| f64::from(frame) * 0.037).collect();
        assert_eq!(step_of(&counted).unwrap().0, 0.037);
        let shifted: Vec<f64> = (0..1000).map(|frame| 10.3 + f64::from(frame) * 0.6).collect();
        assert_eq!(step_of(&shifted).unwrap(), (0.6, None));
        assert_eq!(step_of(&[3.0]), None);
    }

    #[test]
    fn jitter_is_told() {
        // Steps 1, 1, 1.5, 1: the median is 1, one of four differs.
        let (dt_s, warning) = step_of(&[0.0, 1.0, 2.0, 3.5, 4.5]).unwrap();
        assert_eq!(dt_s, 1.0);
        assert!(warning.unwrap().message.starts_with("1 of 4 time steps"));
    }

    #[test]
    fn time_must_grow() {
        assert!(step(Path::new("a"), &[0.0, 1.0, 1.0], &[0]).is_err());
        assert!(step(Path::new("a"), &[0.0, f64::NAN, 1.0], &[0]).is_err());
        // A second trial starts again from 0.
        assert!(step(Path::new("a"), &[0.0, 1.0, 0.0, 1.0], &[0, 2]).unwrap().is_some());
    }
}
