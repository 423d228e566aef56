//! Settings of the solver: plain data, checked once.

use serde::{Deserialize, Serialize};

use super::Signs;
use crate::Error;

/// How dx/dt is read off a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// y(t) = (x(t + dt) - x(t)) / dt: exact for an Euler series, unbiased under process noise, biased by
    /// measurement noise.
    #[default]
    Difference,
    /// Value and slope of a cubic smoothing spline per neuron: for measurement noise on a slow signal.
    Smooth,
    /// Weak form: both sides are integrated against compact bumps w, int y w = -int x w'. Needs no derivative.
    Weak,
    /// The exact drift stored by a simulation.
    Drift,
}

/// Whose class shapes psi, or who decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferChoice {
    /// The simplest of the others that no richer one beats on held-out time.
    #[default]
    Auto,
    /// psi(x_j): one function for all.
    Shared,
    /// psi(a_j, x_j): one function for each class of senders.
    Sender,
    /// psi(a_i, x_j): one function for each class of receivers.
    Receiver,
    /// psi(a_i, a_j, x_j): one function for each pair of classes.
    General,
}

/// Whether phi tells neurons apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateChoice {
    /// phi(a_i, x_i): one function for each neuron, from which its type is read.
    #[default]
    Own,
    /// phi(x_i): one function for all neurons, and one psi; the published "fixed embedding".
    Shared,
}

/// Settings of [`solve`](crate::mechanism::solve()).
///
/// # Examples
/// ```
/// use neuroloom_models::mechanism::{SolveConfig, Target};
/// let config = SolveConfig { target: Target::Weak, ..SolveConfig::default() };
/// assert!(config.check().is_ok());
/// assert!(SolveConfig { transfer_knots: 2, ..config }.check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SolveConfig {
    /// How dx/dt is read off the recording.
    pub target: Target,
    /// Whose class shapes the transfer function psi.
    pub transfer: TransferChoice,
    /// Whether each neuron has an update function phi of its own.
    pub update: UpdateChoice,
    /// Windows of time on which an external field Omega_i(t) that scales a neuron's recurrent sum is constant;
    /// 0 = there is none.
    pub modulation_windows: usize,
    /// Length in frames of the bumps of the weak form.
    pub weak_window: usize,
    /// Knots of each neuron's update function phi, on its own range; lowered for short recordings.
    pub update_knots: usize,
    /// Knots of the transfer function psi, dense near 0; lowered for short recordings, twice as many where the
    /// recording turns out to be free of noise.
    pub transfer_knots: usize,
    /// Ridge on W relative to the mean eigenvalue of psi(X)'psi(X); absent = chosen (none for a recording
    /// that determines W, cross-validated in time for one that does not).
    pub ridge: Option<f64>,
    /// Price of an edge as a share of the one that leaves none, 0 to 1: it chooses the edges, which are then fitted
    /// without it. 0 = all edges.
    pub l1: f64,
    /// Which signs W may have; `given` takes them from the mask.
    pub signs: Signs,
    /// Most neuron types looked for.
    pub max_types: usize,
    /// Equations of the first round as a multiple of the number of neurons; more are taken until the standard
    /// errors are small or the recording is used up.
    pub equations_per_neuron: usize,
}

impl Default for SolveConfig {
    fn default() -> Self {
        Self {
            target: Target::Difference,
            transfer: TransferChoice::Auto,
            update: UpdateChoice::Own,
            modulation_windows: 0,
            weak_window: 9,
            update_knots: 14,
            transfer_knots: 24,
            ridge: None,
            l1: 0.0,
            signs: Signs::Free,
            max_types: 48,
            equations_per_neuron: 12,
        }
    }
}

impl SolveConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        let ranges = [
            ("modulation-windows", self.modulation_windows, 0, 100_000),
            ("weak-window", self.weak_window, 3, 10_000),
            ("update-knots", self.update_knots, 4, 64),
            ("transfer-knots", self.transfer_knots, 4, 128),
            ("max-types", self.max_types, 2, 512),
            ("equations-per-neuron", self.equations_per_neuron, 2, 10_000),
        ];
        for (key, given, least, most) in ranges {
            if !(least..=most).contains(&given) {
                return Err(Error::Config {
                    key,
                    given: given.to_string(),
                    allowed: format!("{least} to {most}"),
                });
            }
        }
        let richer = !matches!(self.transfer, TransferChoice::Auto | TransferChoice::Shared);
        if self.update == UpdateChoice::Shared && (richer || self.modulation_windows > 0) {
            return Err(Error::Config {
                key: "update",
                given: "shared".to_owned(),
                allowed: "`own` where psi has classes or there is an external field".to_owned(),
            });
        }
        if !(0.0..1.0).contains(&self.l1) {
            return Err(Error::Config {
                key: "l1",
                given: self.l1.to_string(),
                allowed: "0 or above and below 1".to_owned(),
            });
        }
        match self.ridge {
            Some(ridge) if !(ridge.is_finite() && ridge >= 0.0) => Err(Error::Config {
                key: "ridge",
                given: ridge.to_string(),
                allowed: "0 or above".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}
