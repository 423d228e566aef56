//! Who connects to whom, by cell type.

use super::DirectedGraph;
use crate::Error;

/// Connection probability by type of sender and receiver, over the pairs that could have been observed.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeMixing {
    /// The types, sorted by name.
    pub types: Vec<String>,
    /// Neurons of each type.
    pub n_neurons: Vec<usize>,
    /// Edges `[pre type][post type]`.
    pub n_edges: Vec<Vec<u64>>,
    /// Observable ordered pairs of different neurons `[pre type][post type]`.
    pub n_pairs: Vec<Vec<u64>>,
    /// `n_edges / n_pairs`; NaN where there is no pair.
    pub density: Vec<Vec<f64>>,
    /// Type of each neuron, a position in `types`.
    pub labels: Vec<u32>,
}

/// The `K x K` table of connection probabilities.
///
/// # Errors
/// [`Error::Shape`] if there is not one type a neuron.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, type_mixing};
/// let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2)])?;
/// let mixing = type_mixing(&graph, &["E", "E", "I"])?;
/// assert_eq!(mixing.density[0], [0.5, 0.5]);
/// assert!(mixing.density[1][1].is_nan()); // one I neuron alone has no pair
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn type_mixing<T: AsRef<str>>(graph: &DirectedGraph, cell_type: &[T]) -> Result<TypeMixing, Error> {
    let n = graph.n_neurons();
    if cell_type.len() != n {
        let (given, allowed) = (format!("[{}]", cell_type.len()), format!("[{n}], one a neuron"));
        return Err(Error::Shape { what: "cell_type", given, allowed });
    }
    let (types, labels) = labelled(cell_type);
    let k = types.len();
    let tally = |mask: Option<&Vec<bool>>| {
        let mut counts = vec![0_u64; k];
        (0..n).filter(|&neuron| mask.is_none_or(|mask| mask[neuron])).for_each(|neuron| {
            counts[labels[neuron] as usize] += 1;
        });
        counts
    };
    let senders = tally(graph.observed().pre_observed.as_ref());
    let receivers = tally(graph.observed().post_observed.as_ref());
    let mut n_pairs: Vec<Vec<u64>> =
        senders.iter().map(|sent| receivers.iter().map(|received| sent * received).collect()).collect();
    for neuron in graph.fully_observed() {
        let own = labels[neuron as usize] as usize;
        n_pairs[own][own] -= 1;
    }
    let mut n_edges = vec![vec![0_u64; k]; k];
    for (pre, post) in graph.edges() {
        n_edges[labels[pre as usize] as usize][labels[post as usize] as usize] += 1;
    }
    let row = |(edges, pairs): (&Vec<u64>, &Vec<u64>)| {
        edges.iter().zip(pairs).map(|(&edges, &pairs)| edges as f64 / pairs as f64).collect()
    };
    let density = n_edges.iter().zip(&n_pairs).map(row).collect();
    let n_neurons = tally(None).into_iter().map(|count| count as usize).collect();
    Ok(TypeMixing { types, n_neurons, n_edges, n_pairs, density, labels })
}

/// Distinct names, sorted, and the position of each neuron's name among them.
pub(super) fn labelled<T: AsRef<str>>(names: &[T]) -> (Vec<String>, Vec<u32>) {
    let mut types: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
    types.sort_unstable();
    types.dedup();
    let place = |name: &T| types.partition_point(|one| one.as_str() < name.as_ref()) as u32;
    let labels = names.iter().map(place).collect();
    (types, labels)
}
