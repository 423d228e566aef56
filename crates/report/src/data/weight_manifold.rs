//! What was read from weights, how the network was trained, and how much damage the reading stands.

use serde::{Deserialize, Serialize};

use super::{Table, nullable};

/// A reading of weights, a study of several, or both.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WeightManifold {
    /// What was read, one or two sentences.
    pub lead: String,
    /// Connected pieces, the largest first.
    pub pieces: Vec<ManifoldPiece>,
    /// How the network was trained.
    pub descent: Option<Descent>,
    /// Scores against the strength of some damage.
    pub damage: Vec<DamageCurve>,
    /// Cases of a study beside each other.
    pub cases: Vec<CaseScore>,
    /// Every number of the above.
    pub tables: Vec<Table>,
}

/// One connected piece.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ManifoldPiece {
    /// What it is, such as `piece 1, 60 neurons`.
    pub name: String,
    /// Up to three coordinates of each neuron.
    #[serde(deserialize_with = "nullable::grid")]
    pub coordinates: Vec<Vec<f64>>,
    /// What the neurons are coloured by, 0 to 1; NaN = unknown.
    #[serde(deserialize_with = "nullable::list")]
    pub shade: Vec<f64>,
    /// Name of that.
    pub shade_name: String,
    /// How the colours run.
    pub shades: Shades,
    /// Bars of H0, H1 and H2 as (birth, death).
    pub bars: Vec<Vec<(f64, f64)>>,
    /// Pairs (latent distance, distance along the graph), a sample of all.
    #[serde(deserialize_with = "nullable::pairs")]
    pub distances: Vec<(f64, f64)>,
    /// Inner products of the points, rows and columns in the order that was read.
    #[serde(deserialize_with = "nullable::grid")]
    pub gram: Vec<Vec<f64>>,
}

/// How colours run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shades {
    /// Round: 0 and 1 look alike.
    #[default]
    Cyclic,
    /// From light to dark.
    Sequential,
}

/// The training of a network.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Descent {
    /// Steps done at each point.
    #[serde(deserialize_with = "nullable::list")]
    pub step: Vec<f64>,
    /// The loss there.
    #[serde(deserialize_with = "nullable::list")]
    pub loss: Vec<f64>,
    /// The balance error there.
    #[serde(deserialize_with = "nullable::list")]
    pub balance_error: Vec<f64>,
    /// Below this the training ends.
    #[serde(deserialize_with = "nullable::number")]
    pub tolerance: f64,
}

/// A score against the strength of some damage.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DamageCurve {
    /// The damage, such as `noise`.
    pub name: String,
    /// What its strength is, such as `noise / rms of the weights`.
    pub level_name: String,
    /// Strengths.
    #[serde(deserialize_with = "nullable::list")]
    pub level: Vec<f64>,
    /// What the score is.
    pub score_name: String,
    /// Mean over draws.
    #[serde(deserialize_with = "nullable::list")]
    pub mean: Vec<f64>,
    /// Lower end over draws.
    #[serde(deserialize_with = "nullable::list")]
    pub lower: Vec<f64>,
    /// Upper end over draws.
    #[serde(deserialize_with = "nullable::list")]
    pub upper: Vec<f64>,
    /// The score of shuffled weights.
    #[serde(deserialize_with = "nullable::number")]
    pub null: f64,
}

/// Name of a case, then mean, lower and upper end; nothing where the score is not defined.
pub type CaseSpread = (String, Option<f64>, Option<f64>, Option<f64>);

/// One score over the cases of a study.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseScore {
    /// The score.
    pub name: String,
    /// Name, mean, lower and upper end of each case.
    pub cases: Vec<CaseSpread>,
    /// The score of shuffled weights.
    #[serde(deserialize_with = "nullable::number")]
    pub null: f64,
}
