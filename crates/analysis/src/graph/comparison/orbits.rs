//! How often each neuron stands in each place of each connected subgraph of up to four neurons.

use super::super::{DirectedGraph, UndirectedGraph};

/// Counts of the 15 orbits of graphlets with two to four nodes (Przulj 2007), `[neuron][orbit]`, in the underlying
/// undirected graph.
///
/// 0 edge; 1 end, 2 middle of a path of three; 3 triangle; 4 end, 5 inside of a path of four; 6 leaf, 7 centre of a
/// star; 8 square; 9 pendant, 10 far corner, 11 joint of a triangle with a tail; 12 corner, 13 middle of a square with
/// one diagonal; 14 complete graph of four.
///
/// Subgraphs that need not be induced are counted first, in closed form from degrees, triangles and common neighbours;
/// those that are induced follow from them by subtraction.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, comparison::orbit_counts};
/// let path = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (2, 3)])?;
/// let counts = orbit_counts(&path);
/// assert_eq!((counts[0][4], counts[1][5], counts[1][2]), (1.0, 1.0, 1.0));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn orbit_counts(graph: &DirectedGraph) -> Vec<[f64; 15]> {
    let shared = Shared::new(UndirectedGraph::new(graph));
    (0..graph.n_neurons() as u32).map(|neuron| induced(not_induced(&shared, neuron))).collect()
}

/// Degrees, common neighbours of joined pairs and triangles.
struct Shared {
    graph: UndirectedGraph,
    /// Common neighbours of a neuron and each of its neighbours, in their order.
    common: Vec<Vec<f64>>,
    triangles: Vec<f64>,
}

impl Shared {
    fn new(graph: UndirectedGraph) -> Self {
        let common: Vec<Vec<f64>> = (0..graph.n_neurons() as u32)
            .map(|one| {
                let with = |&other: &u32| meet(graph.neighbours(one), graph.neighbours(other)).len() as f64;
                graph.neighbours(one).iter().map(with).collect()
            })
            .collect();
        let triangles = common.iter().map(|row| row.iter().sum::<f64>() / 2.0).collect();
        Self { graph, common, triangles }
    }

    fn degree(&self, neuron: u32) -> f64 {
        self.graph.degree(neuron) as f64
    }

    /// Neighbours with the number of neighbours shared with them.
    fn neighbours(&self, neuron: u32) -> impl Iterator<Item = (u32, f64)> {
        self.graph.neighbours(neuron).iter().copied().zip(self.common[neuron as usize].iter().copied())
    }
}

/// Elements of both ascending lists.
fn meet(one: &[u32], other: &[u32]) -> Vec<u32> {
    let mut place = 0;
    let mut both = Vec::new();
    for &value in one {
        while place < other.len() && other[place] < value {
            place += 1;
        }
        if other.get(place) == Some(&value) {
            both.push(value);
        }
    }
    both
}

fn choose_two(n: f64) -> f64 {
    n * (n - 1.0) / 2.0
}

/// Subgraphs that may have further edges among their nodes.
fn not_induced(shared: &Shared, neuron: u32) -> [f64; 15] {
    let (degree, triangles) = (shared.degree(neuron), shared.triangles[neuron as usize]);
    let mut counts = [0.0; 15];
    counts[0] = degree;
    counts[2] = choose_two(degree);
    counts[3] = triangles;
    counts[7] = degree * (degree - 1.0) * (degree - 2.0) / 6.0;
    counts[11] = triangles * (degree - 2.0);
    let mut squares = vec![0.0; shared.graph.n_neurons()];
    for (near, common) in shared.neighbours(neuron) {
        let near_degree = shared.degree(near);
        counts[1] += near_degree - 1.0;
        counts[5] += (degree - 1.0) * (near_degree - 1.0) - common;
        counts[6] += choose_two(near_degree - 1.0);
        counts[9] += shared.triangles[near as usize] - common;
        counts[10] += common * (near_degree - 2.0);
        counts[13] += choose_two(common);
        for &far in shared.graph.neighbours(near).iter().filter(|&&far| far != neuron) {
            squares[far as usize] += 1.0;
            counts[4] += shared.degree(far) - 1.0;
        }
        // A walk back to the start is no path.
        counts[4] -= common;
        let corners = meet(shared.graph.neighbours(neuron), shared.graph.neighbours(near));
        for &corner in &corners {
            counts[12] += opposite(shared, near, corner) - 1.0;
            counts[14] += meet(&corners, shared.graph.neighbours(corner)).len() as f64;
        }
    }
    counts[8] = squares.into_iter().map(choose_two).sum();
    // Each triangle was met from both of its other corners, each complete graph in six orders.
    counts[12] /= 2.0;
    counts[14] /= 6.0;
    counts
}

/// Common neighbours of two joined neurons.
fn opposite(shared: &Shared, one: u32, other: u32) -> f64 {
    let place = shared.graph.neighbours(one).binary_search(&other);
    place.map_or(0.0, |place| shared.common[one as usize][place])
}

/// Takes off what is part of a denser subgraph: how often each orbit lies, not induced, in each denser one.
fn induced(count: [f64; 15]) -> [f64; 15] {
    let mut own = count;
    own[12] -= 3.0 * own[14];
    own[13] -= 3.0 * own[14];
    own[11] -= 2.0 * own[13] + 3.0 * own[14];
    own[10] -= 2.0 * own[12] + 2.0 * own[13] + 6.0 * own[14];
    own[9] -= 2.0 * own[12] + 3.0 * own[14];
    own[8] -= own[12] + own[13] + 3.0 * own[14];
    own[7] -= own[11] + own[13] + own[14];
    own[6] -= own[9] + own[10] + 2.0 * own[12] + own[13] + 3.0 * own[14];
    own[5] -= 2.0 * own[8] + own[10] + 2.0 * own[11] + 2.0 * own[12] + 4.0 * own[13] + 6.0 * own[14];
    own[4] -= 2.0 * own[8] + 2.0 * own[9] + own[10] + 4.0 * own[12] + 2.0 * own[13] + 6.0 * own[14];
    own[2] -= own[3];
    own[1] -= 2.0 * own[3];
    own
}
