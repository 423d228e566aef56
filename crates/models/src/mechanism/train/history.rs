//! How the loss went.

use serde::{Deserialize, Serialize};

/// The loss after some steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps done.
    pub step: u64,
    /// Mean over the steps since the last point of the part of the loss that compares with the recording, in the
    /// form of [`LossForm`](super::LossForm).
    pub loss: f32,
    /// Residual variance of dx/dt on held-out frames as a share of its variance: 1 is as good as the mean, 0 is
    /// perfect.
    pub held_out: f32,
}

/// How the loss went over a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct History {
    /// The loss over the steps.
    pub points: Vec<Point>,
    /// What happened on the way, one sentence each.
    pub notes: Vec<String>,
}
