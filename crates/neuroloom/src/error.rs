//! Why a command failed, and what to do next.

use std::path::{Path, PathBuf};

/// Why a command failed. The chain of sources goes down to the crate that refused; [`Error::hint`] says what
/// to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A noun could not be built.
    #[error(transparent)]
    Core(#[from] neuroloom_core::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] neuroloom_io::Error),
    /// The simulator refused.
    #[error(transparent)]
    Simulation(#[from] neuroloom_sim::Error),
    /// A number could not be computed.
    #[error(transparent)]
    Analysis(#[from] neuroloom_analysis::Error),
    /// The model could not be fitted or scored.
    #[error(transparent)]
    Models(#[from] neuroloom_models::Error),
    /// The report could not be drawn.
    #[error(transparent)]
    Report(#[from] neuroloom_report::Error),
    /// A stage failed on an input file.
    #[error("could not {verb} {}", .input.display())]
    Stage {
        /// What was attempted: `simulate`, `infer from`, `evaluate`, `report on`.
        verb: &'static str,
        /// The file it worked on.
        input: PathBuf,
        /// Why it failed.
        #[source]
        source: Box<Error>,
    },
    /// An experiment file is malformed.
    #[error("{}: not a valid experiment: {reason}", .path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// Line, column, key and what is allowed.
        reason: String,
    },
    /// A setting is outside its range.
    #[error("`{key}` is {given}, allowed: {allowed}")]
    Setting {
        /// The flag or configuration key.
        key: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        allowed: String,
    },
    /// A folder cannot hold or does not hold a run.
    #[error("{}: {problem}", .path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What would help.
        hint: String,
    },
    /// A file of a run folder is damaged.
    #[error("{}: damaged: {reason}", .path.display())]
    Artefact {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("could not {action} {}", .path.display())]
    System {
        /// `read`, `write`, `create`, ...
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The worker threads could not be started.
    #[error("could not start the worker threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The user asked to stop.
    #[error("interrupted during `{stage}`; what was finished is kept")]
    Interrupted {
        /// The stage that was running.
        stage: &'static str,
    },
}

impl Error {
    /// What to do next, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io(error) => error.hint(),
            Self::Models(error) => error.hint().map(ToOwned::to_owned),
            Self::Stage { source, .. } => source.hint(),
            Self::Folder { hint, .. } => Some(hint.clone()),
            Self::Config { .. } => {
                Some("`neuroloom run --help` and examples/mechanism/ show a complete experiment".to_owned())
            }
            Self::System { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some("check the spelling; relative paths start in the folder you are in".to_owned())
            }
            Self::Simulation(error) => error.hint().map(ToOwned::to_owned),
            Self::Artefact { .. } => Some("delete the file and run the command again".to_owned()),
            Self::Interrupted { .. } => {
                Some("the same command starts again; `neuroloom run` continues where it stopped".to_owned())
            }
            _ => None,
        }
    }

    /// Whether the user asked to stop.
    pub fn is_interruption(&self) -> bool {
        match self {
            Self::Interrupted { .. }
            | Self::Core(neuroloom_core::Error::Interrupted)
            | Self::Io(neuroloom_io::Error::Interrupted)
            | Self::Analysis(neuroloom_analysis::Error::Interrupted)
            | Self::Simulation(neuroloom_sim::Error::Interrupted)
            | Self::Models(
                neuroloom_models::Error::Interrupted { .. }
                | neuroloom_models::Error::Core(neuroloom_core::Error::Interrupted),
            ) => true,
            Self::Stage { source, .. } => source.is_interruption(),
            _ => false,
        }
    }

    /// An interruption, wherever it was noticed, names the stage that ran; any other error stays as it is.
    pub(crate) fn in_stage(self, stage: &'static str) -> Self {
        if self.is_interruption() { Self::Interrupted { stage } } else { self }
    }

    /// States on which file a stage failed; an interruption has nothing to do with the file.
    pub(crate) fn during(self, verb: &'static str, input: &Path) -> Self {
        if self.is_interruption() {
            return self;
        }
        Self::Stage { verb, input: input.to_owned(), source: Box::new(self) }
    }
}

/// Wraps what the operating system said.
pub(crate) fn system<'a>(action: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Error + 'a {
    move |source| Error::System { action, path: path.to_owned(), source }
}
