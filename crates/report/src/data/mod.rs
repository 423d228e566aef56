//! The numbers of a report, and nothing else: plain vectors and strings, every part optional.
//!
//! Missing or undefined numbers are NaN; they are left out of the drawing and the caption says so. In JSON a
//! NaN is `null`, both ways.

mod cell_types;
mod circuit_vae;
mod connectivity;
mod density;
mod field;
mod forecast;
mod formulas;
mod functions;
mod graph_statistics;
mod header;
mod nullable;
mod provenance;
mod recording;
mod rollout;
mod set_comparison;
mod table;
mod training;
mod weight_manifold;
mod wiring;

use serde::{Deserialize, Serialize};

pub use cell_types::{CellTypes, Contingency, SilhouettePoint};
pub use circuit_vae::{
    Atlas, AtlasPoint, Attribution, Capacity, CapacityPoint, CircuitCode, CircuitView, CodeTraining, Control,
    ControlCurve, ControlTarget, DimensionUse, DirectionRow, Directions, DisplayLine, GeneratedCircuits,
    LatentMap, MapColouring, MeanRow, PredictorScore, Reconstruction, ReconstructionSplit,
    ReservoirPrediction, ReservoirResults, ReservoirScore, ReservoirTask, Separability, SideEffect, SwarmRow,
};
pub use connectivity::{Connectivity, Coverage, MatrixPanel, Tone, WeakSender};
pub use density::{Density, Histogram};
pub use field::Field;
pub use forecast::{Forecast, ForecastMethod, HorizonScore};
pub use formulas::{FormulaEntry, FormulaPart, Formulas, FrontRow};
pub use functions::{FunctionGroup, Functions};
pub use graph_statistics::{
    GraphNumber, GraphStatistics, GraphTopic, NullModelResult, NullNumber, Relation, TypeDensity,
};
pub use header::{Card, Header, Reference};
pub use provenance::{Detail, InputFile, Notice, Provenance};
pub use recording::{Group, Recording, Trace};
pub use rollout::{PublishedScore, Rollout, RolloutScatter, TracePair};
pub use set_comparison::{ScoreRow, SetHistogram, SetReport};
pub use table::{Cell, Table};
pub use training::Training;
pub use weight_manifold::{
    CaseScore, CaseSpread, DamageCurve, Descent, ManifoldPiece, Shades, WeightManifold,
};
pub use wiring::{WiringComparison, WiringReference, WiringScore};

/// Everything that one report shows. A part that is `None` (or empty) has no section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportData {
    /// Title, summary and key numbers.
    pub header: Header,
    /// What was recorded.
    pub recording: Option<Recording>,
    /// The learned wiring.
    pub connectivity: Option<Connectivity>,
    /// Update and transfer functions.
    pub functions: Option<Functions>,
    /// phi and psi as formulas.
    pub formulas: Option<Formulas>,
    /// How the loss went, where the model was trained.
    pub training: Option<Training>,
    /// Neuron types.
    pub cell_types: Option<CellTypes>,
    /// A field from outside that scales what neurons receive.
    pub field: Option<Field>,
    /// Free running of the model against the truth.
    pub rollout: Option<Rollout>,
    /// Forecast of held-out frames.
    pub forecast: Option<Forecast>,
    /// Comparison with a given connectome.
    pub wiring: Option<WiringComparison>,
    /// Statistics of a wiring diagram.
    pub graph_statistics: Option<GraphStatistics>,
    /// A code of circuits.
    pub circuit_code: Option<CircuitCode>,
    /// Sets of circuits beside each other.
    pub set_comparison: Option<SetReport>,
    /// What was read from weights.
    pub weight_manifold: Option<WeightManifold>,
    /// Baselines, as one or more tables.
    pub baselines: Vec<Table>,
    /// Partial trouble that the user must know.
    pub warnings: Vec<Notice>,
    /// What these numbers do not show, one paragraph each.
    pub limits: Vec<String>,
    /// How to make this run again.
    pub provenance: Option<Provenance>,
}
