//! How much of a circuit is excitatory, by the cell types that the vocabulary knows.

use neuroloom_core::{CellClass, canonical_cell_type};

use super::DirectedGraph;

/// Excitatory neurons beside inhibitory ones; types that the vocabulary does not know count on neither side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExcitatoryFraction {
    /// Excitatory neurons.
    pub n_excitatory: usize,
    /// Inhibitory neurons.
    pub n_inhibitory: usize,
    /// `n_excitatory / (n_excitatory + n_inhibitory)`.
    pub of_neurons: f64,
    /// The same of edges, by the class of their sender; NaN where no sender has a known class.
    pub of_edges: f64,
}

/// The excitatory share of neurons and edges; `None` if no cell type is one of `neuroloom_core::VOCABULARY`.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, excitatory_fraction};
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 0), (2, 0), (3, 0)])?;
/// let found = excitatory_fraction(&graph, &["23P", "4P", "MC", "Dm3"]).ok_or("unknown types")?;
/// assert_eq!((found.n_excitatory, found.n_inhibitory), (2, 1));
/// assert_eq!((found.of_neurons, found.of_edges), (2.0 / 3.0, 2.0 / 3.0));
/// assert!(excitatory_fraction(&graph, &["Dm3", "Mi1", "T4", "T5"]).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn excitatory_fraction<T: AsRef<str>>(
    graph: &DirectedGraph,
    cell_type: &[T],
) -> Option<ExcitatoryFraction> {
    let classes: Vec<Option<CellClass>> =
        cell_type.iter().map(|label| canonical_cell_type(label.as_ref()).map(|one| one.class)).collect();
    let n_neurons = |class| classes.iter().filter(|one| **one == Some(class)).count();
    let n_edges = |class| {
        let senders = (0..).zip(&classes).filter(|(_, one)| **one == Some(class));
        senders.map(|(neuron, _): (u32, _)| graph.successors(neuron).len()).sum::<usize>()
    };
    let share = |excitatory: usize, inhibitory: usize| excitatory as f64 / (excitatory + inhibitory) as f64;
    let (n_excitatory, n_inhibitory) = (n_neurons(CellClass::Excitatory), n_neurons(CellClass::Inhibitory));
    (n_excitatory + n_inhibitory > 0).then(|| ExcitatoryFraction {
        n_excitatory,
        n_inhibitory,
        of_neurons: share(n_excitatory, n_inhibitory),
        of_edges: share(n_edges(CellClass::Excitatory), n_edges(CellClass::Inhibitory)),
    })
}
