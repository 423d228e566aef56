//! Numbers from numbers: what every family measures, and what a user asks for alone from Python.
//!
//! | module | what is in it |
//! |---|---|
//! | [`attribution`] | how much of a prediction each feature is responsible for: SHAP, entanglement |
//! | [`boosting`] | gradient-boosted trees: a number or a probability from features of any scale |
//! | [`metrics`] | scores of a prediction against a truth: regression, classification, clustering |
//! | [`cluster`] | k-means and the choice of the number of clusters by silhouette |
//! | [`correlation`] | Pearson, lagged and partial correlation of recordings; Ledoit-Wolf covariance |
//! | [`readout`] | ridge regression and the vector autoregression, penalty chosen on held-out time |
//! | [`manifold`] | neighbourhood graphs, embeddings, intrinsic dimension, topology, and their scores |
//! | [`spline`] | cubic B-splines with local support |
//! | [`graph`] | a wiring diagram: its statistics, null models, circuits cut out of it |
//! | [`gram`] | streaming normal equations, the same bytes for any number of threads |
//! | [`least_squares`] | small dense systems |
//! | [`smoothing`] | cubic smoothing splines of time series, with their derivative |
//! | [`statistics`] | quantiles, bootstrap intervals, permutation p-values, coverage |
//! | [`symbolic`] | formulas from curves: genetic search, refinement, a stated rule of choice |
//!
//! **Absent by design:** no disk, no drawing, no neural network. Same input and seed give the same bytes
//! for any number of threads: every parallel sum is cut into a fixed number of blocks that are added in
//! order.
//!
//! Missing samples (NaN) are refused by every function whose documentation does not say otherwise.

pub mod attribution;
pub mod boosting;
pub mod cluster;
pub mod correlation;
mod error;
pub mod gram;
pub mod graph;
pub mod least_squares;
mod linear_algebra;
pub mod manifold;
pub mod metrics;
pub mod readout;
pub mod smoothing;
pub mod spline;
pub mod statistics;
pub mod symbolic;

pub use error::Error;
