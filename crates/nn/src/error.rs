//! Why an operation could not run.

/// Every variant says what was given, what is allowed, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array has the wrong number of entries.
    #[error("{what} has {given} numbers, expected {expected}")]
    Length {
        /// Which array.
        what: &'static str,
        /// How many numbers it holds.
        given: usize,
        /// How many it must hold.
        expected: usize,
    },
    /// A setting is outside its range.
    #[error("{what} is {given}, allowed: {allowed}")]
    Value {
        /// Which setting.
        what: &'static str,
        /// Its value.
        given: String,
        /// The values that are allowed.
        allowed: &'static str,
    },
    /// An index points outside the array it selects from.
    #[error("{what} holds {given} at position {position} (from 0), but there are only {n} rows")]
    Index {
        /// Which list of indices.
        what: &'static str,
        /// Position in the list, from 0.
        position: usize,
        /// The index.
        given: usize,
        /// Rows there are.
        n: usize,
    },
    /// Row starts of a sparse matrix do not ascend from 0 to its number of entries.
    #[error("row starts of a sparse matrix: entry {position} is {given}, expected {expected}")]
    RowStarts {
        /// Position in the list of row starts, from 0.
        position: usize,
        /// Its value.
        given: usize,
        /// What would be right there.
        expected: String,
    },
    /// Bytes are not a checkpoint, or not one of this kind.
    #[error("checkpoint, {key}: {reason}")]
    Checkpoint {
        /// Which entry, or `file`.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// `Err` unless an array has the expected length.
pub(crate) fn check_length(what: &'static str, given: usize, expected: usize) -> Result<(), Error> {
    if given == expected { Ok(()) } else { Err(Error::Length { what, given, expected }) }
}
