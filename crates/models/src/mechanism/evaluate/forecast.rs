//! Held-out forecast: the first three quarters are fitted, the last is predicted, beside two simple methods.

use ndarray::{Array2, Array3, Axis, s};
use neuroloom_analysis::readout::VectorAutoregression;
use neuroloom_core::{FrameSource, FrameWindow, Listener, Recording, TimeSplit};

use super::{EvaluationInputs, ForecastScores, HorizonScore};
use crate::Error;
use crate::mechanism::baselines::{autoregression, frames_in_memory, next_frames};
use crate::mechanism::{ForecastView, Mechanism, solve};

/// Steps ahead that are scored.
const HORIZONS: [usize; 3] = [1, 5, 20];
/// Most starting frames a trial: they are spread evenly over the held-out quarter.
const MOST_STARTS: usize = 400;
/// Neurons and steps ahead of the figure.
const SHOWN: (usize, usize) = (6, 5);

/// Scores a model fitted to the first three quarters on the last.
pub(super) fn score(
    mechanism: &Mechanism,
    inputs: &EvaluationInputs<'_>,
    events: &dyn Listener,
) -> Result<(ForecastScores, ForecastView), Error> {
    let activity = inputs.recording.activity;
    let split = TimeSplit::last_quarter(activity.shape().n_frames)?;
    let train = FrameWindow::new(activity, split.train.clone())?;
    let drift =
        inputs.recording.drift.map(|drift| FrameWindow::new(drift, split.train.clone())).transpose()?;
    let past = Recording { activity: &train, drift: drift.as_ref().map(|drift| drift as &dyn FrameSource) };
    let fitted = solve(past, inputs.config, inputs.seed, events)?;
    let n = activity.shape().n_neurons;
    let baseline = autoregression(&frames_in_memory(&train, (4 * n).max(2000))?)?;
    let test = FrameWindow::new(activity, split.test.clone())?;
    let frames = frames_in_memory(&test, split.test.len())?;
    let scored: Vec<usize> = (0..n).filter(|&one| !fitted.is_excluded(one)).collect();
    let methods = Methods { model: &fitted, baseline: &baseline };
    let horizons = HORIZONS
        .iter()
        .filter(|&&steps| steps < split.test.len())
        .map(|&steps| methods.at(&frames, &scored, steps))
        .collect::<Result<_, _>>()?;
    let view = show(mechanism, &methods, &frames, &scored)?;
    Ok((ForecastScores { horizons, n_train: split.train.len(), n_test: split.test.len() }, view))
}

struct Methods<'a> {
    model: &'a Mechanism,
    baseline: &'a VectorAutoregression,
}

impl Methods<'_> {
    fn at(&self, frames: &Array3<f32>, scored: &[usize], steps: usize) -> Result<HorizonScore, Error> {
        let n_frames = frames.len_of(Axis(1));
        let stride = ((n_frames - steps) / MOST_STARTS).max(1);
        let starts: Vec<usize> = (0..n_frames - steps).step_by(stride).collect();
        let mut truth = Vec::new();
        let (mut model, mut persistence, mut ridge) = (Vec::new(), Vec::new(), Vec::new());
        for trial in frames.outer_iter() {
            let rows = |shift: usize| {
                let places: Vec<usize> = starts.iter().map(|start| start + shift).collect();
                trial.select(Axis(0), &places).mapv(f64::from)
            };
            let now = rows(0);
            truth.push(rows(steps));
            model.push(self.model_ahead(now.clone(), steps)?);
            ridge.push((0..steps).fold(now.clone(), |frames, _| next_frames(self.baseline, &frames)));
            persistence.push(now);
        }
        let r2 = |forecast: &[Array2<f64>]| pooled_r2(&truth, forecast, scored);
        Ok(HorizonScore { steps, model: r2(&model), persistence: r2(&persistence), ridge_var1: r2(&ridge) })
    }

    /// The model's Euler steps for all rows at once.
    fn model_ahead(&self, mut frames: Array2<f64>, steps: usize) -> Result<Array2<f64>, Error> {
        let dynamics = self.model.dynamics()?;
        for _ in 0..steps {
            let drifts = dynamics.drifts(&frames);
            frames.scaled_add(self.model.dt_s, &drifts);
        }
        Ok(frames)
    }
}

/// 1 - sum of squared errors over the spread about each neuron's mean, pooled over trials, rows and neurons.
fn pooled_r2(truth: &[Array2<f64>], forecast: &[Array2<f64>], scored: &[usize]) -> f64 {
    let (mut residual, mut spread) = (0.0, 0.0);
    for &neuron in scored {
        let count: usize = truth.iter().map(Array2::nrows).sum();
        let mean = truth.iter().map(|trial| trial.column(neuron).sum()).sum::<f64>() / count.max(1) as f64;
        for (truth, forecast) in truth.iter().zip(forecast) {
            for (x, guess) in truth.column(neuron).iter().zip(forecast.column(neuron)) {
                residual += (x - guess).powi(2);
                spread += (x - mean).powi(2);
            }
        }
    }
    1.0 - residual / f64::max(spread, f64::MIN_POSITIVE)
}

fn show(
    mechanism: &Mechanism,
    methods: &Methods<'_>,
    frames: &Array3<f32>,
    scored: &[usize],
) -> Result<ForecastView, Error> {
    let (most, steps) = SHOWN;
    let n_frames = frames.len_of(Axis(1)).min(1000);
    if n_frames <= steps {
        return Ok(ForecastView::default());
    }
    let trial = frames.slice(s![0, ..n_frames, ..]).mapv(f64::from);
    let ahead = methods.model_ahead(trial.slice(s![..n_frames - steps, ..]).to_owned(), steps)?;
    let count = most.min(scored.len());
    let shown: Vec<usize> = (0..count).map(|one| scored[one * scored.len() / count]).collect();
    Ok(ForecastView {
        time_s: (steps..n_frames).map(|frame| frame as f64 * mechanism.dt_s).collect(),
        names: shown.iter().map(|&one| mechanism.neuron_ids[one].to_string()).collect(),
        recorded: shown.iter().map(|&one| trial.slice(s![steps.., one]).to_vec()).collect(),
        forecast: shown.iter().map(|&one| ahead.column(one).to_vec()).collect(),
        steps,
    })
}
