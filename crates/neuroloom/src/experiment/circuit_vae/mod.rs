//! A code of circuits: trained, scored, explored, used to weave new circuits.
//!
//! | module | what is in it |
//! |---|---|
//! | `config` | the experiment as data |
//! | `circuits` | the circuits of a run: read, or cut out of a connectome or a surrogate tissue |
//! | `pipeline` | the stages in order; which are finished |
//! | `train`, `evaluate`, `explore`, `synthesize`, `reservoir`, `atlas` | one stage each |
//! | `generation` | circuits from codes, and the baseline that they must beat |
//! | `page` | from results to the data of a report |

mod circuits;
mod config;
mod evaluate;
mod generation;
mod metrics;
mod model_file;
mod page;
mod pipeline;
mod trained;

pub use config::{CircuitSource, CodeConfig, CodeEvaluation, ExploreConfig};
pub use evaluate::{CodeEvaluationResult, GenerationScores};
pub use metrics::METRICS;
pub use pipeline::CodePipeline;
pub use trained::TrainedCode;

use metrics::metric;
