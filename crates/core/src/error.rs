//! What can be wrong with a noun.

/// Why a noun could not be built. Every variant says what was given and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array has the wrong number of rows, columns or axes.
    #[error("{what} has shape {given}, expected {allowed}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Its shape.
        given: String,
        /// The shape that is allowed.
        allowed: String,
    },
    /// A number is outside its range.
    #[error("{what} is {given}, allowed: {allowed}")]
    Value {
        /// Which number.
        what: &'static str,
        /// Its value.
        given: String,
        /// The values that are allowed.
        allowed: String,
    },
    /// Two neurons have the same id.
    #[error("neuron id `{id}` occurs at positions {first} and {second}; ids must be unique")]
    DuplicateNeuron {
        /// The id as written in the file.
        id: String,
        /// Position of its first occurrence, from 0.
        first: usize,
        /// Position of its second occurrence, from 0.
        second: usize,
    },
    /// Frames could not be fetched from where they are stored.
    #[error("could not read frames of the recording")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The listener asked to stop.
    #[error("interrupted")]
    Interrupted,
}
