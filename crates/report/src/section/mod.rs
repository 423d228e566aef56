//! Sections: one file a topic, each turning its numbers into figures, tables and a few words.

mod baselines;
mod caveats;
mod cell_types;
mod circuit_vae;
mod connectivity;
mod field;
mod forecast;
mod formulas;
mod functions;
mod graph_statistics;
mod provenance;
mod recording;
mod rollout;
mod set_comparison;
mod training;
mod weight_manifold;
mod wiring;

use crate::Error;
use crate::data::{Cell, ReportData};
use crate::figure::Figure;
use crate::number::{fixed, readable};

/// One section of the page.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// Its address within the page.
    pub(crate) id: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// What it is about, one or two sentences.
    pub(crate) lead: String,
    /// What it shows, from top to bottom.
    pub(crate) blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// Figures with a caption.
    Figure(Figure),
    /// A table.
    Table(TableView),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// A paragraph.
    Paragraph(String),
    /// A warning: its code and its message.
    Notice(String, String),
    /// Text to copy, with its label.
    Code(String, String),
}

/// A table ready to be written.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableView {
    pub(crate) caption: String,
    pub(crate) columns: Vec<ColumnView>,
    pub(crate) rows: Vec<RowView>,
}

/// The head of a column.
#[derive(Debug, Clone)]
pub(crate) struct ColumnView {
    pub(crate) name: String,
    pub(crate) class: &'static str,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub(crate) struct RowView {
    pub(crate) class: &'static str,
    pub(crate) cells: Vec<CellView>,
}

/// A field of a table.
#[derive(Debug, Clone)]
pub(crate) struct CellView {
    pub(crate) text: String,
    pub(crate) class: &'static str,
    /// How strongly it is tinted, 0 to 100 per cent.
    pub(crate) tint: u32,
}

/// All sections of the parts that are there, in reading order.
///
/// # Errors
/// [`Error::Length`] or [`Error::Value`] naming the field that does not fit.
pub(crate) fn all(data: &ReportData) -> Result<Vec<Section>, Error> {
    let first = [
        caveats::warnings(&data.warnings),
        data.recording.as_ref().map(recording::section).transpose()?,
        data.connectivity.as_ref().map(connectivity::section).transpose()?,
        data.functions.as_ref().map(functions::section).transpose()?,
        data.formulas.as_ref().map(formulas::section).transpose()?,
        data.training.as_ref().map(training::section).transpose()?,
        data.cell_types.as_ref().map(cell_types::section).transpose()?,
        data.field.as_ref().map(field::section).transpose()?,
        data.rollout.as_ref().map(rollout::section).transpose()?,
        data.forecast.as_ref().map(forecast::section).transpose()?,
        data.wiring.as_ref().map(wiring::section),
        data.graph_statistics.as_ref().map(graph_statistics::section).transpose()?,
    ];
    let code = data.circuit_code.as_ref().map(circuit_vae::sections).transpose()?;
    let last = [
        data.set_comparison.as_ref().map(set_comparison::section).transpose()?,
        data.weight_manifold.as_ref().map(weight_manifold::section).transpose()?,
        baselines::section(&data.baselines)?,
        caveats::limits(&data.limits),
        data.provenance.as_ref().map(provenance::section),
    ];
    let sections =
        first.into_iter().flatten().chain(code.into_iter().flatten()).chain(last.into_iter().flatten());
    Ok(sections.filter(|section| !section.blocks.is_empty()).collect())
}

impl TableView {
    /// A table from heads and fields; a column is set to the right where it holds numbers.
    pub(crate) fn new(caption: &str, columns: &[String], rows: Vec<Vec<Cell>>) -> Self {
        let class = |position: usize| {
            let text = rows.iter().any(|row| matches!(row.get(position), Some(Cell::Text(_))));
            if text { "words" } else { "number" }
        };
        let classes: Vec<&'static str> = (0..columns.len()).map(class).collect();
        let heads =
            columns.iter().zip(&classes).map(|(name, class)| ColumnView { name: name.clone(), class });
        Self {
            caption: caption.to_owned(),
            columns: heads.collect(),
            rows: rows.iter().map(|row| row_view(row, &classes)).collect(),
        }
    }

    /// Sets a row in bold.
    pub(crate) fn emphasised(mut self, row: Option<usize>) -> Self {
        if let Some(row) = row.and_then(|row| self.rows.get_mut(row)) {
            row.class = "strong";
        }
        self
    }
}

fn row_view(row: &[Cell], classes: &[&'static str]) -> RowView {
    let cells =
        row.iter().zip(classes).map(|(cell, class)| CellView { text: cell_text(cell), class, tint: 0 });
    RowView { class: "", cells: cells.collect() }
}

fn cell_text(cell: &Cell) -> String {
    match cell {
        Cell::Number(value) => readable(*value),
        Cell::Text(text) => text.clone(),
        Cell::Absent => "–".to_owned(),
    }
}

/// Words for column heads.
fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A score with its interval in brackets.
fn with_interval(value: f64, interval: Option<(f64, f64)>) -> String {
    match interval {
        Some((low, high)) => format!("{} [{}, {}]", readable(value), fixed(low, 3), fixed(high, 3)),
        None => readable(value),
    }
}

/// Numbers with an interval are text, and yet belong to the right.
fn right_align(table: &mut TableView, from: usize) {
    table.columns.iter_mut().skip(from).for_each(|column| column.class = "number");
    table
        .rows
        .iter_mut()
        .flat_map(|row| row.cells.iter_mut().skip(from))
        .for_each(|cell| cell.class = "number");
}
