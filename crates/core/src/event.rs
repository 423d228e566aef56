//! What numerics tell the outside while they run. Terminal, Python, log and run folder listen.

use serde::{Deserialize, Serialize};

/// Partial trouble: the run goes on, the user must know. Shown once, stored, printed in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// A short stable name, such as `weak-senders`.
    pub code: String,
    /// One sentence with the numbers.
    pub message: String,
}

impl Warning {
    /// A warning with a stable code.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// Something that happened inside a computation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A stage began; `total` steps are expected where that is known.
    Started {
        /// Name of the stage, such as `transfer function`.
        stage: &'static str,
        /// Number of steps, if known.
        total: Option<u64>,
    },
    /// A stage moved on.
    Step {
        /// Steps done.
        done: u64,
        /// The current loss, where there is one.
        loss: Option<f64>,
    },
    /// A named number worth keeping.
    Metric {
        /// Its name, such as `residual_fraction`.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A choice that the software made for the user, in one sentence.
    Note(String),
    /// Partial trouble.
    Warning(Warning),
    /// The stage ended.
    Finished,
}

/// Receives events; may ask the computation to stop.
pub trait Listener: Sync {
    /// Called from the computing thread; must be quick.
    fn emit(&self, event: Event);

    /// Whether the user asked to stop (Ctrl-C). Polled between steps.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Hears nothing and never stops anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Listener for Silent {
    fn emit(&self, _event: Event) {}
}
