//! Neuron types.

use super::{Block, CellView, ColumnView, RowView, Section, TableView};
use crate::data::{CellTypes, Contingency};
use crate::figure::scatter::{GroupedPoints, grouped};
use crate::figure::{Figure, curves};
use crate::number::{grouped as grouped_number, readable};
use crate::{Error, check};

/// Embedding, choice of the number of types, and the table against known types.
pub(super) fn section(given: &CellTypes) -> Result<Section, Error> {
    check_shapes(given)?;
    let mut blocks: Vec<Block> = figure(given).into_iter().map(Block::Figure).collect();
    if let Some(contingency) = &given.contingency {
        blocks.push(Block::Table(contingency_table(given, contingency)));
    }
    let lead = format!("{} types, found by clustering what each neuron does alone.", given.names.len());
    Ok(Section { id: "types", title: "Neuron types", lead, blocks })
}

fn check_shapes(given: &CellTypes) -> Result<(), Error> {
    check::length_or_none(
        "cell_types.embedding",
        given.embedding.len(),
        (given.labels.len(), "cell_types.labels"),
    )?;
    for (neuron, &label) in given.labels.iter().enumerate() {
        check::position(&format!("cell_types.labels[{neuron}]"), label, (given.names.len(), "names"))?;
    }
    let Some(contingency) = &given.contingency else { return Ok(()) };
    let n_rows = (contingency.row_names.len(), "row_names");
    check::length("cell_types.contingency.counts", contingency.counts.len(), n_rows)?;
    for (row, counts) in contingency.counts.iter().enumerate() {
        let place = format!("cell_types.contingency.counts[{row}]");
        check::length(&place, counts.len(), (contingency.column_names.len(), "column_names"))?;
    }
    Ok(())
}

fn figure(given: &CellTypes) -> Option<Figure> {
    let mut panels = Vec::new();
    let mut caption = String::new();
    if !given.embedding.is_empty() {
        let points = GroupedPoints {
            title: "Embedding of neurons",
            noun: "neurons",
            points: &given.embedding,
            labels: &given.labels,
            names: &given.names,
            axis_names: (&given.axis_names.0, &given.axis_names.1),
        };
        panels.push(grouped("type_embedding", &points));
        caption.push_str(
            "Each mark is a neuron, placed by its function profile; types that are real are separate clouds. ",
        );
    }
    if !given.silhouette.is_empty() {
        let points: Vec<(f64, f64)> =
            given.silhouette.iter().map(|point| (point.k as f64, point.score)).collect();
        panels.push(curves::silhouette("silhouette", &points, given.names.len()));
        caption.push_str(
            "The silhouette is near 1 where types are tight and apart; the number of types is where it peaks.",
        );
    }
    let title = "Types by function profile".to_owned();
    (!panels.is_empty()).then_some(Figure { stem: "types", title, caption, panels })
}

fn contingency_table(given: &CellTypes, contingency: &Contingency) -> TableView {
    let scores = [("accuracy", given.accuracy), ("adjusted Rand index", given.adjusted_rand_index)];
    let scores: Vec<String> = scores
        .iter()
        .filter_map(|(name, score)| score.map(|score| format!("{name} {}", readable(score))))
        .collect();
    let scores = if scores.is_empty() { String::new() } else { format!(" ({})", scores.join(", ")) };
    let head = |name: &String| ColumnView { name: name.clone(), class: "number" };
    let found = ColumnView { name: format!("found type \\ {}", contingency.reference), class: "words" };
    let rows = contingency.row_names.iter().zip(&contingency.counts);
    TableView {
        caption: format!(
            "Number of neurons by found type (rows) and {} (columns){scores}; \
             one full field a row is perfect agreement.",
            contingency.reference
        ),
        columns: std::iter::once(found).chain(contingency.column_names.iter().map(head)).collect(),
        rows: rows.map(|(name, counts)| contingency_row(name, counts)).collect(),
    }
}

fn contingency_row(name: &str, counts: &[usize]) -> RowView {
    let total = counts.iter().sum::<usize>().max(1);
    let field = |&count: &usize| CellView {
        text: if count == 0 { "·".to_owned() } else { grouped_number(count as f64) },
        class: "number",
        tint: (55 * count / total) as u32,
    };
    let first = CellView { text: name.to_owned(), class: "words", tint: 0 };
    RowView { class: "", cells: std::iter::once(first).chain(counts.iter().map(field)).collect() }
}
