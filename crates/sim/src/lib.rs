//! Known dynamics.
mod curve;
mod error;
mod exchange;
mod integrate;
mod layout;
mod neurons;
mod recurrent;
mod worker;

pub use error::Error;
pub use integrate::{DriftRecording, FrameSink, Integration, rollout, simulate, unseen_state};
