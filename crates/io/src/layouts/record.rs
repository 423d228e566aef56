//! What an import read, kept, dropped and doubted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use neuroloom_core::{LabelMapping, Warning};
use serde::Serialize;

use crate::rows::Tally;

/// Rows that met one fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFate {
    /// Why.
    pub reason: String,
    /// How many.
    pub n: usize,
    /// The first three.
    pub examples: Vec<String>,
}

/// Rows of the edge files or of the node tables: `n_read = n_kept + sum of dropped`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RowCounts {
    /// Rows read.
    pub n_read: usize,
    /// Rows kept.
    pub n_kept: usize,
    /// Rows left out, by reason.
    pub dropped: Vec<RowFate>,
    /// Rows kept that a user should look at, by reason.
    pub doubtful: Vec<RowFate>,
}

/// What an import did; written beside the connectome as `import.json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ImportRecord {
    /// Layout of the files.
    pub layout: String,
    /// The files.
    pub files: Vec<PathBuf>,
    /// Version of the data, where stated.
    pub version: Option<String>,
    /// Rows of the edge files.
    pub rows: RowCounts,
    /// Rows of the node tables.
    pub nodes: RowCounts,
    /// What became of the cell types.
    pub cell_types: Vec<LabelMapping>,
    /// Neurons whose outputs were traced, where a table states it.
    pub n_pre_observed: Option<usize>,
    /// Neurons whose inputs were traced, where a table states it.
    pub n_post_observed: Option<usize>,
}

impl RowCounts {
    pub(super) fn new(
        n_read: usize,
        dropped: BTreeMap<&'static str, Tally>,
        doubtful: BTreeMap<&'static str, Tally>,
    ) -> Self {
        let n_dropped: usize = dropped.values().map(|tally| tally.n).sum();
        Self { n_read, n_kept: n_read - n_dropped, dropped: fates(dropped), doubtful: fates(doubtful) }
    }

    /// A sentence for each fate.
    pub(super) fn warnings(&self, of: &str) -> Vec<Warning> {
        let sentence = |code: &str, did: &str, fate: &RowFate| {
            let examples = match fate.examples.as_slice() {
                [] => String::new(),
                examples => format!(" ({})", examples.join("; ")),
            };
            let message = format!("{} of {} {of} {did}: {}{examples}", fate.n, self.n_read, fate.reason);
            Warning::new(code, message)
        };
        let dropped = self.dropped.iter().map(|fate| sentence("dropped-rows", "were dropped", fate));
        let doubtful = self.doubtful.iter().map(|fate| sentence("doubtful-rows", "are doubtful", fate));
        dropped.chain(doubtful).collect()
    }
}

fn fates(tallies: BTreeMap<&'static str, Tally>) -> Vec<RowFate> {
    let fate = |(reason, tally): (&str, Tally)| RowFate {
        reason: reason.to_owned(),
        n: tally.n,
        examples: tally.examples,
    };
    tallies.into_iter().filter(|(_, tally)| tally.n > 0).map(fate).collect()
}
