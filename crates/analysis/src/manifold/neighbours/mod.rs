//! The neighbourhood graph: who is near whom, and into which pieces the points fall.

mod geodesics;
mod nearest;

pub use geodesics::Geodesics;
pub use nearest::NearestNeighbours;

use ndarray::ArrayView2;

use super::distances::{DistanceSource, Metric, check_points};
use crate::Error;

/// Who is a neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Neighbourhood {
    /// The k nearest points; two points are joined if either is among the k nearest of the other.
    Nearest(usize),
    /// Every point at this distance or less.
    Radius(f64),
}

/// How a neighbourhood graph is built.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeighbourConfig {
    /// Who is a neighbour.
    pub neighbourhood: Neighbourhood,
    /// What the rows are.
    pub metric: Metric,
}

impl Default for NeighbourConfig {
    fn default() -> Self {
        Self { neighbourhood: Neighbourhood::Nearest(8), metric: Metric::Euclidean }
    }
}

/// A symmetric graph whose edges are as long as the distance of their ends.
///
/// # Examples
/// ```
/// use ndarray::array;
/// use neuroloom_analysis::manifold::{NeighbourConfig, NeighbourGraph, Neighbourhood};
/// let points = array![[0.0], [1.0], [3.0], [10.0], [11.0]];
/// let config = NeighbourConfig { neighbourhood: Neighbourhood::Nearest(1), ..Default::default() };
/// let graph = NeighbourGraph::fit(points.view(), &config)?;
/// assert_eq!(graph.neighbours(1).0, [0, 2]);
/// assert_eq!(graph.components(), [vec![0, 1, 2], vec![3, 4]]);
/// assert_eq!(graph.geodesics().distance(0, 2), 3.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NeighbourGraph {
    starts: Vec<usize>,
    neighbours: Vec<u32>,
    lengths: Vec<f64>,
}

impl NeighbourGraph {
    /// Joins every point with its neighbours.
    ///
    /// # Errors
    /// Fewer than two points, a sample that is not finite, a number of neighbours outside 1..points, a radius
    /// that is not positive, or precomputed distances that are none.
    pub fn fit(points: ArrayView2<'_, f64>, config: &NeighbourConfig) -> Result<Self, Error> {
        check_points(points, 2)?;
        let source = DistanceSource::new(points, config.metric)?;
        match config.neighbourhood {
            Neighbourhood::Nearest(k) => {
                NearestNeighbours::fit(points, k, config.metric).map(|nearest| Self::from_nearest(&nearest))
            }
            Neighbourhood::Radius(radius) if radius > 0.0 && radius.is_finite() => {
                Ok(Self::from_lists(nearest::within_radius(&source, radius)))
            }
            Neighbourhood::Radius(radius) => {
                let allowed = "a positive number".into();
                Err(Error::Value { what: "the radius", given: radius.to_string(), allowed })
            }
        }
    }

    /// Joins two points if either is among the nearest of the other.
    pub fn from_nearest(nearest: &NearestNeighbours) -> Self {
        let n = nearest.indices.nrows();
        let mut lists: Vec<Vec<(u32, f64)>> = vec![Vec::with_capacity(2 * nearest.indices.ncols()); n];
        for ((point, rank), &other) in nearest.indices.indexed_iter() {
            let distance = nearest.distances[[point, rank]];
            lists[point].push((other, distance));
            lists[other as usize].push((point as u32, distance));
        }
        for list in &mut lists {
            list.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            list.dedup_by_key(|(other, _)| *other);
        }
        Self::from_lists(lists)
    }

    fn from_lists(lists: Vec<Vec<(u32, f64)>>) -> Self {
        let mut graph = Self { starts: vec![0], neighbours: Vec::new(), lengths: Vec::new() };
        for list in lists {
            for (other, length) in list {
                graph.neighbours.push(other);
                graph.lengths.push(length);
            }
            graph.starts.push(graph.neighbours.len());
        }
        graph
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of joined pairs.
    pub fn n_edges(&self) -> usize {
        self.neighbours.len() / 2
    }

    /// The neighbours of a point by index, and their distances.
    pub fn neighbours(&self, point: usize) -> (&[u32], &[f64]) {
        let range = self.starts[point]..self.starts[point + 1];
        (&self.neighbours[range.clone()], &self.lengths[range])
    }

    /// The connected components as lists of points by index; the component of the first point comes first.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.n_points()];
        let mut components = Vec::new();
        for first in 0..self.n_points() {
            if seen[first] {
                continue;
            }
            seen[first] = true;
            let mut members = vec![first];
            let mut next = 0;
            while next < members.len() {
                for &other in self.neighbours(members[next]).0 {
                    if !seen[other as usize] {
                        seen[other as usize] = true;
                        members.push(other as usize);
                    }
                }
                next += 1;
            }
            members.sort_unstable();
            components.push(members);
        }
        components
    }

    /// The graph of some of the points, numbered in the order of `members`.
    pub fn induced(&self, members: &[usize]) -> Self {
        let mut number = vec![u32::MAX; self.n_points()];
        (0..).zip(members).for_each(|(new, &old)| number[old] = new);
        let list = |&old: &usize| {
            let (others, lengths) = self.neighbours(old);
            let kept = others.iter().map(|&other| number[other as usize]).zip(lengths.iter().copied());
            let mut list: Vec<(u32, f64)> = kept.filter(|&(new, _)| new != u32::MAX).collect();
            list.sort_unstable_by_key(|&(new, _)| new);
            list
        };
        Self::from_lists(members.iter().map(list).collect())
    }

    /// Lengths of the shortest paths between all pairs of points; infinite between components.
    pub fn geodesics(&self) -> Geodesics {
        Geodesics::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn a_radius_joins_what_lies_within_it() -> Result<(), Error> {
        let points = array![[0.0, 0.0], [1.0, 0.0], [1.0, 2.0], [5.0, 5.0]];
        let config = NeighbourConfig { neighbourhood: Neighbourhood::Radius(2.0), ..Default::default() };
        let graph = NeighbourGraph::fit(points.view(), &config)?;
        assert_eq!(graph.neighbours(1), (&[0, 2][..], &[1.0, 2.0][..]));
        assert_eq!((graph.n_edges(), graph.components().len()), (2, 2));
        Ok(())
    }

    #[test]
    fn precomputed_distances_give_the_graph_of_the_points() -> Result<(), Error> {
        let points =
            Array2::from_shape_fn((50, 4), |(row, column)| ((row * (column + 3) * 7919) % 101) as f64);
        let distances = super::super::euclidean_distances(points.view())?;
        for neighbourhood in [Neighbourhood::Nearest(5), Neighbourhood::Radius(30.0)] {
            let given = |metric| NeighbourConfig { neighbourhood, metric };
            let of_points = NeighbourGraph::fit(points.view(), &given(Metric::Euclidean))?;
            let of_distances = NeighbourGraph::fit(distances.view(), &given(Metric::Precomputed))?;
            assert_eq!(of_points, of_distances);
        }
        Ok(())
    }

    #[test]
    fn bad_neighbourhoods_are_refused() {
        let points = array![[0.0], [1.0], [2.0]];
        for neighbourhood in
            [Neighbourhood::Nearest(0), Neighbourhood::Nearest(3), Neighbourhood::Radius(-1.0)]
        {
            let config = NeighbourConfig { neighbourhood, ..Default::default() };
            assert!(matches!(NeighbourGraph::fit(points.view(), &config), Err(Error::Value { .. })));
        }
    }
}
