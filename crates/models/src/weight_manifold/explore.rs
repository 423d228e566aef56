//! The numbers behind the figures of a reading.

use ndarray::{ArrayView2, Axis};
use neuroloom_sim::LatentAxis;

use super::extract::{Manifold, NeuronTruth, Structure};

/// Pairs of neurons whose distances are kept.
const MOST_PAIRS: usize = 1500;
/// Neurons of an inner-product matrix that is kept.
const MOST_ROWS: usize = 400;

/// What is drawn of one piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ManifoldViews {
    /// Places within `members` in the order that was read: by angle for a ring, else along the first coordinate.
    pub order: Vec<usize>,
    /// Pairs (latent distance, distance along the graph), at most 1,500 evenly spaced ones.
    pub distances: Vec<(f64, f64)>,
    /// Inner products of the points, rows and columns in `order` (evenly spaced ones of more than 400).
    pub gram: Vec<Vec<f64>>,
}

/// Collects what figures of a piece need.
///
/// # Shapes
/// `points`: `[point, feature]`, all of them.
pub fn explore(
    (points, manifold): (ArrayView2<'_, f64>, &Manifold),
    topology: Option<&Structure>,
    truth: Option<&NeuronTruth>,
) -> ManifoldViews {
    let order = reading_order(manifold, topology);
    let every = order.len().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<usize> = order.iter().step_by(every).map(|&member| manifold.members[member]).collect();
    let shown = points.select(Axis(0), &rows);
    let gram = shown.dot(&shown.t());
    ManifoldViews {
        order,
        distances: truth.map(|truth| distances(manifold, truth)).unwrap_or_default(),
        gram: gram.rows().into_iter().map(|row| row.to_vec()).collect(),
    }
}

/// Places within `members`: by angle for a ring, else along the first coordinate.
pub fn reading_order(manifold: &Manifold, topology: Option<&Structure>) -> Vec<usize> {
    if topology.is_some_and(|topology| topology.is_ring == 1) {
        Manifold::order_by(&manifold.angle_turns())
    } else {
        Manifold::order_by(&manifold.positions())
    }
}

fn distances(manifold: &Manifold, truth: &NeuronTruth) -> Vec<(f64, f64)> {
    let known = |place: usize| truth.neurons[manifold.members[place]].as_ref();
    let n = manifold.members.len();
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    let every = pairs.len().div_ceil(MOST_PAIRS).max(1);
    let distance = |&(a, b): &(usize, usize)| {
        let (one, other) = known(a).zip(known(b))?;
        let latent = latent_distance(&truth.groups[one.group].axes, &one.latent, &other.latent);
        (one.group == other.group).then(|| (latent, manifold.geodesics.distance(a, b)))
    };
    pairs.iter().step_by(every).filter_map(distance).collect()
}

fn latent_distance(axes: &[LatentAxis], one: &[f64], other: &[f64]) -> f64 {
    let along = axes.iter().zip(one.iter().zip(other));
    along.map(|(axis, (&one, &other))| axis.distance(one, other).powi(2)).sum::<f64>().sqrt()
}
