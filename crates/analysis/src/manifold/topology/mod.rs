//! Which space do the points fill? Persistent homology of geodesic distances, and a verdict by a stated rule.
//!
//! 1. The neighbourhood graph; of several pieces the largest.
//! 2. Bars of H0 and H1 of the Vietoris-Rips filtration of the geodesics on maxmin landmarks, and of H2 on fewer.
//! 3. The same of points shuffled within columns ([`quality::shuffled_within_columns`](super::quality)): the null.
//! 4. The [correlation dimension](super::intrinsic_dimension::correlation_dimension) d of the geodesics.
//! 5. The rule of [`verdict`](Verdict).

mod landmarks;
mod persistence;
mod rule;
mod simplices;

pub use persistence::Bar;
pub use rule::{Evidence, LEAST_CONFIDENCE, Verdict};

use ndarray::{ArrayView2, Axis};
use neuroloom_core::Seed;
use rayon::prelude::*;

use super::distances::{Metric, check_points};
use super::intrinsic_dimension::{CorrelationScales, correlation_dimension};
use super::neighbours::{Geodesics, NeighbourConfig, NeighbourGraph, Neighbourhood};
use super::quality::shuffled_within_columns;
use crate::Error;
use landmarks::maxmin;
use simplices::Filtration;

/// How the topology is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct TopologyConfig {
    /// Who is a neighbour: about 6 for rings and intervals, 8 to 12 for sheets.
    pub neighbourhood: Neighbourhood,
    /// Landmarks for loops (H1).
    pub n_landmarks: usize,
    /// Landmarks for cavities (H2), whose time grows with the fourth power.
    pub n_landmarks_cavities: usize,
    /// Shuffled tables, at least 1.
    pub n_shuffles: usize,
    /// Seed of the shuffles.
    pub seed: Seed,
}

impl Default for TopologyConfig {
    fn default() -> Self {
        Self {
            neighbourhood: Neighbourhood::Nearest(8),
            n_landmarks: 200,
            n_landmarks_cavities: 100,
            n_shuffles: 5,
            seed: Seed(0),
        }
    }
}

/// What was found, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// The space.
    pub verdict: Verdict,
    /// Margin of the rule, from [`LEAST_CONFIDENCE`] = 0.05 (below it the verdict is unclear) to 1 far inside; not a
    /// probability. 0 for [`Verdict::Unclear`].
    pub confidence: f64,
    /// The numbers that the rule read.
    pub evidence: Evidence,
    /// Bars of H0, H1 and H2, longest first.
    pub bars: [Vec<Bar>; 3],
    /// The points that were used, by index: the largest piece of the neighbourhood graph.
    pub members: Vec<usize>,
    /// Pieces of the neighbourhood graph.
    pub n_pieces: usize,
}

impl Topology {
    /// Measures the points and applies the rule.
    ///
    /// # Shapes
    /// `points: [point, feature]`.
    ///
    /// # Errors
    /// Fewer than 20 points, no shuffles, fewer than 4 landmarks, a sample that is not finite, or a neighbourhood that is not allowed.
    ///
    /// # Examples
    /// ```
    /// use ndarray::Array2;
    /// use neuroloom_analysis::manifold::topology::{Topology, TopologyConfig, Verdict};
    /// let ring = Array2::from_shape_fn((60, 6), |(point, feature)| {
    ///     let angle = point as f64 * std::f64::consts::TAU / 60.0;
    ///     (angle * (1 + feature / 2) as f64 + (feature % 2) as f64 * 1.570_796).cos()
    /// });
    /// let found = Topology::fit(ring.view(), &TopologyConfig::default())?;
    /// assert_eq!(found.verdict, Verdict::Ring);
    /// # Ok::<(), neuroloom_analysis::Error>(())
    /// ```
    pub fn fit(points: ArrayView2<'_, f64>, config: &TopologyConfig) -> Result<Self, Error> {
        check(points, config)?;
        let (members, n_pieces, measured) = Measured::of(points, config)?;
        let used = points.select(Axis(0), &members);
        let seed = config.seed.split("topology");
        let null = |index: usize| {
            let shuffled = shuffled_within_columns(used.view(), seed.nth(index as u64));
            Measured::of(shuffled.view(), config).map(|(_, _, measured)| measured)
        };
        let nulls = (0..config.n_shuffles).into_par_iter().map(null).collect::<Result<Vec<_>, Error>>()?;
        let evidence = Evidence::new(&measured, &nulls);
        let (verdict, confidence) = evidence.verdict();
        Ok(Self { verdict, confidence, evidence, bars: measured.bars, members, n_pieces })
    }
}

/// Bars of H0, H1, H2 of a table of distances, longest first: the Vietoris-Rips filtration over Z/2. Dimensions above
/// `max_dimension` (at most 2) are empty.
///
/// # Errors
/// Fewer than two points, or a distance that is not finite.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::{Metric, topology::persistent_homology};
/// let square = array![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
/// let [_, loops, _] = persistent_homology(square.view(), Metric::Euclidean, 1)?;
/// assert_eq!((loops[0].birth, loops[0].death), (1.0, 2_f64.sqrt()));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn persistent_homology(
    points: ArrayView2<'_, f64>,
    metric: Metric,
    max_dimension: usize,
) -> Result<[Vec<Bar>; 3], Error> {
    check_points(points, 2)?;
    let source = super::distances::DistanceSource::new(points, metric)?;
    let filtration = Filtration::new(points.nrows(), |a, b| source.distance(a, b), 4);
    Ok(three(persistence::bars(&filtration, max_dimension.min(2))))
}

fn three(bars: Vec<Vec<Bar>>) -> [Vec<Bar>; 3] {
    let mut bars = bars.into_iter();
    std::array::from_fn(|_| bars.next().unwrap_or_default())
}

/// What is measured of points and of their shuffles alike.
struct Measured {
    bars: [Vec<Bar>; 3],
    /// Median length of an edge of the graph.
    edge: f64,
    /// Largest geodesic.
    diameter: f64,
    dimension: f64,
}

impl Measured {
    fn of(points: ArrayView2<'_, f64>, config: &TopologyConfig) -> Result<(Vec<usize>, usize, Self), Error> {
        let near = NeighbourConfig { neighbourhood: config.neighbourhood, metric: Metric::Euclidean };
        let graph = NeighbourGraph::fit(points, &near)?;
        let pieces = graph.components();
        let n_pieces = pieces.len();
        // Of equals the first.
        let members = pieces.into_iter().rev().max_by_key(Vec::len).unwrap_or_default();
        let graph = graph.induced(&members);
        let geodesics = graph.geodesics();
        let lengths: Vec<f64> =
            (0..members.len()).flat_map(|point| graph.neighbours(point).1.to_vec()).collect();
        let measured = Self {
            edge: crate::statistics::median(&lengths)?,
            diameter: geodesics.pairs().into_iter().fold(0.0, f64::max),
            dimension: correlation_dimension(&geodesics, &CorrelationScales::default())?,
            bars: bars_of(&geodesics, config),
        };
        Ok((members, n_pieces, measured))
    }
}

fn bars_of(geodesics: &Geodesics, config: &TopologyConfig) -> [Vec<Bar>; 3] {
    let on_landmarks = |n_landmarks: usize, max_dimension: usize| {
        let chosen = maxmin(geodesics, n_landmarks);
        let filtration = Filtration::new(chosen.len(), |a, b| geodesics.distance(chosen[a], chosen[b]), 4);
        three(persistence::bars(&filtration, max_dimension))
    };
    if config.n_landmarks <= config.n_landmarks_cavities
        || geodesics.n_points() <= config.n_landmarks_cavities
    {
        return on_landmarks(config.n_landmarks_cavities.min(config.n_landmarks), 2);
    }
    let [pieces, loops, _] = on_landmarks(config.n_landmarks, 1);
    let [_, _, cavities] = on_landmarks(config.n_landmarks_cavities, 2);
    [pieces, loops, cavities]
}

fn check(points: ArrayView2<'_, f64>, config: &TopologyConfig) -> Result<(), Error> {
    check_points(points, 20)?;
    let least = config.n_landmarks.min(config.n_landmarks_cavities);
    for (what, given, needed) in [("shuffles", config.n_shuffles, 1), ("landmarks", least, 4)] {
        if given < needed {
            return Err(Error::TooFew { what, given, needed });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
