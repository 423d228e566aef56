//! One experiment: its config, its run folder, its stages.
//!
//! | module | what is in it |
//! |---|---|
//! | `config`, `data_config`, `simulate_config` | what is done, as data; every field's comment is its help text |
//! | `family` | which family an experiment file is of |
//! | `experiment_file` | reading and writing the file, the same for every family |
//! | `run_dir`, `record`, `provenance` | the run folder, its journals, how the run came about |
//! | [`stages`] | simulate, infer, evaluate, report: one function each |
//! | `pipeline`, `resume` | the stages in order; which are finished |
//! | [`report_data`] | from scores and figure numbers to the data of a report |
//! | [`comparison`] | many runs beside published numbers |
//! | [`measuring`] | statistics of wiring diagrams |
//! | [`circuit_vae`] | a code of circuits: trained, scored, explored |
//! | [`circuits`] | surrogate tissue, samples of a connectome, comparison of two sets |
//! | [`weights`] | the weight-manifold family: runs, extraction, corruption studies |
//! | `anatomy` | from a connectome to a circuit that can be simulated |

mod anatomy;
mod checkpoint_file;
pub mod circuit_vae;
pub mod circuits;
pub mod comparison;
mod config;
mod data_config;
mod experiment_file;
mod family;
pub(crate) mod kebab;
mod limits;
mod measures;
pub mod measuring;
mod model_file;
mod pipeline;
mod provenance;
mod published;
mod record;
pub mod report_data;
mod resume;
mod run_dir;
mod simulate_config;
mod simulation;
mod source;
pub mod stages;
mod tables;
pub mod weights;

pub use anatomy::BundledConnectome;
pub use config::{EvaluationLevel, ExperimentConfig};
pub use data_config::{DataConfig, FrameOrientation};
pub use family::{Experiment, Family};
pub use pipeline::{Pipeline, Resume, folder_of, note_skipped};
pub use provenance::{InputFile, Provenance};
pub use record::RunRecord;
pub(crate) use resume::Ledger;
pub use resume::Stage;
pub use run_dir::{Artefact, RunDir};
pub use simulate_config::SimulateConfig;
pub use simulation::SimulationSummary;
pub use source::{Frames, Source};
