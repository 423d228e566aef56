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

mod atlas;
mod circuits;
mod config;
mod evaluate;
mod explore;
mod generation;
mod map;
mod metrics;
mod model_file;
mod page;
mod pipeline;
mod reservoir;
mod synthesize;
mod trained;
mod variants;
mod walks;

pub use atlas::{AtlasConfig, AtlasResult, AtlasSource, atlas};
pub use config::{CircuitSource, CodeConfig, CodeEvaluation, ExploreConfig};
pub use evaluate::{CodeEvaluationResult, GenerationScores};
pub use explore::{ColouredMap, Exploration, MetricAttribution, explore};
pub use metrics::METRICS;
pub use pipeline::CodePipeline;
pub use reservoir::{ReservoirFound, ReservoirSettings, ScoreRow, reservoir};
pub use synthesize::{Synthesis, SynthesisConfig, synthesize};
pub use trained::TrainedCode;
pub use variants::CapacityScores;
pub use walks::Walk;

use metrics::metric;
