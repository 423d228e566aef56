//! Matrices: npz and npy as everywhere, and CSV with ids around the numbers (what a pivot table writes).

use std::path::Path;

use super::Imported;
use super::assembled::{Assembled, imported, sorted};
use super::options::{ImportOptions, ImportSources};
use crate::Error;
use crate::activity::stored_names;
use crate::array::ArrayFile;
use crate::connectome::{ConnectomeOptions, MatrixOrientation, RawEdges, read_connectome};
use crate::error::noun;
use crate::export::NPZ_MARK;
use crate::table::{Table, start_of};
use neuroloom_core::{Connectome, EdgeMask, NeuronId};

pub(super) fn read(path: &Path, sources: &ImportSources, options: &ImportOptions) -> Result<Imported, Error> {
    let start = start_of(path)?;
    if !start.starts_with(b"PK\x03\x04") && &start != b"\x93NUMPY" {
        return framed(path, options.orientation)?.into_imported(path);
    }
    if start.starts_with(b"PK\x03\x04") && options.array.is_none() {
        let mut file = ArrayFile::open(path)?;
        if file.find(NPZ_MARK).is_some() {
            return exported(&mut file)?.into_imported(path);
        }
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

/// What [`crate::export_connectome`] writes: compressed rows and every column beside them.
fn exported(file: &mut ArrayFile) -> Result<Assembled, Error> {
    let starts = integers(file, "indptr")?.unwrap_or_default();
    let post = integers(file, "indices")?.unwrap_or_default();
    let n = starts.len().saturating_sub(1);
    let fits = starts.first() == Some(&0)
        && starts.windows(2).all(|pair| pair[0] <= pair[1])
        && starts.last() == Some(&(post.len() as i64))
        && post.iter().all(|&post| (0..n as i64).contains(&post));
    if !fits {
        let reason = "indptr and indices do not fit together".to_owned();
        return Err(Error::Corrupt { path: file.path().to_owned(), format: "npz", reason });
    }
    let ids = stored_names(file)?.unwrap_or_default().iter().map(|id| NeuronId::parse(id)).collect();
    let pre =
        (0..n).flat_map(|row| std::iter::repeat_n(row as u32, (starts[row + 1] - starts[row]) as usize));
    let ends = pre.zip(&post).map(|(pre, &post)| (Some(pre), Some(post as u32))).collect();
    let sign =
        integers(file, "edge_sign")?.map(|signs| signs.iter().map(|&sign| sign.clamp(-1, 1) as i8).collect());
    let edges = RawEdges {
        ends,
        syn_count: singles(file, "edge_n_syn")?,
        weight: singles(file, "edge_weight")?,
        sign,
        kind: texts(file, "edge_kind")?,
    };
    let position_um = match file.find("position_um") {
        Some(entry) => {
            let values = file.f64(&entry)?.into_raw_vec_and_offset().0;
            Some(values.chunks_exact(3).map(|axes| [axes[0], axes[1], axes[2]]).collect())
        }
        None => None,
    };
    let flags = |flags: Option<Vec<f32>>| flags.map(|flags| flags.iter().map(|&flag| flag != 0.0).collect());
    let observed = EdgeMask {
        pre_observed: flags(singles(file, "pre_observed")?),
        post_observed: flags(singles(file, "post_observed")?),
    };
    Ok(Assembled { ids, cell_type: texts(file, "cell_type")?, position_um, observed, edges })
}

fn integers(file: &mut ArrayFile, name: &str) -> Result<Option<Vec<i64>>, Error> {
    let Some(entry) = file.find(name) else { return Ok(None) };
    Ok(Some(file.i64(&entry)?.into_raw_vec_and_offset().0))
}

fn singles(file: &mut ArrayFile, name: &str) -> Result<Option<Vec<f32>>, Error> {
    let Some(entry) = file.find(name) else { return Ok(None) };
    Ok(Some(file.f32(&entry)?.into_raw_vec_and_offset().0))
}

fn texts(file: &mut ArrayFile, name: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(entry) = file.find(name) else { return Ok(None) };
    Ok(Some(file.text(&entry)?.into_raw_vec_and_offset().0))
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
