//! One code over circuits of several sources.

use serde::{Deserialize, Serialize};

use crate::data::{Relation, nullable};

/// A map of circuits of several sources, and how far apart they are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Atlas {
    /// How the places were found.
    pub method: String,
    /// Names of the sources.
    pub sources: Vec<String>,
    /// Names of the regions; may be empty.
    pub regions: Vec<String>,
    /// One a circuit.
    pub points: Vec<AtlasPoint>,
    /// How well the source is told from the code and from less.
    pub separability: Vec<Separability>,
    /// Mean distance between codes of two sources, in units of the mean distance within sources.
    #[serde(deserialize_with = "nullable::grid")]
    pub distance: Vec<Vec<f64>>,
    /// Mean of each statistic by source: name, (position of the source, mean).
    pub means: Vec<Relation>,
}

/// One circuit on the map.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AtlasPoint {
    /// Place.
    #[serde(deserialize_with = "nullable::number")]
    pub x: f64,
    /// Place.
    #[serde(deserialize_with = "nullable::number")]
    pub y: f64,
    /// Position in `sources`.
    pub source: usize,
    /// Position in `regions`, where known.
    pub region: Option<usize>,
}

/// How well the source is told.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Separability {
    /// From what: `code`, `N and E`, `chance`.
    pub from: String,
    /// Balanced accuracy on held-out circuits.
    #[serde(deserialize_with = "nullable::number")]
    pub accuracy: f64,
}
