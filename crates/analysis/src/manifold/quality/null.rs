//! What a score would be if the features had nothing to do with each other.

use ndarray::{Array2, ArrayView2};
use neuroloom_core::Seed;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::Error;

/// The points with the entries of each column permuted: every feature keeps its distribution and nothing else
/// (Horn 1965).
pub fn shuffled_within_columns(points: ArrayView2<'_, f64>, seed: Seed) -> Array2<f64> {
    let mut shuffled = points.to_owned();
    for (index, mut column) in shuffled.columns_mut().into_iter().enumerate() {
        let mut entries = column.to_vec();
        entries.shuffle(&mut seed.nth(index as u64).rng());
        column.iter_mut().zip(entries).for_each(|(entry, new)| *entry = new);
    }
    shuffled
}

/// Scores of `n_shuffles` tables with entries permuted within columns: hand them to
/// [`permutation_p_value`](crate::statistics::permutation_p_value).
///
/// # Errors
/// No shuffles, or what `score` says.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::Pca;
/// use neuroloom_analysis::manifold::quality::column_shuffle_null;
/// use neuroloom_core::Seed;
/// // five copies of one variable: the first component explains all of it, and little after a shuffle
/// let points = Array2::from_shape_fn((40, 5), |(point, _)| point as f64);
/// let explained = |points: ndarray::ArrayView2<'_, f64>| Ok(Pca::fit(points, 1)?.explained_variance_ratio[0]);
/// let null = column_shuffle_null(points.view(), 20, Seed(1), explained)?;
/// assert!(null.iter().all(|&score| score < 0.6));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn column_shuffle_null(
    points: ArrayView2<'_, f64>,
    n_shuffles: usize,
    seed: Seed,
    score: impl Fn(ArrayView2<'_, f64>) -> Result<f64, Error> + Sync,
) -> Result<Vec<f64>, Error> {
    if n_shuffles == 0 {
        return Err(Error::TooFew { what: "shuffles", given: 0, needed: 1 });
    }
    let seed = seed.split("column shuffle");
    let one = |index: usize| score(shuffled_within_columns(points, seed.nth(index as u64)).view());
    (0..n_shuffles).into_par_iter().map(one).collect()
}
