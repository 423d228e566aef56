//! What drives a population of tuned neurons, as data.

use serde::{Deserialize, Serialize};

use super::space::LatentSpace;
use crate::Error;

/// Where the receptive fields of a group lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CentreLayout {
    /// On the regular grid 0, 1/n, .., (n-1)/n of each axis, as in the first author's public generator.
    #[default]
    Grid,
    /// Uniformly at random.
    Random,
}

/// How often each latent value occurs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LatentDistribution {
    /// All values alike.
    #[default]
    Uniform,
    /// Beta(a, b) on each axis; only for independent draws (`tau = 0`).
    Beta(f64, f64),
}

/// One population of neurons that encodes one latent space.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LatentGroup {
    /// The latent space.
    pub space: LatentSpace,
    /// Receptive fields along each axis; absent = 100 for one axis, 15 for two.
    pub fields_per_axis: Option<usize>,
    /// Width of the receptive fields along each axis; absent = 0.1 for one axis, 0.2 for two.
    pub sigma: Option<Vec<f64>>,
    /// Where the receptive fields lie.
    pub centres: CentreLayout,
    /// How often each latent value occurs.
    pub distribution: LatentDistribution,
}

/// Latent variables and the neurons that they drive: section `[inputs]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LatentInputConfig {
    /// Groups of latent variables; each has neurons of its own.
    pub groups: Vec<LatentGroup>,
    /// Trials.
    pub trials: usize,
    /// Steps of each trial.
    pub steps: usize,
    /// Slowness of the random walk of each latent: a step is N(0, 1/tau); 0 = independent uniform draws.
    pub tau: f64,
    /// Height of the receptive fields.
    pub amplitude: f64,
    /// Standard deviation of Gaussian noise added to the inputs.
    pub noise: f64,
    /// Share of each trial, from its start, that is trained on; the rest is held out.
    pub train_share: f64,
}

impl Default for LatentInputConfig {
    fn default() -> Self {
        Self {
            groups: vec![LatentGroup::default()],
            trials: 1,
            steps: 5000,
            tau: 0.0,
            amplitude: 0.1,
            noise: 0.0,
            train_share: 0.8,
        }
    }
}

impl LatentGroup {
    /// A group with the default tuning of its space.
    pub fn of(space: LatentSpace) -> Self {
        Self { space, ..Self::default() }
    }

    /// Receptive fields along each axis.
    pub fn n_per_axis(&self) -> usize {
        self.fields_per_axis.unwrap_or(if self.space.n_axes() == 1 { 100 } else { 15 })
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.n_per_axis().pow(self.space.n_axes() as u32)
    }

    /// Width of the receptive fields along each axis.
    pub fn widths(&self) -> Vec<f64> {
        let n_axes = self.space.n_axes();
        self.sigma.clone().unwrap_or_else(|| vec![if n_axes == 1 { 0.1 } else { 0.2 }; n_axes])
    }

    fn check(&self) -> Result<(), Error> {
        let n_axes = self.space.n_axes();
        if !(3..=10_000).contains(&self.n_neurons()) {
            let given = format!("{} ({} neurons)", self.n_per_axis(), self.n_neurons());
            return Err(config(
                "groups.fields-per-axis",
                given,
                "so many that a group has 3 to 10,000 neurons",
            ));
        }
        let widths = self.widths();
        if widths.len() != n_axes || widths.iter().any(|width| !(width.is_finite() && *width > 0.0)) {
            let allowed = format!("{n_axes} widths above 0, one an axis of the {}", self.space.name());
            return Err(config("groups.sigma", format!("{widths:?}"), &allowed));
        }
        match self.distribution {
            LatentDistribution::Beta(a, b) if !(a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()) => {
                Err(config("groups.distribution", format!("beta = [{a}, {b}]"), "two numbers above 0"))
            }
            _ => Ok(()),
        }
    }
}

impl LatentInputConfig {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        if self.groups.is_empty() {
            return Err(config("groups", "[]".to_owned(), "at least one group"));
        }
        self.groups.iter().try_for_each(LatentGroup::check)?;
        for (key, given) in [("trials", self.trials), ("steps", self.steps)] {
            if given == 0 {
                return Err(config(key, "0".to_owned(), "1 or more"));
            }
        }
        let not_negative = [("tau", self.tau), ("noise", self.noise)];
        for (key, given) in not_negative {
            if !(given.is_finite() && given >= 0.0) {
                return Err(config(key, given.to_string(), "0 or more"));
            }
        }
        if !(self.amplitude.is_finite() && self.amplitude > 0.0) {
            return Err(config("amplitude", self.amplitude.to_string(), "above 0"));
        }
        let is_beta = |group: &LatentGroup| matches!(group.distribution, LatentDistribution::Beta(..));
        if self.tau > 0.0 && self.groups.iter().any(is_beta) {
            return Err(config("tau", self.tau.to_string(), "0 where `distribution` is beta"));
        }
        let n_train = self.n_train_steps();
        if n_train == 0 || n_train >= self.steps {
            let allowed = "between 0 and 1, with at least one step on either side";
            return Err(config("train-share", self.train_share.to_string(), allowed));
        }
        Ok(())
    }

    /// Steps of each trial that are trained on.
    pub fn n_train_steps(&self) -> usize {
        // A share that is not a number becomes 0, which `check` refuses.
        (self.train_share * self.steps as f64).round() as usize
    }

    /// Number of neurons of all groups.
    pub fn n_neurons(&self) -> usize {
        self.groups.iter().map(LatentGroup::n_neurons).sum()
    }
}

fn config(key: &'static str, given: String, allowed: &str) -> Error {
    Error::Config { key, given, allowed: allowed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_settings_are_refused_by_name() {
        let base = LatentInputConfig::default();
        assert!(base.check().is_ok());
        let group = |group: LatentGroup| LatentInputConfig { groups: vec![group], ..base.clone() };
        let bad = [
            LatentInputConfig { groups: Vec::new(), ..base.clone() },
            LatentInputConfig { steps: 0, ..base.clone() },
            LatentInputConfig { tau: -1.0, ..base.clone() },
            LatentInputConfig { noise: f64::NAN, ..base.clone() },
            LatentInputConfig { amplitude: 0.0, ..base.clone() },
            LatentInputConfig { train_share: 1.0, ..base.clone() },
            LatentInputConfig { train_share: f64::NAN, ..base.clone() },
            group(LatentGroup { fields_per_axis: Some(2), ..LatentGroup::default() }),
            group(LatentGroup { sigma: Some(vec![0.1, 0.1]), ..LatentGroup::default() }),
            group(LatentGroup { sigma: Some(vec![0.0]), ..LatentGroup::default() }),
            group(LatentGroup { distribution: LatentDistribution::Beta(0.0, 1.0), ..LatentGroup::default() }),
        ];
        for (place, config) in bad.iter().enumerate() {
            assert!(matches!(config.check(), Err(Error::Config { .. })), "case {place}");
        }
    }

    #[test]
    fn a_group_has_its_neurons_on_every_axis() {
        assert_eq!(LatentGroup::of(LatentSpace::Ring).n_neurons(), 100);
        assert_eq!(LatentGroup::of(LatentSpace::Torus).n_neurons(), 225);
        assert_eq!(LatentGroup::of(LatentSpace::Cylinder).widths(), [0.2, 0.2]);
    }
}
