//! Weight manifolds: experiments, extraction from any weights, corruption studies.
//!
//! | file | what is in it |
//! |---|---|
//! | `config`, `pipeline` | an experiment file and its stages: train, extract, report; or a study of several cases |
//! | `training`, `study` | one network; many |
//! | `subject`, `reading` | weights with their neurons; what is read from them |
//! | `page`, `tables` | report and tables |

mod args;
mod config;
mod page;
mod pipeline;
mod reading;
mod study;
mod subject;
mod tables;
mod training;

pub use args::TrainAutoencoderArgs;
pub use config::{Case, WeightExperiment};
pub use pipeline::run;
pub use reading::{Extraction, PieceExtraction, Read, read, write};
pub use study::{CaseRow, Spread, StudyTable, study};
pub use subject::{ChosenPoints, Subject};
pub use training::{NetworkRecord, subject_of, train_network};
