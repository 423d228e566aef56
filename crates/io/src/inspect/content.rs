//! Finding out what a file holds.

use std::path::Path;

use neuroloom_core::{Silent, Warning};

use crate::array::ArrayFile;
use crate::connectome::{ID_NAMES, POST_NAMES, PRE_NAMES, is_sparse, read_nodes};
use crate::format::Format;
use crate::inspect::{ArraySummary, ContentKind, IdSummary, Inspection};
use crate::table::{column_names, start_of};
use crate::truth::is_truth;
use crate::{
    ConnectomeOptions, Error, ImportOptions, ImportSources, ImportSummary, ImportedConnectome, OpenRecording,
    ReadOptions, import_connectome, open_recording, read_connectome, read_truth, zarr,
};

pub(super) fn inspect(path: &Path, options: &ReadOptions) -> Result<Inspection, Error> {
    if is_graph_document(path)? {
        return graph_document(path);
    }
    if path.is_dir() && !["zarr.json", ".zgroup", ".zarray"].iter().any(|file| path.join(file).exists()) {
        return connectome(path, Vec::new());
    }
    match Format::of_existing(path)? {
        Format::Zarr => {
            let (arrays, _) = zarr::arrays(path)?;
            let summary = |array: zarr::ArrayInfo| ArraySummary {
                name: array.name,
                dtype: array.dtype,
                shape: array.shape,
                order: "C",
            };
            recording(path, options, arrays.into_iter().map(summary).collect())
        }
        Format::Numpy => numpy(path, options),
        Format::Csv | Format::Parquet => table(path, options),
    }
}

/// HDF5, and the formats of graph libraries: a file that can only be a connectome.
fn is_graph_document(path: &Path) -> Result<bool, Error> {
    if path.is_dir() {
        return Ok(["nodes.h5", "edges.h5"].iter().all(|file| path.join(file).is_file()));
    }
    let name = path.to_string_lossy().to_ascii_lowercase();
    let extensions = [".graphml", ".graphml.gz", ".mtx", ".mtx.gz", ".json"];
    Ok(extensions.iter().any(|extension| name.ends_with(extension))
        || start_of(path)?.starts_with(b"\x89HDF"))
}

fn graph_document(path: &Path) -> Result<Inspection, Error> {
    let import = import_connectome(&ImportSources::of_edges(path), &ImportOptions::default(), &Silent)?;
    let edges = import.connectome.edges();
    let dropped = &import.record.rows.dropped;
    let summary = ImportSummary {
        n_rows: import.record.rows.n_read,
        n_edges: edges.len(),
        n_merged: import.record.rows.n_kept - edges.len(),
        n_self_edges: edges.pre.iter().zip(&edges.post).filter(|(pre, post)| pre == post).count(),
        n_dangling: dropped.iter().map(|fate| fate.n).sum(),
        dangling_examples: dropped.iter().flat_map(|fate| fate.examples.clone()).collect(),
    };
    let (connectome, warnings) = (import.connectome, import.warnings);
    let import = ImportedConnectome { connectome, summary, warnings };
    Ok(Inspection::new(ContentKind::Connectome, Vec::new()).with_connectome(import))
}

fn numpy(path: &Path, options: &ReadOptions) -> Result<Inspection, Error> {
    let file = ArrayFile::open(path)?;
    let arrays = file.entries().iter().map(|entry| ArraySummary {
        name: entry.name.clone(),
        dtype: entry.header.dtype.to_string(),
        shape: entry.header.shape.clone(),
        order: if entry.header.fortran { "F" } else { "C" },
    });
    let arrays: Vec<ArraySummary> = arrays.collect();
    if is_truth(&file) && options.array.is_none() {
        let truth = read_truth(path)?;
        let mut inspection = Inspection::new(ContentKind::Truth, arrays);
        inspection.reason = Some(format!(
            "a simulation of {} neurons of {} types, transfer {:?}, activation {:?}",
            truth.n_neurons(),
            truth.types.len(),
            truth.transfer,
            truth.activation
        ));
        return Ok(inspection);
    }
    let named =
        |name: &str| file.find(name).is_some() && options.array.as_deref().is_none_or(|one| one == name);
    let is_matrix = named("weight_matrix") || named("adjacency");
    if options.array.is_none() && is_sparse(&file) || is_matrix && file.find("activity").is_none() {
        return connectome(path, arrays);
    }
    if options.array.is_none() && arrays.len() == 1 && arrays[0].name == "field" {
        let mut inspection = Inspection::new(ContentKind::Arrays, arrays);
        inspection.reason = Some("a movie [slice, row, column] of an external field".to_owned());
        return Ok(inspection);
    }
    recording(path, options, arrays)
}

fn table(path: &Path, options: &ReadOptions) -> Result<Inspection, Error> {
    let names = column_names(path)?;
    let has =
        |wanted: &[&str]| names.iter().any(|name| wanted.iter().any(|one| name.eq_ignore_ascii_case(one)));
    if has(PRE_NAMES) && has(POST_NAMES) {
        return connectome(path, Vec::new());
    }
    // `name`, `id` and `index` may well be neurons of a recording.
    let certain: Vec<&str> = ID_NAMES.iter().copied().filter(|name| name.contains('_')).collect();
    if has(&certain) || has(ID_NAMES) && has(&["cell_type", "x_um", "x_nm"]) {
        let nodes = read_nodes(path, &ConnectomeOptions::default())?;
        let mut inspection = Inspection::new(ContentKind::Neurons, Vec::new());
        inspection.ids = Some(IdSummary::of(nodes.neurons.id()));
        inspection.n_neurons = Some(nodes.neurons.len());
        inspection.warnings = nodes.warnings;
        return Ok(inspection);
    }
    recording(path, options, Vec::new())
}

fn connectome(path: &Path, arrays: Vec<ArraySummary>) -> Result<Inspection, Error> {
    let import = read_connectome(path, &ConnectomeOptions::default())?;
    Ok(Inspection::new(ContentKind::Connectome, arrays).with_connectome(import))
}

fn recording(path: &Path, options: &ReadOptions, arrays: Vec<ArraySummary>) -> Result<Inspection, Error> {
    let mut inspection = Inspection::new(ContentKind::Activity, arrays);
    match open_without_dt(path, options) {
        Ok((opened, dt_s)) => {
            if dt_s.is_none() {
                let message = "the time between two frames is unknown; give it with --dt SECONDS";
                inspection.warnings.push(Warning::new("missing-dt", message));
            }
            inspection.reason = reason(options, &opened, inspection.arrays.len());
            inspection.with_recording(path, opened, dt_s)
        }
        Err(error @ (Error::Ambiguous { .. } | Error::MissingArray { .. })) if options.array.is_none() => {
            inspection.kind = ContentKind::Arrays;
            let hint = error.hint().unwrap_or_default();
            inspection.warnings.push(Warning::new("no-recording", format!("{error}; {hint}")));
            Ok(inspection)
        }
        Err(error) => Err(error),
    }
}

/// A file that does not say its time step is opened all the same.
fn open_without_dt(path: &Path, options: &ReadOptions) -> Result<(OpenRecording, Option<f64>), Error> {
    match open_recording(path, options) {
        Ok(opened) => {
            let dt_s = opened.activity.dt_s();
            Ok((opened, Some(dt_s)))
        }
        Err(Error::MissingDt { .. }) => {
            let options = ReadOptions { dt_s: Some(1.0), ..options.clone() };
            Ok((open_recording(path, &options)?, None))
        }
        Err(error) => Err(error),
    }
}

fn reason(options: &ReadOptions, opened: &OpenRecording, n_arrays: usize) -> Option<String> {
    let name = opened.array.as_deref()?;
    Some(match (&options.array, n_arrays, name) {
        (Some(_), _, _) => "asked for".to_owned(),
        (None, 1, _) => "the only array".to_owned(),
        (None, _, "activity") => "called `activity`".to_owned(),
        (None, _, _) => "the only float array with two or three axes".to_owned(),
    })
}
