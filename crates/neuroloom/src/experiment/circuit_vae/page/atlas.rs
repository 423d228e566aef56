//! The page of an atlas.

use neuroloom_models::circuit_vae::TrainingHistory;
use neuroloom_report::{
    Atlas, AtlasPoint, Card, CircuitCode, Header, Reference, Relation, ReportData, Separability,
};

use super::evaluated::history_of;
use crate::experiment::circuit_vae::{AtlasResult, METRICS};

/// What the page shows.
pub(in crate::experiment::circuit_vae) fn atlas(
    result: &AtlasResult,
    history: &TrainingHistory,
) -> ReportData {
    ReportData {
        header: header(result),
        circuit_code: Some(CircuitCode {
            training: Some(history_of(history, Vec::new())),
            atlas: Some(section(result)),
            ..CircuitCode::default()
        }),
        limits: vec![
            "Cell types, positions and numbers of synapses are not given to the encoder, since the names of types and the \
             distances alone would tell the source. What is left, wiring and size, still depends on how each data set was \
             made: thresholds on synapses, missing axons, how circuits were cut."
                .to_owned(),
            "Circuits of one source overlap; held-out circuits share neurons with others of their source, so that the \
             accuracies are upper bounds."
                .to_owned(),
        ],
        ..ReportData::default()
    }
}

fn header(result: &AtlasResult) -> Header {
    let reference = |label: &str, value: f64| Reference { label: label.to_owned(), value };
    let n: usize = result.n_circuits.iter().sum();
    Header {
        title: "Atlas of circuits".to_owned(),
        summary: format!(
            "{n} circuits of {} sources in one code, from their wiring alone.",
            result.sources.len()
        ),
        command: String::new(),
        cards: vec![
            Card {
                label: "source told from the code".to_owned(),
                value: result.accuracy_code,
                note: "balanced accuracy, held-out circuits".to_owned(),
                beside: vec![
                    reference("N and E alone", result.accuracy_size),
                    reference("ten graph metrics", result.accuracy_metrics),
                    reference("chance", result.chance),
                ],
                ..Card::default()
            },
            Card {
                label: "rate of the code".to_owned(),
                value: result.rate_nats,
                unit: "nats".to_owned(),
                note: "a circuit; near 0 the code is empty".to_owned(),
                ..Card::default()
            },
        ],
    }
}

fn section(result: &AtlasResult) -> Atlas {
    let point = |row: usize| AtlasPoint {
        x: result.points[row].0,
        y: result.points[row].1,
        source: result.source[row],
        region: result.region[row],
    };
    let told = |from: &str, accuracy: f64| Separability { from: from.to_owned(), accuracy };
    Atlas {
        method: result.method.clone(),
        sources: result.sources.clone(),
        regions: result.regions.clone(),
        points: (0..result.points.len()).map(point).collect(),
        separability: vec![
            told("code", result.accuracy_code),
            told("ten graph metrics", result.accuracy_metrics),
            told("N and E alone", result.accuracy_size),
            told("chance", result.chance),
        ],
        distance: result.distance.clone(),
        means: METRICS
            .iter()
            .zip(&result.means)
            .map(|(name, means)| Relation {
                name: (*name).to_owned(),
                x: (0..means.len()).map(|source| source as f64).collect(),
                y: means.clone(),
            })
            .collect(),
    }
}
