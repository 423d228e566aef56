//! Unseen circuits encoded and decoded.

use super::number;
use crate::data::{Cell, DimensionUse, PredictorScore, Reconstruction, ReconstructionSplit, Relation};
use crate::figure::axis::Axis;
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::legend::Entry;
use crate::figure::plot::{Layout, Plot};
use crate::figure::scatter::marker;
use crate::figure::{Figure, Panel, Span};
use crate::number::{counted, grouped, readable};
use crate::palette::category;
use crate::section::{Block, Section, TableView, heads, right_align, with_interval};
use crate::svg::{Stroke, polyline};
use crate::{Error, check};

/// How a score is read from a predictor.
type Reading = fn(&PredictorScore) -> (f64, Option<(f64, f64)>);

/// Scores beside trivial predictors, calibration, use of the dimensions, every number as a table.
pub(super) fn section(given: &Reconstruction) -> Result<Section, Error> {
    for (place, curve) in given.calibration.iter().enumerate() {
        let name = format!("circuit_code.reconstruction.calibration[{place}].y");
        check::length(&name, curve.y.len(), (curve.x.len(), "x"))?;
    }
    let mut blocks: Vec<Block> = given.notes.iter().map(|note| Block::Paragraph(note.clone())).collect();
    if given.splits.iter().any(|split| !split.predictors.is_empty()) {
        blocks.push(Block::Figure(scores(given)));
        blocks.push(Block::Table(table(given)));
        blocks.push(Block::Table(rates(given)));
    }
    if !given.calibration.is_empty() || !given.dimensions.is_empty() {
        blocks.push(Block::Figure(use_of_code(given)));
    }
    let lead = "Circuits that the model never saw are encoded into their latent numbers and decoded again; every other \
                predictor is given the same pairs. The code has seen the wiring that it reconstructs, the others have \
                not: what counts is how much it gains for the few numbers it may use."
        .to_owned();
    Ok(Section { id: "reconstruction", title: "Reconstruction of unseen circuits", lead, blocks })
}

fn scores(given: &Reconstruction) -> Figure {
    let auroc: Reading = |score| (score.auroc, score.auroc_interval);
    let precision: Reading = |score| (score.average_precision, score.average_precision_interval);
    Figure {
        stem: "reconstruction",
        title: "Edges of unseen circuits, beside trivial predictors".to_owned(),
        caption: "Dashed: chance, 0.5 for AUROC and the share of connected pairs for average precision. Lines are 95 % \
                  bootstrap intervals over circuits. In a random split training and test circuits share neurons, so \
                  that its scores are flattered; the spatially disjoint split is the one to quote."
            .to_owned(),
        panels: vec![
            panel("reconstruction_auroc", "AUROC", given, (auroc, |_| 0.5)),
            panel("reconstruction_precision", "average precision", given, (precision, |split| split.density)),
        ],
    }
}

fn panel(
    stem: &str,
    name: &str,
    given: &Reconstruction,
    reading: (Reading, fn(&ReconstructionSplit) -> f64),
) -> Panel {
    let dot = |score: &PredictorScore| {
        let (value, interval) = reading.0(score);
        Dot { name: score.name.clone(), value, interval }
    };
    let group = |split: &ReconstructionSplit| DotGroup {
        heading: split.name.clone(),
        dots: split.predictors.iter().map(dot).collect(),
        level: Some(reading.1(split)).filter(|level| level.is_finite()),
    };
    let groups: Vec<DotGroup> = given.splits.iter().map(group).collect();
    let level = groups.iter().filter_map(|group| group.level).fold(f64::INFINITY, f64::min);
    let level = if level.is_finite() { level } else { 0.5 };
    let range = (level, level);
    let axis_name = name.to_owned();
    dots(stem, &DotPlot { title: String::new(), axis_name, range, floor: 0.0, groups, span: Span::Half })
}

fn table(given: &Reconstruction) -> TableView {
    let rows = given.splits.iter().flat_map(|split| {
        split.predictors.iter().enumerate().map(move |(rank, score)| {
            vec![
                Cell::Text(if rank == 0 { split_name(split) } else { String::new() }),
                Cell::Text(score.name.clone()),
                Cell::Text(with_interval(score.auroc, score.auroc_interval)),
                Cell::Text(with_interval(score.average_precision, score.average_precision_interval)),
                Cell::Text(readable(score.nats_per_pair)),
            ]
        })
    });
    let columns = heads(&["split", "predictor", "AUROC", "average precision", "nats a pair"]);
    let caption = "Scores on the same held-out pairs; 95 % intervals in brackets.";
    let mut table = TableView::new(caption, &columns, rows.collect());
    right_align(&mut table, 2);
    table
}

fn split_name(split: &ReconstructionSplit) -> String {
    let shared = match split.n_shared_neurons {
        0 => "no neuron shared with training".to_owned(),
        shared => format!("{} shared with training", counted(shared, "neuron")),
    };
    let pairs = grouped(split.n_pairs as f64);
    format!("{}: {}, {pairs} pairs, {shared}", split.name, counted(split.n_circuits, "circuit"))
}

fn rates(given: &Reconstruction) -> TableView {
    let rows = given.splits.iter().map(|split| {
        vec![
            Cell::Text(split.name.clone()),
            number(split.rate_nats),
            Cell::Number(split.active_units as f64),
            number(split.bits_per_edge),
        ]
    });
    TableView::new(
        "What the code costs and gains. Bits an edge: what encoding the edges given the code saves over encoding them \
         from the conditions alone, minus the cost of the code; below 0 the code does not pay for itself.",
        &heads(&["split", "rate (nats a circuit)", "active latent numbers", "net gain (bits an edge)"]),
        rows.collect(),
    )
}

fn use_of_code(given: &Reconstruction) -> Figure {
    let mut panels = Vec::new();
    if !given.calibration.is_empty() {
        panels.push(calibration(&given.calibration));
    }
    if !given.dimensions.is_empty() {
        panels.push(dimensions(&given.dimensions));
    }
    Figure {
        stem: "code_use",
        title: "Calibration, and what each latent number carries".to_owned(),
        caption: "Left: share of pairs that are edges against their predicted probability; on the diagonal a \
                  probability means what it says. Right: rate of each latent number, largest first; one below 0.02 \
                  nats (dashed) is unused."
            .to_owned(),
        panels,
    }
}

fn calibration(curves: &[Relation]) -> Panel {
    let ends = curves.iter().flat_map(|curve| curve.x.iter().chain(&curve.y).copied());
    let high = ends.filter(|end| end.is_finite()).fold(0.1, f64::max) * 1.05;
    let axes = (Axis::new(0.0, high, "predicted probability"), Axis::new(0.0, high, "share of edges"));
    let mut layout = Layout::new((Span::Half.width(), 300.0), axes.0, axes.1);
    layout.title = "Calibration".to_owned();
    let entries = curves.iter().enumerate();
    layout.legend = entries.map(|(rank, curve)| Entry::marker(rank, &curve.name)).collect();
    let mut plot = Plot::new(layout);
    plot.line(&[0.0, high], &[0.0, high], &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.6));
    for (rank, curve) in curves.iter().enumerate() {
        plot.line(&curve.x, &curve.y, &Stroke::new(&category(rank), 1.3));
        for (&x, &y) in curve.x.iter().zip(&curve.y).filter(|(x, y)| x.is_finite() && y.is_finite()) {
            let at = plot.at(x, y);
            marker(rank, at, 2.8).draw(&mut plot.svg, 1.0);
        }
    }
    let description = format!("Calibration of {} predictors", curves.len());
    Panel { stem: "calibration".to_owned(), description, span: Span::Half, svg: plot.svg }
}

/// Bars: rate by rank.
fn dimensions(given: &[DimensionUse]) -> Panel {
    let mut rates: Vec<f64> = given.iter().map(|one| one.rate_nats).filter(|rate| rate.is_finite()).collect();
    rates.sort_by(|a, b| b.total_cmp(a));
    let x = Axis::new(0.0, rates.len().max(1) as f64, "latent number, by rate");
    let y = Axis::new(0.0, 1.05 * rates.first().copied().unwrap_or(0.0).max(0.1), "nats");
    let mut layout = Layout::new((Span::Half.width(), 300.0), x, y);
    layout.title = "Rate of each latent number".to_owned();
    let mut plot = Plot::new(layout);
    for (rank, &rate) in rates.iter().enumerate() {
        let (left, right) = (rank as f64 + 0.14, rank as f64 + 0.86);
        let corners = [(left, 0.0), (left, rate), (right, rate), (right, 0.0)].map(|(x, y)| plot.at(x, y));
        plot.svg.fill(&polyline(corners), &category(0), 0.85);
    }
    plot.level(0.02, &Stroke::new("var(--ink)", 1.0).dashed("4 3").faint(0.6));
    let description = format!("Rate of {} latent numbers", given.len());
    Panel { stem: "latent_rates".to_owned(), description, span: Span::Half, svg: plot.svg }
}
