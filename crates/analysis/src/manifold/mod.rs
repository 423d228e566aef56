//! Few coordinates for many dimensions.

mod pca;

pub use pca::Pca;
