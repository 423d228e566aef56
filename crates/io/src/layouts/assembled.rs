//! A graph as a document holds it: nodes with attributes and edges between them, before they are a connectome.

use std::collections::BTreeMap;
use std::path::Path;

use neuroloom_core::{Connectome, EdgeList, EdgeMask, NeuronId, NeuronTable};

use super::Imported;
use super::record::{ImportRecord, RowCounts};
use crate::Error;
use crate::connectome::RawEdges;
use crate::error::noun;
use crate::rows::Tally;

/// Neurons and edges by position.
#[derive(Default)]
pub(crate) struct Assembled {
    pub(crate) ids: Vec<NeuronId>,
    pub(crate) cell_type: Option<Vec<String>>,
    pub(crate) position_um: Option<Vec<[f64; 3]>>,
    pub(crate) observed: EdgeMask,
    pub(crate) edges: RawEdges,
}

impl Assembled {
    /// Repeated edges are added up, and edges sorted by sender, receiver and kind.
    pub(crate) fn into_imported(self, path: &Path) -> Result<Imported, Error> {
        let n_nodes = self.ids.len();
        let mut neurons = NeuronTable::new(self.ids).map_err(noun(path))?;
        if let Some(cell_type) = self.cell_type {
            neurons = neurons.with_cell_type(cell_type).map_err(noun(path))?;
        }
        if let Some(position_um) = self.position_um {
            neurons = neurons.with_position_um(position_um).map_err(noun(path))?;
        }
        let merged = self.edges.merge(|row| format!("edge {}", row + 1));
        let connectome = Connectome::new(neurons, sorted(&merged.edges)).map_err(noun(path))?;
        imported(connectome.with_observed(self.observed), n_nodes, merged.summary, merged.warnings)
    }
}

/// Wraps what one of the readers in memory made.
pub(super) fn imported(
    connectome: Connectome,
    n_nodes: usize,
    summary: crate::ImportSummary,
    warnings: Vec<neuroloom_core::Warning>,
) -> Result<Imported, Error> {
    let dangling = Tally { n: summary.n_dangling, examples: summary.dangling_examples };
    let dropped = BTreeMap::from([("an end is not in the node table", dangling)]);
    let autapses = Tally { n: summary.n_self_edges, examples: Vec::new() };
    let doubtful = BTreeMap::from([("edges from a neuron to itself", autapses)]);
    let traced =
        |flags: &Option<Vec<bool>>| flags.as_ref().map(|flags| flags.iter().filter(|flag| **flag).count());
    let record = ImportRecord {
        rows: RowCounts::new(summary.n_rows, dropped, doubtful),
        nodes: RowCounts::new(n_nodes, BTreeMap::new(), BTreeMap::new()),
        n_pre_observed: traced(&connectome.observed().pre_observed),
        n_post_observed: traced(&connectome.observed().post_observed),
        ..ImportRecord::default()
    };
    Ok(Imported { connectome, record, warnings })
}

/// The same edges sorted by sender, receiver and kind.
pub(crate) fn sorted(edges: &EdgeList) -> EdgeList {
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by_key(|&edge| (edges.pre[edge], edges.post[edge], edges.kind.get(edge)));
    pick(edges, &order)
}

/// Removes pairs with fewer synapses; edges without a count stay.
pub(super) fn drop_weak_pairs(edges: &mut EdgeList, least: f32) -> usize {
    let keep: Vec<usize> = (0..edges.len())
        .filter(|&edge| edges.syn_count.get(edge).is_none_or(|&count| count >= least))
        .collect();
    let n_weak = edges.len() - keep.len();
    if n_weak > 0 {
        *edges = pick(edges, &keep);
    }
    n_weak
}

/// The same connectome with other labels.
pub(super) fn with_cell_types(connectome: &Connectome, cell_type: Vec<String>) -> Result<Connectome, Error> {
    let neurons = connectome.neurons().clone().with_cell_type(cell_type).map_err(noun(Path::new("")))?;
    let same = Connectome::new(neurons, connectome.edges().clone()).map_err(noun(Path::new("")))?;
    Ok(same.with_observed(connectome.observed().clone()))
}

fn pick(edges: &EdgeList, order: &[usize]) -> EdgeList {
    fn column<T: Clone>(column: &[T], order: &[usize]) -> Vec<T> {
        if column.is_empty() { Vec::new() } else { order.iter().map(|&edge| column[edge].clone()).collect() }
    }
    EdgeList {
        pre: column(&edges.pre, order),
        post: column(&edges.post, order),
        syn_count: column(&edges.syn_count, order),
        sign: column(&edges.sign, order),
        weight: column(&edges.weight, order),
        kind: column(&edges.kind, order),
    }
}
