//! Circuits on demand: asked against achieved.

use serde::{Deserialize, Serialize};

use crate::data::nullable;

/// What was asked of the generator and what it gave.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Control {
    /// How the circuits were made, one or two sentences.
    pub lead: String,
    /// One panel a statistic.
    pub targets: Vec<ControlTarget>,
    /// What else moved, in standard deviations of the data.
    pub side_effects: Vec<SideEffect>,
}

/// One statistic that was asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlTarget {
    /// Its name.
    pub name: String,
    /// 5th and 95th percentile of the data.
    pub data_range: (f64, f64),
    /// Lowest and highest mean that was reached.
    pub reachable: Option<(f64, f64)>,
    /// One curve a controller.
    pub curves: Vec<ControlCurve>,
}

/// What one controller achieved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlCurve {
    /// The controller.
    pub controller: String,
    /// Values asked.
    #[serde(deserialize_with = "nullable::list")]
    pub asked: Vec<f64>,
    /// Mean achieved for each.
    #[serde(deserialize_with = "nullable::list")]
    pub achieved: Vec<f64>,
    /// Standard deviation over circuits.
    #[serde(deserialize_with = "nullable::list")]
    pub spread: Vec<f64>,
    /// Rank correlation of asked and achieved; NaN for fewer than three.
    #[serde(deserialize_with = "nullable::number")]
    pub spearman: f64,
    /// Mean of |achieved - asked| / |asked| within the range of the data.
    #[serde(deserialize_with = "nullable::number")]
    pub relative_error: f64,
    /// Distance of the codes from the middle of the prior, as percentile of what the prior draws.
    #[serde(deserialize_with = "nullable::number")]
    pub prior_percentile: f64,
}

/// How far another statistic moved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SideEffect {
    /// What was asked for.
    pub target: String,
    /// What moved.
    pub metric: String,
    /// By how many standard deviations of the data.
    #[serde(deserialize_with = "nullable::number")]
    pub shift: f64,
}
