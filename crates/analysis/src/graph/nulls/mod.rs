//! Null models: random graphs that keep some properties of a wiring diagram and nothing else.
//!
//! | model | keeps exactly | leaves to chance |
//! |---|---|---|
//! | [`NullModel::ErdosRenyi`] | number of edges | all else |
//! | [`NullModel::ReciprocityAdjusted`] | numbers of mutual and of one-way pairs | where they are |
//! | [`NullModel::Configuration`] | degrees, up to self and repeated edges that are dropped | who meets whom |
//! | [`NullModel::DegreePreserving`] | every in- and out-degree | who meets whom |
//! | [`NullModel::DyadPreserving`] | every neuron's numbers of sending, receiving and mutual pairs | who meets whom |
//! | [`NullModel::TypeBlocks`] | number of edges of each pair of types (SBM) | which neurons |
//! | [`NullModel::DegreeCorrectedTypeBlocks`] | the same and every degree (DCSBM) | who meets whom |
//! | [`NullModel::Distance`] | number of edges of each distance bin | which neurons |
//! | [`NullModel::DistanceAndType`] | number of edges of each pair of types and distance bin | which neurons |
//!
//! All are microcanonical: what is kept is kept in every sample, not on average. Graphs have no self edges.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::graph::nulls::{NullConfig, NullModel, NullSampler};
//! use neuroloom_analysis::graph::{DirectedGraph, Direction, degrees};
//! use neuroloom_core::Seed;
//! let graph = DirectedGraph::from_edges(5, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)])?;
//! let sampler = NullSampler::new(NullModel::DegreePreserving, &graph, &NullConfig::default())?;
//! let random = sampler.sample(Seed(1))?;
//! assert_eq!(degrees(&random, Direction::Out), degrees(&graph, Direction::Out));
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod block_model;
mod configuration;
mod degree_corrected_blocks;
mod degree_preserving;
mod distance;
mod dyad_preserving;
mod edge_set;
mod erdos_renyi;
mod mixing_time;
mod reciprocity_adjusted;
mod significance;
mod undirected_swaps;

use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use super::DirectedGraph;
use crate::Error;
pub use significance::{NullComparison, NullRow, Statistic, compare_with_null};
pub(super) use undirected_swaps::{latticized, rewired};

/// Which properties a random graph keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum NullModel {
    /// Number of edges.
    ErdosRenyi,
    /// Numbers of mutual and one-way pairs.
    ReciprocityAdjusted,
    /// Degrees by matching of stubs; self and repeated edges are dropped.
    Configuration,
    /// Degrees, by swaps.
    DegreePreserving,
    /// Sending, receiving and mutual pairs of each neuron, by swaps.
    DyadPreserving,
    /// Edges of each pair of types.
    TypeBlocks,
    /// Edges of each pair of types, and degrees, by swaps.
    DegreeCorrectedTypeBlocks,
    /// Edges of each distance bin.
    Distance,
    /// Edges of each pair of types and distance bin.
    DistanceAndType,
}

impl NullModel {
    /// All models, the ones that keep least first.
    pub const ALL: [Self; 9] = [
        Self::ErdosRenyi,
        Self::ReciprocityAdjusted,
        Self::Configuration,
        Self::DegreePreserving,
        Self::DyadPreserving,
        Self::TypeBlocks,
        Self::DegreeCorrectedTypeBlocks,
        Self::Distance,
        Self::DistanceAndType,
    ];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ErdosRenyi => "erdos-renyi",
            Self::ReciprocityAdjusted => "reciprocity",
            Self::Configuration => "configuration",
            Self::DegreePreserving => "degree",
            Self::DyadPreserving => "dyad",
            Self::TypeBlocks => "type-blocks",
            Self::DegreeCorrectedTypeBlocks => "type-blocks-degree",
            Self::Distance => "distance",
            Self::DistanceAndType => "distance-type",
        }
    }

    /// What it keeps, in a few words.
    pub fn keeps(self) -> &'static str {
        match self {
            Self::ErdosRenyi => "number of edges",
            Self::ReciprocityAdjusted => "numbers of mutual and of one-way pairs",
            Self::Configuration => "in- and out-degrees, less self and repeated edges",
            Self::DegreePreserving => "in- and out-degrees",
            Self::DyadPreserving => "in-, out- and mutual degrees",
            Self::TypeBlocks => "edges of each pair of types",
            Self::DegreeCorrectedTypeBlocks => "edges of each pair of types, in- and out-degrees",
            Self::Distance => "edges of each distance bin",
            Self::DistanceAndType => "edges of each pair of types and distance bin",
        }
    }
}

impl From<NullModel> for String {
    fn from(model: NullModel) -> Self {
        model.name().to_owned()
    }
}

impl TryFrom<String> for NullModel {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|model| model.name() == name);
        found.ok_or_else(|| format!("no null model `{name}`; there are {}", known()))
    }
}

/// What some null models need to know besides the graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NullConfig<'a> {
    /// Cell type of each neuron, for the type models.
    pub cell_type: Option<&'a [String]>,
    /// Soma positions in micrometres, for the distance models; pairs without a position are a bin of their own.
    pub position_um: Option<&'a [[f64; 3]]>,
    /// Width of a distance bin in micrometres.
    pub bin_um: f64,
    /// Successful swaps for each edge, for the models that swap; at most ten times as many are tried. One attempt an
    /// edge follows.
    pub swaps_per_edge: usize,
}

impl Default for NullConfig<'_> {
    fn default() -> Self {
        Self { cell_type: None, position_um: None, bin_um: 20.0, swaps_per_edge: 10 }
    }
}

/// Draws random graphs like a given one.
pub struct NullSampler<'a> {
    model: NullModel,
    graph: &'a DirectedGraph,
    config: NullConfig<'a>,
}

impl<'a> NullSampler<'a> {
    /// A sampler of one model.
    ///
    /// # Errors
    /// [`Error::Missing`] if the model needs cell types or positions that are not there, [`Error::Shape`] if they do
    /// not fit the neurons, [`Error::Value`] for a bin that is not positive.
    pub fn new(model: NullModel, graph: &'a DirectedGraph, config: &NullConfig<'a>) -> Result<Self, Error> {
        let needed = |given: bool, what, hint| match given {
            true => Ok(()),
            false => Err(Error::Missing { what, needed_by: model.name(), hint }),
        };
        let by_type = matches!(
            model,
            NullModel::TypeBlocks | NullModel::DegreeCorrectedTypeBlocks | NullModel::DistanceAndType
        );
        let by_distance = matches!(model, NullModel::Distance | NullModel::DistanceAndType);
        if by_type {
            needed(config.cell_type.is_some(), "cell types", "add a column `cell_type` to the node table")?;
        }
        if by_distance {
            let hint = "add columns `x_um`, `y_um`, `z_um` to the node table";
            needed(config.position_um.is_some(), "positions", hint)?;
        }
        for (what, given) in [
            ("cell_type", config.cell_type.map(<[String]>::len)),
            ("position_um", config.position_um.map(<[[f64; 3]]>::len)),
        ] {
            if let Some(given) = given.filter(|&given| given != graph.n_neurons()) {
                let allowed = format!("[{}], one a neuron", graph.n_neurons());
                return Err(Error::Shape { what, given: format!("[{given}]"), allowed });
            }
        }
        if !(config.bin_um.is_finite() && config.bin_um > 0.0) {
            let (given, allowed) = (config.bin_um.to_string(), "micrometres above 0".to_owned());
            return Err(Error::Value { what: "bin_um", given, allowed });
        }
        Ok(Self { model, graph, config: *config })
    }

    /// The model.
    pub fn model(&self) -> NullModel {
        self.model
    }

    /// One random graph; the same for the same seed. Weights and masks are not carried over.
    ///
    /// # Errors
    /// Cannot fail for a sampler that could be built.
    pub fn sample(&self, seed: Seed) -> Result<DirectedGraph, Error> {
        let (graph, swaps) = (self.graph, self.config.swaps_per_edge);
        let mut rng = seed.split(self.model.name()).rng();
        let rng = &mut rng;
        let labels = || super::mixing::labelled(self.config.cell_type.unwrap_or_default()).1;
        let places = self.config.position_um.unwrap_or_default();
        let edges = match self.model {
            NullModel::ErdosRenyi => erdos_renyi::sample(graph, rng),
            NullModel::ReciprocityAdjusted => reciprocity_adjusted::sample(graph, rng),
            NullModel::Configuration => configuration::sample(graph, rng),
            NullModel::DegreePreserving => degree_preserving::sample(graph, swaps, rng),
            NullModel::DyadPreserving => dyad_preserving::sample(graph, swaps, rng),
            NullModel::TypeBlocks => block_model::sample(graph, &labels(), rng),
            NullModel::DegreeCorrectedTypeBlocks => {
                degree_corrected_blocks::sample(graph, &labels(), (swaps, rng))
            }
            NullModel::Distance => {
                let one_type = vec![0; graph.n_neurons()];
                distance::sample(graph, &one_type, (places, self.config.bin_um), rng)?
            }
            NullModel::DistanceAndType => {
                distance::sample(graph, &labels(), (places, self.config.bin_um), rng)?
            }
        };
        DirectedGraph::from_edges(graph.n_neurons(), &edges)
    }
}

#[cfg(test)]
mod tests;
