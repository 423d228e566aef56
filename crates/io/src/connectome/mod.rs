//! Connectomes: edge and node tables, dense and sparse matrices.

mod edges;
mod matrix;
mod merge;
mod nodes;
mod write;

use std::fs;
use std::path::{Path, PathBuf};

use neuroloom_core::{Connectome, EdgeMask, NeuronTable, Warning};
use serde::Serialize;

use crate::Error;
use crate::error::{io_error, noun};
use crate::format::Format;
pub(crate) use edges::{COUNT_NAMES, KIND_NAMES, POST_NAMES, PRE_NAMES, WEIGHT_NAMES, chosen};
pub(crate) use matrix::is_sparse;
pub use matrix::read_weight_matrix;
pub(crate) use merge::RawEdges;
pub(crate) use nodes::{ID_NAMES, TYPE_NAMES, read as read_nodes};
pub use write::write_connectome;
pub(crate) use write::{check_ids, write_nodes};

/// Which end of an edge the rows of a matrix are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixOrientation {
    /// What the file says in an array `orientation` (`pre,post` or `post,pre`); else `[pre, post]` for scipy
    /// sparse matrices and arrays called `adjacency`, `[post, pre]` for all others.
    #[default]
    Auto,
    /// `A[pre, post]`: rows send.
    PrePost,
    /// `W[post, pre]`: rows receive.
    PostPre,
}

/// What a user states about a connectome because the file does not.
#[derive(Debug, Clone, Default)]
pub struct ConnectomeOptions {
    /// Node table; without it `nodes.*` beside the edges is taken, else the ends of the edges.
    pub nodes: Option<PathBuf>,
    /// Array of a npz file.
    pub array: Option<String>,
    /// Which end the rows of a matrix are.
    pub orientation: MatrixOrientation,
    /// Micrometres a unit of columns `x`, `y`, `z` (columns `x_um` and `x_nm` need none).
    pub position_unit_um: Option<f64>,
    /// Columns of the edge table whose names say too little.
    pub columns: EdgeColumns,
}

/// Which column of an edge table holds what; `None` looks for the usual names. [`crate::import_connectome`] takes
/// the name `none` for "no column".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EdgeColumns {
    /// The sender.
    pub pre: Option<String>,
    /// The receiver.
    pub post: Option<String>,
    /// The number of synapses of the row.
    pub syn_count: Option<String>,
    /// What is summed into the weight of an edge, such as the size of a synapse.
    pub weight: Option<String>,
    /// The kind of the edge (`chemical`, `electrical`, ...).
    pub kind: Option<String>,
}

/// A connectome and what happened while it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedConnectome {
    /// The connectome.
    pub connectome: Connectome,
    /// What was kept and what was not.
    pub summary: ImportSummary,
    /// Partial trouble, to be shown once.
    pub warnings: Vec<Warning>,
}

/// Counts of an import: `n_rows = n_edges + n_merged + n_dangling`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportSummary {
    /// Rows of the edge table, or non-zero elements of the matrix.
    pub n_rows: usize,
    /// Edges kept.
    pub n_edges: usize,
    /// Rows that repeat a (pre, post, kind) and were added to the first.
    pub n_merged: usize,
    /// Edges kept that end where they begin.
    pub n_self_edges: usize,
    /// Rows dropped because an end is not in the node table.
    pub n_dangling: usize,
    /// The first three of them.
    pub dangling_examples: Vec<String>,
}

/// Reads a connectome from a folder, an edge table or a matrix.
///
/// - **Folder**: `edges.csv(.gz)`, `.tsv` or `.parquet` and, if there is one, `nodes.*`; or a matrix (the only
///   npz) and `nodes.*`.
/// - **Edge table**: columns `pre` and `post` (or `pre_root_id`, `bodyId_pre`, `source`, ...), optional `n_syn`
///   or `syn_count`, `weight`, `sign`, `type` or `kind`. Rows of the same pre, post and kind add up; self edges
///   stay; edges to neurons that the node table lacks are dropped and counted.
/// - **Node table**: `node_id` (or `id`, `root_id`, `name`, `index`), optional `cell_type`, `x_um y_um z_um`
///   or `x_nm ...`, `pre_observed`, `post_observed`.
/// - **Only a node table** in a folder: neurons without an edge, and a warning.
/// - **Matrix**: a dense array or a scipy CSR or CSC file; see [`MatrixOrientation`]. Integers are synapse
///   counts, floats are weights.
///
/// Ids are 64-bit integers or names and never pass through a float.
///
/// # Errors
/// [`Error`] with file, row, column, value and what is allowed; [`Error::hint`] says what to do.
///
/// # Examples
/// ```
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("edges.csv"), "pre,post,n_syn\nAVAL,DA1,3\nAVAL,DA1,2\nDA1,DA1,1\n")?;
/// let import = neuroloom_io::read_connectome(folder.path(), &Default::default())?;
/// assert_eq!(import.connectome.edges().syn_count, [5.0, 1.0]);
/// assert_eq!((import.summary.n_merged, import.summary.n_self_edges), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_connectome(path: &Path, options: &ConnectomeOptions) -> Result<ImportedConnectome, Error> {
    let mut options = options.clone();
    let Some(file) = locate(path, &mut options)? else { return only_nodes(&options) };
    match Format::of_existing(&file)? {
        Format::Numpy => matrix::read(&file, &options),
        Format::Csv | Format::Parquet => edges::read(&file, &options),
        Format::Zarr => Err(Error::Content {
            path: file,
            given: "a Zarr folder".to_owned(),
            allowed: "a folder with edges.csv, an edge table, or a matrix in npz or npy",
        }),
    }
}

/// Neurons and which of them could have been observed.
pub(crate) struct Nodes {
    pub(crate) neurons: NeuronTable,
    pub(crate) observed: EdgeMask,
    pub(crate) warnings: Vec<Warning>,
}

impl Nodes {
    /// Joins merged edges with their neurons.
    fn join(
        self,
        path: &Path,
        merged: merge::Merged,
        mut warnings: Vec<Warning>,
    ) -> Result<ImportedConnectome, Error> {
        warnings.splice(0..0, self.warnings);
        warnings.extend(merged.warnings);
        let connectome = Connectome::new(self.neurons, merged.edges).map_err(noun(path))?;
        let connectome = connectome.with_observed(self.observed);
        Ok(ImportedConnectome { connectome, summary: merged.summary, warnings })
    }
}

/// Neurons whose wiring is unknown.
pub(crate) fn only_nodes(options: &ConnectomeOptions) -> Result<ImportedConnectome, Error> {
    let path = options.nodes.clone().unwrap_or_default();
    let nodes = nodes::read(&path, options)?;
    let warning = Warning::new("no-edges", "there is a node table only; the neurons have no edges");
    nodes.join(&path, merge::RawEdges::default().merge(|_| String::new()), vec![warning])
}

/// The file of edges, `None` in a folder with a node table alone; notes the node table beside it.
fn locate(path: &Path, options: &mut ConnectomeOptions) -> Result<Option<PathBuf>, Error> {
    let metadata = fs::metadata(path).map_err(io_error("read", path))?;
    let folder = if metadata.is_dir() { Some(path) } else { path.parent() };
    let named_edges = file_stem(path) == "edges";
    if options.nodes.is_none() && (metadata.is_dir() || named_edges) {
        options.nodes = folder.and_then(|folder| table_called(folder, "nodes"));
    }
    if !metadata.is_dir() {
        return Ok(Some(path.to_owned()));
    }
    if let Some(edges) = table_called(path, "edges") {
        return Ok(Some(edges));
    }
    let mut matrices = Vec::new();
    for child in fs::read_dir(path).map_err(io_error("read", path))? {
        let child = child.map_err(io_error("read", path))?.path();
        if child.extension().is_some_and(|extension| extension == "npz") {
            matrices.push(child);
        }
    }
    match matrices.as_slice() {
        [only] => Ok(Some(only.clone())),
        [] if options.nodes.is_some() => Ok(None),
        _ => Err(Error::Content {
            path: path.to_owned(),
            given: format!("a folder without edges.csv and with {} npz files", matrices.len()),
            allowed: "a folder with edges.csv, edges.csv.gz, edges.parquet or one matrix in npz",
        }),
    }
}

fn table_called(folder: &Path, stem: &str) -> Option<PathBuf> {
    let extensions = ["csv.gz", "csv", "parquet", "tsv", "tsv.gz"];
    extensions.iter().map(|extension| folder.join(format!("{stem}.{extension}"))).find(|file| file.is_file())
}

/// The name up to its first dot.
fn file_stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}
