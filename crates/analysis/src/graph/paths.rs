//! Shortest paths of all pairs, 256 sources at a time.
//!
//! A breadth-first search keeps one bit a source at every neuron; one pass over the edges moves all of them one step
//! (Then et al. 2014). Path lengths are only ever added up, so no matrix of distances is kept.

use rayon::prelude::*;

use super::components::{strong_components, weak_of};
use super::{DirectedGraph, UndirectedGraph};

/// Shortest path lengths in a few numbers; each edge has length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct PathSummary {
    /// Ordered pairs of different neurons by distance: index `d - 1` holds the pairs at distance `d`.
    pub n_pairs_at: Vec<u64>,
    /// Mean over the ordered pairs with a path; NaN where there is none.
    pub mean_length: f64,
    /// Mean of `1 / distance` over all ordered pairs, 0 where there is no path (Latora and Marchiori 2001).
    pub global_efficiency: f64,
    /// Share of the ordered pairs with a path.
    pub reachable: f64,
    /// Longest of the finite distances; 0 without edges.
    pub diameter: usize,
    /// Closeness of each neuron by the paths that end in it, `(r / sum of distances) (r / (N - 1))` with `r`
    /// neurons that reach it (Wasserman and Faust; the convention of networkx).
    pub closeness: Vec<f64>,
}

/// Directed path lengths over all reachable ordered pairs.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, path_summary};
/// let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2)])?;
/// let paths = path_summary(&graph);
/// assert_eq!(paths.n_pairs_at, [2, 1]); // 0 -> 1, 1 -> 2; 0 -> 2
/// assert_eq!((paths.mean_length, paths.reachable, paths.diameter), (4.0 / 3.0, 0.5, 2));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn path_summary(graph: &DirectedGraph) -> PathSummary {
    summary(&Distances::of(graph.n_neurons(), |neuron| graph.predecessors(neuron)))
}

/// Path lengths inside the largest strongly connected component, where every pair has a path both ways.
pub fn path_summary_of_largest_strong_component(graph: &DirectedGraph) -> PathSummary {
    let members = strong_components(graph).largest();
    graph.induced(&members).map_or_else(|_| path_summary(graph), |inside| path_summary(&inside))
}

/// Path lengths of `U` inside its largest component: what "characteristic path length" and "diameter" mean in most
/// papers.
pub fn path_summary_of_largest_weak_component(graph: &DirectedGraph) -> PathSummary {
    let members = weak_of(&UndirectedGraph::new(graph)).largest();
    let inside = graph.induced(&members).unwrap_or_else(|_| graph.clone());
    undirected_path_summary(&UndirectedGraph::new(&inside))
}

/// Path lengths of `U`.
pub(super) fn undirected_path_summary(joined: &UndirectedGraph) -> PathSummary {
    summary(&Distances::of(joined.n_neurons(), |neuron| joined.neighbours(neuron)))
}

/// Sources of one pass.
const WORDS: usize = 4;
const SOURCES: usize = 64 * WORDS;
type Bits = [u64; WORDS];

/// What one or several passes found; integers, so that the order of adding does not matter.
struct Distances {
    n_pairs_at: Vec<u64>,
    /// Number of neurons that reach each neuron.
    n_sources: Vec<u64>,
    /// Sum of their distances to it.
    total: Vec<u64>,
}

impl Distances {
    fn of<'a>(n: usize, predecessors: impl Fn(u32) -> &'a [u32] + Sync) -> Self {
        (0..n.div_ceil(SOURCES))
            .into_par_iter()
            .map(|batch| Self::of_batch(n, batch * SOURCES, &predecessors))
            .reduce(|| Self::zeros(n), Self::plus)
    }

    fn zeros(n: usize) -> Self {
        Self { n_pairs_at: Vec::new(), n_sources: vec![0; n], total: vec![0; n] }
    }

    fn plus(mut self, other: Self) -> Self {
        let longest = self.n_pairs_at.len().max(other.n_pairs_at.len());
        self.n_pairs_at.resize(longest, 0);
        let add = |mine: &mut [u64], theirs: &[u64]| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        add(&mut self.n_pairs_at, &other.n_pairs_at);
        add(&mut self.n_sources, &other.n_sources);
        add(&mut self.total, &other.total);
        self
    }

    fn of_batch<'a>(n: usize, first: usize, predecessors: &impl Fn(u32) -> &'a [u32]) -> Self {
        let mut found = Self::zeros(n);
        let mut seen = vec![[0_u64; WORDS]; n];
        let mut all = [0_u64; WORDS];
        for (bit, source) in (first..n.min(first + SOURCES)).enumerate() {
            seen[source][bit / 64] |= 1 << (bit % 64);
            all[bit / 64] |= 1 << (bit % 64);
        }
        let mut frontier = seen.clone();
        let mut next = vec![[0_u64; WORDS]; n];
        let mut open: Vec<u32> = (0..n as u32).filter(|&neuron| seen[neuron as usize] != all).collect();
        for distance in 1.. {
            let mut n_new = 0;
            for &neuron in &open {
                let arrived = step(predecessors(neuron), &frontier, seen[neuron as usize], all);
                let count = arrived.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
                next[neuron as usize] = arrived;
                n_new += count;
                found.n_sources[neuron as usize] += count;
                found.total[neuron as usize] += count * distance;
            }
            if n_new == 0 {
                return found;
            }
            found.n_pairs_at.push(n_new);
            for &neuron in &open {
                (0..WORDS).for_each(|word| seen[neuron as usize][word] |= next[neuron as usize][word]);
            }
            std::mem::swap(&mut frontier, &mut next);
            next.iter_mut().for_each(|bits| *bits = [0; WORDS]);
            open.retain(|&neuron| seen[neuron as usize] != all);
        }
        found
    }
}

/// Sources whose frontier arrives at a neuron that they have not seen yet.
#[inline]
fn step(predecessors: &[u32], frontier: &[Bits], seen: Bits, all: Bits) -> Bits {
    let mut arrived = [0; WORDS];
    for block in predecessors.chunks(16) {
        for &predecessor in block {
            let bits = &frontier[predecessor as usize];
            (0..WORDS).for_each(|word| arrived[word] |= bits[word]);
        }
        // Nothing more can arrive once all unseen sources have.
        if (0..WORDS).all(|word| arrived[word] | seen[word] == all[word]) {
            break;
        }
    }
    (0..WORDS).for_each(|word| arrived[word] &= !seen[word]);
    arrived
}

fn summary(distances: &Distances) -> PathSummary {
    let n = distances.total.len() as f64;
    let n_paths: u64 = distances.n_pairs_at.iter().sum();
    let at = || (1..).zip(&distances.n_pairs_at);
    let length: u64 = at().map(|(distance, pairs)| distance * pairs).sum();
    let inverse: f64 = at().map(|(distance, &pairs)| pairs as f64 / distance as f64).sum();
    let closeness = distances.n_sources.iter().zip(&distances.total).map(|(&sources, &total)| {
        if total == 0 { 0.0 } else { sources as f64 / total as f64 * sources as f64 / (n - 1.0) }
    });
    PathSummary {
        mean_length: length as f64 / n_paths as f64,
        global_efficiency: inverse / (n * (n - 1.0)),
        reachable: n_paths as f64 / (n * (n - 1.0)),
        diameter: distances.n_pairs_at.len(),
        closeness: closeness.collect(),
        n_pairs_at: distances.n_pairs_at.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    fn by_definition(graph: &DirectedGraph) -> Vec<u64> {
        let mut counts = Vec::new();
        for source in 0..graph.n_neurons() as u32 {
            let mut distance = vec![0_usize; graph.n_neurons()];
            let mut queue = VecDeque::from([source]);
            while let Some(neuron) = queue.pop_front() {
                for &next in graph.successors(neuron) {
                    if next != source && distance[next as usize] == 0 {
                        distance[next as usize] = distance[neuron as usize] + 1;
                        queue.push_back(next);
                    }
                }
            }
            for length in distance.into_iter().filter(|&length| length > 0) {
                counts.resize(counts.len().max(length), 0);
                counts[length - 1] += 1;
            }
        }
        counts
    }

    proptest! {
        // More neurons than one pass has sources.
        #[test]
        fn distances_are_those_of_one_search_a_neuron(
            edges in prop::collection::vec((0..300_u32, 0..300_u32), 0..900)
        ) {
            let graph = DirectedGraph::from_edges(300, &edges)?;
            prop_assert_eq!(path_summary(&graph).n_pairs_at, by_definition(&graph));
        }
    }
}
