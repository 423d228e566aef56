//! What a user states about an import.

use std::path::{Path, PathBuf};

use super::Layout;
use crate::Error;
use crate::connectome::{EdgeColumns, MatrixOrientation};

/// The files of a connectome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportSources {
    /// Edges or synapses; chunks of one download are read one after the other, and a row that two of them hold
    /// counts once. A folder stands for the files in it.
    pub edges: Vec<PathBuf>,
    /// Node tables. The first one says which neurons there are; the others add columns (types, positions,
    /// proofreading) to them.
    pub nodes: Vec<PathBuf>,
    /// A list of ids: neurons that are not on it are left out, with their edges.
    pub ids: Option<PathBuf>,
    /// Names of the columns of edge files without a header row (two columns: name, type); without it
    /// `<name>_header.csv` beside the file is taken.
    pub header: Option<PathBuf>,
}

impl ImportSources {
    /// One file of edges, nothing else.
    pub fn of_edges(path: &Path) -> Self {
        Self { edges: vec![path.to_owned()], ..Self::default() }
    }
}

/// What is done with edges from a neuron to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Autapses {
    /// Kept, and counted.
    #[default]
    Keep,
    /// Dropped, and counted.
    Drop,
}

/// Where the least number of synapses is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threshold {
    /// Of each pair of neurons, after all its rows were added up.
    #[default]
    Pair,
    /// Of each row (a row of FlyWire is a pair in one neuropil), before they are added up.
    Row,
}

/// What the proofreading of axons is used for, where a node table states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proofreading {
    /// All neurons and edges stay; which rows of the adjacency could have been seen is noted.
    #[default]
    Mask,
    /// Edges stay whose sender has a proofread axon.
    Pre,
    /// Neurons stay that have a proofread axon, with the edges among them.
    PreAndPost,
}

/// What is done with an id that several rows of a node table bear (two nuclei merged into one segment).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatedIds {
    /// All its rows are dropped.
    Drop,
    /// Its first row is kept.
    KeepFirst,
    /// The import fails.
    Refuse,
}

/// Which cells become neurons of the connectome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellChoice {
    /// Cells that a table calls glia, vessel or other non-neurons are dropped.
    Neurons,
    /// All rows.
    All,
}

/// What is done with cell type labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// Known spellings become the names of `neuroloom_core::VOCABULARY`; the mapping is in the record.
    Canonical,
    /// They stay as they are.
    AsGiven,
}

/// How a connectome is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportOptions {
    /// `None` = told by content and column names.
    pub layout: Option<Layout>,
    /// Columns whose names say too little.
    pub columns: EdgeColumns,
    /// Column of the node tables that holds the cell type.
    pub cell_type_column: Option<String>,
    /// Array of a npz file.
    pub array: Option<String>,
    /// Which end the rows of a matrix are.
    pub orientation: MatrixOrientation,
    /// Edges with fewer synapses are dropped; 0 or 1 keeps all.
    pub least_synapses: f32,
    /// Where they are counted.
    pub threshold: Threshold,
    /// Edges from a neuron to itself.
    pub autapses: Autapses,
    /// What the proofreading is used for.
    pub proofreading: Proofreading,
    /// Values of the column `strategy_axon` that count as proofread; empty = what `status_axon` says.
    pub axon_strategies: Vec<String>,
    /// Nanometres a voxel along x, y, z, where positions are in voxels.
    pub voxel_nm: Option<[f64; 3]>,
    /// Micrometres a unit of columns `x`, `y`, `z`.
    pub position_unit_um: Option<f64>,
    /// Ids that a node table repeats; `None` = as the layout is used to.
    pub repeated_ids: Option<RepeatedIds>,
    /// Which cells become neurons; `None` = neurons for CAVE and phase 1, all rows for others.
    pub cells: Option<CellChoice>,
    /// What is done with labels; `None` = canonical for the layouts of mouse cortex, as given for others.
    pub labels: Option<Labels>,
    /// Group of an HDF5 file: `condensed` or `full` of conntility, the edge population of SONATA.
    pub group: Option<String>,
    /// Version of the data, to be written into the record.
    pub version: Option<String>,
}

impl ImportOptions {
    /// Refuses what the reader of a layout would not heed: only tables of rows are filtered while they are read.
    pub(super) fn check(&self, layout: Layout, sources: &ImportSources) -> Result<(), Error> {
        let is_table = matches!(
            layout,
            Layout::Table | Layout::Cave | Layout::MicronsPhase1 | Layout::FlyWire | Layout::Hemibrain
        );
        let is_matrix = layout == Layout::Matrix;
        let is_hdf5 = matches!(layout, Layout::Conntility | Layout::Sonata);
        let usual = Self::default();
        let stated = [
            ("--min-synapses", self.least_synapses > 1.0, is_table),
            ("--threshold", self.threshold != usual.threshold, is_table),
            ("--autapses", self.autapses != usual.autapses, is_table),
            ("--proofread", self.proofreading != usual.proofreading, is_table),
            ("--axon-strategy", !self.axon_strategies.is_empty(), is_table),
            ("--repeated-ids", self.repeated_ids.is_some(), is_table),
            ("--cells", self.cells.is_some(), is_table),
            ("--ids", sources.ids.is_some(), is_table),
            ("--header", sources.header.is_some(), is_table),
            ("--voxel-nm", self.voxel_nm.is_some(), is_table),
            ("--pre-column", self.columns.pre.is_some(), is_table),
            ("--post-column", self.columns.post.is_some(), is_table),
            ("--count-column", self.columns.syn_count.is_some(), is_table),
            ("--weight-column", self.columns.weight.is_some(), is_table),
            ("--kind-column", self.columns.kind.is_some(), is_table),
            ("--type-column", self.cell_type_column.is_some(), is_table),
            ("--position-unit-um", self.position_unit_um.is_some(), is_table || is_matrix),
            ("--array", self.array.is_some(), is_matrix),
            ("--orientation", self.orientation != usual.orientation, is_matrix),
            ("--group", self.group.is_some(), is_hdf5),
        ];
        match stated.into_iter().find(|(_, stated, heeded)| *stated && !heeded) {
            Some((option, ..)) => Err(Error::UnheededOption { option, layout: layout.name() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_a_layout_cannot_heed_is_refused() {
        let sources = ImportSources::default();
        let strict = ImportOptions { autapses: Autapses::Drop, ..ImportOptions::default() };
        assert!(strict.check(Layout::Cave, &sources).is_ok());
        let error = strict.check(Layout::GraphMl, &sources).unwrap_err().to_string();
        assert!(error.contains("--autapses") && error.contains("graphml"), "{error}");
        let listed = ImportSources { ids: Some("ids.txt".into()), ..ImportSources::default() };
        for (name, layout) in Layout::ALL {
            let usual = ImportOptions::default();
            assert!(usual.check(*layout, &sources).is_ok(), "{name}");
            let is_table = ["table", "cave", "microns-phase1", "flywire", "hemibrain"].contains(name);
            assert_eq!(usual.check(*layout, &listed).is_ok(), is_table, "{name}");
        }
        let grouped = ImportOptions { group: Some("full".to_owned()), ..ImportOptions::default() };
        assert!(grouped.check(Layout::Conntility, &sources).is_ok());
        assert!(grouped.check(Layout::Table, &sources).is_err());
    }
}
