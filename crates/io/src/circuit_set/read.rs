//! Reading a set of circuits, whole or one by one.

use std::ops::Range;
use std::path::{Path, PathBuf};

use neuroloom_core::{
    Circuit, CircuitOrigin, CircuitPart, CircuitSet, Connectome, EdgeList, EdgeMask, NeuronId, NeuronTable,
};

use super::{CIRCUITS, EDGES, NODES};
use crate::Error;
use crate::error::noun;
use crate::table::parquet::{read_group, read_table};
use crate::table::{Column, Table};

/// A set of circuits on disk, of which only the index is in memory.
#[derive(Debug)]
pub struct CircuitSetFile {
    folder: PathBuf,
    rows: Vec<IndexRow>,
}

/// A circuit in the index.
#[derive(Debug)]
struct IndexRow {
    part: CircuitPart,
    origin: CircuitOrigin,
    nodes: Place,
    edges: Place,
}

/// Where the rows of a circuit are.
#[derive(Debug)]
struct Place {
    group: usize,
    rows: Range<usize>,
}

/// Opens a set of circuits; reads its index only.
///
/// # Errors
/// [`Error`] with file, column and what is allowed.
pub fn open_circuit_set(folder: &Path) -> Result<CircuitSetFile, Error> {
    let table = read_table(&folder.join(CIRCUITS))?;
    let column = |name: &'static str| table.require(name, &[name]);
    let numbers = |name: &'static str| table.numbers(column(name)?);
    let parts = table.texts(column("part")?)?;
    let methods = table.texts(column("method")?)?;
    let seeds = table.texts(column("seed")?)?;
    let axes = [numbers("center_x_um")?, numbers("center_y_um")?, numbers("center_z_um")?];
    let radius = numbers("radius_um")?;
    let mut nodes = places(&numbers("n_neurons")?, &numbers("node_group")?).into_iter();
    let mut edges = places(&numbers("n_edges")?, &numbers("edge_group")?).into_iter();
    let mut rows = Vec::with_capacity(parts.len());
    for (row, (nodes, edges)) in nodes.by_ref().zip(edges.by_ref()).enumerate() {
        let part = CircuitPart::parse(&parts[row]).ok_or_else(|| {
            cell_error(&table, (row, "part"), parts[row].clone(), "train, validation or test")
        })?;
        let center = [axes[0][row], axes[1][row], axes[2][row]];
        let seed = seeds[row].parse();
        let seed = seed.map_err(|_| cell_error(&table, (row, "seed"), seeds[row].clone(), "an integer"))?;
        let origin = CircuitOrigin {
            method: methods[row].clone(),
            seed,
            center_um: center.iter().all(|axis| axis.is_finite()).then_some(center),
            radius_um: Some(radius[row]).filter(|radius| radius.is_finite()),
        };
        rows.push(IndexRow { part, origin, nodes, edges });
    }
    Ok(CircuitSetFile { folder: folder.to_owned(), rows })
}

/// Reads a whole set of circuits.
///
/// # Errors
/// [`Error`] with file, row, column and what is allowed.
pub fn read_circuit_set(folder: &Path) -> Result<CircuitSet, Error> {
    open_circuit_set(folder)?.read()
}

impl CircuitSetFile {
    /// Number of circuits.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no circuit.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The part of a circuit, if there is such a circuit.
    pub fn part(&self, circuit: usize) -> Option<CircuitPart> {
        self.rows.get(circuit).map(|row| row.part)
    }

    /// Reads one circuit; decodes the row group that holds it, not the others.
    ///
    /// # Errors
    /// [`Error::Content`] if there is no such circuit, [`Error`] with file and column if it is damaged.
    pub fn circuit(&self, circuit: usize) -> Result<Circuit, Error> {
        let Some(row) = self.rows.get(circuit) else {
            let given = format!("a set of {} circuits without number {circuit}", self.len());
            return Err(Error::Content { path: self.folder.clone(), given, allowed: "a number below that" });
        };
        row.circuit(&self.nodes(row.nodes.group)?, &self.edges(row.edges.group)?)
    }

    /// Reads all circuits.
    ///
    /// # Errors
    /// [`Error`] with file and column if the set is damaged.
    pub fn read(&self) -> Result<CircuitSet, Error> {
        let (mut circuits, mut part) = (Vec::new(), Vec::new());
        let mut nodes: Option<(usize, Nodes)> = None;
        let mut edges: Option<(usize, Edges)> = None;
        for row in &self.rows {
            if nodes.as_ref().is_none_or(|nodes| nodes.0 != row.nodes.group) {
                nodes = Some((row.nodes.group, self.nodes(row.nodes.group)?));
            }
            if edges.as_ref().is_none_or(|edges| edges.0 != row.edges.group) {
                edges = Some((row.edges.group, self.edges(row.edges.group)?));
            }
            if let (Some((_, nodes)), Some((_, edges))) = (&nodes, &edges) {
                circuits.push(row.circuit(nodes, edges)?);
                part.push(row.part);
            }
        }
        CircuitSet::new(circuits, part).map_err(noun(&self.folder))
    }

    fn nodes(&self, group: usize) -> Result<Nodes, Error> {
        let table = read_group(&self.folder.join(NODES), group)?;
        let flags = |name: &str| match table.find(&[name]) {
            None => Ok(None),
            Some(column) => Ok(Some(table.numbers(column)?.into_iter().map(|flag| flag == 1.0).collect())),
        };
        let axis = |name: &str| table.find(&[name]).map(|column| table.numbers(column)).transpose();
        let position_um = match (axis("x_um")?, axis("y_um")?, axis("z_um")?) {
            (Some(x), Some(y), Some(z)) => {
                Some(x.into_iter().zip(y).zip(z).map(|((x, y), z)| [x, y, z]).collect())
            }
            _ => None,
        };
        Ok(Nodes {
            ids: table.ids(table.require("neuron ids", &["node_id"])?)?,
            cell_type: table.find(&["cell_type"]).map(|column| table.texts(column)).transpose()?,
            position_um,
            observed: EdgeMask {
                pre_observed: flags("pre_observed")?,
                post_observed: flags("post_observed")?,
            },
            path: table.path.clone(),
        })
    }

    fn edges(&self, group: usize) -> Result<Edges, Error> {
        let table = read_group(&self.folder.join(EDGES), group)?;
        let ends = |name: &'static str| -> Result<Vec<u32>, Error> {
            Ok(table.numbers(table.require(name, &[name])?)?.into_iter().map(|end| end as u32).collect())
        };
        let singles =
            |column: Option<&Column>| column.map_or_else(|| Ok(Vec::new()), |column| table.singles(column));
        let sign = table.find(&["sign"]).map(|column| table.numbers(column)).transpose()?.unwrap_or_default();
        let list = EdgeList {
            pre: ends("pre")?,
            post: ends("post")?,
            syn_count: singles(table.find(&["syn_count"]))?,
            sign: sign.into_iter().map(|sign| sign as i8).collect(),
            weight: singles(table.find(&["weight"]))?,
            kind: table.find(&["kind"]).map_or_else(|| Ok(Vec::new()), |column| table.texts(column))?,
        };
        Ok(Edges { list, path: table.path.clone() })
    }
}

/// A row group of nodes.
struct Nodes {
    ids: Vec<NeuronId>,
    cell_type: Option<Vec<String>>,
    position_um: Option<Vec<[f64; 3]>>,
    observed: EdgeMask,
    path: PathBuf,
}

/// A row group of edges.
struct Edges {
    list: EdgeList,
    path: PathBuf,
}

impl IndexRow {
    fn circuit(&self, nodes: &Nodes, edges: &Edges) -> Result<Circuit, Error> {
        let (range, failed) = (self.nodes.rows.clone(), noun(&nodes.path));
        check_rows(&nodes.path, &range, nodes.ids.len())?;
        check_rows(&edges.path, &self.edges.rows, edges.list.len())?;
        let mut neurons = NeuronTable::new(nodes.ids[range.clone()].to_vec()).map_err(&failed)?;
        if let Some(cell_type) = &nodes.cell_type {
            neurons = neurons.with_cell_type(cell_type[range.clone()].to_vec()).map_err(&failed)?;
        }
        if let Some(position_um) = &nodes.position_um {
            neurons = neurons.with_position_um(position_um[range.clone()].to_vec()).map_err(&failed)?;
        }
        let rows: Vec<usize> = range.collect();
        let chosen: Vec<usize> = self.edges.rows.clone().collect();
        let connectome = Connectome::new(neurons, edges.list.select(&chosen)).map_err(noun(&edges.path))?;
        Ok(Circuit::new(connectome.with_observed(nodes.observed.select(&rows)), self.origin.clone()))
    }
}

/// Rows of each circuit within its group, from the sizes.
fn places(sizes: &[f64], groups: &[f64]) -> Vec<Place> {
    let (mut group, mut start) = (f64::NAN, 0);
    let place = |(&size, &of): (&f64, &f64)| {
        if of != group {
            (group, start) = (of, 0);
        }
        let rows = start..start + size as usize;
        start = rows.end;
        Place { group: of as usize, rows }
    };
    sizes.iter().zip(groups).map(place).collect()
}

fn check_rows(path: &Path, rows: &Range<usize>, n_rows: usize) -> Result<(), Error> {
    if rows.end <= n_rows {
        return Ok(());
    }
    Err(Error::Corrupt {
        path: path.to_owned(),
        format: "circuit set",
        reason: format!("the index names row {} of a row group with {n_rows} rows", rows.end),
    })
}

fn cell_error(table: &Table, (row, column): (usize, &str), given: String, allowed: &str) -> Error {
    Error::Cell {
        path: table.path.clone(),
        row: table.first_row + row,
        column: column.to_owned(),
        given,
        allowed: allowed.to_owned(),
    }
}
