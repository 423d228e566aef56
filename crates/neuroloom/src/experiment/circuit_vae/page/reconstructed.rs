//! Reconstruction and capacity, on the page.

use neuroloom_models::circuit_vae::evaluate::{Estimate, PairScores, ReconstructionScores};
use neuroloom_report::{
    Capacity, CapacityPoint, DimensionUse, PredictorScore, Reconstruction, ReconstructionSplit, Relation,
};

use crate::experiment::circuit_vae::{CapacityScores, CodeEvaluationResult};

/// Scores of unseen circuits beside other predictors, for every split that was tried.
pub(super) fn reconstruction(result: &CodeEvaluationResult) -> Option<Reconstruction> {
    let own = result.reconstruction.as_ref()?;
    let name = if own.n_shared_neurons == 0 { "no neuron shared" } else { "as given" };
    let random = result.random_split.as_ref().map(|scores| split("dealt out at random", scores));
    Some(Reconstruction {
        splits: std::iter::once(split(name, own)).chain(random).collect(),
        calibration: vec![Relation {
            name: "code".to_owned(),
            x: own.calibration.bins.iter().map(|bin| bin.predicted).collect(),
            y: own.calibration.bins.iter().map(|bin| bin.observed).collect(),
        }],
        dimensions: own
            .rate
            .kl_per_dimension
            .iter()
            .enumerate()
            .map(|(dimension, &rate_nats)| DimensionUse { dimension, rate_nats, variance: f64::NAN })
            .collect(),
        notes: notes(own),
    })
}

fn notes(own: &ReconstructionScores) -> Vec<String> {
    let nearest = &own.nearest_training;
    vec![
        format!("Rate: {}.", own.rate.in_words()),
        format!(
            "Distance to the nearest training circuit (0 a copy, 1 nothing in common): generated {:.3} (least {:.3}), \
             test circuits {:.3}, training circuits among themselves {:.3}.",
            nearest.generated, nearest.generated_least, nearest.test, nearest.training
        ),
    ]
}

fn split(name: &str, scores: &ReconstructionScores) -> ReconstructionSplit {
    let own = predictor("code", &scores.code);
    let others = scores.predictors.iter().map(|one| predictor(&in_words(&one.name), &one.scores));
    ReconstructionSplit {
        name: name.to_owned(),
        n_circuits: scores.n_circuits,
        n_pairs: scores.n_pairs,
        density: scores.n_edges as f64 / scores.n_pairs.max(1) as f64,
        n_shared_neurons: scores.n_shared_neurons,
        predictors: std::iter::once(own).chain(others).collect(),
        rate_nats: scores.rate.kl,
        bits_per_edge: scores.rate.bits_per_edge_net,
        active_units: scores.rate.active_units,
    }
}

/// What a predictor is told stands with its name: some are told far more than a code holds.
fn in_words(name: &str) -> String {
    match name {
        "without-code" => "decoder without code".to_owned(),
        "degree-product" => "degree product (told degrees)".to_owned(),
        "block-model" => "fitted DCSBM (told degrees)".to_owned(),
        "distance-type" => "distance + type".to_owned(),
        other => other.replace('-', " "),
    }
}

fn predictor(name: &str, scores: &PairScores) -> PredictorScore {
    let interval =
        |one: &Estimate| Some((one.low, one.high)).filter(|ends| ends.0.is_finite() && ends.1.is_finite());
    PredictorScore {
        name: name.to_owned(),
        auroc: scores.auroc.value,
        auroc_interval: interval(&scores.auroc),
        average_precision: scores.average_precision.value,
        average_precision_interval: interval(&scores.average_precision),
        nats_per_pair: f64::NAN,
    }
}

/// Curves over sizes of the code and weights of its rate, where they were asked for.
pub(super) fn capacity(result: &CodeEvaluationResult) -> Option<Capacity> {
    let point = |one: &CapacityScores| CapacityPoint {
        at: one.at,
        auroc: one.auroc.0,
        auroc_without_code: one.auroc.1,
        average_precision: one.average_precision.0,
        average_precision_without_code: one.average_precision.1,
        rate_nats: one.rate_nats,
        bits_per_edge: one.bits_per_edge,
        active_units: one.active_units,
    };
    let points = |list: &[CapacityScores]| list.iter().map(point).collect();
    let some = !result.by_latents.is_empty() || !result.by_beta.is_empty();
    some.then(|| Capacity { by_latents: points(&result.by_latents), by_beta: points(&result.by_beta) })
}
