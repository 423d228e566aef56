//! SONATA networks: `nodes.h5` and `edges.h5`, or both in one file. One population of neurons connected to
//! itself is read; `neuron_id`, `cell_type` or `mtype`, and `x`, `y`, `z` (micrometres) of its groups, and the
//! number of synapses (`nsyns`) and weight (`syn_weight`) of its edges. Without `nsyns` each row
//! is one synapse if some pair has several rows.

use std::path::{Path, PathBuf};

use neuroloom_core::{EdgeMask, NeuronId};
use rustc_hash::FxHashSet;

use super::assembled::Assembled;
use super::conntility::positions_below;
use super::options::ImportSources;
use super::positions::{self, Scale};
use crate::Error;
use crate::connectome::RawEdges;
use crate::hdf5::Hdf5;
use crate::table::{Cells, Table};

pub(super) fn read(sources: &ImportSources, population: Option<&str>) -> Result<Assembled, Error> {
    let files: Vec<&PathBuf> = sources.edges.iter().chain(&sources.nodes).collect();
    let with = |group: &str| -> Result<Option<(Hdf5, &PathBuf)>, Error> {
        for &path in &files {
            let file = Hdf5::open(path)?;
            if file.groups("")?.iter().any(|name| name == group) {
                return Ok(Some((file, path)));
            }
        }
        Ok(None)
    };
    let missing = |wanted: &str| Error::MissingArray {
        path: files.first().map(|path| (*path).clone()).unwrap_or_default(),
        wanted: wanted.to_owned(),
        present: files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    };
    let (nodes, nodes_path) = with("nodes")?.ok_or_else(|| missing("/nodes"))?;
    let (edges, edges_path) = with("edges")?.ok_or_else(|| missing("/edges"))?;
    let population = choose(&edges, edges_path, "edges", population)?;
    let edge_place = format!("edges/{population}");
    let node_population = edges
        .text_attribute_of_dataset(&format!("{edge_place}/source_node_id"), "node_population")
        .filter(|name| nodes.groups("nodes").is_ok_and(|names| names.contains(name)));
    let node_population = choose(&nodes, nodes_path, "nodes", node_population.as_deref())?;
    let mut assembled = read_nodes(&nodes, &format!("nodes/{node_population}"))?;
    assembled.edges = read_edges(&edges, &edge_place, assembled.ids.len())?;
    Ok(assembled)
}

fn choose(file: &Hdf5, path: &Path, group: &str, wanted: Option<&str>) -> Result<String, Error> {
    let names = file.groups(group)?;
    match (wanted, names.as_slice()) {
        (Some(wanted), names) if names.iter().any(|name| name == wanted) => Ok(wanted.to_owned()),
        (None, [only]) => Ok(only.clone()),
        (wanted, names) => Err(Error::MissingArray {
            path: path.to_owned(),
            wanted: format!("/{group}/{} (choose one with --group)", wanted.unwrap_or("POPULATION")),
            present: names.join(", "),
        }),
    }
}

fn read_nodes(file: &Hdf5, place: &str) -> Result<Assembled, Error> {
    let n = file.shape(&format!("{place}/node_type_id"))?.first().copied().unwrap_or(0);
    let attributes = file.table(&format!("{place}/0"), n)?;
    let ids = match attributes.find(&["neuron_id", "root_id", "gid", "name"]) {
        Some(column) => attributes.ids(column)?,
        None if file.has(place, "node_id") => {
            let column = file.column(&format!("{place}/node_id"))?;
            file.as_table(Vec::new()).ids(&column)?
        }
        None => NeuronId::numbered(n),
    };
    let position_um = match positions::find(&attributes, &[], Scale::voxel([1.0; 3]), 1.0) {
        Some(columns) => Some(positions::read(&attributes, &columns)?),
        None => None,
    };
    let observed = EdgeMask {
        pre_observed: flags(&attributes, "pre_observed")?,
        post_observed: flags(&attributes, "post_observed")?,
    };
    let cell_type = cell_types(file, place, &attributes)?;
    Ok(Assembled { ids, cell_type, position_um, observed, ..Assembled::default() })
}

/// Labels, or positions in a list of labels (`@library`).
fn cell_types(file: &Hdf5, place: &str, attributes: &Table) -> Result<Option<Vec<String>>, Error> {
    let Some(column) = attributes.find(&["cell_type", "mtype", "model_name", "pop_name", "etype"]) else {
        return Ok(None);
    };
    let library = format!("{place}/0/@library");
    let Cells::Integer(codes) = &column.cells else { return attributes.texts(column).map(Some) };
    if !file.has(&library, &column.name) {
        return attributes.texts(column).map(Some);
    }
    let names = file.column(&format!("{library}/{}", column.name))?;
    let names = file.as_table(Vec::new()).texts(&names)?;
    let name = |(row, code): (usize, &Option<i64>)| {
        let name = code.and_then(|code| names.get(usize::try_from(code).ok()?)).cloned();
        let given = code.map_or_else(String::new, |code| code.to_string());
        name.ok_or_else(|| attributes.cell_error(row, column, &given, "a position in @library"))
    };
    codes.iter().enumerate().map(name).collect::<Result<_, _>>().map(Some)
}

fn read_edges(file: &Hdf5, place: &str, n_neurons: usize) -> Result<RawEdges, Error> {
    let ends = |name: &str| {
        let column = file.column(&format!("{place}/{name}"))?;
        positions_below(&file.as_table(Vec::new()), &column, n_neurons)
    };
    let (pre, post) = (ends("source_node_id")?, ends("target_node_id")?);
    let attributes = file.table(&format!("{place}/0"), pre.len())?;
    let singles =
        |names: &[&str]| attributes.find(names).map(|column| attributes.singles(column)).transpose();
    let sign = match attributes.find(&["sign"]) {
        Some(column) => {
            let signs = attributes.numbers(column)?;
            Some(signs.into_iter().map(|sign| sign.clamp(-1.0, 1.0) as i8).collect())
        }
        None => None,
    };
    let weight = singles(&["syn_weight", "weight", "conductance"])?;
    let mut syn_count = singles(&["nsyns", "n_syn", "syn_count"])?;
    let kind = attributes.find(&["kind"]).map(|column| attributes.texts(column)).transpose()?;
    // Several kinds of one pair are several edges, not synapses.
    let strength = syn_count.is_some() || weight.is_some() || kind.is_some();
    if !strength && has_repeated_pairs(&pre, &post) {
        syn_count = Some(vec![1.0; pre.len()]);
    }
    Ok(RawEdges {
        ends: pre.into_iter().zip(post).map(|(pre, post)| (Some(pre), Some(post))).collect(),
        syn_count,
        weight,
        sign,
        kind,
    })
}

/// Whether rows must be synapses, because some pair has several.
fn has_repeated_pairs(pre: &[u32], post: &[u32]) -> bool {
    let mut seen = FxHashSet::default();
    pre.iter().zip(post).any(|pair| !seen.insert(pair))
}

fn flags(table: &Table, name: &str) -> Result<Option<Vec<bool>>, Error> {
    let Some(column) = table.find(&[name]) else { return Ok(None) };
    Ok(Some(table.numbers(column)?.into_iter().map(|flag| flag != 0.0).collect()))
}
