//! How many clusters are there?

use std::ops::RangeInclusive;

use ndarray::{ArrayView2, Axis};
use neuroloom_core::Seed;
use rand::RngExt;
use rayon::prelude::*;

use super::kmeans::{best_of, starts};
use super::seeding::Seeding;
use super::{Distances, KMeans, KMeansConfig, centred};
use crate::Error;

/// How the number of clusters is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectConfig {
    /// The numbers that are tried. A range that starts at 1 may answer "one cluster".
    pub n_clusters: RangeInclusive<usize>,
    /// Starts of k-means for each number.
    pub n_init: usize,
    /// Assignment steps at most in each start.
    pub max_iterations: usize,
    /// A range that starts at 1 answers 1 if no number reaches this mean silhouette (0.25: "no substantial
    /// structure", Kaufman and Rousseeuw 1990).
    pub minimum_silhouette: f64,
    /// The silhouette is measured on at most so many points (a seeded sample): it needs `8 n^2` bytes.
    pub max_silhouette_points: usize,
    /// Seed of the starts and of the sample.
    pub seed: Seed,
}

impl Default for SelectConfig {
    fn default() -> Self {
        Self {
            n_clusters: 2..=48,
            n_init: 8,
            max_iterations: 100,
            minimum_silhouette: 0.25,
            max_silhouette_points: 4000,
            seed: Seed(0),
        }
    }
}

/// The chosen number of clusters and how every number did.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The number that was chosen.
    pub n_clusters: usize,
    /// The cluster of each point, numbered in the order of their first points.
    pub labels: Vec<usize>,
    /// `[cluster, feature]`.
    pub centers: ndarray::Array2<f64>,
    /// `(number of clusters, mean silhouette)` in ascending order, without 1.
    pub silhouettes: Vec<(usize, f64)>,
}

impl Selection {
    /// Runs k-means for every number of the range and keeps the one with the largest mean silhouette; of
    /// equals (to 1e-12) the smaller number.
    ///
    /// Numbers above `points - 1` and above the number of distinct points are left out.
    ///
    /// # Shapes
    /// `points: [point, feature]`; scale the features first, distances are Euclidean.
    ///
    /// # Errors
    /// No points, a sample that is not finite, or a range that holds no possible number.
    pub fn fit(points: ArrayView2<'_, f64>, config: &SelectConfig) -> Result<Self, Error> {
        let data = centred(points)?;
        let run = KMeansConfig {
            n_clusters: (*config.n_clusters.end()).min(data.nrows().saturating_sub(1)).max(1),
            n_init: config.n_init,
            max_iterations: config.max_iterations,
            seed: config.seed,
        };
        let starts = starts(data.view(), &run)?;
        let candidates = candidates(&starts, &config.n_clusters, run.n_clusters)?;
        let sample = sample(data.nrows(), config);
        let distances = Distances::between(data.select(Axis(0), &sample).view())?;
        let fit = |&n_clusters: &usize| {
            let result = best_of(data.view(), &starts, &KMeansConfig { n_clusters, ..run.clone() });
            let labels: Vec<usize> = sample.iter().map(|&point| result.labels[point]).collect();
            // A sample may miss all but one cluster: then there is no evidence for this number.
            (distances.mean_silhouette(&labels).unwrap_or(-1.0), result)
        };
        let mut fits: Vec<(f64, KMeans)> = candidates.par_iter().map(fit).collect();
        let silhouettes: Vec<(usize, f64)> =
            candidates.iter().zip(&fits).map(|(&k, fit)| (k, fit.0)).collect();
        let one_allowed = *config.n_clusters.start() == 1;
        let chosen = best(&silhouettes)
            .filter(|&best| !one_allowed || silhouettes[best].1 >= config.minimum_silhouette)
            .map(|best| fits.swap_remove(best).1)
            .unwrap_or_else(|| best_of(data.view(), &starts, &KMeansConfig { n_clusters: 1, ..run }));
        Ok(Self::from_fit(chosen, silhouettes, points))
    }

    fn from_fit(fit: KMeans, silhouettes: Vec<(usize, f64)>, points: ArrayView2<'_, f64>) -> Self {
        let mean = points.sum_axis(Axis(0)) / points.nrows() as f64;
        Self {
            n_clusters: fit.centers.nrows(),
            labels: fit.labels,
            centers: fit.centers + &mean,
            silhouettes,
        }
    }
}

/// The numbers above 1 that are tried: those of the range for which every start has centres enough.
fn candidates(starts: &[Seeding], range: &RangeInclusive<usize>, last: usize) -> Result<Vec<usize>, Error> {
    let n_distinct = starts.iter().map(|start| start.chosen.len()).min().unwrap_or(0);
    let candidates: Vec<usize> = (2.max(*range.start())..=last.min(n_distinct)).collect();
    if *range.start() == 0 || range.is_empty() || (candidates.is_empty() && *range.start() > 1) {
        let given = format!("{} to {}", range.start(), range.end());
        let allowed =
            format!("a range that starts at 1 to {n_distinct} (distinct points, at most points - 1)");
        return Err(Error::Value { what: "n_clusters", given, allowed });
    }
    Ok(candidates)
}

/// The first position whose silhouette no later one beats by more than rounding.
fn best(silhouettes: &[(usize, f64)]) -> Option<usize> {
    let better = |best: Option<usize>, next: usize| match best {
        Some(best) if silhouettes[next].1 <= silhouettes[best].1 + 1e-12 => Some(best),
        _ => Some(next),
    };
    (0..silhouettes.len()).fold(None, better)
}

/// Ascending positions of the points on which the silhouette is measured.
fn sample(n_points: usize, config: &SelectConfig) -> Vec<usize> {
    let n_sample = config.max_silhouette_points.max(2);
    let mut positions: Vec<usize> = (0..n_points).collect();
    if n_points <= n_sample {
        return positions;
    }
    let mut rng = config.seed.split("silhouette").rng();
    for position in 0..n_sample {
        positions.swap(position, rng.random_range(position..n_points));
    }
    positions.truncate(n_sample);
    positions.sort_unstable();
    positions
}

#[cfg(test)]
mod tests {
    use super::super::kmeans::tests::blobs;
    use super::*;
    use crate::metrics::clustering::adjusted_rand_index;
    use ndarray::{Array2, array};

    #[test]
    fn the_planted_number_is_chosen() -> Result<(), Error> {
        for n_clusters in [2, 4, 11, 32] {
            let (points, truth) = blobs([1000, 32, n_clusters], 0.15, Seed(n_clusters as u64));
            let selection = Selection::fit(points.view(), &SelectConfig::default())?;
            assert_eq!(selection.n_clusters, n_clusters);
            assert_eq!(adjusted_rand_index(&truth, &selection.labels)?, 1.0);
            assert_eq!(selection.silhouettes.len(), 47);
        }
        Ok(())
    }

    #[test]
    fn a_sampled_silhouette_chooses_the_same() -> Result<(), Error> {
        let (points, _) = blobs([900, 8, 6], 0.1, Seed(9));
        let config = SelectConfig { max_silhouette_points: 200, n_clusters: 2..=12, ..Default::default() };
        assert_eq!(Selection::fit(points.view(), &config)?.n_clusters, 6);
        assert_eq!(sample(900, &config), sample(900, &config));
        Ok(())
    }

    #[test]
    fn one_cluster_may_win_when_it_is_allowed() -> Result<(), Error> {
        let (points, _) = blobs([400, 12, 1], 1.0, Seed(2));
        let config = |n_clusters| SelectConfig { n_clusters, ..Default::default() };
        assert_eq!(Selection::fit(points.view(), &config(1..=8))?.n_clusters, 1);
        assert!(Selection::fit(points.view(), &config(2..=8))?.n_clusters >= 2);
        let (points, _) = blobs([400, 12, 3], 0.1, Seed(2));
        assert_eq!(Selection::fit(points.view(), &config(1..=8))?.n_clusters, 3);
        Ok(())
    }

    #[test]
    fn the_range_ends_at_the_distinct_points() -> Result<(), Error> {
        let points = array![[0.0], [0.0], [1.0], [1.0], [5.0]];
        let selection = Selection::fit(points.view(), &SelectConfig::default())?;
        assert_eq!(selection.silhouettes.iter().map(|entry| entry.0).collect::<Vec<_>>(), [2, 3]);
        let same = Array2::<f64>::zeros((4, 2));
        assert!(matches!(Selection::fit(same.view(), &SelectConfig::default()), Err(Error::Value { .. })));
        let config = SelectConfig { n_clusters: 1..=4, ..Default::default() };
        assert_eq!(Selection::fit(same.view(), &config)?.labels, [0; 4]);
        assert_eq!(Selection::fit(array![[3.0]].view(), &config)?.n_clusters, 1);
        Ok(())
    }

    #[test]
    fn of_equals_the_smaller_number_wins() {
        assert_eq!(best(&[(2, 0.5), (3, 0.7), (4, 0.7 + 1e-14), (5, 0.6)]), Some(1));
        assert_eq!(best(&[]), None);
    }
}
