//! Where the state of a run is kept: the models know arrays, not files.

use neuroloom_nn::checkpoint::Checkpoint;

/// What a place of checkpoints may say.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the state of a run that may be interrupted.
pub trait Checkpoints {
    /// The state that an earlier run kept, if any.
    ///
    /// # Errors
    /// What the place says.
    fn load(&self) -> Result<Option<Checkpoint>, Trouble>;

    /// Whether it is time to keep the state; asked after each step, so it must be quick. Answers do not change the
    /// result, only how much is lost when the process is killed.
    fn due(&self) -> bool;

    /// Keeps a state in the place of all earlier ones, whole or not at all.
    ///
    /// # Errors
    /// What the place says.
    fn save(&self, state: &Checkpoint) -> Result<(), Trouble>;
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn load(&self) -> Result<Option<Checkpoint>, Trouble> {
        Ok(None)
    }

    fn due(&self) -> bool {
        false
    }

    fn save(&self, _state: &Checkpoint) -> Result<(), Trouble> {
        Ok(())
    }
}
