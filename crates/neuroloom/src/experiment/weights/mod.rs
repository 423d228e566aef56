//! Weight manifolds: experiments, extraction from any weights, corruption studies.
//!
//! | file | what is in it |
//! |---|---|
//! | `config`, `pipeline` | an experiment file and its stages: train, extract, report; or a study of several cases |
//! | `training`, `study` | one network; many |
//! | `extract`, `source`, `truth_table` | the verbs `extract` and `stress`: any weights, any truth |
//! | `subject`, `reading` | weights with their neurons; what is read from them |
//! | `page`, `tables` | report and tables |

mod args;
mod config;
mod extract;
mod extract_args;
mod page;
mod pipeline;
mod reading;
mod source;
mod study;
mod subject;
mod tables;
mod training;
mod truth_table;

pub use args::TrainAutoencoderArgs;
pub use config::{Case, WeightExperiment};
pub use extract::{ExtractRun, extract, stress};
pub use extract_args::{ReadArgs, StressArgs};
pub use pipeline::run;
pub use reading::{Extraction, PieceExtraction, Read, read, write};
pub use source::{ArrayLayout, SourceOptions, open};
pub use study::{CaseRow, Spread, StudyTable, study};
pub use subject::{ChosenPoints, Subject};
pub use training::{NetworkRecord, subject_of, train_network};
pub use truth_table::{AngleUnit, TruthOptions};
