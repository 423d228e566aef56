//! Adam with parameter groups: one step count, one set of settings and moments a group.
//!
//! The parameters stay the caller's. A group is updated from a gradient ([`Adam::update`]), or lends its moments
//! and factors to a fused step ([`Adam::lend`]). All of the state goes into a checkpoint and comes back.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::AdamConfig;
//! use neuroloom_nn::optim::Adam;
//! let mut adam = Adam::new(&[("weights", 2, AdamConfig::default()), ("bias", 1, AdamConfig::default())])?;
//! let mut weights = [1.0, -1.0];
//! adam.begin_step();
//! adam.update("weights", &mut weights, &[0.3, -0.2])?;
//! assert!((weights[0] - 0.999).abs() < 1e-6 && (weights[1] + 0.999).abs() < 1e-6);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

#[cfg(feature = "burn")]
mod fused;

#[cfg(feature = "burn")]
pub use self::fused::FusedAdam;
use crate::Error;
use crate::checkpoint::Checkpoint;
use crate::error::check_length;
use crate::kernel::adam::{self, AdamConfig, AdamStep, Moments};

/// Adam for all parameters of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Adam {
    groups: Vec<Group>,
    step: u64,
    rate_factor: f32,
}

#[derive(Debug, Clone, PartialEq)]
struct Group {
    name: String,
    config: AdamConfig,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Adam {
    /// Groups of (name, number of parameters, settings), with moments of zero.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range or a name given twice.
    pub fn new(groups: &[(&str, usize, AdamConfig)]) -> Result<Self, Error> {
        for (index, (name, _, config)) in groups.iter().enumerate() {
            config.check()?;
            if groups[..index].iter().any(|(other, ..)| other == name) {
                let (what, given) = ("name of a parameter group", (*name).to_owned());
                return Err(Error::Value { what, given, allowed: "each name once" });
            }
        }
        let group = |(name, n, config): &(&str, usize, AdamConfig)| Group {
            name: (*name).to_owned(),
            config: *config,
            first: vec![0.0; *n],
            second: vec![0.0; *n],
        };
        Ok(Self { groups: groups.iter().map(group).collect(), step: 0, rate_factor: 1.0 })
    }

    /// Counts a step; all groups updated until the next call belong to it.
    pub fn begin_step(&mut self) {
        self.step += 1;
    }

    /// Steps begun.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Multiplies every group's learning rate from now on, as a schedule says.
    pub fn set_rate_factor(&mut self, factor: f32) {
        self.rate_factor = factor;
    }

    /// Gives a group another learning rate; 0 holds its parameters still while the moments go on.
    ///
    /// # Errors
    /// [`Error::Value`] for a group that does not exist or a rate out of range.
    pub fn set_learning_rate(&mut self, group: &str, learning_rate: f32) -> Result<(), Error> {
        let group = self.group(group)?;
        let config = AdamConfig { learning_rate, ..group.config };
        config.check()?;
        group.config = config;
        Ok(())
    }

    /// Forgets all moments and counts from the start, as a new Adam would.
    pub fn reset(&mut self) {
        self.step = 0;
        for group in &mut self.groups {
            group.first.fill(0.0);
            group.second.fill(0.0);
        }
    }

    /// One step of a group.
    ///
    /// # Errors
    /// [`Error::Value`] for a group that does not exist, [`Error::Length`] if an array does not fit.
    pub fn update(&mut self, group: &str, parameters: &mut [f32], gradients: &[f32]) -> Result<(), Error> {
        let (step, moments) = self.lend(group)?;
        adam::update(&step, parameters, gradients, moments)
    }

    /// The factors of this step and the moments of a group, for a step fused with the gradient.
    ///
    /// # Errors
    /// [`Error::Value`] for a group that does not exist.
    pub fn lend(&mut self, group: &str) -> Result<(AdamStep, Moments<'_>), Error> {
        let (t, factor) = (self.step, self.rate_factor);
        let group = self.group(group)?;
        let config = AdamConfig { learning_rate: group.config.learning_rate * factor, ..group.config };
        let moments = Moments { first: &mut group.first, second: &mut group.second };
        Ok((AdamStep::new(&config, t), moments))
    }

    /// Puts the moments and the step count into a checkpoint, under `adam.`.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if the checkpoint has such entries already.
    pub fn save(&self, checkpoint: &mut Checkpoint) -> Result<(), Error> {
        checkpoint.insert_note("adam.step", &self.step.to_string())?;
        for group in &self.groups {
            let shape = [group.first.len()];
            checkpoint.insert(&format!("adam.{}.first", group.name), &shape, &group.first)?;
            checkpoint.insert(&format!("adam.{}.second", group.name), &shape, &group.second)?;
        }
        Ok(())
    }

    /// Takes the moments and the step count back from a checkpoint.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for an entry that is missing or no number, [`Error::Length`] for one that does not fit.
    pub fn load(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let step = checkpoint.note("adam.step")?;
        self.step = step.parse().map_err(|_| Error::Checkpoint {
            key: "adam.step".into(),
            reason: format!("`{step}` is no number of steps"),
        })?;
        for group in &mut self.groups {
            for (part, into) in [("first", &mut group.first), ("second", &mut group.second)] {
                let array = checkpoint.array(&format!("adam.{}.{part}", group.name))?;
                check_length("moments in a checkpoint", array.values.len(), into.len())?;
                into.copy_from_slice(&array.values);
            }
        }
        Ok(())
    }

    fn group(&mut self, name: &str) -> Result<&mut Group, Error> {
        let unknown = Error::Value {
            what: "parameter group",
            given: name.to_owned(),
            allowed: "the groups that this Adam was made with",
        };
        self.groups.iter_mut().find(|group| group.name == name).ok_or(unknown)
    }
}
