//! Who is recorded or wired: neuron ids and the table of their properties.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A neuron's id: a 64-bit integer (FlyWire, CAVE, hemibrain) or a name (`AVAL`).
///
/// Integers never pass through a float, so ids above 2^53 stay exact.
///
/// # Examples
/// ```
/// use neuroloom_core::NeuronId;
/// assert_eq!(NeuronId::parse("648518346349540057").to_string(), "648518346349540057");
/// assert_eq!(NeuronId::parse("AVAL"), NeuronId::from("AVAL"));
/// // A leading zero is part of a name, not of a number.
/// assert_eq!(NeuronId::parse("007"), NeuronId::from("007"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NeuronId {
    /// A 64-bit integer.
    Integer(i64),
    /// Any other text.
    Name(String),
}

impl NeuronId {
    /// An integer if `text` is exactly how that integer prints, else a name.
    pub fn parse(text: &str) -> Self {
        match text.parse::<i64>() {
            Ok(integer) if integer.to_string() == text => Self::Integer(integer),
            _ => Self::Name(text.to_owned()),
        }
    }

    /// Ids `0..n`, for recordings whose columns have no names.
    pub fn numbered(n: usize) -> Vec<Self> {
        (0..n as i64).map(Self::Integer).collect()
    }
}

impl From<&str> for NeuronId {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<i64> for NeuronId {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl fmt::Display for NeuronId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => integer.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// The neurons of a connectome, one row each, in a fixed order.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuronTable {
    id: Vec<NeuronId>,
    cell_type: Option<Vec<String>>,
    position_um: Option<Vec<[f64; 3]>>,
}

impl NeuronTable {
    /// A table of neurons known by id only.
    ///
    /// # Errors
    /// [`Error::DuplicateNeuron`] if an id occurs twice.
    pub fn new(id: Vec<NeuronId>) -> Result<Self, Error> {
        let mut seen = HashMap::with_capacity(id.len());
        for (position, one) in id.iter().enumerate() {
            if let Some(first) = seen.insert(one, position) {
                return Err(Error::DuplicateNeuron { id: one.to_string(), first, second: position });
            }
        }
        Ok(Self { id, cell_type: None, position_um: None })
    }

    /// Adds one cell type a neuron (an empty string = unknown).
    ///
    /// # Errors
    /// [`Error::Shape`] if the lengths differ.
    pub fn with_cell_type(mut self, cell_type: Vec<String>) -> Result<Self, Error> {
        check_rows("cell_type", cell_type.len(), self.len())?;
        self.cell_type = Some(cell_type);
        Ok(self)
    }

    /// Adds one soma position a neuron, in micrometres (NaN = unknown).
    ///
    /// # Errors
    /// [`Error::Shape`] if the lengths differ.
    pub fn with_position_um(mut self, position_um: Vec<[f64; 3]>) -> Result<Self, Error> {
        check_rows("position_um", position_um.len(), self.len())?;
        self.position_um = Some(position_um);
        Ok(self)
    }

    /// Number of neurons.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is no neuron.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// The ids, in order.
    pub fn id(&self) -> &[NeuronId] {
        &self.id
    }

    /// The cell types, where known.
    pub fn cell_type(&self) -> Option<&[String]> {
        self.cell_type.as_deref()
    }

    /// The soma positions in micrometres, where known.
    pub fn position_um(&self) -> Option<&[[f64; 3]]> {
        self.position_um.as_deref()
    }

    /// The neurons at `rows`, in that order.
    ///
    /// # Errors
    /// [`Error::DuplicateNeuron`] if a row is named twice.
    pub fn select(&self, rows: &[usize]) -> Result<Self, Error> {
        let mut table = Self::new(rows.iter().map(|&row| self.id[row].clone()).collect())?;
        table.cell_type =
            self.cell_type.as_ref().map(|column| rows.iter().map(|&row| column[row].clone()).collect());
        table.position_um =
            self.position_um.as_ref().map(|column| rows.iter().map(|&row| column[row]).collect());
        Ok(table)
    }

    /// From id to position in the table.
    pub fn index(&self) -> HashMap<&NeuronId, usize> {
        self.id.iter().enumerate().map(|(position, id)| (id, position)).collect()
    }
}

fn check_rows(what: &'static str, given: usize, neurons: usize) -> Result<(), Error> {
    if given == neurons {
        return Ok(());
    }
    Err(Error::Shape { what, given: format!("[{given}]"), allowed: format!("[{neurons}], one a neuron") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_ids_survive() {
        // 2^53 + 1 is the first integer that a double cannot hold.
        let id = NeuronId::parse("9007199254740993");
        assert_eq!(id, NeuronId::Integer(9_007_199_254_740_993));
    }

    #[test]
    fn repeated_ids_are_refused() {
        let ids = vec![NeuronId::from(7), NeuronId::from("7a"), NeuronId::from(7)];
        let error = NeuronTable::new(ids).unwrap_err();
        assert!(matches!(error, Error::DuplicateNeuron { first: 0, second: 2, .. }));
    }
}
