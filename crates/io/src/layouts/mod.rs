//! The layouts in which connectomes are really found, each in its own file, to one noun.

mod assembled;
mod cave;
mod conntility;
mod document;
mod edge_list;
mod flywire;
mod graphml;
mod hemibrain;
mod matrix;
mod matrix_market;
mod microns_phase1;
mod node_link;
mod node_tables;
mod options;
mod plain;
mod positions;
mod recognise;
mod record;
mod sonata;
mod table_layout;

use std::path::PathBuf;

use neuroloom_core::{
    Connectome, LabelMapping, Listener, Warning, canonicalise_cell_types, describe_cell_types,
};

use crate::Error;
pub(crate) use assembled::sorted;
pub use options::{
    Autapses, CellChoice, ImportOptions, ImportSources, Labels, Proofreading, RepeatedIds, Threshold,
};
pub use record::{ImportRecord, RowCounts, RowFate};

/// How the files of a connectome are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// An edge table with or without a node table (CSV, Parquet, Feather), or a folder of them.
    Table,
    /// Two or three columns without a header, `#` before comments.
    EdgeList,
    /// Tables of a CAVE server (minnie65 and others): synapses, nuclei, cell types, proofreading.
    Cave,
    /// MICrONS phase 1 (layer 2/3, "pinky"): `soma_subgraph_synapses_spines` and `soma_valence`.
    MicronsPhase1,
    /// FlyWire Codex downloads: connections by neuropil, classification, coordinates, types.
    FlyWire,
    /// hemibrain: traced adjacencies and traced neurons.
    Hemibrain,
    /// A matrix: npz, npy, or a CSV whose first row and column are ids.
    Matrix,
    /// Matrix Market.
    MatrixMarket,
    /// GraphML.
    GraphMl,
    /// networkx node-link JSON.
    NodeLink,
    /// conntility's ConnectivityMatrix in HDF5.
    Conntility,
    /// SONATA nodes and edges in HDF5.
    Sonata,
}

impl Layout {
    /// Every layout and its name on the command line.
    pub const ALL: &[(&'static str, Self)] = &[
        ("table", Self::Table),
        ("edge-list", Self::EdgeList),
        ("cave", Self::Cave),
        ("microns-phase1", Self::MicronsPhase1),
        ("flywire", Self::FlyWire),
        ("hemibrain", Self::Hemibrain),
        ("matrix", Self::Matrix),
        ("matrix-market", Self::MatrixMarket),
        ("graphml", Self::GraphMl),
        ("node-link", Self::NodeLink),
        ("conntility", Self::Conntility),
        ("sonata", Self::Sonata),
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, layout)| *layout == self).map_or("table", |(name, _)| name)
    }
}

/// A connectome, where it came from and what was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The connectome; edges sorted by sender, receiver and kind.
    pub connectome: Connectome,
    /// What was read, kept, dropped and doubted.
    pub record: ImportRecord,
    /// Partial trouble, to be shown once.
    pub warnings: Vec<Warning>,
}

/// Reads a connectome in any layout; tables of edges and synapses are streamed, so that memory grows with the
/// number of connected pairs and not with the number of rows.
///
/// Without [`ImportOptions::layout`] the layout is told by content and column names.
///
/// # Errors
/// [`Error`] with file, row, column, value and what is allowed; [`Error::UnknownLayout`];
/// [`Error::UnheededOption`]; [`Error::Interrupted`] if the listener asks to stop.
///
/// # Examples
/// ```
/// use neuroloom_io::{ImportOptions, ImportSources, Layout, import_connectome};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("synapses.csv");
/// std::fs::write(&path, "id,pre_pt_root_id,post_pt_root_id,size\n7,1,2,30\n8,1,2,12\n8,1,2,12\n")?;
/// let import =
///     import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &neuroloom_core::Silent)?;
/// assert_eq!(import.record.layout, Layout::Cave.name());
/// // Synapse 8 was downloaded twice.
/// assert_eq!(import.connectome.edges().syn_count, [2.0]);
/// assert_eq!(import.record.rows.dropped[0].n, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn import_connectome(
    sources: &ImportSources,
    options: &ImportOptions,
    listener: &dyn Listener,
) -> Result<Imported, Error> {
    let sources = recognise::expand(sources)?;
    let layout = match options.layout {
        Some(layout) => layout,
        None => recognise::layout(&sources, options)?,
    };
    options.check(layout, &sources)?;
    let first = sources.edges.first().cloned().unwrap_or_default();
    let imported = match layout {
        Layout::EdgeList => edge_list::read(&sources)?.into_imported(&first),
        Layout::Table | Layout::Cave | Layout::MicronsPhase1 | Layout::FlyWire | Layout::Hemibrain => {
            tables(layout, &sources, options, listener)
        }
        Layout::Matrix => matrix::read(&first, &sources, options),
        Layout::MatrixMarket => matrix_market::read(&sources),
        Layout::GraphMl => graphml::read(&first)?.into_imported(&first),
        Layout::NodeLink => node_link::read(&first)?.into_imported(&first),
        Layout::Conntility => conntility::read(&first, options.group.as_deref())?.into_imported(&first),
        Layout::Sonata => sonata::read(&sources, options.group.as_deref())?.into_imported(&first),
    };
    finish(imported?, layout, sources, options)
}

fn tables(
    layout: Layout,
    sources: &ImportSources,
    options: &ImportOptions,
    listener: &dyn Listener,
) -> Result<Imported, Error> {
    let spec = match layout {
        Layout::Cave => cave::LAYOUT,
        Layout::MicronsPhase1 => microns_phase1::LAYOUT,
        Layout::FlyWire => flywire::LAYOUT,
        Layout::Hemibrain => hemibrain::LAYOUT,
        _ => plain::LAYOUT,
    };
    table_layout::read(&spec, sources, options, listener)
}

/// Cell types, and what every record states.
fn finish(
    mut imported: Imported,
    layout: Layout,
    sources: ImportSources,
    options: &ImportOptions,
) -> Result<Imported, Error> {
    let cortex = matches!(layout, Layout::Cave | Layout::MicronsPhase1 | Layout::Conntility);
    let labels = options.labels.unwrap_or(if cortex { Labels::Canonical } else { Labels::AsGiven });
    imported.record.layout = layout.name().to_owned();
    imported.record.files = files(&sources);
    imported.record.version.clone_from(&options.version);
    let neurons = imported.connectome.neurons();
    let Some(types) = neurons.cell_type() else { return Ok(imported) };
    let mut types = types.to_vec();
    imported.record.cell_types = match labels {
        Labels::Canonical => canonicalise_cell_types(&mut types),
        Labels::AsGiven => {
            let as_given = |one: LabelMapping| LabelMapping { kept: one.label.clone(), class: None, ..one };
            describe_cell_types(&types).into_iter().map(as_given).collect()
        }
    };
    imported.connectome = assembled::with_cell_types(&imported.connectome, types)?;
    Ok(imported)
}

fn files(sources: &ImportSources) -> Vec<PathBuf> {
    sources.edges.iter().chain(&sources.nodes).chain(&sources.ids).cloned().collect()
}
