//! The model families. Each has the same five files: `config`, `model`, `train`, `evaluate`, `explore`;
//! what is special to a family has a file of its own.
//!
//! | family | question |
//! |---|---|
//! | [`mechanism`] | which wiring and which functions produced this activity? |
//!
//! **Absent by design:** families never import each other; no disk, no printing.

mod error;
pub mod mechanism;

pub use error::Error;
