//! What predicts edges of unseen circuits without a code: fitted to the training circuits, one file each.

mod block_model;
mod boosted_trees;
mod degree_product;
mod distance;
mod distance_type;
mod frequencies;
mod type_block;

use neuroloom_core::{Event, Listener, Seed};
use serde::{Deserialize, Serialize};

pub(super) use self::frequencies::types;
use super::EvaluationConfig;
use crate::Error;
use crate::circuit_vae::example::GraphExample;

/// What a predictor is told of a test circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Types and positions, as the decoder is.
    Conditions,
    /// The degree of every neuron of the test circuit, two numbers a neuron: far more than a code holds.
    Degrees,
}

/// A predictor: its name, what it is told, its values for the ordered pairs of all test circuits.
type Predicted = (&'static str, Told, Vec<f64>);

/// All predictors. Distance is left out where positions are unknown.
pub(super) fn all(
    (training, test): (&[GraphExample], &[GraphExample]),
    config: &EvaluationConfig,
    (seed, events): (Seed, &dyn Listener),
) -> Result<Vec<Predicted>, Error> {
    let has_places = training.iter().chain(test).all(|one| !one.conditions.position.is_empty());
    let mut predicted = vec![("type-block", Told::Conditions, type_block::predict(training, test))];
    if has_places {
        predicted.push(("distance", Told::Conditions, distance::predict(training, test)));
        predicted.push(("distance-type", Told::Conditions, distance_type::predict(training, test)));
    }
    if config.tree_pairs > 0 {
        events.emit(Event::Started { stage: "boosted trees", total: None });
        let values = boosted_trees::predict((training, test), config, seed.split("trees"))?;
        predicted.push(("boosted-trees", Told::Conditions, values));
        events.emit(Event::Finished);
    }
    predicted.push(("degree-product", Told::Degrees, degree_product::predict(test)));
    predicted.push(("block-model", Told::Degrees, block_model::predict(training, test)));
    Ok(predicted)
}
