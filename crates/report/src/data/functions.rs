//! Update functions phi and transfer functions psi.

use serde::{Deserialize, Serialize};

use super::{Histogram, nullable};

/// The learned functions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Functions {
    /// Unit of the activity x.
    pub x_unit: String,
    /// Unit of phi, such as `a.u./s`.
    pub update_unit: String,
    /// phi, one group a type (or one group for all neurons).
    pub update: Vec<FunctionGroup>,
    /// Unit of psi, usually empty (the scale is in W).
    pub transfer_unit: String,
    /// psi, one group for all or one a sender or receiver type.
    pub transfer: Vec<FunctionGroup>,
    /// How often each activity was visited, drawn below psi.
    pub occupancy: Option<Histogram>,
    /// How phi was anchored, such as `curves are shown with phi(0) = 0`; may be empty.
    pub note: String,
}

/// Functions of one group on a common grid. Every list but `x` may be empty; NaN outside of the visited range.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionGroup {
    /// Name of the group.
    pub name: String,
    /// Grid of activities.
    #[serde(deserialize_with = "nullable::list")]
    pub x: Vec<f64>,
    /// Single neurons, drawn faintly; a few dozen suffice.
    #[serde(deserialize_with = "nullable::grid")]
    pub neurons: Vec<Vec<f64>>,
    /// Middle of the group (or the only curve).
    #[serde(deserialize_with = "nullable::list")]
    pub center: Vec<f64>,
    /// Lower edge of the band.
    #[serde(deserialize_with = "nullable::list")]
    pub lower: Vec<f64>,
    /// Upper edge of the band.
    #[serde(deserialize_with = "nullable::list")]
    pub upper: Vec<f64>,
    /// The true function, drawn dashed.
    #[serde(deserialize_with = "nullable::list")]
    pub truth: Vec<f64>,
}
