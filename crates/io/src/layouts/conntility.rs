//! conntility's `ConnectivityMatrix.to_h5`: below `connectivity/<name>` the frames `vertex_properties`, `edges`
//! and `edge_indices` (columns `row` = sender and `col` = receiver, both positions). `condensed` has one edge a
//! pair, `full` one a synapse.

use std::path::Path;

use neuroloom_core::NeuronId;

use super::assembled::Assembled;
use super::positions::{self, Scale};
use crate::Error;
use crate::connectome::RawEdges;
use crate::hdf5::Hdf5;
use crate::table::{Cells, Table};

const ROOT: &str = "connectivity";

/// Reads one matrix: the one that is asked for, else `condensed`, else the only one.
pub(crate) fn read(path: &Path, group: Option<&str>) -> Result<Assembled, Error> {
    let file = Hdf5::open(path)?;
    let names = file.groups(ROOT)?;
    let wanted = |name: &&String| Some(name.as_str()) == group;
    let chosen = match (group, names.as_slice()) {
        (Some(_), names) => names.iter().find(wanted),
        (None, [only]) => Some(only),
        (None, names) => names.iter().find(|name| *name == "condensed"),
    };
    let Some(chosen) = chosen else {
        return Err(Error::MissingArray {
            path: path.to_owned(),
            wanted: format!("{ROOT}/{}", group.unwrap_or("condensed")),
            present: names.join(", "),
        });
    };
    let place = format!("{ROOT}/{chosen}");
    let mut assembled = vertices(&file.pandas(&format!("{place}/vertex_properties"))?)?;
    let n = assembled.ids.len();
    let indices = file.pandas(&format!("{place}/edge_indices"))?;
    let ends = |names: &[&str], what| positions_below(&indices, indices.require(what, names)?, n);
    let (pre, post) = (ends(&["row"], "sender")?, ends(&["col"], "receiver")?);
    let n_rows = pre.len();
    let ends = pre.into_iter().zip(post).map(|(pre, post)| (Some(pre), Some(post))).collect();
    let properties = file.pandas(&format!("{place}/edges"))?;
    let syn_count = match properties.find(&["count", "syn_count", "n_syn", "nsyn"]) {
        Some(column) => Some(properties.singles(column)?),
        // Every row is a synapse where a pair has several.
        None if chosen.starts_with("full") => Some(vec![1.0; n_rows]),
        None => None,
    };
    assembled.edges = RawEdges { ends, syn_count, ..RawEdges::default() };
    Ok(assembled)
}

fn vertices(table: &Table) -> Result<Assembled, Error> {
    let names = ["pt_root_id", "root_id", "node_id", "gid", "id", "index"];
    let id = match table.find(&names) {
        Some(column) => table.ids(column)?,
        None => {
            let n = table.columns.first().map_or(0, |column| length(&column.cells));
            NeuronId::numbered(n)
        }
    };
    let cell_type = match table.find(&["cell_type", "mtype", "synapse_class"]) {
        Some(column) if !matches!(column.cells, Cells::Other(_)) => Some(table.texts(column)?),
        _ => None,
    };
    let position_um = match positions::find(table, &[], Scale::voxel([1.0; 3]), 1.0) {
        Some(columns) => Some(positions::read(table, &columns)?),
        None => None,
    };
    Ok(Assembled { ids: id, cell_type, position_um, ..Assembled::default() })
}

fn length(cells: &Cells) -> usize {
    match cells {
        Cells::Text(cells) => cells.len(),
        Cells::Integer(cells) => cells.len(),
        Cells::Number(cells) => cells.len(),
        Cells::Other(_) => 0,
    }
}

/// A column of positions among `n` neurons.
pub(super) fn positions_below(
    table: &Table,
    column: &crate::table::Column,
    n: usize,
) -> Result<Vec<u32>, Error> {
    let Cells::Integer(cells) = &column.cells else {
        return Err(Error::Dtype {
            path: table.path.clone(),
            array: column.name.clone(),
            given: "no integers".to_owned(),
            allowed: "integers".to_owned(),
        });
    };
    let position = |(row, cell): (usize, &Option<i64>)| match cell {
        Some(cell) if (0..n as i64).contains(cell) => Ok(*cell as u32),
        cell => {
            let given = cell.map_or_else(String::new, |cell| cell.to_string());
            Err(table.cell_error(
                row,
                column,
                &given,
                &format!("positions from 0 to {}", n.saturating_sub(1)),
            ))
        }
    };
    cells.iter().enumerate().map(position).collect()
}
