//! Why a number could not be computed.

/// Every variant says what was given, what is allowed, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array has the wrong number of rows, columns or entries.
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
    /// A sample is NaN or infinite where a number is needed.
    #[error("{what} holds {given} at row {row}, column {column} (from 0); every sample must be finite")]
    NotFinite {
        /// Which array.
        what: &'static str,
        /// Row (time, point or position in a list), from 0.
        row: usize,
        /// Column (neuron or feature), from 0; 0 for a list.
        column: usize,
        /// The sample.
        given: f64,
    },
    /// There are too few samples for the question.
    #[error("{what}: {given} given, at least {needed} needed")]
    TooFew {
        /// Samples of what.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// All samples are equal, so that a quantity relative to their spread is not defined.
    #[error("{what} is constant ({value}); its spread must be positive")]
    Constant {
        /// Which series.
        what: &'static str,
        /// The value it keeps.
        value: f64,
    },
    /// A matrix cannot be factored.
    #[error("{what} could not be factored: it is singular or not positive definite; {hint}")]
    Singular {
        /// Which matrix.
        what: &'static str,
        /// What to change.
        hint: &'static str,
    },
    /// Something that a method needs was not given.
    #[error("`{needed_by}` needs {what}; {hint}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// Which method needs it.
        needed_by: &'static str,
        /// How to give it.
        hint: &'static str,
    },
    /// A noun could not be built from the result.
    #[error("{reason}")]
    Noun {
        /// What the noun says.
        reason: String,
    },
    /// The listener asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<neuroloom_core::Error> for Error {
    fn from(error: neuroloom_core::Error) -> Self {
        match error {
            neuroloom_core::Error::Interrupted => Self::Interrupted,
            other => Self::Noun { reason: other.to_string() },
        }
    }
}
