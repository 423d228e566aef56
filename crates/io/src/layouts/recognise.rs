//! Telling a layout by what is in the files.

use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::edge_list::text;
use super::options::{ImportOptions, ImportSources};
use super::{Layout, cave, flywire, hemibrain, microns_phase1, plain};
use crate::Error;
use crate::connectome::{POST_NAMES, PRE_NAMES};
use crate::error::io_error;
use crate::table::{column_names, start_of};

/// A folder stands for the files in it: the tables of one connectome, or the chunks of one download.
pub(super) fn expand(sources: &ImportSources) -> Result<ImportSources, Error> {
    let mut expanded = ImportSources { edges: Vec::new(), ..sources.clone() };
    for path in &sources.edges {
        if path.is_dir() {
            expand_folder(path, &mut expanded)?;
        } else {
            expanded.edges.push(path.clone());
        }
    }
    if let [only] = expanded.edges.as_slice()
        && expanded.nodes.is_empty()
        && stem(only) == "edges"
    {
        expanded.nodes.extend(only.parent().and_then(|folder| beside(folder, "nodes")));
    }
    Ok(expanded)
}

fn expand_folder(folder: &Path, expanded: &mut ImportSources) -> Result<(), Error> {
    let mut files: Vec<PathBuf> = Vec::new();
    for child in fs::read_dir(folder).map_err(io_error("read", folder))? {
        files.push(child.map_err(io_error("read", folder))?.path());
    }
    files.sort();
    let nodes = files.iter().find(|file| stem(file) == "nodes" || stem(file).ends_with("_nodes")).cloned();
    let usable = |file: &&PathBuf| {
        let name = file.to_string_lossy().to_ascii_lowercase();
        let ends =
            [".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".mtx", ".mtx.gz", ".h5", ".npz", ".json"];
        let own = ["import", "nodes"].contains(&stem(file).as_str()) || name.ends_with("_header.csv");
        file.is_file() && ends.iter().any(|end| name.ends_with(end)) && !own
    };
    let usable: Vec<&PathBuf> = files.iter().filter(usable).collect();
    let named = usable.iter().find(|file| stem(file) == "edges" || stem(file).ends_with("_edges"));
    match named {
        Some(edges) => expanded.edges.push((*edges).clone()),
        None => {
            let others = || usable.iter().copied().filter(|file| Some(*file) != nodes.as_ref());
            // Tables that only describe neurons are no chunks of the edges.
            let with_ends: Vec<&PathBuf> = others().filter(|file| has_ends(file)).collect();
            let any = with_ends.is_empty();
            expanded.edges.extend(others().filter(|file| any || with_ends.contains(file)).cloned());
        }
    }
    if expanded.nodes.is_empty() {
        expanded.nodes.extend(nodes);
    }
    if expanded.edges.is_empty() && expanded.nodes.is_empty() {
        let what = "the folder holds no table, matrix or HDF5 file".to_owned();
        return Err(Error::Empty { path: folder.to_owned(), what });
    }
    Ok(())
}

/// Whether a file is a table with columns for sender and receiver, as far as the usual names say.
fn has_ends(path: &Path) -> bool {
    let Ok(header) = column_names(path) else { return false };
    let either =
        |names: &[&str]| names.iter().any(|name| header.iter().any(|one| one.eq_ignore_ascii_case(name)));
    let layouts = [cave::LAYOUT, flywire::LAYOUT, hemibrain::LAYOUT, microns_phase1::LAYOUT, plain::LAYOUT];
    layouts.iter().any(|layout| either(layout.pre) && either(layout.post))
}

/// The layout of the first file.
pub(super) fn layout(sources: &ImportSources, options: &ImportOptions) -> Result<Layout, Error> {
    let Some(path) = sources.edges.first().or(sources.nodes.first()) else {
        let reason = "neither edges nor nodes were given".to_owned();
        return Err(Error::UnknownLayout { path: PathBuf::new(), reason });
    };
    let start = start_of(path)?;
    let name = path.to_string_lossy().to_ascii_lowercase();
    let ends = |extensions: &[&str]| extensions.iter().any(|extension| name.ends_with(extension));
    if start.starts_with(b"\x89HDF") {
        return hdf5(path);
    }
    if start.starts_with(b"PK\x03\x04") || &start == b"\x93NUMPY" {
        return Ok(Layout::Matrix);
    }
    if ends(&[".graphml", ".graphml.gz", ".xml"]) {
        return Ok(Layout::GraphMl);
    }
    if ends(&[".mtx", ".mtx.gz"]) {
        return Ok(Layout::MatrixMarket);
    }
    if ends(&[".json", ".json.gz"]) {
        return Ok(Layout::NodeLink);
    }
    table(path, sources, options)
}

fn hdf5(path: &Path) -> Result<Layout, Error> {
    let groups = crate::hdf5::root_groups(path)?;
    match () {
        () if groups.iter().any(|group| group == "connectivity") => Ok(Layout::Conntility),
        () if groups.iter().any(|group| group == "edges" || group == "nodes") => Ok(Layout::Sonata),
        () => Err(Error::UnknownLayout {
            path: path.to_owned(),
            reason: format!(
                "an HDF5 file with neither /connectivity (conntility) nor /edges (SONATA); it has: {}",
                groups.join(", ")
            ),
        }),
    }
}

fn table(path: &Path, sources: &ImportSources, options: &ImportOptions) -> Result<Layout, Error> {
    let header = match archive_header(path, sources.header.as_deref())? {
        Some(header) => header,
        None => column_names(path)?,
    };
    let has = |name: &str| header.iter().any(|one| one.eq_ignore_ascii_case(name));
    let either = |names: &[&str]| names.iter().any(|name| has(name));
    match () {
        () if has("bodyId_pre") && has("bodyId_post") => Ok(Layout::Hemibrain),
        () if either(&["neuropil"]) && either(&["pre_root_id", "pre_pt_root_id"]) => Ok(Layout::FlyWire),
        () if has("pre_root_id") && has("cleft_vx") => Ok(Layout::MicronsPhase1),
        () if has("pre_pt_root_id") && has("post_pt_root_id") => Ok(Layout::Cave),
        () if options.columns.pre.is_some() || either(PRE_NAMES) && either(POST_NAMES) => Ok(Layout::Table),
        () if sources.edges.is_empty() => {
            Ok(if either(&["pt_root_id"]) { Layout::Cave } else { Layout::Table })
        }
        () => headless(path, &header),
    }
}

/// A file without the names that tables have: an edge list, or a matrix with ids around it.
fn headless(path: &Path, header: &[String]) -> Result<Layout, Error> {
    let mut first = String::new();
    for line in text(path)?.lines().take(100) {
        let line = line.map_err(io_error("read", path))?;
        if !line.trim().is_empty() && !line.starts_with(['#', '%']) {
            first = line;
            break;
        }
    }
    let parts = first.split([' ', '\t', ',', ';']).filter(|part| !part.is_empty()).count();
    let n_columns = header.len();
    match parts {
        _ if n_columns > 3 => Ok(Layout::Matrix),
        2 | 3 => Ok(Layout::EdgeList),
        // networkx writes `{'weight': 3}`.
        4 if first.contains('{') => Ok(Layout::EdgeList),
        _ => Err(Error::UnknownLayout {
            path: path.to_owned(),
            reason: format!("no columns for sender and receiver among: {}", header.join(", ")),
        }),
    }
}

/// Names of the columns of a file of the static archive: from the header file that is given, else from
/// `<name>_header.csv` beside it (for `<name>.csv.gz`).
pub(super) fn archive_header(path: &Path, given: Option<&Path>) -> Result<Option<Vec<String>>, Error> {
    let beside = path.with_file_name(format!("{}_header.csv", stem(path)));
    let file = match given {
        Some(file) => file.to_owned(),
        None if beside.is_file() => beside,
        None => return Ok(None),
    };
    let content = fs::read_to_string(&file).map_err(io_error("read", &file))?;
    let lines: Vec<&str> = content.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let cell = |text: &str| text.trim().trim_matches('"').to_owned();
    let names: Vec<String> = match lines.as_slice() {
        // All names in one line.
        [only] if only.matches(',').count() > 1 => only.split(',').map(cell).collect(),
        lines => lines.iter().filter_map(|line| line.split(',').next()).map(cell).collect(),
    };
    let titles = ["name", "column", "column_name", "field"];
    let skip = usize::from(names.first().is_some_and(|first| titles.contains(&first.as_str())));
    Ok(Some(names.into_iter().skip(skip).collect()))
}

/// The name of a file up to its first dot.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn beside(folder: &Path, stem: &str) -> Option<PathBuf> {
    let extensions = ["csv.gz", "csv", "parquet", "tsv", "tsv.gz", "feather", "h5"];
    extensions.iter().map(|extension| folder.join(format!("{stem}.{extension}"))).find(|file| file.is_file())
}
