//! The model beside the true system, from states that the recording never showed.

use ndarray::{Array2, ArrayView1};
use neuroloom_analysis::metrics::regression::linear_fit;
use neuroloom_core::{Seed, Truth};

use super::RolloutScores;
use crate::Error;
use crate::mechanism::{Mechanism, RolloutView, rollout};

/// Unseen starts that are averaged.
const STARTS: u64 = 3;
/// Frames followed.
const FRAMES: usize = 800;
/// Steps before each start, without noise.
const BURN_IN: usize = 1000;
/// Frames between two scores of the curve.
const EVERY: usize = 10;
/// Neurons whose traces are shown.
const EXAMPLES: usize = 6;

/// Scores at 400 and 800 frames, and the first start for the figures.
pub(super) fn score(
    mechanism: &Mechanism,
    truth: &Truth,
    seed: Seed,
) -> Result<(RolloutScores, RolloutView), Error> {
    let mut scores = RolloutScores::default();
    let mut view = RolloutView::default();
    let mut persistence = [0.0; 2];
    for start in 0..STARTS {
        let state = neuroloom_sim::unseen_state(truth, BURN_IN, seed.split("rollout").nth(start))?;
        let known = neuroloom_sim::rollout(truth, &state, FRAMES)?.mapv(f64::from);
        let state: Vec<f64> = state.iter().map(|&value| f64::from(value)).collect();
        let model = rollout(mechanism, &state, FRAMES)?;
        let at = |frame: usize| compare(known.row(frame), model.row(frame));
        let (middle, end) = (at(FRAMES / 2), at(FRAMES));
        scores.starts.push([middle.0, middle.1, end.0, end.1]);
        for (sum, frame) in persistence.iter_mut().zip([FRAMES / 2, FRAMES]) {
            *sum += compare(known.row(frame), known.row(0)).0 / STARTS as f64;
        }
        if start == 0 {
            view = show(mechanism, &known, &model);
        }
    }
    let mean = |column: usize| scores.starts.iter().map(|one| one[column]).sum::<f64>() / STARTS as f64;
    let (r2_at_400, slope_at_400, r2_at_800, slope_at_800) = (mean(0), mean(1), mean(2), mean(3));
    let [persistence_r2_at_400, persistence_r2_at_800] = persistence;
    Ok((
        RolloutScores {
            r2_at_400,
            slope_at_400,
            r2_at_800,
            slope_at_800,
            persistence_r2_at_400,
            persistence_r2_at_800,
            ..scores
        },
        view,
    ))
}

/// R2 about the fitted line and slope of model on truth across neurons; 0 where either is constant.
fn compare(known: ArrayView1<'_, f64>, model: ArrayView1<'_, f64>) -> (f64, f64) {
    linear_fit(&known.to_vec(), &model.to_vec()).map_or((0.0, 0.0), |fit| (fit.r2_linear_fit, fit.slope))
}

fn show(mechanism: &Mechanism, known: &Array2<f64>, model: &Array2<f64>) -> RolloutView {
    let frame: Vec<usize> = (0..=FRAMES).step_by(EVERY).collect();
    let scores: Vec<(f64, f64)> = frame.iter().map(|&one| compare(known.row(one), model.row(one))).collect();
    let pairs =
        |frame: usize| known.row(frame).iter().copied().zip(model.row(frame).iter().copied()).collect();
    let n = mechanism.n_neurons();
    let examples: Vec<usize> = (0..EXAMPLES.min(n)).map(|one| one * n / EXAMPLES.min(n)).collect();
    let traces = |from: &Array2<f64>| examples.iter().map(|&one| from.column(one).to_vec()).collect();
    RolloutView {
        frame,
        r2: scores.iter().map(|score| score.0).collect(),
        slope: scores.iter().map(|score| score.1).collect(),
        scatter_400: pairs(FRAMES / 2),
        scatter_800: pairs(FRAMES),
        example_names: examples.iter().map(|&one| mechanism.neuron_ids[one].to_string()).collect(),
        example_truth: traces(known),
        example_model: traces(model),
    }
}
