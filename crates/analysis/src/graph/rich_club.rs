//! Are well connected neurons connected among themselves? Rich club and cores of `U`.

use super::{DirectedGraph, UndirectedGraph};

/// Rich-club coefficient by degree of `U`: index `k` holds `2 E_k / (N_k (N_k - 1))` of the `N_k` neurons with more
/// than `k` neighbours and the `E_k` joined pairs among them (Colizza et al. 2006; not normalised). Up to the last
/// `k` that at least two neurons exceed. It rises with `k` in random graphs too: compare with a degree-preserving
/// null.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, rich_club};
/// // a path of four: all joined pairs at k = 0; the two inner neurons are joined
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 2), (2, 3)])?;
/// assert_eq!(rich_club(&graph), [0.5, 1.0]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn rich_club(graph: &DirectedGraph) -> Vec<f64> {
    let joined = UndirectedGraph::new(graph);
    let n = joined.n_neurons() as u32;
    let largest = (0..n).map(|neuron| joined.degree(neuron)).max().unwrap_or(0);
    let (mut neurons, mut pairs) = (vec![0_u64; largest + 1], vec![0_u64; largest + 1]);
    for neuron in 0..n {
        let degree = joined.degree(neuron);
        neurons[degree] += 1;
        for &neighbour in joined.neighbours(neuron).iter().filter(|&&neighbour| neighbour > neuron) {
            pairs[degree.min(joined.degree(neighbour))] += 1;
        }
    }
    let (mut n_rich, mut n_joined) = (u64::from(n), joined.n_pairs() as u64);
    let mut coefficients = Vec::new();
    for k in 0..=largest {
        n_rich -= neurons[k];
        n_joined -= pairs[k];
        if n_rich < 2 {
            break;
        }
        coefficients.push(2.0 * n_joined as f64 / (n_rich * (n_rich - 1)) as f64);
    }
    coefficients
}

/// Core number of each neuron: the largest `k` such that it belongs to a part of `U` in which everybody has at least
/// `k` neighbours (Batagelj and Zaversnik 2003).
pub fn core_numbers(graph: &DirectedGraph) -> Vec<u32> {
    let joined = UndirectedGraph::new(graph);
    let n = joined.n_neurons();
    let mut degree: Vec<usize> = (0..n as u32).map(|neuron| joined.degree(neuron)).collect();
    let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); degree.iter().max().map_or(0, |&largest| largest + 1)];
    (0..n).for_each(|neuron| waiting[degree[neuron]].push(neuron as u32));
    let mut core = vec![0; n];
    let mut done = vec![false; n];
    let mut k = 0;
    while k < waiting.len() {
        let Some(neuron) = waiting[k].pop() else {
            k += 1;
            continue;
        };
        // Entries are not moved when a degree falls: only the one that is up to date counts.
        if done[neuron as usize] || degree[neuron as usize] != k {
            continue;
        }
        done[neuron as usize] = true;
        core[neuron as usize] = k as u32;
        for &neighbour in joined.neighbours(neuron) {
            let left = &mut degree[neighbour as usize];
            if !done[neighbour as usize] && *left > k {
                *left -= 1;
                waiting[*left].push(neighbour);
            }
        }
    }
    core
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clique_with_a_tail_has_its_core() {
        let graph =
            DirectedGraph::from_edges(6, &[(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4)]).unwrap();
        assert_eq!(core_numbers(&graph), [3, 3, 3, 3, 1, 0]);
    }
}
