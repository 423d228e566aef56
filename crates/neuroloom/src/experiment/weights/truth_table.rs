//! What is known of each neuron's latent variable, from a table.

use std::collections::HashMap;
use std::path::Path;

use neuroloom_models::weight_manifold::{KnownNeuron, NeuronTruth, TrueGroup};
use neuroloom_sim::LatentAxis;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Which columns of a truth table hold what.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TruthOptions {
    /// Columns of angles; empty = those whose names begin with `angle`.
    pub angles: Vec<String>,
    /// Unit of angles; absent = told by the name: `_deg`, `_rad` or `_turn`.
    pub angle_unit: Option<AngleUnit>,
    /// Columns of positions; empty = those whose names begin with `position`, if no column is named at all.
    pub positions: Vec<String>,
}

/// Unit of an angle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AngleUnit {
    /// 360 a turn.
    Degrees,
    /// 2 pi a turn.
    Radians,
    /// 1 a turn.
    Turns,
}

/// A column of the table that holds a latent.
struct Latent<'a> {
    axis: LatentAxis,
    /// What a value is divided by.
    turn: f64,
    cells: &'a [String],
}

/// Reads the table and matches its rows with `neurons` by id.
///
/// # Errors
/// [`Error::Setting`] naming the column that is missing, [`Error::Io`] for a table that cannot be read.
pub(super) fn read(path: &Path, options: &TruthOptions, neurons: &[String]) -> Result<NeuronTruth, Error> {
    let columns = neuroloom_io::read_columns(path)?;
    let find =
        |name: &str| columns.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, cells)| cells);
    let listed = || columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let ids = ["neuron", "node_id", "id", "root_id", "bodyid", "name"].iter().find_map(|name| find(name));
    let Some(ids) = ids else { return Err(missing("truth", "no column of ids", &listed())) };
    let latents = latents(&columns, options, &listed())?;
    let groups = find("group");
    let row_of: HashMap<&str, usize> = ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    let mut truth = NeuronTruth::default();
    let mut group_of: HashMap<String, usize> = HashMap::new();
    for neuron in neurons {
        let row = row_of.get(neuron.as_str()).copied();
        let known = row.and_then(|row| {
            let present =
                latents.iter().filter_map(|one| Some((one.axis, value(one.cells, row)? / one.turn)));
            let (axes, latent): (Vec<LatentAxis>, Vec<f64>) = present.unzip();
            if axes.is_empty() || (groups.is_none() && axes.len() < latents.len()) {
                return None;
            }
            let name = groups.map_or_else(|| "latent".to_owned(), |cells| cells[row].clone());
            let group = *group_of.entry(name.clone()).or_insert_with(|| {
                truth.groups.push(TrueGroup { name, axes: axes.clone() });
                truth.groups.len() - 1
            });
            (truth.groups[group].axes == axes).then_some(KnownNeuron { group, latent })
        });
        truth.neurons.push(known);
    }
    if truth.groups.is_empty() {
        let given = format!("{}: no neuron has a latent", path.display());
        return Err(missing("truth", &given, "a table whose ids are those of the neurons"));
    }
    Ok(truth)
}

fn latents<'a>(
    columns: &'a [(String, Vec<String>)],
    options: &TruthOptions,
    listed: &str,
) -> Result<Vec<Latent<'a>>, Error> {
    let named = !options.angles.is_empty() || !options.positions.is_empty();
    let mut found = Vec::new();
    for (name, cells) in columns {
        let has = |names: &[String]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
        let lower = name.to_ascii_lowercase();
        let is_angle = has(&options.angles) || (!named && lower.starts_with("angle"));
        let is_position = has(&options.positions) || (!named && lower.starts_with("position"));
        if is_angle {
            let turn = turn(&lower, options.angle_unit).ok_or_else(|| {
                missing(
                    "angle-unit",
                    &format!("not stated, nor told by the column `{name}`"),
                    "degrees, radians, turns",
                )
            })?;
            found.push(Latent { axis: LatentAxis::Circle, turn, cells });
        } else if is_position {
            found.push(Latent { axis: LatentAxis::Segment, turn: 1.0, cells });
        }
    }
    let wanted = if named { options.angles.len() + options.positions.len() } else { 1 };
    if found.len() < wanted {
        let given = format!("{:?} {:?}, not all of them in the table", options.angles, options.positions);
        return Err(missing("angle or position", &given, listed));
    }
    Ok(found)
}

/// Units a turn, from what is stated or from the end of the name (`angle_deg`, `angle_turn_2`).
fn turn(name: &str, stated: Option<AngleUnit>) -> Option<f64> {
    let told = ["_deg", "_rad", "_turn"].into_iter().find(|part| name.contains(part));
    match (stated, told) {
        (Some(AngleUnit::Degrees), _) | (None, Some("_deg")) => Some(360.0),
        (Some(AngleUnit::Radians), _) | (None, Some("_rad")) => Some(std::f64::consts::TAU),
        (Some(AngleUnit::Turns), _) | (None, Some("_turn")) => Some(1.0),
        _ => None,
    }
}

fn value(cells: &[String], row: usize) -> Option<f64> {
    cells.get(row)?.trim().parse::<f64>().ok().filter(|value| value.is_finite())
}

fn missing(key: &'static str, given: &str, allowed: &str) -> Error {
    Error::Setting { key, given: given.to_owned(), allowed: allowed.to_owned() }
}
