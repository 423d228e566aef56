//! Are neurons that share partners more often connected?

use rayon::prelude::*;

use super::{DirectedGraph, UndirectedGraph};

/// Pairs of neurons by the number of neighbours of `U` that they share.
#[derive(Debug, Clone, PartialEq)]
pub struct CommonNeighbours {
    /// Pairs with `k` common neighbours, index `k`.
    pub n_pairs: Vec<u64>,
    /// Those of them that are joined.
    pub n_joined: Vec<u64>,
    /// Mean number of common neighbours of joined pairs over that of all pairs: 1 is chance in a random graph, above
    /// 1 is the common-neighbour bias (Perin et al. 2011). NaN where nobody shares a neighbour.
    pub bias: f64,
}

/// The common-neighbour rule, exactly, over all pairs.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, common_neighbours};
/// // a triangle and a tail: 3 joined pairs share one neighbour, as do 2 of the 3 others
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (0, 2), (2, 3)])?;
/// let found = common_neighbours(&graph);
/// assert_eq!((found.n_pairs, found.n_joined), (vec![1, 5], vec![1, 3]));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn common_neighbours(graph: &DirectedGraph) -> CommonNeighbours {
    let joined = UndirectedGraph::new(graph);
    let n = joined.n_neurons();
    let empty = || (Tally::default(), vec![0_u32; n]);
    let tally = (0..n as u32)
        .into_par_iter()
        .with_min_len(n / 256 + 1)
        .fold(empty, |(mut tally, mut shared), neuron| {
            tally.add_pairs_of(&joined, neuron, &mut shared);
            (tally, shared)
        })
        .map(|(tally, _)| tally)
        .reduce(Tally::default, Tally::plus);
    let mean = |counts: &[u64]| {
        let sum: u64 = (0..).zip(counts).map(|(k, count)| k * count).sum();
        sum as f64 / counts.iter().sum::<u64>() as f64
    };
    CommonNeighbours {
        bias: mean(&tally.joined) / mean(&tally.all),
        n_pairs: tally.all,
        n_joined: tally.joined,
    }
}

#[derive(Default)]
struct Tally {
    all: Vec<u64>,
    joined: Vec<u64>,
}

impl Tally {
    /// Pairs of `neuron` with all later ones. `shared` is all zero before and after.
    fn add_pairs_of(&mut self, joined: &UndirectedGraph, neuron: u32, shared: &mut [u32]) {
        let first = neuron as usize + 1;
        for &middle in joined.neighbours(neuron) {
            let ends = joined.neighbours(middle);
            for &end in &ends[ends.partition_point(|&end| end <= neuron)..] {
                shared[end as usize] += 1;
            }
        }
        let most = shared[first..].iter().max().map_or(0, |&most| most as usize);
        self.resize(most + 1);
        shared[first..].iter().for_each(|&k| self.all[k as usize] += 1);
        for &neighbour in joined.neighbours(neuron).iter().filter(|&&neighbour| neighbour > neuron) {
            self.joined[shared[neighbour as usize] as usize] += 1;
        }
        shared[first..].fill(0);
    }

    fn resize(&mut self, length: usize) {
        let length = length.max(self.all.len());
        self.all.resize(length, 0);
        self.joined.resize(length, 0);
    }

    fn plus(mut self, other: Self) -> Self {
        self.resize(other.all.len());
        let add = |mine: &mut [u64], theirs: &[u64]| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        add(&mut self.all, &other.all);
        add(&mut self.joined, &other.joined);
        self
    }
}
