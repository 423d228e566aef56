//! What can be typed after `import` and `export`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use neuroloom_io::{ExportFormat, Layout};

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Edges or synapses: a file, several chunks of one download, or a folder
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) edges: Vec<PathBuf>,
    /// Node tables: the first says which neurons there are, the others add types, positions, proofreading
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) nodes: Vec<PathBuf>,
    /// Folder for nodes, edges and import.json
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// How the files are laid out [default: told by content and column names]
    #[arg(long, value_name = "LAYOUT", value_parser = layouts())]
    pub(crate) layout: Option<String>,
    /// What the edges are written as; neurons are always nodes.csv.gz
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub(crate) format: EdgeFormat,
    /// A list of ids: other neurons, and edges to them, are left out
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,
    /// Column names of files without a header row [default: NAME_header.csv beside NAME.csv.gz]
    #[arg(long, value_name = "FILE")]
    pub(crate) header: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) columns: ColumnArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

/// Columns and arrays whose names say too little.
#[derive(Debug, Args)]
#[command(next_help_heading = "Where things are")]
pub(crate) struct ColumnArgs {
    /// Column of the sender
    #[arg(long, value_name = "NAME")]
    pub(crate) pre_column: Option<String>,
    /// Column of the receiver
    #[arg(long, value_name = "NAME")]
    pub(crate) post_column: Option<String>,
    /// Column of the number of synapses
    #[arg(long, value_name = "NAME")]
    pub(crate) count_column: Option<String>,
    /// Column whose sum becomes the weight of an edge, such as the size of a synapse
    #[arg(long, value_name = "NAME")]
    pub(crate) weight_column: Option<String>,
    /// Column of the kind of edge; `none` adds edges of all kinds up
    #[arg(long, value_name = "NAME")]
    pub(crate) kind_column: Option<String>,
    /// Column of the cell type in the node tables
    #[arg(long, value_name = "NAME")]
    pub(crate) type_column: Option<String>,
    /// Which array of a npz file
    #[arg(long, value_name = "KEY")]
    pub(crate) array: Option<String>,
    /// Which end the rows of a matrix are [default: what the file says, else pre-post for sparse and CSV]
    #[arg(long, value_name = "ORIENTATION")]
    pub(crate) orientation: Option<RowsAre>,
    /// Group of an HDF5 file: condensed or full (conntility), the edge population (SONATA)
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// Nanometres a voxel along x, y, z [default: 4,4,40 for CAVE and phase 1]
    #[arg(long, value_name = "X,Y,Z", value_delimiter = ',', num_args = 3)]
    pub(crate) voxel_nm: Option<Vec<f64>>,
    /// Micrometres a unit of columns x, y, z
    #[arg(long, value_name = "UM")]
    pub(crate) position_unit_um: Option<f64>,
}

/// Which rows are kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is kept")]
pub(crate) struct RuleArgs {
    /// Drop edges with fewer synapses
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) min_synapses: u32,
    /// Count them of each pair after adding its rows up, or of each row (FlyWire: each neuropil)
    #[arg(long, value_name = "WHERE", default_value = "pair")]
    pub(crate) threshold: ThresholdOn,
    /// Edges from a neuron to itself
    #[arg(long, value_name = "CHOICE", default_value = "keep")]
    pub(crate) autapses: AutapseChoice,
    /// Note proofread axons as a mask, keep edges from them (pre), or only neurons that have one (both)
    #[arg(long, value_name = "CHOICE", default_value = "mask")]
    pub(crate) proofread: ProofreadChoice,
    /// Values of strategy_axon that count as proofread [default: what status_axon says]
    #[arg(long, value_name = "STRATEGY", num_args = 1.., value_delimiter = ',')]
    pub(crate) axon_strategy: Vec<String>,
    /// Ids that a node table repeats [default: drop for CAVE, first for phase 1 and FlyWire, refuse else]
    #[arg(long, value_name = "CHOICE")]
    pub(crate) repeated_ids: Option<RepeatedChoice>,
    /// Only neurons, or all rows of the node table [default: neurons for CAVE and phase 1, all else]
    #[arg(long, value_name = "CHOICE")]
    pub(crate) cells: Option<CellsChoice>,
    /// One vocabulary for cell types, or labels as given [default: canonical for mouse cortex layouts]
    #[arg(long, value_name = "CHOICE")]
    pub(crate) labels: Option<LabelChoice>,
    /// Version of the data, noted in import.json
    #[arg(long, value_name = "TEXT")]
    pub(crate) data_version: Option<String>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A connectome: what `import` wrote, or any folder, table or matrix
    #[arg(value_name = "CONNECTOME")]
    pub(crate) connectome: PathBuf,
    /// The format
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(crate) to: String,
    /// The file, or the folder for csv, parquet, mtx and sonata
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,
}

/// What `import` writes edges as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EdgeFormat {
    /// edges.csv.gz
    Csv,
    /// edges.parquet, for millions of edges
    Parquet,
}

/// Which end the rows of a matrix are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowsAre {
    /// A[pre, post]: rows send
    PrePost,
    /// W[post, pre]: rows receive
    PostPre,
}

/// Where synapses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThresholdOn {
    /// Of each pair, all rows added up
    Pair,
    /// Of each row
    Row,
}

/// Edges from a neuron to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AutapseChoice {
    /// Kept and counted
    Keep,
    /// Dropped and counted
    Drop,
}

/// What proofreading is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProofreadChoice {
    /// Everything stays, the mask says what could have been seen
    Mask,
    /// Edges from proofread axons
    Pre,
    /// Neurons with a proofread axon
    Both,
}

/// Repeated ids of a node table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RepeatedChoice {
    /// All rows of the id are dropped
    Drop,
    /// The first row is kept
    First,
    /// The import fails
    Refuse,
}

/// Which cells become neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CellsChoice {
    /// No glia, no vessels
    Neurons,
    /// All rows
    All,
}

/// What cell types are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LabelChoice {
    /// One vocabulary
    Canonical,
    /// As given
    AsGiven,
}

fn layouts() -> PossibleValuesParser {
    PossibleValuesParser::new(Layout::ALL.iter().map(|(name, _)| *name))
}

pub(crate) fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(ExportFormat::ALL.iter().map(|(name, _)| *name))
}
