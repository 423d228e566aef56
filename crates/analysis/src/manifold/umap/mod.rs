//! UMAP: a fuzzy neighbourhood graph, laid out in few coordinates.

mod curve;
mod fuzzy;
mod layout;
mod start;

use ndarray::{Array2, ArrayView2};
use neuroloom_core::Seed;

use super::distances::{Metric, check_points};
use super::isomap::check_components;
use crate::Error;
use curve::Curve;
use fuzzy::FuzzyGraph;

/// How UMAP runs.
#[derive(Debug, Clone, PartialEq)]
pub struct UmapConfig {
    /// Coordinates of the embedding.
    pub n_components: usize,
    /// Neighbours of a point, the point itself counted as one (as in umap-learn).
    pub n_neighbours: usize,
    /// What the rows are.
    pub metric: Metric,
    /// Distance up to which neighbours in the embedding may press together.
    pub min_dist: f64,
    /// Scale of the embedding.
    pub spread: f64,
    /// Passes over the edges; `None` takes 500 up to 10,000 points and 200 above.
    pub n_epochs: Option<usize>,
    /// Points that push for each edge that pulls.
    pub negative_sample_rate: usize,
    /// Step at the start; it falls to 0 in a line.
    pub learning_rate: f64,
    /// Seed of the samples.
    pub seed: Seed,
}

impl Default for UmapConfig {
    fn default() -> Self {
        Self {
            n_components: 2,
            n_neighbours: 15,
            metric: Metric::Euclidean,
            min_dist: 0.1,
            spread: 1.0,
            n_epochs: None,
            negative_sample_rate: 5,
            learning_rate: 1.0,
            seed: Seed(0),
        }
    }
}

/// UMAP (McInnes, Healy and Melville 2018), started from the slowest modes of the fuzzy graph.
///
/// The layout is one sequence of steps, so the number of threads changes nothing. Distances between clusters mean little.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::{Umap, UmapConfig, quality::trustworthiness};
/// let points = Array2::from_shape_fn((80, 4), |(point, axis)| ((point + 1) * (axis + 2)) as f64 * 0.1);
/// let umap = Umap::fit(points.view(), &UmapConfig::default())?;
/// assert!(trustworthiness(points.view(), umap.embedding.view(), 5)? > 0.95);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Umap {
    /// `[point, coordinate]`.
    pub embedding: Array2<f64>,
}

impl Umap {
    /// Embeds the points.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or `[point, point]` with [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Fewer than four points, a sample that is not finite, neighbours outside 3..=points, no components, or a distance, spread
    /// or learning rate that is not positive.
    pub fn fit(points: ArrayView2<'_, f64>, config: &UmapConfig) -> Result<Self, Error> {
        check(points, config)?;
        let n = points.nrows();
        let n_epochs = config.n_epochs.unwrap_or(if n <= 10_000 { 500 } else { 200 });
        let graph = FuzzyGraph::of(points, config)?;
        let places = start::places(&graph, config)?;
        let curve = Curve::fit(config.min_dist, config.spread);
        let places = layout::descend(&graph.strong_enough(n_epochs), places, (curve, n_epochs), config);
        Ok(Self { embedding: places })
    }
}

fn check(points: ArrayView2<'_, f64>, config: &UmapConfig) -> Result<(), Error> {
    check_points(points, 4)?;
    check_components(config.n_components, points.nrows() - 1)?;
    if !(3..=points.nrows()).contains(&config.n_neighbours) {
        let allowed = format!("3 to {}, the number of points", points.nrows());
        return Err(Error::Value { what: "n_neighbours", given: config.n_neighbours.to_string(), allowed });
    }
    let positive = [("spread", config.spread), ("learning_rate", config.learning_rate)];
    for (what, given) in positive {
        if !(given > 0.0 && given.is_finite()) {
            return Err(Error::Value { what, given: given.to_string(), allowed: "a positive number".into() });
        }
    }
    if !(0.0..=config.spread).contains(&config.min_dist) {
        let allowed = format!("0 to {}, the spread", config.spread);
        return Err(Error::Value { what: "min_dist", given: config.min_dist.to_string(), allowed });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifold::NearestNeighbours;

    #[test]
    fn clusters_stay_together_for_any_number_of_threads() -> Result<(), Box<dyn std::error::Error>> {
        let (points, labels) = crate::manifold::tsne::tests::clusters(600);
        let config = UmapConfig { n_epochs: Some(200), ..Default::default() };
        let with = |n_threads| -> Result<Umap, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?;
            Ok(pool.install(|| Umap::fit(points.view(), &config))?)
        };
        let (one, two) = (with(1)?, with(2)?);
        assert_eq!(one.embedding, two.embedding);
        let nearest = NearestNeighbours::fit(one.embedding.view(), 5, Metric::Euclidean)?;
        let same = nearest
            .indices
            .indexed_iter()
            .filter(|((point, _), other)| labels[*point] == labels[**other as usize]);
        assert!(same.count() as f64 > 0.999 * nearest.indices.len() as f64);
        let other = Umap::fit(points.view(), &UmapConfig { seed: Seed(1), ..config.clone() })?;
        assert_ne!(other.embedding, one.embedding);
        Ok(())
    }

    #[test]
    fn bad_numbers_are_refused() {
        let (points, _) = crate::manifold::tsne::tests::clusters(50);
        for config in [
            UmapConfig { n_neighbours: 2, ..Default::default() },
            UmapConfig { min_dist: 2.0, ..Default::default() },
            UmapConfig { learning_rate: 0.0, ..Default::default() },
        ] {
            assert!(matches!(Umap::fit(points.view(), &config), Err(Error::Value { .. })));
        }
    }
}
