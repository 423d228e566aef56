//! A connectome into the formats of others, without loss: each format is read back to the same connectome.

mod graphml;
mod matrix_market;
mod node_link;
mod npz;
mod parquet;
mod sonata;

use std::fs;
use std::path::Path;

use neuroloom_core::{Connectome, NeuronId};

use crate::Error;
use crate::connectome::write_connectome;
use crate::error::io_error;
pub(crate) use npz::MARK as NPZ_MARK;

/// What a connectome can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A folder with `nodes.csv.gz` and `edges.csv.gz`.
    Csv,
    /// A folder with `nodes.csv.gz` and `edges.parquet`.
    Parquet,
    /// One npz that `scipy.sparse.load_npz` opens: `A[pre, post]` in compressed rows, and all else beside it.
    Npz,
    /// GraphML.
    GraphMl,
    /// Node-link JSON of networkx.
    NodeLink,
    /// A folder with `nodes.csv.gz` and one Matrix Market file a quantity and kind of edge.
    MatrixMarket,
    /// A folder with `nodes.h5`, `edges.h5` and their type tables.
    Sonata,
}

impl ExportFormat {
    /// Every format and its name on the command line.
    pub const ALL: &[(&'static str, Self)] = &[
        ("csv", Self::Csv),
        ("parquet", Self::Parquet),
        ("npz", Self::Npz),
        ("graphml", Self::GraphMl),
        ("node-link", Self::NodeLink),
        ("mtx", Self::MatrixMarket),
        ("sonata", Self::Sonata),
    ];
}

/// Writes a connectome in a format of others. CSV, Parquet, Matrix Market and SONATA are folders, the others
/// files. What is written is read back by [`crate::import_connectome`] as the same connectome, with edges
/// sorted by sender, receiver and kind.
///
/// # Errors
/// [`Error::Io`] if the place cannot be written to; [`Error::CannotHold`] for what the format cannot express.
///
/// # Examples
/// ```
/// use neuroloom_core::{Connectome, EdgeList, NeuronId, NeuronTable, Silent};
/// use neuroloom_io::{ExportFormat, ImportSources, export_connectome, import_connectome};
/// let neurons = NeuronTable::new(vec![NeuronId::from("AVAL"), NeuronId::from(864691135639004475)])?;
/// let edges = EdgeList { pre: vec![0], post: vec![1], syn_count: vec![3.0], ..EdgeList::default() };
/// let connectome = Connectome::new(neurons, edges)?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("circuit.graphml");
/// export_connectome(&path, &connectome, ExportFormat::GraphMl)?;
/// let read = import_connectome(&ImportSources::of_edges(&path), &Default::default(), &Silent)?;
/// assert_eq!(read.connectome, connectome);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export_connectome(path: &Path, connectome: &Connectome, format: ExportFormat) -> Result<(), Error> {
    match format {
        ExportFormat::Csv => {
            write_connectome(path, connectome)?;
            without(&path.join("edges.parquet"))
        }
        ExportFormat::Parquet => {
            parquet::write(path, connectome)?;
            without(&path.join("edges.csv.gz"))
        }
        ExportFormat::Npz => npz::write(path, connectome),
        ExportFormat::GraphMl => graphml::write(path, connectome),
        ExportFormat::NodeLink => node_link::write(path, connectome),
        ExportFormat::MatrixMarket => matrix_market::write(path, connectome),
        ExportFormat::Sonata => sonata::write(path, connectome),
    }
}

/// Removes the edges that an earlier export left in another format: a reader would take those.
fn without(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Makes the folder of a format that is one.
fn folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(io_error("write", path))
}

/// All ids as integers, where they are.
fn integers(ids: &[NeuronId]) -> Option<Vec<i64>> {
    let integer = |id: &NeuronId| if let NeuronId::Integer(id) = id { Some(*id) } else { None };
    ids.iter().map(integer).collect()
}

/// Attributes of a neuron as text, by name of column.
fn node_attributes(connectome: &Connectome, row: usize) -> Vec<(&'static str, String)> {
    let (neurons, observed) = (connectome.neurons(), connectome.observed());
    let mut all = Vec::new();
    all.extend(neurons.cell_type().map(|types| ("cell_type", types[row].clone())));
    if let Some(positions) = neurons.position_um() {
        let axes = ["x_um", "y_um", "z_um"].into_iter().zip(positions[row]);
        let text = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
        all.extend(axes.map(|(name, value)| (name, text(value))));
    }
    for (name, flags) in
        [("pre_observed", &observed.pre_observed), ("post_observed", &observed.post_observed)]
    {
        all.extend(flags.as_ref().map(|flags| (name, u8::from(flags[row]).to_string())));
    }
    all
}

/// Attributes of an edge as text, by name of column.
fn edge_attributes(connectome: &Connectome, edge: usize) -> Vec<(&'static str, String)> {
    let edges = connectome.edges();
    let mut all = Vec::new();
    all.extend(edges.kind.get(edge).map(|kind| ("kind", kind.clone())));
    all.extend(edges.syn_count.get(edge).map(|count| ("n_syn", count.to_string())));
    all.extend(edges.sign.get(edge).map(|sign| ("sign", sign.to_string())));
    all.extend(edges.weight.get(edge).map(|weight| ("weight", weight.to_string())));
    all
}
