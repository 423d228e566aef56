//! Learning rates over steps, as factors of a group's own rate.
//!
//! # Examples
//! ```
//! use neuroloom_nn::schedule::Schedule;
//! let cosine = Schedule::Cosine { warm_up: 10, n_steps: 110, floor: 0.1 };
//! assert_eq!(cosine.factor(4), 0.5); // half way up
//! assert_eq!(cosine.factor(9), 1.0);
//! assert!((cosine.factor(60) - 0.55).abs() < 1e-6); // half way down
//! assert_eq!(cosine.factor(500), 0.1);
//! ```

use serde::{Deserialize, Serialize};

use crate::Error;

/// How the learning rate changes; steps count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Schedule {
    /// Not at all.
    #[default]
    Constant,
    /// Linearly from 0 over the first `warm_up` steps, then along half a cosine to `floor` at `n_steps`.
    Cosine {
        /// Steps of the rise.
        warm_up: u64,
        /// Steps of rise and fall.
        n_steps: u64,
        /// The factor at the end and after it.
        floor: f32,
    },
    /// Multiplied by `factor` every `every` steps.
    Decay {
        /// Steps between two drops.
        every: u64,
        /// What each drop multiplies by.
        factor: f32,
    },
}

impl Schedule {
    /// `Err` unless every setting is in range.
    ///
    /// # Errors
    /// [`Error::Value`] naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        let value = |what, given: String, allowed| Err(Error::Value { what, given, allowed });
        match *self {
            Self::Cosine { warm_up, n_steps, .. } if n_steps <= warm_up => {
                value("n_steps of a cosine schedule", n_steps.to_string(), "more than warm_up")
            }
            Self::Cosine { floor, .. } if !(0.0..=1.0).contains(&floor) => {
                value("floor of a cosine schedule", floor.to_string(), "0 to 1")
            }
            Self::Decay { every: 0, .. } => value("every of a decay schedule", "0".into(), "at least 1"),
            Self::Decay { factor, .. } if !(factor > 0.0 && factor <= 1.0) => {
                value("factor of a decay schedule", factor.to_string(), "above 0, at most 1")
            }
            Self::Constant | Self::Cosine { .. } | Self::Decay { .. } => Ok(()),
        }
    }

    /// The factor of the learning rate at a step.
    pub fn factor(&self, step: u64) -> f32 {
        match *self {
            Self::Constant => 1.0,
            Self::Cosine { warm_up, .. } if step < warm_up => ((step + 1) as f64 / warm_up as f64) as f32,
            Self::Cosine { warm_up, n_steps, floor } => {
                let length = n_steps.saturating_sub(warm_up).max(1);
                let progress = ((step - warm_up) as f64 / length as f64).min(1.0);
                let height = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
                (f64::from(floor) + (1.0 - f64::from(floor)) * height) as f32
            }
            Self::Decay { every, factor } => f64::from(factor).powf((step / every.max(1)) as f64) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_what_the_formulas_say() {
        assert_eq!(Schedule::Constant.factor(1_000_000), 1.0);
        let decay = Schedule::Decay { every: 10, factor: 0.5 };
        assert_eq!([0, 9, 10, 25].map(|step| decay.factor(step)), [1.0, 1.0, 0.5, 0.25]);
        let cosine = Schedule::Cosine { warm_up: 0, n_steps: 100, floor: 0.0 };
        assert_eq!(cosine.factor(0), 1.0);
        // cos(pi / 3) = 1/2: a third of the way the factor is 3/4.
        assert!((Schedule::Cosine { warm_up: 0, n_steps: 3, floor: 0.0 }.factor(1) - 0.75).abs() < 1e-6);
        assert!(cosine.factor(100) < 1e-6);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        assert!(Schedule::Cosine { warm_up: 5, n_steps: 5, floor: 0.0 }.check().is_err());
        assert!(Schedule::Cosine { warm_up: 5, n_steps: 6, floor: 2.0 }.check().is_err());
        assert!(Schedule::Decay { every: 0, factor: 0.5 }.check().is_err());
        assert!(Schedule::Decay { every: 1, factor: 0.0 }.check().is_err());
        assert!(Schedule::Constant.check().is_ok());
    }
}
