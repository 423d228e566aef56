//! Layouts made of tables: which columns they have, and the reading that they share.

use std::collections::BTreeMap;

use neuroloom_core::{Connectome, EdgeMask, Event, Listener, NeuronId, NeuronTable, Warning};

use super::node_tables::{self, NodeTables};
use super::options::{
    Autapses, CellChoice, ImportOptions, ImportSources, Proofreading, RepeatedIds, Threshold,
};
use super::recognise::archive_header;
use super::record::{ImportRecord, RowCounts};
use super::{Imported, assembled};
use crate::Error;
use crate::connectome::chosen;
use crate::error::noun;
use crate::rows::{self, Gather, Gathered, RowNames, RowRules, RowSource, Tally};

/// What the tables of a layout look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableLayout {
    pub(super) pre: &'static [&'static str],
    pub(super) post: &'static [&'static str],
    /// Number of a synapse.
    pub(super) row_id: &'static [&'static str],
    pub(super) syn_count: &'static [&'static str],
    pub(super) weight: &'static [&'static str],
    pub(super) kind: &'static [&'static str],
    pub(super) sign: &'static [&'static str],
    pub(super) valid: &'static [&'static str],
    /// Id of a neuron in a node table.
    pub(super) node_id: &'static [&'static str],
    pub(super) cell_type: &'static [&'static str],
    /// Positions in voxels.
    pub(super) position: &'static [&'static str],
    pub(super) voxel_nm: [f64; 3],
    pub(super) repeated_ids: RepeatedIds,
    pub(super) cells: CellChoice,
}

/// States that a column with a usual name is not meant.
const NO_COLUMN: &str = "none";

pub(super) fn read(
    layout: &TableLayout,
    sources: &ImportSources,
    options: &ImportOptions,
    listener: &dyn Listener,
) -> Result<Imported, Error> {
    let nodes = node_tables::read(layout, sources, options)?;
    let neurons = nodes.as_ref().map(|nodes| nodes.ids.as_slice());
    let mut gather = Gather::new(neurons, rules(options, nodes.as_ref()));
    let names = layout.row_names(options);
    for path in &sources.edges {
        let source =
            RowSource { path: path.clone(), header: archive_header(path, sources.header.as_deref())? };
        rows::read(&source, &names, &mut gather, listener)?;
        if let Some(unused) = unused_size(layout, &source, options)? {
            listener.emit(Event::Note(unused));
        }
    }
    assemble(nodes, gather.finish(), sources, options)
}

impl TableLayout {
    fn row_names(&self, options: &ImportOptions) -> RowNames {
        let owned = |names: &[&str]| -> Vec<String> {
            let wanted = names.iter().filter(|name| **name != NO_COLUMN);
            wanted.map(|&name| name.to_owned()).collect()
        };
        let columns = &options.columns;
        let stated = [&columns.syn_count, &columns.weight, &columns.kind];
        RowNames {
            stated: owned(&stated.iter().filter_map(|name| name.as_deref()).collect::<Vec<_>>()),
            pre: owned(&chosen(&columns.pre, self.pre)),
            post: owned(&chosen(&columns.post, self.post)),
            row_id: owned(self.row_id),
            syn_count: owned(&chosen(&columns.syn_count, self.syn_count)),
            weight: owned(&chosen(&columns.weight, self.weight)),
            kind: owned(&chosen(&columns.kind, self.kind)),
            sign: owned(self.sign),
            valid: owned(self.valid),
        }
    }
}

fn rules(options: &ImportOptions, nodes: Option<&NodeTables>) -> RowRules {
    let axons = nodes.and_then(|nodes| nodes.pre_observed.clone());
    RowRules {
        least_synapses: if options.threshold == Threshold::Row { options.least_synapses } else { 0.0 },
        without_autapses: options.autapses == Autapses::Drop,
        senders: axons.filter(|_| options.proofreading == Proofreading::Pre),
    }
}

/// A size of synapses that nobody asked for is worth a remark.
fn unused_size(
    layout: &TableLayout,
    source: &RowSource,
    options: &ImportOptions,
) -> Result<Option<String>, Error> {
    if options.columns.weight.is_some() || !layout.weight.is_empty() {
        return Ok(None);
    }
    let header = match &source.header {
        Some(header) => header.clone(),
        None => crate::table::column_names(&source.path)?,
    };
    let size = ["size", "cleft_vx"].into_iter().find(|size| header.iter().any(|name| name == size));
    Ok(size.map(|size| format!("column {size} is not kept; --weight-column {size} makes its sum the weight")))
}

fn assemble(
    nodes: Option<NodeTables>,
    mut gathered: Gathered,
    sources: &ImportSources,
    options: &ImportOptions,
) -> Result<Imported, Error> {
    let path = sources.edges.first().or(sources.nodes.first()).cloned().unwrap_or_default();
    if gathered.ids.is_empty() {
        return Err(Error::Empty { path, what: "no neuron is left".to_owned() });
    }
    let mut doubtful = BTreeMap::new();
    let least = if options.threshold == Threshold::Pair { options.least_synapses } else { 0.0 };
    let n_weak = assembled::drop_weak_pairs(&mut gathered.edges, least);
    let n_self =
        gathered.edges.pre.iter().zip(&gathered.edges.post).filter(|(pre, post)| pre == post).count();
    let mut doubt = |reason, n: usize| drop(doubtful.insert(reason, Tally { n, examples: Vec::new() }));
    doubt("edges from a neuron to itself", n_self);
    doubt("rows that contradict the sign of their pair, which is now unknown", gathered.n_sign_conflicts);
    let rows = RowCounts::new(gathered.n_rows, gathered.dropped, doubtful);
    let mut warnings = Vec::new();
    if n_weak > 0 {
        let message = format!("{n_weak} pairs of neurons have fewer than {least} synapses and were dropped");
        warnings.push(Warning::new("weak-pairs", message));
    }
    if gathered.counted_rows {
        let message = "no column says how many synapses a row is; the rows of each pair were counted";
        warnings.push(Warning::new("rows-counted", message));
    }
    if sources.edges.is_empty() {
        warnings.push(Warning::new("no-edges", "no edge file was given; the neurons have no edges"));
    }
    let (ids, node_rows, observed) = (gathered.ids, NodeRows::of(nodes.as_ref()), observed(nodes.as_ref()));
    let neurons = neuron_table(ids, nodes).map_err(noun(&path))?;
    warnings.extend(node_rows.warnings);
    warnings.extend(node_rows.counts.warnings("node rows"));
    warnings.extend(rows.warnings("edge rows"));
    let traced =
        |flags: &Option<Vec<bool>>| flags.as_ref().map(|flags| flags.iter().filter(|flag| **flag).count());
    let record = ImportRecord {
        rows,
        nodes: node_rows.counts,
        n_pre_observed: traced(&observed.pre_observed),
        n_post_observed: traced(&observed.post_observed),
        ..ImportRecord::default()
    };
    let connectome = Connectome::new(neurons, gathered.edges).map_err(noun(&path))?.with_observed(observed);
    Ok(Imported { connectome, record, warnings })
}

struct NodeRows {
    counts: RowCounts,
    warnings: Vec<Warning>,
}

impl NodeRows {
    fn of(nodes: Option<&NodeTables>) -> Self {
        let Some(nodes) = nodes else { return Self { counts: RowCounts::default(), warnings: Vec::new() } };
        let counts = RowCounts::new(nodes.n_rows, nodes.dropped.clone(), nodes.doubtful.clone());
        Self { counts, warnings: nodes.warnings.clone() }
    }
}

fn observed(nodes: Option<&NodeTables>) -> EdgeMask {
    nodes.map_or_else(EdgeMask::default, |nodes| EdgeMask {
        pre_observed: nodes.pre_observed.clone(),
        post_observed: nodes.post_observed.clone(),
    })
}

fn neuron_table(ids: Vec<NeuronId>, nodes: Option<NodeTables>) -> Result<NeuronTable, neuroloom_core::Error> {
    let mut neurons = NeuronTable::new(ids)?;
    let Some(nodes) = nodes else { return Ok(neurons) };
    if let Some(cell_type) = nodes.cell_type {
        neurons = neurons.with_cell_type(cell_type)?;
    }
    if let Some(position_um) = nodes.position_um {
        neurons = neurons.with_position_um(position_um)?;
    }
    Ok(neurons)
}
