//! A free table, for baselines.

use serde::{Deserialize, Serialize};

/// A table with a caption.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    /// What it shows and what to look for.
    pub caption: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Row to set in bold (the model), from 0.
    pub emphasised_row: Option<usize>,
}

/// What stands in a field of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number, set to the right; the number of digits is chosen here.
    Number(f64),
    /// Words, set to the left.
    Text(String),
    /// Nothing (not measured); in JSON `null`.
    Absent,
}
