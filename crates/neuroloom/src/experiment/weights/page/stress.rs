//! The report of a stress test.

use neuroloom_models::weight_manifold::{StressCurve, StressPoint};
use neuroloom_report::{Card, Cell, DamageCurve, Header, ReportData, Table, WeightManifold};

use super::{limits, readable, reference};
use crate::experiment::weights::subject::Subject;

/// The report of a stress test.
pub(in crate::experiment::weights) fn of_stress(subject: &Subject, curves: &[StressCurve]) -> ReportData {
    let numbers = |of: &dyn Fn(&StressPoint) -> Option<f64>, curve: &StressCurve| {
        curve.points.iter().map(|point| of(point).unwrap_or(f64::NAN)).collect::<Vec<f64>>()
    };
    let curve = |curve: &StressCurve| DamageCurve {
        name: readable(&format!("{:?}", curve.corruption)),
        level_name: curve.corruption.level_name().to_owned(),
        level: curve.points.iter().map(|point| point.level).collect(),
        score_name: readable(&curve.score),
        mean: numbers(&|point| point.mean, curve),
        lower: numbers(&|point| point.range.map(|range| range.0), curve),
        upper: numbers(&|point| point.range.map(|range| range.1), curve),
        null: curve.null,
    };
    let first = curves.first();
    let whole = first.and_then(|curve| curve.points.first()).and_then(|point| point.mean);
    let null = first.map_or(f64::NAN, |curve| curve.null);
    let score = first.map_or_else(String::new, |curve| readable(&curve.score));
    ReportData {
        header: Header {
            title: format!("How much damage the reading stands: {}", subject.name),
            summary: format!(
                "{} kinds of damage; the score is the {score} of the largest piece.",
                curves.len()
            ),
            cards: vec![Card {
                label: format!("{score}, whole weights"),
                value: whole.unwrap_or(f64::NAN),
                beside: vec![reference("shuffled weights", null)],
                ..Card::default()
            }],
            ..Header::default()
        },
        weight_manifold: Some(WeightManifold {
            lead: subject.notes.join(" "),
            damage: curves.iter().map(curve).collect(),
            tables: vec![stress_rows(curves)],
            ..WeightManifold::default()
        }),
        limits: limits(),
        ..ReportData::default()
    }
}

fn stress_rows(curves: &[StressCurve]) -> Table {
    let cell = |value: Option<f64>| value.map_or(Cell::Absent, Cell::Number);
    let row = |curve: &StressCurve, point: &StressPoint| {
        vec![
            Cell::Text(format!("{:?}", curve.corruption)),
            Cell::Number(point.level),
            cell(point.mean),
            cell(point.range.map(|range| range.0)),
            cell(point.range.map(|range| range.1)),
            Cell::Number(point.n_read as f64),
            Cell::Number(curve.null),
        ]
    };
    Table {
        caption:
            "Mean and range over draws; `read` counts draws whose neighbourhood graph could be embedded."
                .to_owned(),
        columns: ["damage", "strength", "mean", "least", "most", "read", "shuffled"]
            .map(str::to_owned)
            .to_vec(),
        rows: curves
            .iter()
            .flat_map(|curve| curve.points.iter().map(move |point| row(curve, point)))
            .collect(),
        emphasised_row: None,
    }
}
