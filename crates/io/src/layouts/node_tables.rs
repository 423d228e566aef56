//! Node tables joined by id: the first says which neurons there are, the others add columns to them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use neuroloom_core::{CellClass, NeuronId, Warning, canonical_cell_type};
use rustc_hash::FxHashMap;

use super::options::{CellChoice, ImportOptions, ImportSources, Proofreading, RepeatedIds};
use super::positions::{self, Scale};
use super::recognise::archive_header;
use super::table_layout::TableLayout;
use crate::Error;
use crate::rows::Tally;
use crate::table::{Table, csv};

/// Neurons with all that is known of them.
#[derive(Debug, Default)]
pub(super) struct NodeTables {
    pub(super) ids: Vec<NeuronId>,
    pub(super) cell_type: Option<Vec<String>>,
    pub(super) position_um: Option<Vec<[f64; 3]>>,
    pub(super) pre_observed: Option<Vec<bool>>,
    pub(super) post_observed: Option<Vec<bool>>,
    pub(super) n_rows: usize,
    pub(super) dropped: BTreeMap<&'static str, Tally>,
    pub(super) doubtful: BTreeMap<&'static str, Tally>,
    pub(super) warnings: Vec<Warning>,
    /// Neurons that a table calls something else.
    not_neurons: HashSet<usize>,
}

/// Reads and joins; `None` if there is neither a node table nor a list of ids.
pub(super) fn read(
    layout: &TableLayout,
    sources: &ImportSources,
    options: &ImportOptions,
) -> Result<Option<NodeTables>, Error> {
    let wanted = sources.ids.as_deref().map(|path| id_list(path, layout)).transpose()?;
    if sources.nodes.is_empty() {
        let Some((ids, _)) = wanted else { return Ok(None) };
        return Ok(Some(NodeTables { n_rows: ids.len(), ids, ..NodeTables::default() }));
    }
    let mut nodes = NodeTables::default();
    for (number, path) in sources.nodes.iter().enumerate() {
        let table = open(path, sources)?;
        let ids = table.ids(table.require("neuron ids", &id_names(layout))?)?;
        if number == 0 {
            nodes.begin(&table, &ids, options.repeated_ids.unwrap_or(layout.repeated_ids))?;
        }
        nodes.add(&Joined { table, ids, number }, layout, options)?;
    }
    let cells = options.cells.unwrap_or(layout.cells);
    nodes.select(cells, options.proofreading, wanted.map(|(_, ids)| ids));
    Ok(Some(nodes))
}

fn open(path: &Path, sources: &ImportSources) -> Result<Table, Error> {
    match archive_header(path, sources.header.as_deref())? {
        Some(header) => csv::read_table_with(path, header),
        None => Table::read(path),
    }
}

/// The usual names, then the cell type itself, for tables of types.
fn id_names(layout: &TableLayout) -> Vec<&'static str> {
    layout
        .node_id
        .iter()
        .chain(&["node_id", "id"])
        .chain(layout.cell_type)
        .chain(&["Type"])
        .copied()
        .collect()
}

/// Ids in the order of a file, and as a set.
fn id_list(path: &Path, layout: &TableLayout) -> Result<(Vec<NeuronId>, HashSet<NeuronId>), Error> {
    let table = Table::read(path)?;
    let column = match table.find(&id_names(layout)) {
        Some(column) => column,
        None if table.columns.len() == 1 => &table.columns[0],
        None => table.require("neuron ids", &id_names(layout))?,
    };
    let mut ids = table.ids(column)?;
    // A list without a header: its first id was taken for the name of the column.
    if table.columns.len() == 1 && column.name.parse::<i64>().is_ok() {
        ids.insert(0, NeuronId::parse(&column.name));
    }
    let mut set = HashSet::new();
    ids.retain(|id| set.insert(id.clone()));
    Ok((ids, set))
}

/// One of the tables.
struct Joined {
    table: Table,
    ids: Vec<NeuronId>,
    number: usize,
}

impl NodeTables {
    /// The neurons of the first table.
    fn begin(&mut self, table: &Table, ids: &[NeuronId], repeated: RepeatedIds) -> Result<(), Error> {
        if ids.is_empty() {
            let what = "the node table has no row".to_owned();
            return Err(Error::Empty { path: table.path.clone(), what });
        }
        self.n_rows = ids.len();
        let mut first_rows: FxHashMap<&NeuronId, usize> = FxHashMap::default();
        let mut several = HashSet::new();
        for (row, id) in ids.iter().enumerate() {
            let Some(&first) = first_rows.get(id) else {
                first_rows.insert(id, row);
                continue;
            };
            several.insert(id);
            if repeated == RepeatedIds::Refuse {
                return Err(Error::DuplicateId {
                    path: table.path.clone(),
                    id: id.to_string(),
                    first: table.first_row + first,
                    second: table.first_row + row,
                });
            }
        }
        for (row, id) in ids.iter().enumerate() {
            let reason = match repeated {
                _ if *id == NeuronId::Integer(0) && several.contains(id) => {
                    Some("the id is 0 (not part of any segment)")
                }
                RepeatedIds::Drop if several.contains(id) => {
                    Some("several rows bear the id (cells merged into one segment)")
                }
                RepeatedIds::KeepFirst if first_rows[id] != row => Some("an earlier row bears the id"),
                _ => None,
            };
            match reason {
                Some(reason) => {
                    let describe = || format!("row {}: {id}", table.first_row + row);
                    self.dropped.entry(reason).or_default().add(describe);
                }
                None => self.ids.push(id.clone()),
            }
        }
        Ok(())
    }

    /// Fills in what a table knows.
    fn add(&mut self, joined: &Joined, layout: &TableLayout, options: &ImportOptions) -> Result<(), Error> {
        let rows = self.rows(joined);
        self.add_types(joined, &rows, layout, options)?;
        self.add_positions(joined, &rows, layout, options)?;
        self.add_proofreading(joined, &rows, options)
    }

    /// The place of each row of the table among the neurons.
    fn rows(&mut self, joined: &Joined) -> Vec<Option<usize>> {
        let index: FxHashMap<&NeuronId, usize> =
            self.ids.iter().enumerate().map(|(place, id)| (id, place)).collect();
        let rows: Vec<Option<usize>> = joined.ids.iter().map(|id| index.get(id).copied()).collect();
        if joined.number > 0 {
            let n_unknown = rows.iter().filter(|row| row.is_none()).count();
            if n_unknown > 0 {
                let message = format!(
                    "{n_unknown} of {} rows of {} are of neurons that the first node table lacks",
                    rows.len(),
                    joined.table.path.display()
                );
                self.warnings.push(Warning::new("unknown-neurons", message));
            }
        }
        rows
    }

    fn add_types(
        &mut self,
        joined: &Joined,
        rows: &[Option<usize>],
        layout: &TableLayout,
        options: &ImportOptions,
    ) -> Result<(), Error> {
        let table = &joined.table;
        let column = match &options.cell_type_column {
            Some(name) => table.find(&[name.as_str()]),
            None => table.find(layout.cell_type),
        };
        if let Some(column) = column {
            let n = self.ids.len();
            let types = self.cell_type.get_or_insert_with(|| vec![String::new(); n]);
            for (place, label) in rows.iter().zip(table.texts(column)?) {
                let Some(place) = *place else { continue };
                let known = &mut types[place];
                if !known.is_empty() && !label.is_empty() && *known != label {
                    let describe = || format!("{}: {known} and {label}", self.ids[place]);
                    self.doubtful
                        .entry("two tables or rows disagree on the cell type")
                        .or_default()
                        .add(describe);
                } else if known.is_empty() {
                    *known = label;
                }
            }
        }
        if let Some(column) = table.find(&["classification_system"]) {
            for (place, label) in rows.iter().zip(table.texts(column)?) {
                if let (Some(place), true) = (*place, label.to_ascii_lowercase().contains("nonneuron")) {
                    self.not_neurons.insert(place);
                }
            }
        }
        Ok(())
    }

    fn add_positions(
        &mut self,
        joined: &Joined,
        rows: &[Option<usize>],
        layout: &TableLayout,
        options: &ImportOptions,
    ) -> Result<(), Error> {
        let voxel = Scale::voxel(options.voxel_nm.unwrap_or(layout.voxel_nm));
        let unit_um = options.position_unit_um.unwrap_or(1.0);
        let Some(columns) = positions::find(&joined.table, layout.position, voxel, unit_um) else {
            return Ok(());
        };
        let points = positions::read(&joined.table, &columns)?;
        let n = self.ids.len();
        let known = self.position_um.get_or_insert_with(|| vec![[f64::NAN; 3]; n]);
        for (place, point) in rows.iter().zip(points) {
            if let Some(place) = *place
                && known[place][0].is_nan()
            {
                known[place] = point;
            }
        }
        let largest = known
            .iter()
            .flatten()
            .filter(|axis| axis.is_finite())
            .fold(0.0, |most: f64, axis| most.max(axis.abs()));
        if largest > 1e4 {
            let message = format!(
                "positions reach {largest:.0} micrometres; are they nanometres? then say --voxel-nm 1,1,1"
            );
            self.warnings.push(Warning::new("position-unit", message));
        }
        Ok(())
    }

    fn add_proofreading(
        &mut self,
        joined: &Joined,
        rows: &[Option<usize>],
        options: &ImportOptions,
    ) -> Result<(), Error> {
        let table = &joined.table;
        let strategy = table.find(&["strategy_axon"]).filter(|_| !options.axon_strategies.is_empty());
        let axons = match strategy {
            Some(column) => {
                let wanted = |text: String| options.axon_strategies.contains(&text);
                Some(table.texts(column)?.into_iter().map(wanted).collect())
            }
            None => flags(table, &["status_axon", "pre_observed"])?,
        };
        let dendrites = flags(table, &["status_dendrite", "post_observed"])?;
        let n = self.ids.len();
        for (flags, all) in [(axons, &mut self.pre_observed), (dendrites, &mut self.post_observed)] {
            let Some(flags) = flags else { continue };
            // Neurons that the table of proofreading lacks are not proofread.
            let all = all.get_or_insert_with(|| vec![false; n]);
            for (place, flag) in rows.iter().zip(flags) {
                if let (Some(place), true) = (*place, flag) {
                    all[place] = true;
                }
            }
        }
        Ok(())
    }

    /// Leaves out what is no neuron, not on the list, or not proofread.
    fn select(&mut self, cells: CellChoice, proofreading: Proofreading, wanted: Option<HashSet<NeuronId>>) {
        let mut keep = vec![true; self.ids.len()];
        for (place, kept) in keep.iter_mut().enumerate() {
            let reason = match () {
                () if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&self.ids[place])) => {
                    "the id is not on the list of ids"
                }
                () if cells == CellChoice::Neurons && self.is_no_neuron(place) => {
                    "a table says that it is no neuron"
                }
                () if proofreading == Proofreading::PreAndPost && !self.has_proofread_axon(place) => {
                    "its axon is not proofread"
                }
                () => continue,
            };
            *kept = false;
            let id = &self.ids[place];
            self.dropped.entry(reason).or_default().add(|| id.to_string());
        }
        retain(&mut self.ids, &keep);
        self.cell_type.iter_mut().for_each(|column| retain(column, &keep));
        self.position_um.iter_mut().for_each(|column| retain(column, &keep));
        self.pre_observed.iter_mut().for_each(|column| retain(column, &keep));
        self.post_observed.iter_mut().for_each(|column| retain(column, &keep));
    }

    fn is_no_neuron(&self, place: usize) -> bool {
        let label = self.cell_type.as_ref().map_or("", |types| types[place].as_str());
        let named = label.len() > 1
            && canonical_cell_type(label).is_some_and(|one| one.class == CellClass::NonNeuronal);
        named || self.not_neurons.contains(&place)
    }

    fn has_proofread_axon(&self, place: usize) -> bool {
        self.pre_observed.as_ref().is_none_or(|flags| flags[place])
    }
}

fn flags(table: &Table, names: &[&str]) -> Result<Option<Vec<bool>>, Error> {
    let Some(column) = table.find(names) else { return Ok(None) };
    let flag = |(row, text): (usize, &String)| match text.to_ascii_lowercase().as_str() {
        "t" | "true" | "1" => Ok(true),
        // Older tables name the state instead.
        "clean" | "extended" => Ok(true),
        "f" | "false" | "0" | "" | "non" | "none" => Ok(false),
        _ => Err(table.cell_error(row, column, text, "t, f, true, false, 1, 0, clean, extended or non")),
    };
    table.texts(column)?.iter().enumerate().map(flag).collect::<Result<_, _>>().map(Some)
}

fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    column.retain(|_| kept.next().copied().unwrap_or(true));
}
