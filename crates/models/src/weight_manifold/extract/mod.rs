//! From weights to latent variables: points, neighbourhood graph, one embedding a piece, scores, topology.

mod config;
mod points;
mod reading;
mod scores;
mod spectral;
mod structure;
mod truth;

pub use config::{EmbeddingMethod, Entries, ExtractConfig, PointSet, Scaling};
pub use points::Weights;
pub use reading::{Manifold, Reading};
pub(crate) use scores::agreements;
pub use scores::{ManifoldScores, Score, main_score, score};
pub use structure::{Bars, Dimension, FEWEST_POINTS, Structure, structure};
pub use truth::{KnownNeuron, NeuronTruth, TrueGroup};
