//! The edge table.

use std::path::Path;

use neuroloom_core::{EdgeMask, NeuronId, NeuronTable, Warning};
use rustc_hash::FxHashMap;

use crate::Error;
use crate::connectome::merge::RawEdges;
use crate::connectome::{ConnectomeOptions, ImportedConnectome, Nodes, nodes};
use crate::error::noun;
use crate::table::{Column, Table};

/// Columns that hold the sender.
pub(crate) const PRE_NAMES: &[&str] =
    &["pre", "pre_id", "pre_root_id", "pre_pt_root_id", "bodyId_pre", "source", "source_id", "from"];

/// Columns that hold the receiver.
pub(crate) const POST_NAMES: &[&str] =
    &["post", "post_id", "post_root_id", "post_pt_root_id", "bodyId_post", "target", "target_id", "to"];

pub(crate) const COUNT_NAMES: &[&str] = &["n_syn", "syn_count", "synapse_count", "n_synapses", "count"];
pub(crate) const WEIGHT_NAMES: &[&str] = &["weight", "w"];
pub(crate) const KIND_NAMES: &[&str] = &["kind", "type", "edge_type"];

pub(crate) fn read(path: &Path, options: &ConnectomeOptions) -> Result<ImportedConnectome, Error> {
    let table = Table::read(path)?;
    let columns = &options.columns;
    let pre = table.ids(table.require("sending neuron", &chosen(&columns.pre, PRE_NAMES))?)?;
    let post = table.ids(table.require("receiving neuron", &chosen(&columns.post, POST_NAMES))?)?;
    if pre.is_empty() && options.nodes.is_none() {
        return Err(Error::Empty { path: path.to_owned(), what: "the edge table has no row".to_owned() });
    }
    let nodes = match &options.nodes {
        Some(nodes) => nodes::read(nodes, options)?,
        None => ends_as_nodes(path, &pre, &post)?,
    };
    let stated = |name: &Option<String>, what: &str, names: &[&str]| match name {
        Some(name) => table.require(what, &[name.as_str()]).map(Some),
        None => Ok(table.find(names)),
    };
    let raw = RawEdges {
        ends: positions(&nodes.neurons, &pre, &post),
        syn_count: stated(&columns.syn_count, "synapse count", COUNT_NAMES)?
            .map(|column| counts(&table, column))
            .transpose()?,
        sign: table.find(&["sign"]).map(|column| signs(&table, column)).transpose()?,
        weight: stated(&columns.weight, "weight", WEIGHT_NAMES)?
            .map(|column| table.singles(column))
            .transpose()?,
        kind: stated(&columns.kind, "kind of edge", KIND_NAMES)?
            .map(|column| table.texts(column))
            .transpose()?,
    };
    let warnings = no_strength(&table, &raw);
    let merged = raw.merge(|row| format!("row {}: {} -> {}", table.first_row + row, pre[row], post[row]));
    nodes.join(path, merged, warnings)
}

/// The name that the user states, else the usual ones.
pub(crate) fn chosen<'a>(stated: &'a Option<String>, usual: &[&'a str]) -> Vec<&'a str> {
    stated.as_deref().map_or_else(|| usual.to_vec(), |name| vec![name])
}

/// Neurons of a table that stands alone: the ends of its edges, sorted.
fn ends_as_nodes(path: &Path, pre: &[NeuronId], post: &[NeuronId]) -> Result<Nodes, Error> {
    let mut ids: Vec<&NeuronId> = pre.iter().chain(post).collect();
    ids.sort_unstable();
    ids.dedup();
    let neurons = NeuronTable::new(ids.into_iter().cloned().collect()).map_err(noun(path))?;
    Ok(Nodes { neurons, observed: EdgeMask::default(), warnings: Vec::new() })
}

fn positions(neurons: &NeuronTable, pre: &[NeuronId], post: &[NeuronId]) -> Vec<(Option<u32>, Option<u32>)> {
    let places = neurons.id().iter().enumerate().map(|(place, id)| (id, place as u32));
    let index: FxHashMap<&NeuronId, u32> = places.collect();
    let position = |id: &NeuronId| index.get(id).copied();
    pre.iter().zip(post).map(|(pre, post)| (position(pre), position(post))).collect()
}

fn counts(table: &Table, column: &Column) -> Result<Vec<f32>, Error> {
    let counts = table.singles(column)?;
    match counts.iter().position(|&count| count < 0.0) {
        Some(row) => {
            let allowed = "a number of synapses, at least 0 (signed strengths belong into a column weight)";
            Err(table.cell_error(row, column, &counts[row].to_string(), allowed))
        }
        None => Ok(counts),
    }
}

fn signs(table: &Table, column: &Column) -> Result<Vec<i8>, Error> {
    let sign = |(row, text): (usize, &String)| match text.to_ascii_lowercase().as_str() {
        "1" | "+1" | "1.0" | "+" | "e" | "exc" | "excitatory" => Ok(1),
        "-1" | "-1.0" | "-" | "i" | "inh" | "inhibitory" => Ok(-1),
        "" | "0" | "0.0" | "unknown" => Ok(0),
        _ => Err(table.cell_error(row, column, text, "1, -1, 0, exc, inh, or empty for unknown")),
    };
    table.texts(column)?.iter().enumerate().map(sign).collect()
}

fn no_strength(table: &Table, raw: &RawEdges) -> Vec<Warning> {
    if raw.syn_count.is_some() || raw.weight.is_some() || table.columns.len() <= 2 {
        return Vec::new();
    }
    let message = format!(
        "no column for the strength of an edge ({}, {}), each counts 1; the table has: {}",
        COUNT_NAMES.join(", "),
        WEIGHT_NAMES.join(", "),
        table.column_names()
    );
    vec![Warning::new("no-synapse-count", message)]
}
