//! Why a model could not be fitted or scored.

/// Why a model could not be fitted or scored; each variant says what was given and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A noun was malformed or its source could not be read.
    #[error(transparent)]
    Core(#[from] neuroloom_core::Error),
    /// A number of the `analysis` crate could not be computed.
    #[error(transparent)]
    Analysis(#[from] neuroloom_analysis::Error),
    /// A numerical kernel refused.
    #[error(transparent)]
    Network(#[from] neuroloom_nn::Error),
    /// The ground-truth simulator refused.
    #[error(transparent)]
    Simulation(#[from] neuroloom_sim::Error),
    /// A setting is outside its range.
    #[error("`{key}` is {given}, allowed: {allowed}")]
    Config {
        /// The configuration key.
        key: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        allowed: String,
    },
    /// The recording cannot answer the question.
    #[error("{problem}")]
    Recording {
        /// What is wrong, with the numbers.
        problem: String,
        /// What would help.
        hint: String,
    },
    /// Two inputs do not describe the same neurons.
    #[error("{what} has {given} neurons, the model has {expected}")]
    Mismatch {
        /// Which input.
        what: &'static str,
        /// Its number of neurons.
        given: usize,
        /// The number of neurons of the model.
        expected: usize,
    },
    /// A factorisation broke down.
    #[error("the normal matrix is not positive definite in stage `{stage}`")]
    Singular {
        /// Which part of the solver.
        stage: &'static str,
    },
    /// A stored model lacks a tensor or holds one of the wrong shape.
    #[error("stored model: tensor `{name}` {problem}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A circuit cannot be used.
    #[error("the circuit cannot be used: {problem}")]
    Circuit {
        /// What is wrong, with the numbers.
        problem: String,
    },
    /// A set of circuits cannot answer the question.
    #[error("the set of circuits cannot be used: {problem}")]
    Circuits {
        /// What is wrong, with the numbers.
        problem: String,
    },
    /// What a decoder is told of the neurons does not fit the model.
    #[error("conditions of neurons: {problem}")]
    Conditions {
        /// What is wrong, with the numbers.
        problem: String,
    },
    /// A code is of another length than the model's, or no number.
    #[error("a code of {given} numbers was given, the model has {expected} (all must be finite)")]
    Code {
        /// Numbers given.
        given: usize,
        /// Latent numbers of the model.
        expected: usize,
    },
    /// The loss is no longer a number.
    #[error("training diverged at step {step}: the {term} is not a number")]
    Diverged {
        /// The step.
        step: u64,
        /// What is not a number.
        term: &'static str,
    },
    /// A checkpoint could not be read or written.
    #[error("the checkpoint could not be read or written")]
    Checkpoint(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The listener asked to stop before there was a result.
    #[error("interrupted during `{stage}`")]
    Interrupted {
        /// The stage that was running.
        stage: &'static str,
    },
}

impl Error {
    /// A next step for the user, where there is one.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Recording { hint, .. } => Some(hint),
            Self::Singular { .. } => Some("raise `ridge`, or record more frames than neurons"),
            Self::Diverged { .. } => Some("lower the learning rates; the last good checkpoint is kept"),
            _ => None,
        }
    }
}
