//! What can go wrong while a circuit is built or simulated.

/// Why a simulation could not be set up or run. Every variant says what was given and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration key is outside its range.
    #[error("`{key}` is {given}, allowed: {allowed}")]
    Config {
        /// The key, as written in the file.
        key: &'static str,
        /// Its value.
        given: String,
        /// The values that are allowed.
        allowed: String,
    },
    /// The configuration asks for an array that was not given.
    #[error("`{key}` is \"file\", but no {what} was given")]
    MissingArray {
        /// The key that asks for it.
        key: &'static str,
        /// Which array.
        what: &'static str,
    },
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
    /// An entry of an array is not a number that can be simulated.
    #[error("{what} holds {given} at {place:?} (counted from 0), allowed: finite numbers")]
    Entry {
        /// Which array.
        what: &'static str,
        /// Its value.
        given: f32,
        /// Index along each axis.
        place: Vec<usize>,
    },
    /// The state left the range of f32: too strong a coupling, or too long a step.
    #[error(
        "the state of neuron {neuron} stopped being finite {steps} steps after the start \
         ({burn_in} of them burn-in)"
    )]
    Diverged {
        /// Steps done since the start, burn-in included.
        steps: u64,
        /// Length of the burn-in.
        burn_in: u64,
        /// The first neuron, counted from 0.
        neuron: usize,
    },
    /// The parts of a truth do not fit together.
    #[error(transparent)]
    Truth(#[from] neuroloom_core::Error),
    /// The receiver of the frames failed.
    #[error("the simulated frames could not be stored")]
    Sink(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The system refused another thread.
    #[error("could not start a thread")]
    Thread(#[source] std::io::Error),
    /// The listener asked to stop; the frames finished until then were handed over.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// What the user can do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Diverged { .. } => Some(
                "lower dt_s or the gain of the types, or check the scale of the weight matrix (W does not \
                 include the gain)",
            ),
            Self::MissingArray { .. } => Some("give the file, or choose a law that draws the array"),
            _ => None,
        }
    }
}
