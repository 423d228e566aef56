//! How to make the run again.

use super::{Block, Section, TableView, heads};
use crate::data::{Cell, Provenance};

/// Version, seed, command, config and the sums of the files that were read.
pub(super) fn section(provenance: &Provenance) -> Section {
    let mut facts = vec![
        ("software".to_owned(), provenance.version.clone()),
        ("seed".to_owned(), provenance.seed.map_or_else(String::new, |seed| seed.to_string())),
        ("made".to_owned(), provenance.created.clone()),
    ];
    facts.extend(provenance.details.iter().map(|detail| (detail.name.clone(), detail.value.clone())));
    facts.retain(|fact| !fact.1.is_empty());
    let mut blocks = Vec::new();
    if !facts.is_empty() {
        blocks.push(Block::Facts(facts));
    }
    if !provenance.command.is_empty() {
        blocks.push(Block::Code("command".to_owned(), provenance.command.clone()));
    }
    if !provenance.inputs.is_empty() {
        blocks.push(inputs(provenance));
    }
    if !provenance.config_toml.is_empty() {
        blocks.push(Block::Code("config.toml".to_owned(), provenance.config_toml.clone()));
    }
    Section {
        id: "provenance",
        title: "Provenance",
        lead: "Enough to make this run again: the same inputs, config and seed give the same numbers."
            .to_owned(),
        blocks,
    }
}

fn inputs(provenance: &Provenance) -> Block {
    let rows = provenance.inputs.iter().map(|input| {
        let size = Cell::Number(input.n_bytes as f64);
        vec![Cell::Text(input.path.clone()), size, Cell::Text(input.sha256.clone())]
    });
    Block::Table(TableView::new(
        "Files that were read.",
        &heads(&["file", "bytes", "SHA-256"]),
        rows.collect(),
    ))
}
