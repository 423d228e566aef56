//! From a recording to a mechanism: the experiment, its run folder, its stages, and the command line.
//!
//! Terminal, Rust and Python share one behaviour: a verb of [`cli`] and a function of
//! [`experiment::stages`] are the same call.
//!
//! | module | what is in it |
//! |---|---|
//! | [`experiment`] | config, run folder, stages, resume, provenance |
//! | [`cli`] | arguments, one file a verb, tables, progress |
//!
//! **Absent by design:** mathematics. Simulation is in [`sim`], numbers in [`analysis`] and [`models`],
//! drawing in [`report`], formats in [`io`].
//!
//! # Examples
//! ```
//! use neuroloom::experiment::ExperimentConfig;
//! let config = ExperimentConfig::parse("seed = 7\n[data]\npath = \"worm.npz\"\ndt-s = 0.6\n")?;
//! assert_eq!(config.seed, 7);
//! # Ok::<(), String>(())
//! ```

pub mod cli;
mod error;
pub mod experiment;

pub use error::Error;
pub use neuroloom_analysis as analysis;
pub use neuroloom_core as core;
pub use neuroloom_io as io;
pub use neuroloom_models as models;
pub use neuroloom_report as report;
pub use neuroloom_sim as sim;
