//! How good is an embedding: against the points it came from, and against known latent variables.
//!
//! | score | compares | perfect | chance |
//! |---|---|---|---|
//! | [`trustworthiness`] | are neighbours in the embedding neighbours of the points? | 1 | 0.5 |
//! | [`continuity`] | are neighbours of the points neighbours in the embedding? | 1 | 0.5 |
//! | [`neighbour_overlap`] | shared nearest neighbours | 1 | k / (n - 1) |
//! | [`procrustes_r2`] | coordinates up to shift, rotation, reflection and scale | 1 | up to d / n for d coordinates |
//! | [`ring_resultant`], [`circular_correlation`] | angles up to rotation (and reflection) | 1 | 1.15 / sqrt(n), 0 |
//! | [`distance_spearman`] | distances by rank | 1 | 0 |
//! | [`mean_matched_correlation`] | coordinates one by one, matched | 1 | about 1 / sqrt(n) |
//! | [`neighbour_regression_r2`] | can latents be read from neighbours? | 1 | about -1 / k |
//!
//! No score is a finding without its null: [`column_shuffle_null`] gives the score of points whose entries were
//! permuted within columns, so that every feature keeps its distribution and nothing else.

mod distance_correlation;
mod matched_correlation;
mod neighbour_regression;
mod null;
mod overlap;
mod procrustes;
mod ring;
mod trustworthiness;

pub use crate::metrics::regression::spearman;
pub use distance_correlation::{LatentAxis, distance_spearman, latent_distances};
pub use matched_correlation::mean_matched_correlation;
pub use neighbour_regression::neighbour_regression_r2;
pub use null::{column_shuffle_null, shuffled_within_columns};
pub use overlap::neighbour_overlap;
pub use procrustes::procrustes_r2;
pub use ring::{circular_correlation, ring_resultant};
pub use trustworthiness::{continuity, trustworthiness};

use ndarray::ArrayView2;

use super::distances::check_points;
use crate::Error;

/// Two tables about the same points.
fn check_pair(
    what: &'static str,
    a: ArrayView2<'_, f64>,
    b: ArrayView2<'_, f64>,
    needed: usize,
) -> Result<(), Error> {
    check_points(a, needed)?;
    check_points(b, needed)?;
    if a.nrows() == b.nrows() {
        return Ok(());
    }
    Err(Error::Shape {
        what,
        given: format!("{} points", b.nrows()),
        allowed: format!("{} points", a.nrows()),
    })
}
