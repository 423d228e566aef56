//! The code of circuits: what it carries, what its directions mean, what it generates, what circuits compute.

mod atlas;
mod attribution;
mod capacity;
mod control;
mod directions;
mod generated;
mod history;
mod latent_map;
mod reconstruction;
mod reservoir;

use serde::{Deserialize, Serialize};

pub use atlas::{Atlas, AtlasPoint, Separability};
pub use attribution::{Attribution, SwarmRow};
pub use capacity::{Capacity, CapacityPoint};
pub use control::{Control, ControlCurve, ControlTarget, SideEffect};
pub use directions::{DirectionRow, Directions};
pub use generated::{CircuitView, GeneratedCircuits, MeanRow};
pub use history::CodeTraining;
pub use latent_map::{DisplayLine, LatentMap, MapColouring};
pub use reconstruction::{DimensionUse, PredictorScore, Reconstruction, ReconstructionSplit};
pub use reservoir::{ReservoirPrediction, ReservoirResults, ReservoirScore, ReservoirTask};

/// Everything about one code of circuits. A part that is `None` has no section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CircuitCode {
    /// How the training went.
    pub training: Option<CodeTraining>,
    /// Unseen circuits encoded and decoded, beside trivial predictors.
    pub reconstruction: Option<Reconstruction>,
    /// What the code carries against its size and the weight of the rate.
    pub capacity: Option<Capacity>,
    /// Real circuits beside generated ones.
    pub generated: Option<GeneratedCircuits>,
    /// The codes as a map.
    pub latent_map: Option<LatentMap>,
    /// Linear directions of metrics.
    pub directions: Option<Directions>,
    /// What each latent number does to a metric.
    pub attributions: Vec<Attribution>,
    /// Circuits on demand: asked against achieved.
    pub control: Option<Control>,
    /// What circuits compute.
    pub reservoir: Option<ReservoirResults>,
    /// One code over several sources.
    pub atlas: Option<Atlas>,
}
