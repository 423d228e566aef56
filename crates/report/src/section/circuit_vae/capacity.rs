//! What a code carries against its size and the weight of its rate.

use super::number;
use crate::data::{Capacity, CapacityPoint, Cell, Relation};
use crate::figure::axis::Axis;
use crate::figure::relation::{RelationPlot, relations};
use crate::figure::{Figure, Panel, Span};
use crate::section::{Block, Section, TableView, heads};

/// Curves over the number of latents and over beta, and a table.
pub(super) fn section(given: &Capacity) -> Section {
    let mut blocks = Vec::new();
    let sides = [
        ("by_latents", "latent numbers", "number of latents", &given.by_latents),
        ("by_beta", "weight of the rate", "beta", &given.by_beta),
    ];
    for (stem, title, axis, points) in sides {
        if points.is_empty() {
            continue;
        }
        blocks.push(Block::Figure(figure(stem, (title, axis), points)));
        blocks.push(Block::Table(table(axis, points)));
    }
    let lead = "Each point is a model trained anew. Where more numbers carry no more nats, circuits of this set differ by \
                no more than that beyond their conditions."
        .to_owned();
    Section { id: "capacity", title: "Rate against capacity", lead, blocks }
}

fn figure(stem: &'static str, (title, axis): (&str, &str), points: &[CapacityPoint]) -> Figure {
    let log = || Axis::log(points.iter().map(|point| point.at), axis);
    let curve = |name: &str, of: fn(&CapacityPoint) -> f64| Relation {
        name: name.to_owned(),
        x: points.iter().map(|point| point.at).collect(),
        y: points.iter().map(of).collect(),
    };
    let panel = |part: &str, name: &str, curves: &[Relation]| -> Panel {
        let y = Axis::padded(curves.iter().flat_map(|curve| curve.y.clone()), name);
        relations(
            &format!("{stem}_{part}"),
            RelationPlot { title: name, x: log(), y, curves, span: Span::Half },
        )
    };
    Figure {
        stem,
        title: format!("Scores and rate by {title}"),
        caption: "Scores of unseen circuits with their code and without it (the middle of the prior in its place), the \
                  rate of the code, and the bits an edge that it saves after its own cost. A code pays where the last \
                  is above 0."
            .to_owned(),
        panels: vec![
            panel(
                "auroc",
                "AUROC",
                &[curve("with the code", |point| point.auroc), curve("without", |point| point.auroc_without_code)],
            ),
            panel(
                "precision",
                "average precision",
                &[
                    curve("with the code", |point| point.average_precision),
                    curve("without", |point| point.average_precision_without_code),
                ],
            ),
            panel("rate", "rate (nats a circuit)", &[curve("rate", |point| point.rate_nats)]),
            panel("bits", "net gain (bits an edge)", &[curve("net gain", |point| point.bits_per_edge)]),
        ],
    }
}

fn table(axis: &str, points: &[CapacityPoint]) -> TableView {
    let columns = heads(&[
        axis,
        "AUROC",
        "without code",
        "average precision",
        "without code",
        "rate (nats)",
        "active",
        "bits an edge",
    ]);
    let row = |point: &CapacityPoint| {
        vec![
            number(point.at),
            number(point.auroc),
            number(point.auroc_without_code),
            number(point.average_precision),
            number(point.average_precision_without_code),
            number(point.rate_nats),
            Cell::Number(point.active_units as f64),
            number(point.bits_per_edge),
        ]
    };
    TableView::new("The same numbers.", &columns, points.iter().map(row).collect())
}
