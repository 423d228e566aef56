//! Warnings and limits: what the reader must know before believing a number.

use super::{Block, Section};
use crate::data::Notice;

/// The warnings of the run, first on the page.
pub(super) fn warnings(warnings: &[Notice]) -> Option<Section> {
    let notices = warnings.iter().map(|warning| Block::Notice(warning.code.clone(), warning.message.clone()));
    (!warnings.is_empty()).then(|| Section {
        id: "warnings",
        title: "Warnings",
        lead: "The run went on in spite of these; read the numbers below with them in mind.".to_owned(),
        blocks: notices.collect(),
    })
}

/// What the numbers do not show.
pub(super) fn limits(limits: &[String]) -> Option<Section> {
    (!limits.is_empty()).then(|| Section {
        id: "limits",
        title: "What this does not show",
        lead: String::new(),
        blocks: limits.iter().cloned().map(Block::Paragraph).collect(),
    })
}
