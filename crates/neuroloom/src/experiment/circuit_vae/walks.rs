//! Circuits along the directions of metrics.

use ndarray::{Array2, ArrayView2, Axis};
use neuroloom_analysis::readout::FoldConfig;
use neuroloom_core::{Circuit, CircuitPart, Event, Listener, Seed};
use neuroloom_models::circuit_vae::directions::{CodedCircuits, Direction, TraversalConfig, traverse};
use neuroloom_models::circuit_vae::synthesize::{CodeSpace, Generator, Tilt};
use serde::Serialize;

use super::{TrainedCode, generation, metrics};
use crate::Error;

/// Directions that are walked along: the metrics that can be set.
const N_WALKS: usize = 6;

/// What a metric does along its own direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Walk {
    /// The metric.
    pub metric: String,
    /// Standard deviations from the middle of the codes.
    pub places: Vec<f64>,
    /// Mean of the metric over circuits decoded there.
    pub mean: Vec<f64>,
    /// Standard deviation over these circuits.
    pub sd: Vec<f64>,
}

/// Decodes circuits along the first directions, with the neurons of training circuits.
///
/// # Errors
/// What decoding and measuring say; [`Error::Interrupted`].
pub(super) fn walks(
    code: &TrainedCode,
    directions: &[Direction],
    (codes, values, size): (ArrayView2<'_, f64>, &Array2<f64>, ArrayView2<'_, f64>),
    (seed, events): (Seed, &dyn Listener),
) -> Result<Vec<Walk>, Error> {
    let walked = &directions[..directions.len().min(N_WALKS)];
    let places: Vec<usize> = walked.iter().filter_map(|one| super::metric(&one.metric)).collect();
    let names: Vec<String> = walked.iter().map(|one| one.metric.clone()).collect();
    let given = CodedCircuits { codes, metrics: values.view(), size };
    let space = CodeSpace::fit(&names, &given, &FoldConfig::default())?;
    let like: Vec<&Circuit> = code.set.of_part(CircuitPart::Train).collect();
    let decode = |code_of: &[f64], tilt: &Tilt, seed: Seed| {
        let code_of: Vec<f32> = code_of.iter().map(|&value| value as f32).collect();
        let like = like[(seed.split("neurons").0 % like.len() as u64) as usize];
        generation::decode(&code.model, (&code_of, tilt), like, seed)
    };
    let measure = |circuit: &Circuit| -> Vec<f64> {
        let all = metrics::measure(circuit).unwrap_or_default();
        places.iter().map(|&place| all.get(place).copied().unwrap_or(f64::NAN)).collect()
    };
    let generator = Generator { decode: &decode, measure: &measure };
    events.emit(Event::Started { stage: "walks", total: Some(walked.len() as u64) });
    let config = TraversalConfig::default();
    let mut found = Vec::new();
    for (column, direction) in walked.iter().enumerate() {
        if events.cancelled() {
            return Err(Error::Interrupted { stage: "explore" });
        }
        let way = (space.mean_code(), &direction.unit[..]);
        let walk = traverse(&generator, &space, way, &config, seed)?;
        let of = |rows: &[Vec<f64>]| rows.iter().map(|row| row[column]).collect();
        let (mean, sd) = (of(&walk.mean), of(&walk.sd));
        found.push(Walk { metric: direction.metric.clone(), places: walk.places, mean, sd });
        events.emit(Event::Step { done: column as u64 + 1, loss: None });
    }
    events.emit(Event::Finished);
    Ok(found)
}

/// The columns of metrics that have a direction, in the order of the directions.
pub(super) fn columns(metrics: &Array2<f64>, names: &[String], directions: &[Direction]) -> Array2<f64> {
    let place = |one: &Direction| names.iter().position(|name| *name == one.metric);
    let places: Vec<usize> = directions.iter().take(N_WALKS).filter_map(place).collect();
    metrics.select(Axis(1), &places)
}
