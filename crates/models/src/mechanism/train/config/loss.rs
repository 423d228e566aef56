//! What is minimised.

use serde::{Deserialize, Serialize};

use super::check_numbers;
use crate::Error;

/// How residuals and penalties are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossForm {
    /// Euclidean norms, not squared: the published code. Penalties are added once a frame, differences stand
    /// for derivatives.
    #[default]
    Norm,
    /// Squares, averaged over the frames: the published paper. Penalties on derivatives are divided by their
    /// step.
    Squares,
}

/// Coefficients that hold from an epoch on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LossPhase {
    /// First epoch, counted from 0.
    pub from_epoch: usize,
    /// gamma from then on.
    pub gamma: f64,
    /// zeta from then on.
    pub zeta: f64,
}

/// The loss: the residual of dx/dt and five penalties.
///
/// L = |f(x) - y| + alpha |phi(a, 0)| + beta |ReLU(phi(a, x + d) - phi(a, x))|
///   + gamma |ReLU(psi(x) - psi(x + d))| + zeta |W|_1 + dale sum_j std_i(tanh(5 W_ij))
///
/// Reference: Allier et al. 2026, their equation 5; d = round(1.5 std of all activity) / 150.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LossConfig {
    /// How residuals and penalties are measured.
    pub form: LossForm,
    /// Pulls phi(a, 0) to 0.
    pub alpha: f64,
    /// Pulls phi towards falling with x.
    pub beta: f64,
    /// Pulls psi towards rising with x.
    pub gamma: f64,
    /// Pulls weights to 0.
    pub zeta: f64,
    /// Pulls the outgoing weights of a neuron towards one sign.
    pub dale: f64,
    /// Later values of gamma and zeta, in ascending order of their epochs.
    pub phases: Vec<LossPhase>,
}

impl Default for LossConfig {
    fn default() -> Self {
        Self {
            form: LossForm::Norm,
            alpha: 1.0,
            beta: 0.0,
            gamma: 0.0,
            zeta: 0.0,
            dale: 0.0,
            phases: Vec::new(),
        }
    }
}

impl LossConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        check_numbers(&[
            ("loss.alpha", self.alpha),
            ("loss.beta", self.beta),
            ("loss.gamma", self.gamma),
            ("loss.zeta", self.zeta),
            ("loss.dale", self.dale),
        ])?;
        for phase in &self.phases {
            check_numbers(&[("loss.phases.gamma", phase.gamma), ("loss.phases.zeta", phase.zeta)])?;
        }
        match self.phases.windows(2).find(|pair| pair[0].from_epoch >= pair[1].from_epoch) {
            Some(pair) => Err(Error::Config {
                key: "loss.phases.from-epoch",
                given: format!("{} after {}", pair[1].from_epoch, pair[0].from_epoch),
                allowed: "ascending epochs".to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// gamma and zeta in an epoch.
    pub(in crate::mechanism::train) fn phase(&self, epoch: usize) -> (f64, f64) {
        let last = self.phases.iter().rev().find(|phase| phase.from_epoch <= epoch);
        last.map_or((self.gamma, self.zeta), |phase| (phase.gamma, phase.zeta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_phases_of_the_sparse_experiment() {
        // Spec of the published sparse runs: gamma 100 and zeta 0 for two epochs, then 0 and 1e-5.
        let config = LossConfig {
            gamma: 100.0,
            phases: vec![LossPhase { from_epoch: 2, gamma: 0.0, zeta: 1e-5 }],
            ..LossConfig::default()
        };
        assert_eq!([0, 1, 2, 9].map(|epoch| config.phase(epoch).0), [100.0, 100.0, 0.0, 0.0]);
        assert_eq!([1, 2].map(|epoch| config.phase(epoch).1), [0.0, 1e-5]);
        let mut twice = config.clone();
        twice.phases.push(twice.phases[0].clone());
        assert!(twice.check().is_err());
    }
}
