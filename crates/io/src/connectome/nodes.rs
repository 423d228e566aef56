//! The node table.

use std::collections::HashMap;
use std::path::Path;

use neuroloom_core::{EdgeMask, NeuronId, NeuronTable, Warning};

use crate::Error;
use crate::connectome::{ConnectomeOptions, Nodes};
use crate::error::noun;
use crate::table::Table;

/// Columns that hold the id, the first that exists.
pub(crate) const ID_NAMES: &[&str] =
    &["node_id", "id", "root_id", "pt_root_id", "bodyId", "body_id", "neuron_id", "name", "index"];

pub(crate) const TYPE_NAMES: &[&str] = &["cell_type", "type", "cell_class"];

pub(crate) fn read(path: &Path, options: &ConnectomeOptions) -> Result<Nodes, Error> {
    let table = Table::read(path)?;
    // A table of cell types, one row each, is known by them.
    let id_names: Vec<&str> = ID_NAMES.iter().chain(TYPE_NAMES).copied().collect();
    let id_column = table.require("neuron ids", &id_names)?;
    let ids = table.ids(id_column)?;
    if ids.is_empty() {
        return Err(Error::Empty { path: path.to_owned(), what: "the node table has no row".to_owned() });
    }
    check_unique(&table, &ids)?;
    let mut neurons = NeuronTable::new(ids).map_err(noun(path))?;
    if let Some(column) = table.find(TYPE_NAMES) {
        neurons = neurons.with_cell_type(table.texts(column)?).map_err(noun(path))?;
    }
    let mut warnings = Vec::new();
    if let Some(position_um) = positions(&table, options, &mut warnings)? {
        neurons = neurons.with_position_um(position_um).map_err(noun(path))?;
    }
    let observed = EdgeMask {
        pre_observed: flags(&table, "pre_observed")?,
        post_observed: flags(&table, "post_observed")?,
    };
    Ok(Nodes { neurons, observed, warnings })
}

fn check_unique(table: &Table, ids: &[NeuronId]) -> Result<(), Error> {
    let mut rows = HashMap::with_capacity(ids.len());
    for (row, id) in ids.iter().enumerate() {
        if let Some(first) = rows.insert(id, row) {
            return Err(Error::DuplicateId {
                path: table.path.clone(),
                id: id.to_string(),
                first: table.first_row + first,
                second: table.first_row + row,
            });
        }
    }
    Ok(())
}

/// Soma positions in micrometres, where the table has three coordinates of one unit.
fn positions(
    table: &Table,
    options: &ConnectomeOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Vec<[f64; 3]>>, Error> {
    let plain = options.position_unit_um.unwrap_or(1.0);
    // Dividing by 1000 gives the double nearest to the decimal number; multiplying by 0.001 does not.
    for (suffix, unit_um, divisor) in [("_um", 1.0, 1.0), ("_nm", 1.0, 1e3), ("", plain, 1.0)] {
        let axis = |axis: &str| table.find(&[&format!("{axis}{suffix}")]);
        let (Some(x), Some(y), Some(z)) = (axis("x"), axis("y"), axis("z")) else { continue };
        if suffix.is_empty() && options.position_unit_um.is_none() {
            let message =
                "the columns x, y, z have no unit and are taken as micrometres; call them x_um or x_nm";
            warnings.push(Warning::new("position-unit", message));
        }
        let [x, y, z] = [table.numbers(x)?, table.numbers(y)?, table.numbers(z)?];
        let rows = x.into_iter().zip(y).zip(z);
        let scaled = |((x, y), z): ((f64, f64), f64)| [x, y, z].map(|axis| axis * unit_um / divisor);
        return Ok(Some(rows.map(scaled).collect()));
    }
    Ok(None)
}

fn flags(table: &Table, name: &str) -> Result<Option<Vec<bool>>, Error> {
    let Some(column) = table.find(&[name]) else { return Ok(None) };
    let texts = table.texts(column)?;
    let flag = |(row, text): (usize, &String)| match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(table.cell_error(row, column, text, "1, 0, true or false")),
    };
    texts.iter().enumerate().map(flag).collect::<Result<_, _>>().map(Some)
}
