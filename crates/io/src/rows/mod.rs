//! Edge and synapse tables of any length, read in one pass: text blocks or Arrow batches become row batches,
//! and row batches are summed into edges. Nothing grows with the number of rows but one entry a pair of neurons.

mod arrow;
mod batch;
mod blocks;
mod cells;
mod gather;
mod marks;
mod pairs;
mod tally;

use std::path::{Path, PathBuf};

use neuroloom_core::{Event, Listener};

use crate::Error;
use crate::error::io_error;
use crate::table::start_of;
pub(crate) use arrow::{open_feather, texts};
pub(crate) use gather::{Gather, Gathered, RowRules};
pub(crate) use tally::Tally;

/// What the columns of an edge or synapse table are called; the first name that exists is taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowNames {
    pub(crate) pre: Vec<String>,
    pub(crate) post: Vec<String>,
    /// Number of the row, by which a row that was downloaded twice is known.
    pub(crate) row_id: Vec<String>,
    pub(crate) syn_count: Vec<String>,
    pub(crate) weight: Vec<String>,
    pub(crate) kind: Vec<String>,
    pub(crate) sign: Vec<String>,
    /// Rows where this is false are void.
    pub(crate) valid: Vec<String>,
    /// Names that the user stated: without such a column nothing is read.
    pub(crate) stated: Vec<String>,
}

/// Positions of the columns of one file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowColumns {
    pub(crate) pre: usize,
    pub(crate) post: usize,
    pub(crate) row_id: Option<usize>,
    pub(crate) syn_count: Option<usize>,
    pub(crate) weight: Option<usize>,
    pub(crate) kind: Option<usize>,
    pub(crate) sign: Option<usize>,
    pub(crate) valid: Option<usize>,
}

/// How a file of rows is laid out.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowSource {
    pub(crate) path: PathBuf,
    /// Names of the columns of a file without a header row.
    pub(crate) header: Option<Vec<String>>,
}

impl RowNames {
    /// Where the columns are.
    pub(crate) fn columns(&self, path: &Path, header: &[String]) -> Result<RowColumns, Error> {
        let find = |names: &[String]| {
            names.iter().find_map(|name| header.iter().position(|one| one.eq_ignore_ascii_case(name)))
        };
        let require = |what: &str, names: &[String]| {
            find(names).ok_or_else(|| Error::MissingColumn {
                path: path.to_owned(),
                wanted: format!("{what} (allowed: {})", names.join(", ")),
                present: header.join(", "),
            })
        };
        for name in &self.stated {
            require("what was asked for", std::slice::from_ref(name))?;
        }
        Ok(RowColumns {
            pre: require("sending neuron", &self.pre)?,
            post: require("receiving neuron", &self.post)?,
            row_id: find(&self.row_id),
            syn_count: find(&self.syn_count),
            weight: find(&self.weight),
            kind: find(&self.kind),
            sign: find(&self.sign),
            valid: find(&self.valid),
        })
    }
}

/// Reads one file into `gather`.
pub(crate) fn read(
    source: &RowSource,
    names: &RowNames,
    gather: &mut Gather,
    listener: &dyn Listener,
) -> Result<(), Error> {
    let total = std::fs::metadata(&source.path).map_err(io_error("read", &source.path))?.len();
    listener.emit(Event::Started { stage: "read edges", total: Some(total >> 20) });
    let done = match start_of(&source.path)? {
        [b'P', b'A', b'R', b'1', ..] => arrow::read_parquet(source, names, gather, listener),
        [b'A', b'R', b'R', b'O', b'W', b'1'] => arrow::read_feather(source, names, gather, listener),
        _ => blocks::read(source, names, gather, listener),
    };
    listener.emit(Event::Finished);
    done
}

/// Stops where the user asked for it.
fn check_cancelled(listener: &dyn Listener) -> Result<(), Error> {
    if listener.cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}
