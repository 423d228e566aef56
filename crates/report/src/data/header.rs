//! Title, summary and key numbers.

use serde::{Deserialize, Serialize};

use super::nullable;

/// The top of the page.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// Title of the page, such as `Mechanism of baseline.zarr`.
    pub title: String,
    /// One sentence: what was found, in numbers.
    pub summary: String,
    /// The command that made the run.
    pub command: String,
    /// Key numbers, most important first.
    pub cards: Vec<Card>,
}

/// One key number; never alone, its baseline, chance level or published value stands beside it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// What it is, such as `W, R² of the linear fit`.
    pub label: String,
    /// Its value.
    #[serde(deserialize_with = "nullable::number")]
    pub value: f64,
    /// Unit behind the number, may be empty.
    pub unit: String,
    /// One short line that says how it was measured, may be empty.
    pub note: String,
    /// Numbers to compare it with.
    pub beside: Vec<Reference>,
}

/// A number to compare with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// What it is, such as `chance` or `published`.
    pub label: String,
    /// Its value.
    #[serde(deserialize_with = "nullable::number")]
    pub value: f64,
}
