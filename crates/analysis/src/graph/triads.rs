//! The triad census: all `N (N - 1) (N - 2) / 6` groups of three neurons by how they are wired.

use super::reciprocity::dyad_totals;
use super::triangles::{TriangleCounts, dyad_of_bits};
use super::{DirectedGraph, Dyad, UndirectedGraph};

/// The 16 classes of Holland and Leinhardt (1976): number of mutual, asymmetric and null dyads, and a letter where
/// that is not enough (D down, U up, C cyclic, T transitive).
pub const TRIAD_NAMES: [&str; 16] = [
    "003", "012", "102", "021D", "021U", "021C", "111D", "111U", "030T", "030C", "201", "120D", "120U",
    "120C", "210", "300",
];

/// Where the 13 classes begin that join all three neurons.
pub const FIRST_CONNECTED_TRIAD: usize = 3;

/// Groups of three by class, in the order of [`TRIAD_NAMES`].
///
/// Closed triads come from one pass over the triangles of `U`; open ones are pairs of dyads at a neuron less those
/// that a triangle closes; the rest follows because each dyad lies in `N - 2` groups. So the census costs no more
/// than clustering.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, TRIAD_NAMES, triad_census};
/// // a feed-forward loop and a neuron apart
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (0, 2)])?;
/// let census = triad_census(&graph);
/// let found: Vec<_> = TRIAD_NAMES.iter().zip(census).filter(|(_, count)| *count > 0).collect();
/// assert_eq!(found, [(&"012", 3), (&"030T", 1)]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn triad_census(graph: &DirectedGraph) -> [u64; 16] {
    let joined = UndirectedGraph::new(graph);
    census(&joined, &TriangleCounts::of(&joined))
}

pub(super) fn census(joined: &UndirectedGraph, triangles: &TriangleCounts) -> [u64; 16] {
    let mut counts = [0_i128; 16];
    for neuron in 0..joined.n_neurons() as u32 {
        add_open(joined.dyads(neuron), &mut counts);
    }
    for (code, &n) in triangles.by_dyads.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (Some(ab), Some(ac), Some(bc)) =
            (dyad_of_bits(code >> 4), dyad_of_bits(code >> 2), dyad_of_bits(code))
        else {
            continue;
        };
        counts[closed_class(ab, ac, bc)] += i128::from(n);
        let corners = [(ab, ac), (ab.reversed(), bc), (ac.reversed(), bc.reversed())];
        corners.into_iter().for_each(|(first, second)| counts[open_class(first, second)] -= i128::from(n));
    }
    add_sparse(joined, &mut counts);
    counts.map(|count| count as u64)
}

/// Pairs of dyads at one neuron.
fn add_open(dyads: &[Dyad], counts: &mut [i128; 16]) {
    let number = |wanted: Dyad| dyads.iter().filter(|&&dyad| dyad == wanted).count() as i128;
    let all = [Dyad::Out, Dyad::In, Dyad::Mutual];
    let numbers = all.map(number);
    for (first, &dyad) in all.iter().enumerate() {
        counts[open_class(dyad, dyad)] += numbers[first] * (numbers[first] - 1) / 2;
        for (second, &other) in all.iter().enumerate().skip(first + 1) {
            counts[open_class(dyad, other)] += numbers[first] * numbers[second];
        }
    }
}

/// Classes with one dyad or none.
fn add_sparse(joined: &UndirectedGraph, counts: &mut [i128; 16]) {
    let dyads = dyad_totals(joined);
    let n = joined.n_neurons() as i128;
    let inside = |per_class: [i128; 16]| {
        per_class.iter().zip(&*counts).map(|(each, count)| each * count).sum::<i128>()
    };
    let asymmetric = i128::from(dyads.n_asymmetric) * (n - 2) - inside(N_ASYMMETRIC);
    let mutual = i128::from(dyads.n_mutual) * (n - 2) - inside(N_MUTUAL);
    (counts[1], counts[2]) = (asymmetric, mutual);
    counts[0] = n * (n - 1) * (n - 2) / 6 - counts[1..].iter().sum::<i128>();
}

/// Asymmetric dyads of each class with two dyads or more.
const N_ASYMMETRIC: [i128; 16] = [0, 0, 0, 2, 2, 2, 1, 1, 3, 3, 0, 2, 2, 2, 1, 0];
/// Mutual dyads of each class with two dyads or more.
const N_MUTUAL: [i128; 16] = [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 2, 1, 1, 1, 2, 3];

/// Class of two dyads, both seen from the neuron that they share.
fn open_class(first: Dyad, second: Dyad) -> usize {
    match (first, second) {
        (Dyad::Out, Dyad::Out) => 3,
        (Dyad::In, Dyad::In) => 4,
        (Dyad::Out, Dyad::In) | (Dyad::In, Dyad::Out) => 5,
        (Dyad::Mutual, Dyad::In) | (Dyad::In, Dyad::Mutual) => 6,
        (Dyad::Mutual, Dyad::Out) | (Dyad::Out, Dyad::Mutual) => 7,
        (Dyad::Mutual, Dyad::Mutual) => 10,
    }
}

/// Class of three dyads.
fn closed_class(ab: Dyad, ac: Dyad, bc: Dyad) -> usize {
    // The two dyads that are not the mutual one, seen from the neuron opposite to it.
    let beside_mutual = |first: Dyad, second: Dyad| match (first, second) {
        (Dyad::Out, Dyad::Out) => 11,
        (Dyad::In, Dyad::In) => 12,
        _ => 13,
    };
    match [ab, ac, bc].iter().filter(|&&dyad| dyad == Dyad::Mutual).count() {
        3 => 15,
        2 => 14,
        1 if ab == Dyad::Mutual => beside_mutual(ac.reversed(), bc.reversed()),
        1 if ac == Dyad::Mutual => beside_mutual(ab.reversed(), bc),
        1 => beside_mutual(ab, ac),
        // A cycle is a to b, b to c, c to a, or all of it turned round.
        _ if ab == bc && ab != ac => 9,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By definition: classify each group of three from its edges alone.
    fn by_definition(graph: &DirectedGraph) -> [u64; 16] {
        let n = graph.n_neurons() as u32;
        let mut counts = [0; 16];
        for a in 0..n {
            for b in a + 1..n {
                for c in b + 1..n {
                    counts[class_of(graph, [a, b, c])] += 1;
                }
            }
        }
        counts
    }

    fn class_of(graph: &DirectedGraph, three: [u32; 3]) -> usize {
        let edge = |i: usize, j: usize| graph.has_edge(three[i], three[j]);
        let pairs = [(0, 1), (0, 2), (1, 2)];
        let mutual = pairs.iter().filter(|&&(i, j)| edge(i, j) && edge(j, i)).count();
        let null = pairs.iter().filter(|&&(i, j)| !edge(i, j) && !edge(j, i)).count();
        let out = |i: usize| (0..3).filter(|&j| i != j && edge(i, j)).count();
        let into = |i: usize| (0..3).filter(|&j| i != j && edge(j, i)).count();
        let sends_two = (0..3).any(|i| out(i) == 2 && into(i) == 0);
        let takes_two = (0..3).any(|i| into(i) == 2 && out(i) == 0);
        let name = match (mutual, 3 - mutual - null, null) {
            (0, 2, 1) if sends_two => "021D",
            (0, 2, 1) if takes_two => "021U",
            (0, 2, 1) => "021C",
            // The neuron in the middle has both dyads: it takes (D) or sends (U) beside the mutual one.
            (1, 1, 1) if (0..3).any(|i| into(i) == 2) => "111D",
            (1, 1, 1) => "111U",
            (0, 3, 0) if sends_two => "030T",
            (0, 3, 0) => "030C",
            (1, 2, 0) if sends_two => "120D",
            (1, 2, 0) if takes_two => "120U",
            (1, 2, 0) => "120C",
            (m, a, z) => &format!("{m}{a}{z}"),
        };
        TRIAD_NAMES.iter().position(|&one| one == name).unwrap()
    }

    proptest! {
        #[test]
        fn the_census_is_that_of_the_definition(edges in prop::collection::vec((0..9_u32, 0..9_u32), 0..70)) {
            let graph = DirectedGraph::from_edges(9, &edges)?;
            prop_assert_eq!(triad_census(&graph), by_definition(&graph));
        }
    }
}
