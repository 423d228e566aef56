//! Writing a connectome as two tables.

use std::fs;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use neuroloom_core::{Connectome, NeuronId};

use crate::Error;
use crate::atomic::AtomicFile;
use crate::error::{corrupt, io_error};
use crate::table::is_mangled;

/// Writes `nodes.csv.gz` and `edges.csv.gz` into a folder; [`crate::read_connectome`] gives back the same
/// connectome. (A name that consists of digits only comes back as an integer, spaces around a name are lost.)
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to, [`Error::MangledId`] or [`Error::Cell`] for an id that
/// could not be read back.
///
/// # Examples
/// ```
/// use neuroloom_core::{Connectome, EdgeList, NeuronId, NeuronTable};
/// let neurons = NeuronTable::new(vec![NeuronId::from("AVAL"), NeuronId::from("DA1")])?;
/// let edges = EdgeList { pre: vec![0], post: vec![1], syn_count: vec![3.0], ..EdgeList::default() };
/// let connectome = Connectome::new(neurons, edges)?;
/// let folder = tempfile::tempdir()?;
/// neuroloom_io::write_connectome(folder.path(), &connectome)?;
/// let import = neuroloom_io::read_connectome(folder.path(), &Default::default())?;
/// assert_eq!(import.connectome, connectome);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_connectome(dir: &Path, connectome: &Connectome) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(io_error("write", dir))?;
    write_nodes(dir, connectome)?;
    let (header, rows) = edge_rows(connectome);
    write_csv(&dir.join("edges.csv.gz"), &header, rows)
}

/// Writes `nodes.csv.gz` into a folder that exists.
pub(crate) fn write_nodes(dir: &Path, connectome: &Connectome) -> Result<(), Error> {
    let (header, rows) = node_rows(connectome);
    let path = dir.join("nodes.csv.gz");
    check_ids(&path, connectome.neurons().id())?;
    write_csv(&path, &header, rows)
}

type Rows<'a> = Box<dyn Iterator<Item = Vec<String>> + 'a>;

fn node_rows(connectome: &Connectome) -> (Vec<&'static str>, Rows<'_>) {
    let neurons = connectome.neurons();
    let observed = connectome.observed();
    let mut header = vec!["node_id"];
    header.extend(neurons.cell_type().map(|_| "cell_type"));
    header.extend(neurons.position_um().iter().flat_map(|_| ["x_um", "y_um", "z_um"]));
    header.extend(observed.pre_observed.as_ref().map(|_| "pre_observed"));
    header.extend(observed.post_observed.as_ref().map(|_| "post_observed"));
    let rows = (0..neurons.len()).map(move |row| {
        let mut cells = vec![neurons.id()[row].to_string()];
        cells.extend(neurons.cell_type().map(|types| types[row].clone()));
        let position = neurons.position_um().map(|positions| positions[row]);
        cells.extend(position.iter().flatten().map(|axis| finite_or_empty(*axis)));
        for flags in [&observed.pre_observed, &observed.post_observed] {
            cells.extend(flags.as_ref().map(|flags| u8::from(flags[row]).to_string()));
        }
        cells
    });
    (header, Box::new(rows))
}

fn edge_rows(connectome: &Connectome) -> (Vec<&'static str>, Rows<'_>) {
    let (edges, ids) = (connectome.edges(), connectome.neurons().id());
    let mut header = vec!["pre", "post"];
    let optional = [
        ("kind", edges.kind.is_empty()),
        ("n_syn", edges.syn_count.is_empty()),
        ("sign", edges.sign.is_empty()),
        ("weight", edges.weight.is_empty()),
    ];
    header.extend(optional.iter().filter(|(_, absent)| !absent).map(|(name, _)| *name));
    let rows = (0..edges.len()).map(move |row| {
        let mut cells =
            vec![ids[edges.pre[row] as usize].to_string(), ids[edges.post[row] as usize].to_string()];
        cells.extend(edges.kind.get(row).cloned());
        cells.extend(edges.syn_count.get(row).map(f32::to_string));
        cells.extend(edges.sign.get(row).map(i8::to_string));
        cells.extend(edges.weight.get(row).map(f32::to_string));
        cells
    });
    (header, Box::new(rows))
}

fn finite_or_empty(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

fn write_csv(path: &Path, header: &[&str], rows: Rows<'_>) -> Result<(), Error> {
    let failed = corrupt(path, "CSV");
    let zipped = GzEncoder::new(AtomicFile::create(path)?, Compression::default());
    let mut writer = csv::Writer::from_writer(zipped);
    writer.write_record(header).map_err(&failed)?;
    for row in rows {
        writer.write_record(&row).map_err(&failed)?;
    }
    let zipped = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
    zipped.finish().map_err(io_error("write", path))?.commit()
}

/// Ids that a reader would refuse must not be written.
pub(crate) fn check_ids(path: &Path, ids: &[NeuronId]) -> Result<(), Error> {
    for (row, id) in ids.iter().enumerate() {
        let (text, row, column) = (id.to_string(), row + 2, "node_id".to_owned());
        let path = path.to_owned();
        if is_mangled(&text) {
            return Err(Error::MangledId { path, row, column, given: text });
        }
        if text.trim().is_empty() {
            let allowed = "a 64-bit integer or a name".to_owned();
            return Err(Error::Cell { path, row, column, given: text, allowed });
        }
    }
    Ok(())
}
