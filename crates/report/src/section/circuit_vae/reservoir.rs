//! What circuits compute.

use super::{number, stem};
use crate::data::{Cell, ReservoirPrediction, ReservoirResults, ReservoirScore, ReservoirTask};
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::{Figure, Panel, Span};
use crate::number::{fixed, readable};
use crate::section::{Block, Section, TableView, heads, right_align};

/// Scores beside their controls, and how far they follow from structure.
pub(super) fn section(given: &ReservoirResults) -> Section {
    let mut blocks = Vec::new();
    if !given.tasks.is_empty() {
        blocks.push(Block::Figure(tasks(&given.tasks)));
        blocks.push(Block::Table(table(&given.tasks)));
    }
    if !given.predictions.is_empty() {
        blocks.push(Block::Figure(predictions(&given.predictions)));
        blocks.push(Block::Table(prediction_table(&given.predictions)));
    }
    Section { id: "reservoir", title: "What circuits compute", lead: given.lead.clone(), blocks }
}

fn tasks(given: &[ReservoirTask]) -> Figure {
    let panel = |task: &ReservoirTask| -> Panel {
        let dot = |score: &ReservoirScore| Dot {
            name: score.name.clone(),
            value: score.mean,
            interval: score.interval,
        };
        let scores = || task.scores.iter().map(|score| score.mean).filter(|mean| mean.is_finite());
        let range = (scores().fold(f64::INFINITY, f64::min), scores().fold(f64::NEG_INFINITY, f64::max));
        let range = if range.0 <= range.1 { range } else { (0.0, 1.0) };
        let groups = vec![DotGroup {
            heading: String::new(),
            dots: task.scores.iter().map(dot).collect(),
            level: None,
        }];
        let plot = DotPlot {
            title: task.name.clone(),
            axis_name: task.direction.clone(),
            range,
            floor: f64::NEG_INFINITY,
            groups,
            span: Span::Half,
        };
        dots(&stem("reservoir", &task.name), &plot)
    };
    Figure {
        stem: "reservoir",
        title: "Scores beside controls".to_owned(),
        caption: "Dots are means over circuits. The line at a control is the 95 % interval of the paired difference, laid \
                  around it: the circuits differ from a control where their dot lies outside its line. A wiring that matters lies apart from the controls that share \
                  its size, density, degrees and mutual pairs; many published advantages vanish against them. The \
                  direct readout has no recurrent network at all."
            .to_owned(),
        panels: given.iter().map(panel).collect(),
    }
}

fn table(given: &[ReservoirTask]) -> TableView {
    let rows = given.iter().flat_map(|task| {
        task.scores.iter().enumerate().map(move |(rank, score)| {
            vec![
                Cell::Text(if rank == 0 {
                    format!("{} ({})", task.name, task.direction)
                } else {
                    String::new()
                }),
                Cell::Text(score.name.clone()),
                Cell::Text(mean_with_interval(score)),
            ]
        })
    });
    let mut table =
        TableView::new("The same numbers.", &heads(&["task", "reservoir", "mean"]), rows.collect());
    right_align(&mut table, 2);
    table
}

/// Scores differ in size: as many digits as tell something.
fn mean_with_interval(score: &ReservoirScore) -> String {
    match score.interval {
        Some((low, high)) => format!("{} [{}, {}]", readable(score.mean), readable(low), readable(high)),
        None => readable(score.mean),
    }
}

fn predictions(given: &[ReservoirPrediction]) -> Figure {
    let dot = |name: &str, value: f64| Dot { name: name.to_owned(), value, interval: None };
    let group = |one: &ReservoirPrediction| DotGroup {
        heading: one.task.clone(),
        dots: vec![
            dot("code", one.r2_code),
            dot("graph metrics", one.r2_metrics),
            dot("N and E alone", one.r2_size),
        ],
        level: Some(0.0),
    };
    let plot = DotPlot {
        title: String::new(),
        axis_name: "cross-validated R²".to_owned(),
        range: (0.0, 1.0),
        floor: -0.2,
        groups: given.iter().map(group).collect(),
        span: Span::Full,
    };
    Figure {
        stem: "reservoir_prediction",
        title: "Scores predicted from structure".to_owned(),
        caption: "R² of a circuit's score on circuits that were left out; values below −0.2 sit on the edge. The code \
                  says something about function where it beats the numbers of neurons and edges, and something new \
                  where it beats the graph metrics."
            .to_owned(),
        panels: vec![dots("reservoir_prediction", &plot)],
    }
}

fn prediction_table(given: &[ReservoirPrediction]) -> TableView {
    let published = |one: &ReservoirPrediction| {
        one.published
            .map_or(Cell::Absent, |(low, high)| Cell::Text(format!("{} – {}", fixed(low, 2), fixed(high, 2))))
    };
    let row = |one: &ReservoirPrediction| {
        vec![
            Cell::Text(one.task.clone()),
            number(one.r2_code),
            number(one.r2_metrics),
            number(one.r2_size),
            published(one),
        ]
    };
    let columns = heads(&["task", "R² code", "R² graph metrics", "R² N and E", "published, other data"]);
    let mut table = TableView::new("The same numbers.", &columns, given.iter().map(row).collect());
    right_align(&mut table, 1);
    table
}
