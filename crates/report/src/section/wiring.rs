//! Comparison with a given connectome.

use super::{Block, Section, TableView, heads, right_align, with_interval};
use crate::data::{Cell, WiringComparison, WiringReference, WiringScore};
use crate::figure::dots::{Dot, DotGroup, DotPlot, dots};
use crate::figure::{Figure, Panel, Span};
use crate::number::{counted, grouped};

/// How one of the two scores is read from a method.
type Reading = fn(&WiringScore) -> (f64, Option<(f64, f64)>);

/// Both scores for every reference, as dots and as a table.
pub(super) fn section(wiring: &WiringComparison) -> Section {
    let mut blocks = Vec::new();
    if wiring.references.iter().any(|reference| !reference.scores.is_empty()) {
        blocks.push(Block::Figure(figure(wiring)));
        blocks.push(Block::Table(table(wiring)));
    }
    Section {
        id: "connectome",
        title: "Comparison with the connectome",
        lead: wiring.matching.clone(),
        blocks,
    }
}

fn figure(wiring: &WiringComparison) -> Figure {
    let auroc: Reading = |score| (score.auroc, score.auroc_interval);
    let precision: Reading = |score| (score.average_precision, score.average_precision_interval);
    Figure {
        stem: "connectome",
        title: "Learned weights against known connections".to_owned(),
        caption: "The dashed lines are chance: 0.5 for AUROC, the fraction of connected pairs for average precision. \
                  Lines are confidence intervals where they are given. A weight that says more than correlation does \
                  lies to its right."
            .to_owned(),
        panels: vec![
            panel("connectome_auroc", "AUROC", wiring, (auroc, |_| 0.5)),
            panel("connectome_average_precision", "average precision", wiring, (precision, connected_fraction)),
        ],
    }
}

fn panel(
    stem: &str,
    name: &str,
    wiring: &WiringComparison,
    reading: (Reading, fn(&WiringReference) -> f64),
) -> Panel {
    let group = |reference: &WiringReference| DotGroup {
        heading: reference.name.clone(),
        dots: reference.scores.iter().map(|score| dot(score, reading.0)).collect(),
        level: Some(reading.1(reference)).filter(|level| level.is_finite()),
    };
    let groups: Vec<DotGroup> = wiring.references.iter().map(group).collect();
    let levels = groups.iter().filter_map(|group| group.level);
    let (low, high) = levels
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), level| (low.min(level), high.max(level)));
    let range = if low <= high { (low, high) } else { (0.5, 0.5) };
    let axis_name = name.to_owned();
    dots(stem, &DotPlot { title: String::new(), axis_name, range, floor: 0.0, groups, span: Span::Half })
}

fn dot(score: &WiringScore, reading: Reading) -> Dot {
    let (value, interval) = reading(score);
    Dot { name: score.method.clone(), value, interval }
}

fn connected_fraction(reference: &WiringReference) -> f64 {
    reference.n_connected as f64 / reference.n_pairs as f64
}

fn table(wiring: &WiringComparison) -> TableView {
    let rows = wiring.references.iter().flat_map(|reference| {
        reference.scores.iter().enumerate().map(move |(rank, score)| {
            vec![
                Cell::Text(if rank == 0 { reference_name(reference) } else { String::new() }),
                Cell::Text(score.method.clone()),
                Cell::Text(with_interval(score.auroc, score.auroc_interval)),
                Cell::Text(with_interval(score.average_precision, score.average_precision_interval)),
            ]
        })
    });
    let columns = heads(&["reference", "method", "AUROC", "average precision"]);
    let mut table =
        TableView::new("Scores against each reference; intervals in brackets.", &columns, rows.collect());
    right_align(&mut table, 2);
    table
}

fn reference_name(reference: &WiringReference) -> String {
    let pairs = counted(reference.n_pairs, "pair");
    format!("{} ({} of {pairs})", reference.name, grouped(reference.n_connected as f64))
}
