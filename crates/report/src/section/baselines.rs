//! Tables of baselines.

use super::{Block, Section, TableView};
use crate::data::{Cell, Table};
use crate::{Error, check};

/// All tables of baselines.
pub(super) fn section(tables: &[Table]) -> Result<Option<Section>, Error> {
    let blocks: Vec<Block> =
        tables.iter().enumerate().map(|(rank, table)| block(rank, table)).collect::<Result<_, _>>()?;
    Ok((!blocks.is_empty()).then(|| Section {
        id: "baselines",
        title: "Baselines",
        lead: "Every score beside what simpler methods reach on the same data.".to_owned(),
        blocks,
    }))
}

fn block(rank: usize, table: &Table) -> Result<Block, Error> {
    for (row, cells) in table.rows.iter().enumerate() {
        check::length(
            &format!("baselines[{rank}].rows[{row}]"),
            cells.len(),
            (table.columns.len(), "columns"),
        )?;
    }
    let rows: Vec<Vec<Cell>> = table.rows.clone();
    Ok(Block::Table(TableView::new(&table.caption, &table.columns, rows).emphasised(table.emphasised_row)))
}
