//! Edge lists without a header: sender, receiver and an optional number in each line, separated by spaces, tabs
//! or commas; `#` and `%` begin a comment. networkx writes `{'weight': 3}` as the third part.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use neuroloom_core::NeuronId;
use rustc_hash::FxHashMap;

use super::assembled::Assembled;
use super::options::ImportSources;
use crate::connectome::{ConnectomeOptions, RawEdges, read_nodes};
use crate::error::io_error;
use crate::table::is_mangled;
use crate::{Error, error};

pub(super) fn read(sources: &ImportSources) -> Result<Assembled, Error> {
    let mut rows = Vec::new();
    for path in &sources.edges {
        read_lines(path, &mut rows)?;
    }
    let mut assembled = Assembled::default();
    let first = sources.edges.first().cloned().unwrap_or_default();
    if let Some(nodes) = sources.nodes.first() {
        let nodes = read_nodes(nodes, &ConnectomeOptions::default())?;
        assembled.ids = nodes.neurons.id().to_vec();
        assembled.cell_type = nodes.neurons.cell_type().map(<[String]>::to_vec);
        assembled.position_um = nodes.neurons.position_um().map(<[[f64; 3]]>::to_vec);
        assembled.observed = nodes.observed;
    } else {
        assembled.ids = rows.iter().flat_map(|row| [row.pre.clone(), row.post.clone()]).collect();
        assembled.ids.sort_unstable();
        assembled.ids.dedup();
    }
    if assembled.ids.is_empty() {
        return Err(Error::Empty { path: first, what: "the edge list has no line".to_owned() });
    }
    let places: FxHashMap<&NeuronId, u32> =
        assembled.ids.iter().enumerate().map(|(place, id)| (id, place as u32)).collect();
    let place = |id: &NeuronId| places.get(id).copied();
    let ends = rows.iter().map(|row| (place(&row.pre), place(&row.post))).collect();
    let values: Option<Vec<f32>> = rows.iter().map(|row| row.value).collect();
    let counts = |values: &[f32]| values.iter().all(|value| *value >= 0.0 && value.fract() == 0.0);
    assembled.edges = match values {
        Some(values) if counts(&values) => RawEdges { ends, syn_count: Some(values), ..RawEdges::default() },
        Some(values) => RawEdges { ends, weight: Some(values), ..RawEdges::default() },
        None => RawEdges { ends, ..RawEdges::default() },
    };
    Ok(assembled)
}

struct Row {
    pre: NeuronId,
    post: NeuronId,
    value: Option<f32>,
}

fn read_lines(path: &Path, rows: &mut Vec<Row>) -> Result<(), Error> {
    for (number, line) in text(path)?.lines().enumerate() {
        let line = line.map_err(error::corrupt(path, "edge list"))?;
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '%']) {
            continue;
        }
        rows.push(row(path, number + 1, line)?);
    }
    Ok(())
}

fn row(path: &Path, number: usize, line: &str) -> Result<Row, Error> {
    let mut parts = line.split([' ', '\t', ',', ';']).filter(|part| !part.is_empty());
    let bad = |given: &str, allowed: &str| Error::Cell {
        path: path.to_owned(),
        row: number,
        column: "(line)".to_owned(),
        given: given.to_owned(),
        allowed: allowed.to_owned(),
    };
    let (Some(pre), Some(post)) = (parts.next(), parts.next()) else {
        return Err(bad(line, "sender, receiver and an optional number"));
    };
    for id in [pre, post] {
        if is_mangled(id) {
            let column = "(line)".to_owned();
            return Err(Error::MangledId {
                path: path.to_owned(),
                row: number,
                column,
                given: id.to_owned(),
            });
        }
    }
    let rest = parts.collect::<Vec<_>>().join(" ");
    let value = match rest.as_str() {
        "" | "{}" => None,
        rest => {
            let number = rest.split_once("weight").map_or(rest, |(_, number)| number);
            let number = number.trim_matches(|letter: char| " '\":{}".contains(letter));
            let value = number.parse().ok().filter(|value: &f32| value.is_finite());
            Some(value.ok_or_else(|| bad(rest, "a number, or {'weight': number}"))?)
        }
    };
    Ok(Row { pre: NeuronId::parse(pre), post: NeuronId::parse(post), value })
}

/// The text of a file, unzipped where needed.
pub(super) fn text(path: &Path) -> Result<Box<dyn BufRead>, Error> {
    let mut file = BufReader::with_capacity(1 << 17, File::open(path).map_err(io_error("read", path))?);
    let zipped = file.fill_buf().map_err(io_error("read", path))?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Box::new(BufReader::with_capacity(1 << 17, plain)))
}
