//! From points to coordinates: one embedding for each connected piece of the neighbourhood graph.

use ndarray::{Array2, ArrayView2, Axis};
use neuroloom_analysis::manifold::{
    Geodesics, LaplacianConfig, LaplacianEigenmaps, Mds, MdsConfig, Metric, NeighbourConfig, NeighbourGraph,
    Neighbourhood, Pca, Tsne, TsneConfig, Umap, UmapConfig,
};
use neuroloom_core::Seed;

use super::config::{EmbeddingMethod, ExtractConfig};
use crate::Error;

/// What was read from a set of points.
#[derive(Debug, Clone)]
pub struct Reading {
    /// One a connected piece that is large enough, the largest first.
    pub manifolds: Vec<Manifold>,
    /// Points of pieces that are too small to be embedded.
    pub left_out: Vec<usize>,
}

/// One connected piece.
#[derive(Debug, Clone)]
pub struct Manifold {
    /// Its points, by index, ascending.
    pub members: Vec<usize>,
    /// Coordinates, `[member, coordinate]`.
    pub embedding: Array2<f64>,
    /// Lengths of the shortest paths among the members.
    pub geodesics: Geodesics,
}

impl Reading {
    /// Reads points, `[neuron, feature]`.
    ///
    /// # Errors
    /// [`Error::Recording`] if there are fewer points than neighbours or no piece is large enough; what `analysis` says
    /// of points that are not finite.
    ///
    /// # Examples
    /// ```
    /// use ndarray::Array2;
    /// use neuroloom_core::Seed;
    /// use neuroloom_models::weight_manifold::{ExtractConfig, Reading};
    /// // 40 neurons whose weight vectors lie on a ring in four dimensions
    /// let points = Array2::from_shape_fn((40, 4), |(neuron, feature)| {
    ///     let angle = neuron as f64 * std::f64::consts::TAU / 40.0 * (1 + feature / 2) as f64;
    ///     if feature % 2 == 0 { angle.cos() } else { angle.sin() }
    /// });
    /// let reading = Reading::of(points.view(), &ExtractConfig::default(), Seed(1))?;
    /// let angles = reading.manifolds[0].angle_turns();
    /// let step = (angles[1] - angles[0]).rem_euclid(1.0);
    /// assert!((step - 1.0 / 40.0).abs() < 1e-3 || (step - 39.0 / 40.0).abs() < 1e-3);
    /// # Ok::<(), neuroloom_models::Error>(())
    /// ```
    pub fn of(points: ArrayView2<'_, f64>, config: &ExtractConfig, seed: Seed) -> Result<Self, Error> {
        config.check()?;
        let k = config.n_neighbours(points.nrows());
        if points.nrows() <= k {
            return Err(Error::Recording {
                problem: format!("{} points cannot have {k} neighbours each", points.nrows()),
                hint: "lower --neighbours, or give more neurons".to_owned(),
            });
        }
        let neighbourhood = Neighbourhood::Nearest(k);
        let graph =
            NeighbourGraph::fit(points, &NeighbourConfig { neighbourhood, metric: Metric::Euclidean })?;
        let mut pieces = graph.components();
        // Of equals the first stays first.
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        let (large, small): (Vec<_>, Vec<_>) =
            pieces.into_iter().partition(|piece| piece.len() >= config.smallest_component.max(k + 1));
        if large.is_empty() {
            return Err(Error::Recording {
                problem: format!(
                    "the neighbourhood graph of {} points falls into pieces of fewer than {} points",
                    points.nrows(),
                    config.smallest_component.max(k + 1)
                ),
                hint: "raise --neighbours".to_owned(),
            });
        }
        let manifold = |members: Vec<usize>| Manifold::of(points, members, (&graph, k), (config, seed));
        let manifolds = large.into_iter().map(manifold).collect::<Result<_, Error>>()?;
        let mut left_out: Vec<usize> = small.into_iter().flatten().collect();
        left_out.sort_unstable();
        Ok(Self { manifolds, left_out })
    }
}

impl Manifold {
    fn of(
        points: ArrayView2<'_, f64>,
        members: Vec<usize>,
        (graph, k): (&NeighbourGraph, usize),
        (config, seed): (&ExtractConfig, Seed),
    ) -> Result<Self, Error> {
        let own = points.select(Axis(0), &members);
        let geodesics = graph.induced(&members).geodesics();
        let embedding = embedded((own.view(), &geodesics), k, (config, seed))?;
        Ok(Self { members, embedding, geodesics })
    }

    /// Angle of each member around the first two coordinates, in turns from 0 to 1: what a ring encodes.
    pub fn angle_turns(&self) -> Vec<f64> {
        let turn = |row: ndarray::ArrayView1<'_, f64>| {
            let (x, y) = (row[0], row.get(1).copied().unwrap_or(0.0));
            (y.atan2(x) / std::f64::consts::TAU).rem_euclid(1.0)
        };
        self.embedding.rows().into_iter().map(turn).collect()
    }

    /// Place of each member along the first coordinate, from 0 to 1: what an interval encodes.
    pub fn positions(&self) -> Vec<f64> {
        let first = self.embedding.column(0);
        let (low, high) = first
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
        let width = if high > low { high - low } else { 1.0 };
        first.iter().map(|x| (x - low) / width).collect()
    }

    /// Places within `members` in the order of `values`, such as angles or positions.
    pub fn order_by(values: &[f64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
        order
    }
}

fn embedded(
    (points, geodesics): (ArrayView2<'_, f64>, &Geodesics),
    k: usize,
    (config, seed): (&ExtractConfig, Seed),
) -> Result<Array2<f64>, Error> {
    let n_components = config.n_coordinates();
    let (neighbourhood, n_points) = (Neighbourhood::Nearest(k), points.nrows());
    Ok(match config.method {
        // The paths along the graph, which take most of the time of Isomap, are measured already.
        EmbeddingMethod::Isomap => Mds::of_distances(geodesics, n_components)?,
        EmbeddingMethod::Laplacian => {
            let settings = LaplacianConfig { n_components, neighbourhood, ..LaplacianConfig::default() };
            LaplacianEigenmaps::fit(points, &settings)?.embedding
        }
        EmbeddingMethod::Mds => {
            Mds::fit(points, &MdsConfig { n_components, ..MdsConfig::default() })?.embedding
        }
        EmbeddingMethod::Pca => Pca::fit(points, n_points.min(points.ncols()).min(n_components))?.scores,
        EmbeddingMethod::Tsne => {
            // Three times as many neighbours as the perplexity are looked at.
            let perplexity = TsneConfig::default().perplexity.min((n_points - 1) as f64 / 3.0);
            let found = Tsne::fit(points, &TsneConfig { perplexity, ..TsneConfig::default() })?;
            along_principal_axes(found.embedding.view())?
        }
        EmbeddingMethod::Umap => {
            // The point itself counts as one of its neighbours.
            let settings = UmapConfig { n_components, n_neighbours: k + 1, seed, ..UmapConfig::default() };
            along_principal_axes(Umap::fit(points, &settings)?.embedding.view())?
        }
    })
}

/// Maps that keep neighbours alone lie anywhere and turned anyhow: without this, their first two coordinates are no
/// plane of the ring and the origin is not its centre.
fn along_principal_axes(embedding: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
    Ok(Pca::fit(embedding, embedding.ncols())?.scores)
}
