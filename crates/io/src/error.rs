//! What can be wrong with a file, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use neuroloom_core as core;

/// Why a file could not be read or written. Every variant says where, what was found and what is allowed;
/// [`Error::hint`] says what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("could not {action} {}", .path.display())]
    Io {
        /// `read`, `write`, ...
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The extension names no format that fits the purpose.
    #[error("{}: no known format; allowed: {allowed}", .path.display())]
    UnknownFormat {
        /// Which file.
        path: PathBuf,
        /// The extensions that are allowed here.
        allowed: &'static str,
    },
    /// The bytes are not what the format prescribes: truncated, overwritten, mislabelled.
    #[error("{}: damaged or not a {format} file: {reason}", .path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// Which format was expected.
        format: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file claims a size that it cannot have.
    #[error("{}: {what} is {given}, allowed: {allowed}", .path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// What is too large.
        what: String,
        /// The size it claims.
        given: String,
        /// The largest size that is possible.
        allowed: String,
    },
    /// The array holds pickled Python objects, which can run code when they are opened.
    #[error("{}: array `{array}` holds pickled Python objects, which are never opened", .path.display())]
    Pickled {
        /// Which file.
        path: PathBuf,
        /// Which array.
        array: String,
    },
    /// An array or column has elements of the wrong kind.
    #[error("{}: `{array}` has dtype {given}, allowed: {allowed}", .path.display())]
    Dtype {
        /// Which file.
        path: PathBuf,
        /// Which array or column.
        array: String,
        /// Its dtype.
        given: String,
        /// The dtypes that are allowed.
        allowed: String,
    },
    /// An array has the wrong number or length of axes.
    #[error("{}: `{array}` has shape {given}, allowed: {allowed}", .path.display())]
    Shape {
        /// Which file.
        path: PathBuf,
        /// Which array.
        array: String,
        /// Its shape.
        given: String,
        /// The shapes that are allowed.
        allowed: String,
    },
    /// One element of an array is not allowed.
    #[error("{}: `{array}` is {given} at {place}, allowed: {allowed}", .path.display())]
    Element {
        /// Which file.
        path: PathBuf,
        /// Which array.
        array: String,
        /// Its index.
        place: String,
        /// Its value.
        given: String,
        /// The values that are allowed.
        allowed: &'static str,
    },
    /// There is no such array in the file.
    #[error("{}: no array `{wanted}`; it has: {present}", .path.display())]
    MissingArray {
        /// Which file.
        path: PathBuf,
        /// The array that was asked for.
        wanted: String,
        /// The arrays that exist.
        present: String,
    },
    /// Several arrays could be meant.
    #[error("{}: {count} arrays could be the {purpose}: {candidates}", .path.display())]
    Ambiguous {
        /// Which file.
        path: PathBuf,
        /// What is looked for.
        purpose: &'static str,
        /// How many would fit.
        count: usize,
        /// Their names and shapes.
        candidates: String,
    },
    /// One cell of a table is not allowed.
    #[error("{}: row {row}, column `{column}`: `{given}` is not allowed; allowed: {allowed}", .path.display())]
    Cell {
        /// Which file.
        path: PathBuf,
        /// Its row, from 1 (a CSV header is row 1).
        row: usize,
        /// Its column.
        column: String,
        /// Its text.
        given: String,
        /// What is allowed.
        allowed: String,
    },
    /// A row has more or fewer cells than the header.
    #[error("{}: row {row} has {given}, the header has {allowed}", .path.display())]
    Ragged {
        /// Which file.
        path: PathBuf,
        /// The row, from 1 (the header is row 1).
        row: usize,
        /// Number of its cells, in words.
        given: String,
        /// Number of the header's cells, in words.
        allowed: String,
    },
    /// An id went through a floating-point number and may have lost its last digits.
    #[error(
        "{}: row {row}, column `{column}`: id `{given}` was stored as a floating-point number; ids beyond 2^53 \
         lose digits that way, so it may name another neuron", .path.display()
    )]
    MangledId {
        /// Which file.
        path: PathBuf,
        /// Its row, from 1 (a CSV header is row 1).
        row: usize,
        /// Its column.
        column: String,
        /// Its text.
        given: String,
    },
    /// The table lacks a column.
    #[error("{}: no column for the {wanted}; it has: {present}", .path.display())]
    MissingColumn {
        /// Which file.
        path: PathBuf,
        /// What the column would hold and the names it may have.
        wanted: String,
        /// The columns that exist.
        present: String,
    },
    /// A table has no header row, or one made of numbers.
    #[error("{}: the first row holds numbers (`{given}`), allowed: a header row with one name a column", .path.display())]
    MissingHeader {
        /// Which file.
        path: PathBuf,
        /// The first number found.
        given: String,
    },
    /// Two rows of a node table are the same neuron.
    #[error("{}: id `{id}` is in rows {first} and {second}; allowed: one row a neuron", .path.display())]
    DuplicateId {
        /// Which file.
        path: PathBuf,
        /// The id.
        id: String,
        /// Row of its first occurrence.
        first: usize,
        /// Row of its second occurrence.
        second: usize,
    },
    /// The file is readable, but it is something else.
    #[error("{}: this is {given}, allowed: {allowed}", .path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What it is.
        given: String,
        /// What is needed here.
        allowed: &'static str,
    },
    /// The time between two frames is not in the file.
    #[error("{}: the time between two frames is unknown", .path.display())]
    MissingDt {
        /// Which file.
        path: PathBuf,
    },
    /// There is nothing in it.
    #[error("{}: {what}", .path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
        /// What is missing.
        what: String,
    },
    /// Names and columns do not fit together.
    #[error("{}: names {given}, but the recording has {n_neurons} neurons (axis -1)", .path.display())]
    Names {
        /// The file of names.
        path: PathBuf,
        /// What it names.
        given: String,
        /// Neurons of the recording.
        n_neurons: usize,
    },
    /// A streamed recording is appended to in a way that does not fit its header.
    #[error("{}: {what} is {given}, allowed: {allowed}", .path.display())]
    Append {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        allowed: String,
    },
    /// The layout of a connectome cannot be told.
    #[error("{}: no layout that is known: {reason}", .path.display())]
    UnknownLayout {
        /// Which file.
        path: PathBuf,
        /// What was looked for.
        reason: String,
    },
    /// An option that the layout of the connectome cannot heed.
    #[error("{option} does not apply to the layout `{layout}`")]
    UnheededOption {
        /// Which option.
        option: &'static str,
        /// Which layout.
        layout: &'static str,
    },
    /// The format cannot hold the connectome.
    #[error("{}: {reason}", .path.display())]
    CannotHold {
        /// Which file was to be written.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The listener asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The file was read, its content does not make a valid noun.
    #[error("{}: not usable", .path.display())]
    Noun {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: core::Error,
    },
}

impl Error {
    /// What to do next, where that is known.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "check the spelling; relative paths start in the folder you are in"
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "check the permissions of the file and its folder"
            }
            Self::Corrupt { .. } => "copy or download it again; its size may tell how much is missing",
            Self::Pickled { .. } => {
                "save plain arrays in Python: np.savez(path, name=np.asarray(x, dtype=np.float32)); names as dtype str"
            }
            Self::UnknownLayout { .. } => {
                "state it with --layout, or name the columns with --pre-column and --post-column"
            }
            Self::UnheededOption { .. } => {
                "leave it out; to filter such a file, import it, then import the tables that this writes"
            }
            Self::Ambiguous { .. } => "choose one with --array NAME",
            Self::MissingArray { .. } => "choose one of these with --array NAME",
            Self::MissingDt { .. } => "give it with --dt SECONDS, for example --dt 0.6",
            Self::MangledId { .. } => {
                "export the ids again as 64-bit integers or text (in pandas: dtype={\"pre\": \"int64\"} or str)"
            }
            Self::MissingHeader { .. } => "put the neuron names, or 0,1,2,..., into the first row",
            Self::Ragged { .. } => {
                "look for a missing separator, or a name that contains one and is not quoted"
            }
            Self::Names { .. } => {
                "is the recording stored as neuron x time? then add --orientation neuron-by-time"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

pub(crate) fn io_error<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Error + 'a {
    move |source| Error::Io { action, path: path.to_owned(), source }
}

/// Wraps a message of one of the format libraries.
pub(crate) fn corrupt<'a, E: fmt::Display>(path: &'a Path, format: &'static str) -> impl Fn(E) -> Error + 'a {
    move |error| Error::Corrupt { path: path.to_owned(), format, reason: error.to_string() }
}

pub(crate) fn noun(path: &Path) -> impl Fn(core::Error) -> Error + '_ {
    move |source| Error::Noun { path: path.to_owned(), source }
}
