//! Numbers of a wiring diagram: directed, typed, with masks respected.
//!
//! Everything starts from a [`DirectedGraph`]: neurons `0..n`, at most one edge for each ordered pair, no edge
//! from a neuron to itself. `A[pre, post]` is 1 where there is an edge; `U` is the underlying undirected graph,
//! in which two neurons are joined if there is an edge either way.
//!
//! | topic | functions |
//! |---|---|
//! | density, degrees | [`degree_summary`], [`degrees`], [`gini`], [`assortativity`] |
//! | pairs | [`reciprocity`] |
//! | triangles | [`clustering`], [`triad_census`], [`simplex_counts`], [`common_neighbours`] |
//! | paths | [`path_summary`], [`betweenness`], [`weak_components`], [`strong_components`] |
//! | groups | [`modularity`], [`communities`], [`rich_club`], [`core_numbers`], [`type_mixing`], [`excitatory_fraction`] |
//! | space | [`distance_profile`] |
//! | matrix | [`spectrum`] |
//! | all at once | [`measure`] |
//! | chance | [`nulls`], [`small_world`], [`FittedBlocks`] |
//!
//! **Masks.** Density, degrees, type mixing and the distance profile count the ordered pairs that could have been
//! observed. Everything that needs two edges or more (reciprocity, triads, paths, ...) is meant for the
//! [`DirectedGraph::observed_core`], in which every pair is observable; [`reciprocity`] takes it by itself.
//!
//! # Examples
//! ```
//! use neuroloom_analysis::graph::DirectedGraph;
//! // 0 -> 1 -> 2 -> 0 and 1 -> 0
//! let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2), (2, 0), (1, 0)])?;
//! assert_eq!((graph.n_neurons(), graph.n_edges()), (3, 4));
//! assert_eq!(graph.successors(1), [0, 2]);
//! assert_eq!(graph.predecessors(0), [1, 2]);
//! # Ok::<(), neuroloom_analysis::Error>(())
//! ```

mod betweenness;
mod cell_classes;
mod clustering;
mod common_neighbours;
mod communities;
pub mod comparison;
mod components;
mod degree;
mod directed;
mod distance;
mod fitted_blocks;
mod measure;
mod mixing;
mod modularity;
pub mod nulls;
mod paths;
mod reciprocity;
mod rich_club;
pub mod sampling;
mod simplices;
mod small_world;
mod spectral;
mod triads;
mod triangles;
mod undirected;

pub use betweenness::betweenness;
pub use cell_classes::{ExcitatoryFraction, excitatory_fraction};
pub use clustering::{Clustering, clustering};
pub use common_neighbours::{CommonNeighbours, common_neighbours};
pub use communities::{Communities, CommunityConfig, CommunitySearch, communities};
pub use components::{Components, strong_components, weak_components};
pub use degree::{DegreeSummary, Direction, assortativity, degree_summary, degrees, gini};
pub use directed::DirectedGraph;
pub use distance::{DistanceProfile, distance_profile, kolmogorov_smirnov};
pub use fitted_blocks::FittedBlocks;
pub use measure::{Annotations, Measure, MeasureConfig, Measures, NeuronMeasures, NullStatistic, measure};
pub use mixing::{TypeMixing, type_mixing};
pub use modularity::modularity;
pub use paths::{
    PathSummary, path_summary, path_summary_of_largest_strong_component,
    path_summary_of_largest_weak_component,
};
pub use reciprocity::{Reciprocity, reciprocity};
pub use rich_club::{core_numbers, rich_club};
pub use simplices::simplex_counts;
pub use small_world::{SmallWorld, SmallWorldConfig, small_world};
pub use spectral::{SpectralConfig, Spectrum, spectrum};
pub use triads::{FIRST_CONNECTED_TRIAD, TRIAD_NAMES, triad_census};
pub use undirected::{Dyad, UndirectedGraph};
