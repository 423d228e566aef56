//! A few thousand rows of an edge table, decoded.

use super::RowColumns;

/// One end of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndId {
    Integer(i64),
    /// Position among the names of the batch.
    Name(u32),
    /// The cell is empty.
    Missing,
}

/// Rows in columns; optional columns are empty where the file lacks them.
#[derive(Debug, Default)]
pub(super) struct RowBatch {
    pub(super) pre: Vec<EndId>,
    pub(super) post: Vec<EndId>,
    pub(super) row_id: Vec<i64>,
    pub(super) syn_count: Vec<f32>,
    pub(super) weight: Vec<f32>,
    pub(super) sign: Vec<i8>,
    /// Position among the names of the batch.
    pub(super) kind: Vec<u32>,
    pub(super) valid: Vec<bool>,
    /// Texts that ends and kinds point to.
    pub(super) names: Vec<String>,
}

impl RowBatch {
    /// Room for rows in the columns that a file has.
    pub(super) fn with_capacity(n_rows: usize, columns: &RowColumns) -> Self {
        let optional = |column: Option<usize>| if column.is_some() { n_rows } else { 0 };
        Self {
            pre: Vec::with_capacity(n_rows),
            post: Vec::with_capacity(n_rows),
            row_id: Vec::with_capacity(optional(columns.row_id)),
            syn_count: Vec::with_capacity(optional(columns.syn_count)),
            weight: Vec::with_capacity(optional(columns.weight)),
            sign: Vec::with_capacity(optional(columns.sign)),
            kind: Vec::with_capacity(optional(columns.kind)),
            valid: Vec::with_capacity(optional(columns.valid)),
            names: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.pre.len()
    }

    /// Position of a text; ends and kinds repeat, so the last few are looked at first.
    pub(super) fn name(&mut self, text: &str) -> u32 {
        let recent = self.names.len().saturating_sub(8);
        let found = self.names[recent..].iter().rposition(|one| one == text);
        let place = found.map_or(self.names.len(), |place| recent + place);
        if found.is_none() {
            self.names.push(text.to_owned());
        }
        place as u32
    }

    /// Whether two ends are one neuron.
    pub(super) fn same(&self, one: EndId, other: EndId) -> bool {
        match (one, other) {
            (EndId::Name(one), EndId::Name(other)) => self.names[one as usize] == self.names[other as usize],
            _ => one == other,
        }
    }

    pub(super) fn describe(&self, end: EndId) -> String {
        match end {
            EndId::Integer(id) => id.to_string(),
            EndId::Name(place) => self.names[place as usize].clone(),
            EndId::Missing => "(empty)".to_owned(),
        }
    }
}
