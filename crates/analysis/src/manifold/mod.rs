//! Few coordinates for many dimensions: neighbourhood graphs, embeddings, and how far to trust them.

mod distances;
mod eigen;
pub mod intrinsic_dimension;
mod isomap;
mod neighbours;
mod pca;
pub mod quality;
mod scaling;
pub mod topology;

pub use distances::{Metric, euclidean_distances};
pub use isomap::{DisconnectedPolicy, Isomap, IsomapConfig, IsomapPiece, Placement};
pub use neighbours::{Geodesics, NearestNeighbours, NeighbourConfig, NeighbourGraph, Neighbourhood};
pub use pca::Pca;
