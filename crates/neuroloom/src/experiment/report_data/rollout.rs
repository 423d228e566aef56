//! The model running freely beside the true system.

use neuroloom_models::mechanism::{RolloutScores, RolloutView};
use neuroloom_report::{Density, PublishedScore, Rollout, RolloutScatter, TracePair};

use super::super::published::SOURCE;
use super::Parts;

pub(super) fn rollout(parts: &Parts<'_>) -> Option<Rollout> {
    let view = parts.figures.rollout.as_ref()?;
    let scores = parts.evaluation.rollout.clone().unwrap_or_default();
    let dt_s = parts.recording.dt_s;
    let n_frames = view.example_truth.first().map_or(0, Vec::len);
    Some(Rollout {
        dt_s,
        unit: parts.recording.unit.clone().unwrap_or_default(),
        frames: view.frame.iter().map(|&frame| frame as f64).collect(),
        r2: view.r2.clone(),
        slope: view.slope.clone(),
        published: published(parts),
        scatters: scatters(view, &scores),
        trace_time_s: (0..n_frames).map(|frame| frame as f64 * dt_s).collect(),
        traces: traces(view),
    })
}

fn published(parts: &Parts<'_>) -> Vec<PublishedScore> {
    let published = parts.published();
    let score = |frame: f64, r2: Option<f64>| {
        r2.map(|r2| PublishedScore { label: format!("published ({SOURCE})"), frame, r2 })
    };
    [score(400.0, published.r2_at_400), score(800.0, published.r2_at_800)].into_iter().flatten().collect()
}

fn scatters(view: &RolloutView, scores: &RolloutScores) -> Vec<RolloutScatter> {
    let scatter = |frame: usize, pairs: &Vec<(f64, f64)>, r2: f64, slope: f64| {
        let density = Density {
            n_pairs: pairs.len(),
            slope: Some(slope),
            r2_linear_fit: Some(r2),
            ..Density::default()
        };
        (!pairs.is_empty()).then(|| RolloutScatter { frame, pairs: pairs.clone(), density })
    };
    let first = scatter(400, &view.scatter_400, scores.r2_at_400, scores.slope_at_400);
    let second = scatter(800, &view.scatter_800, scores.r2_at_800, scores.slope_at_800);
    [first, second].into_iter().flatten().collect()
}

fn traces(view: &RolloutView) -> Vec<TracePair> {
    let pairs = view.example_truth.iter().zip(&view.example_model);
    let named = view.example_names.iter().zip(pairs);
    named
        .map(|(name, (truth, model))| TracePair {
            name: name.clone(),
            truth: truth.clone(),
            model: model.clone(),
        })
        .collect()
}
