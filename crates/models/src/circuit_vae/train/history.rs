//! How the loss went.

use serde::{Deserialize, Serialize};

/// The losses after an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrainingPoint {
    /// Epochs done.
    pub epoch: u64,
    /// Mean loss over the epoch, nats an observed pair: -ln p(circuit | z) plus the KL divergence with the weight it
    /// had.
    pub loss: f64,
    /// KL divergence on training circuits, nats a circuit.
    pub kl: f64,
    /// Negative evidence lower bound on the validation circuits with the final beta, nats an observed pair; `None`
    /// without any.
    pub validation: Option<f64>,
    /// KL divergence on validation circuits, nats a circuit.
    pub validation_kl: Option<f64>,
}

/// How the loss went over a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrainingHistory {
    /// The losses, an epoch each.
    pub points: Vec<TrainingPoint>,
    /// The epoch whose parameters were kept.
    pub best_epoch: u64,
    /// Whether training ended because the validation loss no longer fell.
    pub stopped_early: bool,
}
