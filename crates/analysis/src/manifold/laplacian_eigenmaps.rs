//! Laplacian eigenmaps: the slowest modes of a walk on the neighbourhood graph.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::distances::Metric;
use super::eigen::{BLOCK, KrylovConfig, largest_eigenpairs};
use super::isomap::check_components;
use super::neighbours::{NeighbourConfig, NeighbourGraph, Neighbourhood};
use super::scaling::sign_of_largest;
use crate::Error;

/// How strongly two neighbours are joined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum EdgeWeight {
    /// All alike.
    #[default]
    Equal,
    /// `exp(-d^2 / (2 s^2))` with the median length s of the edges.
    Gaussian,
}

/// How Laplacian eigenmaps run.
#[derive(Debug, Clone, PartialEq)]
pub struct LaplacianConfig {
    /// Coordinates of the embedding.
    pub n_components: usize,
    /// Who is a neighbour.
    pub neighbourhood: Neighbourhood,
    /// What the rows are.
    pub metric: Metric,
    /// How strongly neighbours are joined.
    pub weight: EdgeWeight,
}

impl Default for LaplacianConfig {
    fn default() -> Self {
        Self {
            n_components: 2,
            neighbourhood: Neighbourhood::Nearest(8),
            metric: Metric::Euclidean,
            weight: EdgeWeight::Equal,
        }
    }
}

/// Laplacian eigenmaps (Belkin and Niyogi 2003): the solutions of `L y = lambda D y` with the smallest positive lambda on
/// each connected piece of the neighbourhood graph.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use neuroloom_analysis::manifold::{LaplacianConfig, LaplacianEigenmaps, Neighbourhood};
/// let line = Array2::from_shape_fn((40, 1), |(point, _)| (point as f64).powi(2));
/// let config = LaplacianConfig { n_components: 1, neighbourhood: Neighbourhood::Nearest(2), ..Default::default() };
/// let maps = LaplacianEigenmaps::fit(line.view(), &config)?;
/// let along = maps.embedding.column(0);
/// let rises = along[39] > along[0];
/// assert!((1..40).all(|point| (along[point] > along[point - 1]) == rises));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LaplacianEigenmaps {
    /// Coordinates, `[point, coordinate]`, with `sum_i degree_i y_i^2 = 1` in each piece; those of different pieces do
    /// not refer to each other. The entry of largest size of each is positive.
    pub embedding: Array2<f64>,
    /// Eigenvalues of each piece, ascending, `[piece, coordinate]`.
    pub eigenvalues: Array2<f64>,
    /// The connected pieces: lists of points by index.
    pub pieces: Vec<Vec<usize>>,
}

impl LaplacianEigenmaps {
    /// Embeds the points.
    ///
    /// # Shapes
    /// `points: [point, feature]`, or `[point, point]` with [`Metric::Precomputed`].
    ///
    /// # Errors
    /// Fewer than two points, a sample that is not finite, a neighbourhood that is not allowed, no components, or
    /// eigenvalues that do not converge.
    pub fn fit(points: ArrayView2<'_, f64>, config: &LaplacianConfig) -> Result<Self, Error> {
        let near = NeighbourConfig { neighbourhood: config.neighbourhood, metric: config.metric };
        Self::of_graph(&NeighbourGraph::fit(points, &near)?, config.n_components, config.weight)
    }

    /// Embeds the nodes of a graph.
    ///
    /// # Errors
    /// No components, or eigenvalues that do not converge.
    pub fn of_graph(graph: &NeighbourGraph, n_components: usize, weight: EdgeWeight) -> Result<Self, Error> {
        check_components(n_components, graph.n_points())?;
        let pieces = graph.components();
        let mut embedding = Array2::zeros((graph.n_points(), n_components));
        let mut eigenvalues = Array2::zeros((pieces.len(), n_components));
        for (piece, members) in pieces.iter().enumerate() {
            let walk = Walk::new(&weighted(&graph.induced(members), weight)?);
            let (values, modes) = walk.slowest(n_components, 1e-9)?;
            for (column, &value) in values.iter().enumerate() {
                eigenvalues[[piece, column]] = value;
                for (&member, &entry) in members.iter().zip(modes.column(column)) {
                    embedding[[member, column]] = entry;
                }
            }
        }
        Ok(Self { embedding, eigenvalues, pieces })
    }
}

/// Lists of neighbours with weights.
fn weighted(graph: &NeighbourGraph, weight: EdgeWeight) -> Result<Vec<Vec<(u32, f64)>>, Error> {
    let n = graph.n_points();
    let lengths: Vec<f64> = (0..n).flat_map(|point| graph.neighbours(point).1.to_vec()).collect();
    let scale =
        if lengths.is_empty() { 1.0 } else { crate::statistics::median(&lengths)?.max(f64::MIN_POSITIVE) };
    let of_length = |length: f64| match weight {
        EdgeWeight::Equal => 1.0,
        EdgeWeight::Gaussian => (-0.5 * (length / scale).powi(2)).exp(),
    };
    let list = |point: usize| {
        let (others, lengths) = graph.neighbours(point);
        others.iter().zip(lengths).map(|(&other, &length)| (other, of_length(length))).collect()
    };
    Ok((0..n).map(list).collect())
}

/// A connected weighted graph as a random walk, `D^-1/2 W D^-1/2`.
pub(super) struct Walk {
    starts: Vec<usize>,
    edges: Vec<(u32, f64)>,
    root_degree: Vec<f64>,
}

/// Steps of the walk in one application: far eigenvalues shrink, near ones spread.
const STEPS: i32 = 16;

impl Walk {
    pub(super) fn new(lists: &[Vec<(u32, f64)>]) -> Self {
        let degree = |list: &Vec<(u32, f64)>| list.iter().map(|edge| edge.1).sum::<f64>();
        let root_degree: Vec<f64> =
            lists.iter().map(|list| degree(list).sqrt().max(f64::MIN_POSITIVE)).collect();
        let (mut starts, mut edges) = (vec![0], Vec::new());
        for (point, list) in lists.iter().enumerate() {
            let scaled = |&(other, weight): &(u32, f64)| {
                (other, weight / (root_degree[point] * root_degree[other as usize]))
            };
            edges.extend(list.iter().map(scaled));
            starts.push(edges.len());
        }
        Self { starts, edges, root_degree }
    }

    /// The eigenvalues of the Laplacian above 0, ascending, and their modes as columns; those that a small graph
    /// does not have are 0.
    pub(super) fn slowest(
        &self,
        n_wanted: usize,
        tolerance: f64,
    ) -> Result<(Array1<f64>, Array2<f64>), Error> {
        let n = self.root_degree.len();
        let norm = self.root_degree.iter().map(|root| root * root).sum::<f64>().sqrt();
        let still: Array1<f64> = self.root_degree.iter().map(|root| root / norm).collect();
        let config = KrylovConfig { n_wanted, tolerance, max_basis: 240, ..Default::default() };
        let pairs = largest_eigenpairs(n, &config, |block| {
            let mut moved = remove(block.to_owned(), &still);
            (0..STEPS).for_each(|_| moved = self.half_step(&moved));
            remove(moved, &still)
        })?;
        let mut values = Array1::zeros(n_wanted);
        let mut modes = Array2::zeros((n, n_wanted));
        // The mode that stands still was removed: one fewer than points are left.
        for column in 0..n_wanted.min(n - 1) {
            // ((2 - lambda) / 2)^STEPS
            values[column] = 2.0 - 2.0 * pairs.values[column].max(0.0).powf(1.0 / f64::from(STEPS));
            let vector = pairs.vectors.column(column);
            let sign = sign_of_largest(vector);
            let entries = vector.iter().zip(&self.root_degree).map(|(entry, root)| sign * entry / root);
            modes.column_mut(column).assign(&entries.collect::<Array1<f64>>());
        }
        Ok((values, modes))
    }

    /// `(I + D^-1/2 W D^-1/2) / 2` times a block: no negative eigenvalues.
    fn half_step(&self, block: &Array2<f64>) -> Array2<f64> {
        let row = |point: usize| {
            let mut sum: [f64; BLOCK] = std::array::from_fn(|lane| block[[point, lane]]);
            for &(other, weight) in &self.edges[self.starts[point]..self.starts[point + 1]] {
                let from = block.row(other as usize);
                for (lane, sum) in sum.iter_mut().enumerate() {
                    *sum += weight * from[lane];
                }
            }
            sum.map(|entry| 0.5 * entry)
        };
        let rows: Vec<[f64; BLOCK]> = (0..block.nrows()).into_par_iter().with_min_len(512).map(row).collect();
        Array2::from(rows)
    }
}

/// Removes the part along a unit vector.
fn remove(mut block: Array2<f64>, unit: &Array1<f64>) -> Array2<f64> {
    let along = unit.dot(&block);
    for (mut row, entry) in block.axis_iter_mut(Axis(0)).zip(unit) {
        row.scaled_add(-entry, &along);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifold::quality::ring_resultant;

    fn ring(n: usize) -> Array2<f64> {
        Array2::from_shape_fn((n, 2), |(point, axis)| {
            let angle = point as f64 / n as f64 * std::f64::consts::TAU;
            if axis == 0 { angle.cos() } else { angle.sin() }
        })
    }

    #[test]
    fn a_ring_of_six_hundred_has_the_eigenvalues_of_its_circulant() -> Result<(), Error> {
        let n = 600;
        let config = LaplacianConfig { neighbourhood: Neighbourhood::Nearest(4), ..Default::default() };
        let maps = LaplacianEigenmaps::fit(ring(n).view(), &config)?;
        // Four neighbours, two each side: 1 - (cos a + cos 2a) / 2 at a = 2 pi / n.
        let angle = std::f64::consts::TAU / n as f64;
        let expected = 1.0 - (angle.cos() + (2.0 * angle).cos()) / 2.0;
        for column in 0..2 {
            assert!((maps.eigenvalues[[0, column]] / expected - 1.0).abs() < 1e-3, "{}", maps.eigenvalues);
        }
        let found: Vec<f64> = maps.embedding.rows().into_iter().map(|row| row[1].atan2(row[0])).collect();
        let truth: Vec<f64> = (0..n).map(|point| point as f64 * angle).collect();
        assert!(ring_resultant(&found, &truth)? > 0.9999);
        Ok(())
    }

    #[test]
    fn pieces_have_their_own_coordinates() -> Result<(), Error> {
        let mut points = Array2::zeros((60, 2));
        points.slice_mut(ndarray::s![..30, ..]).assign(&ring(30));
        points.slice_mut(ndarray::s![30.., ..]).assign(&(ring(30) + 100.0));
        let maps = LaplacianEigenmaps::fit(points.view(), &LaplacianConfig::default())?;
        assert_eq!(maps.pieces.len(), 2);
        assert!((maps.eigenvalues[[0, 0]] - maps.eigenvalues[[1, 0]]).abs() < 1e-9);
        Ok(())
    }
}
