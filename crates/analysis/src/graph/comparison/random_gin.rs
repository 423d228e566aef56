//! A graph network whose weights are random and fixed: the descriptor of Thompson et al. (2022).

use std::sync::LazyLock;

use ndarray::{Array1, Array2, Axis};

use super::super::{DirectedGraph, UndirectedGraph};

/// Width of the hidden layers.
const WIDTH: usize = 35;

/// What PyTorch draws for seed 42 (`reference/set_descriptor_golden.py`), as f32 in little-endian order: weight
/// `[out][in]` and bias of each of the four linear maps.
static WEIGHTS: &[u8] = include_bytes!("random_gin.f32");

/// Variance that the batch normalisation of an untrained network adds to its running variance of 1.
const NORM_EPSILON: f64 = 1e-5;

/// Features of a graph from a graph isomorphism network with random weights, 70 numbers: the sum over neurons of both
/// hidden layers,
///
/// `h_i' = max(0, s^2 B max(0, s A (h_i + sum_j h_j) + s a) + s^2 b)`, `s = 1 / sqrt(1 + 1e-5)`,
///
/// beginning with twice the degree; sums over the neighbours in the underlying undirected graph. Weights are orthogonal, drawn with the seed 42, those
/// of the reference implementation of the PolyGraph discrepancy (arXiv 2510.06122), which follows Thompson et al.,
/// "On evaluation metrics for graph generative models" (ICLR 2022).
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, comparison::random_gin_features};
/// let pair = DirectedGraph::from_edges(3, &[(0, 1), (1, 0)])?;
/// let other = DirectedGraph::from_edges(3, &[(2, 1)])?;
/// assert_eq!(random_gin_features(&pair).len(), 70);
/// // Names and directions do not matter.
/// assert!(random_gin_features(&pair).iter().zip(random_gin_features(&other)).all(|(a, b)| (a - b).abs() < 1e-12));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn random_gin_features(graph: &DirectedGraph) -> Vec<f64> {
    let joined = UndirectedGraph::new(graph);
    let n = joined.n_neurons();
    let degree = |(neuron, _): (usize, usize)| 2.0 * joined.degree(neuron as u32) as f64;
    let mut hidden = Array2::from_shape_fn((n, 1), degree);
    let mut features = Vec::with_capacity(2 * WIDTH);
    for layer in &*LAYERS {
        hidden = layer.apply(&joined, &hidden);
        features.extend(hidden.sum_axis(Axis(0)));
    }
    features
}

static LAYERS: LazyLock<[Layer; 2]> = LazyLock::new(|| {
    let mut numbers =
        WEIGHTS.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    let mut take = |n: usize| numbers.by_ref().take(n).map(f64::from).collect::<Vec<f64>>();
    let mut linear = |n_in: usize| {
        let weight = take(WIDTH * n_in);
        Linear {
            weight: Array2::from_shape_fn((n_in, WIDTH), |(from, to)| weight[to * n_in + from]),
            bias: take(WIDTH).into(),
        }
    };
    [1, WIDTH].map(|n_in| Layer { first: linear(n_in), second: linear(WIDTH) })
});

/// `x W + b`.
struct Linear {
    weight: Array2<f64>,
    bias: Array1<f64>,
}

struct Layer {
    first: Linear,
    second: Linear,
}

impl Linear {
    fn apply(&self, rows: &Array2<f64>) -> Array2<f64> {
        rows.dot(&self.weight) + &self.bias
    }
}

impl Layer {
    fn apply(&self, graph: &UndirectedGraph, hidden: &Array2<f64>) -> Array2<f64> {
        let mut gathered = hidden.clone();
        for (neuron, mut row) in gathered.rows_mut().into_iter().enumerate() {
            graph.neighbours(neuron as u32).iter().for_each(|&near| row += &hidden.row(near as usize));
        }
        let scale = 1.0 / (1.0 + NORM_EPSILON).sqrt();
        let inner = (self.first.apply(&gathered) * scale).mapv(|value| value.max(0.0));
        // Normalised inside the layer and once more behind it.
        (self.second.apply(&inner) * scale * scale).mapv(|value| value.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_four_maps_with_orthogonal_weights() {
        assert_eq!(WEIGHTS.len(), 4 * (WIDTH + 3 * WIDTH * WIDTH + 4 * WIDTH));
        for layer in &*LAYERS {
            for linear in [&layer.first, &layer.second] {
                let product = linear.weight.dot(&linear.weight.t());
                let one = Array2::<f64>::eye(product.nrows());
                assert!((product - one).iter().all(|rest| rest.abs() < 1e-5));
            }
        }
    }
}
