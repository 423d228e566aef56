//! Codes placed in two dimensions.

use ndarray::Array2;
use neuroloom_analysis::manifold::{Tsne, TsneConfig};

use crate::Error;

/// Place of each circuit, and how it was found.
pub(super) type Placed = (Vec<(f64, f64)>, String);

/// A t-SNE map of codes; a perplexity that is too large for so few circuits is lowered.
///
/// # Errors
/// What t-SNE says.
pub(super) fn place(codes: &Array2<f64>, perplexity: f64) -> Result<Placed, Error> {
    let most = (codes.nrows().saturating_sub(2) as f64 / 3.0).max(1.0);
    let config = TsneConfig { perplexity: perplexity.min(most), ..TsneConfig::default() };
    let found = Tsne::fit(codes.view(), &config)?;
    let points = found.embedding.rows().into_iter().map(|row| (row[0], row[1])).collect();
    Ok((points, format!("t-SNE of {} numbers, perplexity {:.0}", codes.ncols(), config.perplexity)))
}
