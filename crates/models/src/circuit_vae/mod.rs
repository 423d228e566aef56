//! A code of microcircuits: which few numbers describe a circuit, and which circuit has the numbers I want?
//!
//! ```text
//! q(z | G) = Normal(mu(G), sigma(G)^2)         message passing along the edges, pooled over neurons
//! p(G | z) = prod_(i < j) p(state_ij | z, conditions_i, conditions_j)      state: none, i -> j, j -> i, both
//! loss     = -E_q ln p(G | z) + beta KL(q(z | G) || Normal(0, 1))
//! ```
//!
//! | form | the decoder is told | it makes | neurons |
//! |---|---|---|---|
//! | [`Form::Conditional`] (B) | cell types and positions | dyads | any number, in any order |
//! | [`Form::Slots`] (A) | nothing | cell types, then dyads | at most as many as there are slots |
//!
//! A one-way observation of a pair counts with its marginal, p(i -> j) + p(both). Nothing is symmetrised: mutual
//! pairs have a probability of their own.
//!
//! That microcircuits are coded by a variational auto-encoder with 32 latent numbers is from "Decoding Cortical
//! Microcircuits" (arXiv 2506.11062); G = (types, adjacency) with conditionally independent parts from its sister
//! (arXiv 2505.13011); conditioning on neuron type and place from arXiv 2609.06093. Layers, loss weights and all
//! settings are our own: the papers' could not be read.

mod calibration;
mod canonical;
mod config;
pub mod directions;
pub mod evaluate;
mod example;
mod model;
mod prepared;
pub mod reservoir;
mod summary;
pub mod synthesize;
mod train;

pub use calibration::Calibration;
pub use config::{CircuitVaeConfig, Form, Rotation, Strengths, TrainingConfig};
pub use evaluate::{EvaluationConfig, ReconstructionScores, reconstruction};
pub use example::{GraphExample, NodeConditions, Vocabulary};
pub use model::{CircuitVae, Code, DyadTable, PairStates};
pub use train::{Checkpoints, NoCheckpoints, TrainingHistory, TrainingPoint, train};
