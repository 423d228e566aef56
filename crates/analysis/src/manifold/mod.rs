//! Few coordinates for many dimensions: neighbourhood graphs, embeddings, and how far to trust them.

mod distances;
mod eigen;
pub mod intrinsic_dimension;
mod isomap;
mod laplacian_eigenmaps;
mod mds;
mod neighbours;
mod ordering;
mod pca;
pub mod quality;
mod scaling;
pub mod topology;
mod tsne;
mod umap;

pub use distances::{Metric, euclidean_distances};
pub use isomap::{DisconnectedPolicy, Isomap, IsomapConfig, IsomapPiece, Placement};
pub use laplacian_eigenmaps::{EdgeWeight, LaplacianConfig, LaplacianEigenmaps};
pub use mds::{Mds, MdsConfig};
pub use neighbours::{Geodesics, NearestNeighbours, NeighbourConfig, NeighbourGraph, Neighbourhood};
pub use ordering::{order_of, ring_angles, seriation};
pub use pca::Pca;
pub use tsne::{Tsne, TsneConfig};
pub use umap::{Umap, UmapConfig};
