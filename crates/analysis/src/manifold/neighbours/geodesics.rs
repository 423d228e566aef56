//! Lengths of the shortest paths between all pairs of points, eight sources at a time.
//!
//! The distances from eight sources that lie together are one vector per node, so that an edge is relaxed for
//! all eight by one sum and one minimum. Nodes wait in buckets of their smallest improved distance and are
//! relaxed again when a lane still falls (Meyer and Sanders 2003). What comes out does not depend on the order
//! of relaxation: it is the one table with `d(v) = min_u fl(d(u) + w(u, v))`, that of Dijkstra's algorithm.

use ndarray::Array2;
use pulp::Arch;
use rayon::prelude::*;

use super::NeighbourGraph;

/// Sources of one pass.
const LANES: usize = 8;
type Lanes = [f64; LANES];
/// No bucket holds the node.
const CLEAN: u32 = u32::MAX;
/// Most buckets that are open at a time.
const MAX_OPEN: f64 = 4096.0;

/// Symmetric distances with a diagonal of zeros; only half of them are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Geodesics {
    /// `rows[a][b - a - 1]` is the distance of a < b.
    rows: Vec<Vec<f64>>,
}

impl Geodesics {
    pub(super) fn of(graph: &NeighbourGraph) -> Self {
        let routes = Routes::new(graph);
        let batches: Vec<&[u32]> = routes.order.chunks(LANES).collect();
        let arch = Arch::new();
        let found: Vec<Vec<(u32, Vec<f64>)>> = batches
            .par_iter()
            .map_init(|| Pass::new(&routes), |pass, batch| arch.dispatch(|| pass.run(&routes, batch)))
            .collect();
        let mut rows = vec![Vec::new(); graph.n_points()];
        for (source, row) in found.into_iter().flatten() {
            rows[source as usize] = row;
        }
        Self { rows }
    }

    /// The upper triangle of a matrix of distances.
    pub(in crate::manifold) fn from_function(
        n: usize,
        distance: impl Fn(usize, usize) -> f64 + Sync,
    ) -> Self {
        let row = |a: usize| (a + 1..n).map(|b| distance(a, b)).collect();
        Self { rows: (0..n).into_par_iter().map(row).collect() }
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.rows.len()
    }

    /// Distance of two points; infinite where no path leads.
    pub fn distance(&self, a: usize, b: usize) -> f64 {
        match a.cmp(&b) {
            std::cmp::Ordering::Less => self.rows[a][b - a - 1],
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Greater => self.rows[b][a - b - 1],
        }
    }

    /// Distances from one point to all, `[point]`.
    pub fn row(&self, point: usize) -> Vec<f64> {
        (0..self.n_points()).map(|other| self.distance(point, other)).collect()
    }

    /// The same as a full matrix, `[point, point]`.
    pub fn to_matrix(&self) -> Array2<f64> {
        let n = self.n_points();
        Array2::from_shape_fn((n, n), |(a, b)| self.distance(a, b))
    }

    /// Distances of the pairs a < b, by a, then b: what rank correlations take.
    pub fn pairs(&self) -> Vec<f64> {
        self.rows.concat()
    }

    /// Distances among some of the points, in the order of `members`.
    pub fn among(&self, members: &[usize]) -> Self {
        Self::from_function(members.len(), |a, b| self.distance(members[a], members[b]))
    }

    /// Distances of point `a` to the points after it.
    pub(in crate::manifold) fn upper_row(&self, a: usize) -> &[f64] {
        &self.rows[a]
    }
}

/// The graph renumbered so that points near each other stand near each other.
struct Routes {
    /// The point at each place.
    order: Vec<u32>,
    /// The place of each point.
    place: Vec<u32>,
    starts: Vec<usize>,
    edges: Vec<(u32, f64)>,
    bucket_width: f64,
    n_open: usize,
}

impl Routes {
    fn new(graph: &NeighbourGraph) -> Self {
        let order = gathered(graph);
        let mut place = vec![0; order.len()];
        (0..).zip(&order).for_each(|(at, &point): (u32, _)| place[point as usize] = at);
        let (mut starts, mut edges) = (vec![0], Vec::new());
        for &point in &order {
            let (others, lengths) = graph.neighbours(point as usize);
            edges.extend(others.iter().zip(lengths).map(|(&other, &length)| (place[other as usize], length)));
            starts.push(edges.len());
        }
        let longest = edges.iter().map(|edge| edge.1).fold(0.0, f64::max);
        let mean = edges.iter().map(|edge| edge.1).sum::<f64>() / edges.len().max(1) as f64;
        let bucket_width = (0.5 * mean).max(longest / MAX_OPEN).max(f64::MIN_POSITIVE);
        // One more than an edge can span, and one for rounding.
        let n_open = (longest / bucket_width) as usize + 3;
        Self { order, place, starts, edges, bucket_width, n_open }
    }
}

/// Points in groups of [`LANES`] that are joined by few steps; what is left over comes last.
fn gathered(graph: &NeighbourGraph) -> Vec<u32> {
    let n = graph.n_points();
    let (mut order, mut left_over) = (Vec::with_capacity(n), Vec::new());
    let mut taken = vec![false; n];
    let mut queue = std::collections::VecDeque::new();
    for first in 0..n {
        // Fronts start next to each other, so that groups tile the graph.
        queue.push_back(first);
        while let Some(seed) = queue.pop_front() {
            if taken[seed] {
                continue;
            }
            taken[seed] = true;
            let mut group = vec![seed];
            let mut next = 0;
            while next < group.len() {
                for &other in graph.neighbours(group[next]).0 {
                    let other = other as usize;
                    if taken[other] {
                        continue;
                    }
                    if group.len() < LANES {
                        taken[other] = true;
                        group.push(other);
                    } else {
                        queue.push_back(other);
                    }
                }
                next += 1;
            }
            let list = if group.len() == LANES { &mut order } else { &mut left_over };
            list.extend(group.into_iter().map(|point| point as u32));
        }
    }
    order.append(&mut left_over);
    order
}

/// The state of one pass over eight sources.
struct Pass {
    distance: Vec<Lanes>,
    /// The bucket in which a node waits.
    waiting: Vec<u32>,
    /// A ring of open buckets.
    buckets: Vec<Vec<u32>>,
    n_waiting: usize,
}

impl Pass {
    fn new(routes: &Routes) -> Self {
        let n = routes.order.len();
        Self {
            distance: vec![[f64::INFINITY; LANES]; n],
            waiting: vec![CLEAN; n],
            buckets: vec![Vec::new(); routes.n_open],
            n_waiting: 0,
        }
    }

    #[inline(always)]
    fn run(&mut self, routes: &Routes, sources: &[u32]) -> Vec<(u32, Vec<f64>)> {
        self.distance.fill([f64::INFINITY; LANES]);
        for (lane, &source) in sources.iter().enumerate() {
            let place = routes.place[source as usize];
            self.distance[place as usize][lane] = 0.0;
            self.wait(place, 0);
        }
        let mut bucket = 0;
        while self.n_waiting > 0 {
            self.empty(routes, bucket);
            bucket += 1;
        }
        self.upper_rows(routes, sources)
    }

    #[inline(always)]
    fn empty(&mut self, routes: &Routes, bucket: u32) {
        let slot = bucket as usize % routes.n_open;
        while let Some(node) = self.buckets[slot].pop() {
            self.n_waiting -= 1;
            if self.waiting[node as usize] == bucket {
                self.waiting[node as usize] = CLEAN;
                self.relax(routes, node as usize, bucket);
            }
        }
    }

    #[inline(always)]
    fn relax(&mut self, routes: &Routes, node: usize, bucket: u32) {
        let from = self.distance[node];
        for &(other, length) in &routes.edges[routes.starts[node]..routes.starts[node + 1]] {
            let to = &mut self.distance[other as usize];
            let mut shorter = [0.0; LANES];
            let mut smallest = [f64::INFINITY; LANES];
            for lane in 0..LANES {
                shorter[lane] = from[lane] + length;
                let falls = shorter[lane] < to[lane];
                smallest[lane] = if falls { shorter[lane] } else { f64::INFINITY };
                to[lane] = if falls { shorter[lane] } else { to[lane] };
            }
            let key =
                smallest.iter().fold(f64::INFINITY, |least, &next| if next < least { next } else { least });
            if key < f64::INFINITY {
                // A lane far ahead of the bucket is relaxed early rather than wrapped around the ring.
                let last_open = bucket + routes.n_open as u32 - 1;
                let wanted = ((key / routes.bucket_width) as u32).clamp(bucket, last_open);
                if wanted < self.waiting[other as usize] {
                    self.wait(other, wanted);
                }
            }
        }
    }

    #[inline(always)]
    fn wait(&mut self, node: u32, bucket: u32) {
        self.waiting[node as usize] = bucket;
        let slot = bucket as usize % self.buckets.len();
        self.buckets[slot].push(node);
        self.n_waiting += 1;
    }

    fn upper_rows(&self, routes: &Routes, sources: &[u32]) -> Vec<(u32, Vec<f64>)> {
        let n = routes.order.len();
        let row = |(lane, &source): (usize, &u32)| {
            let after = &routes.place[source as usize + 1..n];
            (source, after.iter().map(|&place| self.distance[place as usize][lane]).collect())
        };
        sources.iter().enumerate().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NeighbourConfig, Neighbourhood};
    use super::*;
    use proptest::prelude::*;

    /// Floyd and Warshall, on the graph as it is.
    fn by_definition(graph: &NeighbourGraph) -> Array2<f64> {
        let n = graph.n_points();
        let mut distance = Array2::from_elem((n, n), f64::INFINITY);
        for a in 0..n {
            distance[[a, a]] = 0.0;
            let (others, lengths) = graph.neighbours(a);
            others.iter().zip(lengths).for_each(|(&b, &length)| distance[[a, b as usize]] = length);
        }
        for via in 0..n {
            for a in 0..n {
                for b in 0..n {
                    distance[[a, b]] = distance[[a, b]].min(distance[[a, via]] + distance[[via, b]]);
                }
            }
        }
        distance
    }

    proptest! {
        #[test]
        fn paths_are_the_shortest(
            values in prop::collection::vec(0.0..1.0_f64, 120), k in 1..7_usize, scale in 0..3_i32,
        ) {
            let points = Array2::from_shape_vec((60, 2), values)? * 10_f64.powi(6 * (scale - 1));
            let config =
                NeighbourConfig { neighbourhood: Neighbourhood::Nearest(k), ..Default::default() };
            let graph = NeighbourGraph::fit(points.view(), &config)?;
            let (found, expected) = (graph.geodesics(), by_definition(&graph));
            for ((a, b), &expected) in expected.indexed_iter() {
                let found = found.distance(a, b);
                prop_assert!(found == expected || (found / expected - 1.0).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let points = Array2::from_shape_fn((500, 3), |(a, b)| ((a * (b + 3) * 7919) % 997) as f64);
        let graph = NeighbourGraph::fit(points.view(), &NeighbourConfig::default())?;
        let with = |n_threads| -> Result<Geodesics, rayon::ThreadPoolBuildError> {
            Ok(rayon::ThreadPoolBuilder::new().num_threads(n_threads).build()?.install(|| graph.geodesics()))
        };
        assert_eq!(with(1)?, with(2)?);
        Ok(())
    }

    #[test]
    fn points_that_coincide_are_at_no_distance() {
        let points = Array2::<f64>::zeros((20, 2));
        let graph = NeighbourGraph::fit(points.view(), &NeighbourConfig::default()).unwrap();
        assert!(graph.geodesics().pairs().iter().all(|&distance| distance == 0.0 || distance.is_infinite()));
    }
}
