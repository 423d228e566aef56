//! Matrices: npz and npy as everywhere, and CSV with ids around the numbers (what a pivot table writes).

use std::path::Path;

use super::Imported;
use super::assembled::{Assembled, imported, sorted};
use super::options::{ImportOptions, ImportSources};
use crate::Error;
use crate::connectome::{ConnectomeOptions, MatrixOrientation, RawEdges, read_connectome};
use crate::error::noun;
use crate::table::{Table, start_of};
use neuroloom_core::{Connectome, NeuronId};

pub(super) fn read(path: &Path, sources: &ImportSources, options: &ImportOptions) -> Result<Imported, Error> {
    let start = start_of(path)?;
    if !start.starts_with(b"PK\x03\x04") && &start != b"\x93NUMPY" {
        return framed(path, options.orientation)?.into_imported(path);
    }
    let options = ConnectomeOptions {
        nodes: sources.nodes.first().cloned(),
        array: options.array.clone(),
        orientation: options.orientation,
        position_unit_um: options.position_unit_um,
        ..ConnectomeOptions::default()
    };
    let read = read_connectome(path, &options)?;
    let (neurons, edges) = (read.connectome.neurons().clone(), sorted(read.connectome.edges()));
    let n_nodes = neurons.len();
    let connectome = Connectome::new(neurons, edges).map_err(noun(path))?;
    let connectome = connectome.with_observed(read.connectome.observed().clone());
    imported(connectome, n_nodes, read.summary, read.warnings)
}

/// The first column names the rows and the header the columns; rows send unless stated otherwise.
fn framed(path: &Path, orientation: MatrixOrientation) -> Result<Assembled, Error> {
    let table = Table::read(path)?;
    let Some((first, columns)) = table.columns.split_first() else {
        return Err(Error::Empty { path: path.to_owned(), what: "the table has no column".to_owned() });
    };
    let ids = table.ids(first)?;
    let names: Vec<NeuronId> = columns.iter().map(|column| NeuronId::parse(&column.name)).collect();
    if ids != names {
        return Err(Error::Shape {
            path: path.to_owned(),
            array: "matrix".to_owned(),
            given: format!("{} rows and {} columns, or in another order", ids.len(), names.len()),
            allowed: "the same ids along rows and columns".to_owned(),
        });
    }
    let mut edges = RawEdges::default();
    let mut values = Vec::new();
    for (column, cells) in columns.iter().enumerate() {
        for (row, value) in table.numbers(cells)?.into_iter().enumerate() {
            if value == 0.0 || value.is_nan() {
                continue;
            }
            let (row, column) = (Some(row as u32), Some(column as u32));
            edges.ends.push(if orientation == MatrixOrientation::PostPre {
                (column, row)
            } else {
                (row, column)
            });
            values.push(value as f32);
        }
    }
    let counts = values.iter().all(|value| *value >= 0.0 && value.fract() == 0.0);
    if counts {
        edges.syn_count = Some(values);
    } else {
        edges.weight = Some(values);
    }
    Ok(Assembled { ids, edges, ..Assembled::default() })
}
