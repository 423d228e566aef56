//! Forecast of held-out frames.

use serde::{Deserialize, Serialize};

use super::{TracePair, nullable};

/// How well each method foresees frames that no method was fitted on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Forecast {
    /// Time between frames, in seconds.
    #[serde(deserialize_with = "nullable::number")]
    pub dt_s: f64,
    /// Unit of the activity.
    pub unit: String,
    /// Which frames were held out, such as `last quarter, frames 600 to 799`.
    pub held_out: String,
    /// Methods, the model first, then the baselines.
    pub methods: Vec<ForecastMethod>,
    /// How many steps ahead `traces` were forecast.
    pub trace_steps: usize,
    /// Time of the samples of `traces`, in seconds.
    #[serde(deserialize_with = "nullable::list")]
    pub trace_time_s: Vec<f64>,
    /// A few held-out neurons with their forecast.
    pub traces: Vec<TracePair>,
}

/// One method.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ForecastMethod {
    /// Its name, such as `model`, `persistence`, `ridge VAR(1)`.
    pub name: String,
    /// Its scores, one a horizon.
    pub scores: Vec<HorizonScore>,
}

/// R² of one method at one horizon.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HorizonScore {
    /// Steps ahead.
    pub steps: usize,
    /// R² over all neurons and frames.
    #[serde(deserialize_with = "nullable::number")]
    pub r2: f64,
    /// Lower quartile over neurons.
    pub lower_quartile: Option<f64>,
    /// Upper quartile over neurons.
    pub upper_quartile: Option<f64>,
}
