//! Directed simplices: groups of neurons that are wired all to all in one direction.

use rayon::prelude::*;

use super::DirectedGraph;

/// Number of directed simplices of dimension `0..=max_dimension`: sequences `v_0 ... v_d` with an edge from each to
/// every later one. Dimension 0 are neurons, 1 edges, 2 feed-forward triangles; a mutual pair counts in both orders
/// (Reimann et al. 2017).
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, simplex_counts};
/// let edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 2)];
/// let graph = DirectedGraph::from_edges(4, &edges)?;
/// assert_eq!(simplex_counts(&graph, 3), [4, 7, 6, 2]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn simplex_counts(graph: &DirectedGraph, max_dimension: usize) -> Vec<u64> {
    let n = graph.n_neurons();
    let empty = || (vec![0; max_dimension + 1], Cone::new(n));
    (0..n as u32)
        .into_par_iter()
        .with_min_len(n / 256 + 1)
        .fold(empty, |(mut counts, mut cone), first| {
            cone.count(graph, first, &mut counts);
            (counts, cone)
        })
        .map(|(counts, _)| counts)
        .reduce(
            || vec![0; max_dimension + 1],
            |mine, theirs| mine.iter().zip(&theirs).map(|(mine, theirs)| mine + theirs).collect(),
        )
}

/// The neurons that a first neuron sends to, and the edges among them as rows of bits.
struct Cone {
    place: Vec<u32>,
    n_words: usize,
    rows: Vec<u64>,
    /// Neurons that could still be added, one set a dimension.
    candidates: Vec<Vec<u64>>,
}

impl Cone {
    fn new(n: usize) -> Self {
        Self { place: vec![u32::MAX; n], n_words: 0, rows: Vec::new(), candidates: Vec::new() }
    }

    fn count(&mut self, graph: &DirectedGraph, first: u32, counts: &mut [u64]) {
        let members = graph.successors(first);
        counts[0] += 1;
        if counts.len() == 1 {
            return;
        }
        counts[1] += members.len() as u64;
        if counts.len() == 2 || members.len() < 2 {
            return;
        }
        self.n_words = members.len().div_ceil(64);
        self.rows.clear();
        self.rows.resize(members.len() * self.n_words, 0);
        (0..).zip(members).for_each(|(place, &member)| self.place[member as usize] = place);
        for (row, &member) in self.rows.chunks_mut(self.n_words).zip(members) {
            for &post in graph.successors(member) {
                let place = self.place[post as usize];
                if place != u32::MAX {
                    row[place as usize / 64] |= 1 << (place % 64);
                }
            }
        }
        members.iter().for_each(|&member| self.place[member as usize] = u32::MAX);
        self.candidates.resize(counts.len(), Vec::new());
        self.candidates.iter_mut().for_each(|set| set.resize(self.n_words, 0));
        for second in 0..members.len() {
            let row = second * self.n_words..(second + 1) * self.n_words;
            self.candidates[2].copy_from_slice(&self.rows[row]);
            self.extend(2, counts);
        }
    }

    /// All ways to go on from the simplex whose possible next neurons are `candidates[dimension]`.
    fn extend(&mut self, dimension: usize, counts: &mut [u64]) {
        counts[dimension] +=
            self.candidates[dimension].iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        if dimension + 1 == counts.len() {
            return;
        }
        for word in 0..self.n_words {
            let mut bits = self.candidates[dimension][word];
            while bits != 0 {
                let member = 64 * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let row = member * self.n_words;
                let (now, next) = self.candidates.split_at_mut(dimension + 1);
                let mut any = 0;
                for (index, both) in next[0].iter_mut().enumerate() {
                    *both = now[dimension][index] & self.rows[row + index];
                    any |= *both;
                }
                if any != 0 {
                    self.extend(dimension + 1, counts);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_definition(graph: &DirectedGraph, chosen: &mut Vec<u32>, counts: &mut [u64]) {
        for next in 0..graph.n_neurons() as u32 {
            if chosen.iter().all(|&earlier| graph.has_edge(earlier, next)) {
                counts[chosen.len()] += 1;
                if chosen.len() + 1 < counts.len() {
                    chosen.push(next);
                    by_definition(graph, chosen, counts);
                    chosen.pop();
                }
            }
        }
    }

    proptest! {
        #[test]
        fn counts_are_those_of_the_definition(edges in prop::collection::vec((0..8_u32, 0..8_u32), 0..90)) {
            let graph = DirectedGraph::from_edges(8, &edges)?;
            let mut expected = vec![0; 6];
            by_definition(&graph, &mut Vec::new(), &mut expected);
            prop_assert_eq!(simplex_counts(&graph, 5), expected);
        }
    }
}
