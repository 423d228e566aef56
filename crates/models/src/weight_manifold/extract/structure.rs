//! What kind of space a piece is: dimension and topology.

use ndarray::{ArrayView2, Axis};
use neuroloom_analysis::manifold::Neighbourhood;
use neuroloom_analysis::manifold::intrinsic_dimension::{
    CorrelationScales, correlation_dimension, maximum_likelihood_dimension, two_nearest_neighbours,
};
use neuroloom_analysis::manifold::topology::{Bar, Topology, TopologyConfig, Verdict};
use neuroloom_core::Seed;
use serde::{Deserialize, Serialize};

use super::config::ExtractConfig;
use super::reading::Manifold;
use crate::Error;

/// Fewest points whose topology is judged.
pub const FEWEST_POINTS: usize = 20;

/// What kind of space a piece is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// `ring`, `interval`, `square`, `cylinder`, `torus`, `sphere` or `unclear`.
    pub verdict: Verdict,
    /// 1 for a ring, else 0.
    pub is_ring: u8,
    /// Margin of the rule, from 0.05 (below it the verdict is unclear) to 1 far inside; not a probability. 0 for
    /// unclear.
    pub confidence: f64,
    /// Intrinsic dimension, three ways; `None` where it is not defined.
    pub dimension: Dimension,
    /// Correlation dimension of shuffled weights.
    pub dimension_null: f64,
    /// Loops that stand out.
    pub n_loops: usize,
    /// Cavities that stand out.
    pub n_cavities: usize,
    /// Lifetimes of the longest loops, in median edges of the graph.
    pub loops: Vec<f64>,
    /// The longest loop of any shuffled table.
    pub loops_null: f64,
    /// Lifetimes of the longest cavities.
    pub cavities: Vec<f64>,
    /// The longest cavity of any shuffled table.
    pub cavities_null: f64,
}

/// Intrinsic dimension by three estimators.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// From the two nearest neighbours.
    pub two_nearest_neighbours: Option<f64>,
    /// Maximum likelihood over the neighbours of the graph.
    pub maximum_likelihood: Option<f64>,
    /// Of the geodesics.
    pub correlation: Option<f64>,
}

/// Bars of one dimension as (birth, death).
pub type Bars = Vec<(f64, f64)>;

/// Measures a piece; `None` for one of fewer than [`FEWEST_POINTS`] points.
///
/// # Errors
/// What `analysis` says of points that are not finite.
pub fn structure(
    (points, manifold): (ArrayView2<'_, f64>, &Manifold),
    config: &ExtractConfig,
    seed: Seed,
) -> Result<Option<(Structure, [Bars; 3])>, Error> {
    if manifold.members.len() < FEWEST_POINTS {
        return Ok(None);
    }
    let own = points.select(Axis(0), &manifold.members);
    let k = config.n_neighbours(points.nrows());
    let settings = TopologyConfig {
        neighbourhood: Neighbourhood::Nearest(k),
        n_shuffles: config.shuffles.min(10),
        seed,
        ..TopologyConfig::default()
    };
    let found = Topology::fit(own.view(), &settings)?;
    let evidence = &found.evidence;
    let dimension = Dimension {
        two_nearest_neighbours: two_nearest_neighbours(own.view()).ok(),
        maximum_likelihood: maximum_likelihood_dimension(own.view(), k.max(2)).ok(),
        correlation: correlation_dimension(&manifold.geodesics, &CorrelationScales::default()).ok(),
    };
    let structure = Structure {
        verdict: found.verdict,
        is_ring: u8::from(found.verdict == Verdict::Ring),
        confidence: found.confidence,
        dimension,
        dimension_null: evidence.dimension_null,
        n_loops: evidence.n_loops,
        n_cavities: evidence.n_cavities,
        loops: evidence.loops.to_vec(),
        loops_null: evidence.loops_null,
        cavities: evidence.cavities.to_vec(),
        cavities_null: evidence.cavities_null,
    };
    let bars = found.bars.map(|bars| bars.iter().map(|&Bar { birth, death, .. }| (birth, death)).collect());
    Ok(Some((structure, bars)))
}
