//! Which frames train and which are held out.

use std::ops::Range;

use crate::Error;

/// Frames of one trial cut in time: the past trains, the future is held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeSplit {
    /// Frames to fit on.
    pub train: Range<usize>,
    /// Frames to score on.
    pub test: Range<usize>,
}

impl TimeSplit {
    /// Holds out the last quarter.
    ///
    /// # Errors
    /// [`Error::Value`] below 8 frames: neither part could hold a forecast.
    ///
    /// # Examples
    /// ```
    /// let split = neuroloom_core::TimeSplit::last_quarter(800)?;
    /// assert_eq!((split.train, split.test), (0..600, 600..800));
    /// # Ok::<(), neuroloom_core::Error>(())
    /// ```
    pub fn last_quarter(n_frames: usize) -> Result<Self, Error> {
        if n_frames < 8 {
            return Err(Error::Value {
                what: "number of frames",
                given: n_frames.to_string(),
                allowed: "at least 8 to hold out a quarter".to_owned(),
            });
        }
        let cut = n_frames - n_frames / 4;
        Ok(Self { train: 0..cut, test: cut..n_frames })
    }
}
