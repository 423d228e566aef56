//! Which autoencoder is trained, and how.

use serde::{Deserialize, Serialize};

use crate::Error;

/// What the hidden units do to their sums; outputs are always linear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenActivation {
    /// h = z; the case of the theorems.
    #[default]
    Identity,
    /// h = max(z, 0).
    Relu,
    /// h = tanh z.
    Tanh,
}

/// Whether hidden and output units have a bias of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Biases {
    /// None; the second moments of the inputs count.
    Off,
    /// Trained from 0; the covariance of the inputs counts.
    On,
    /// Off for a linear network, on for all others.
    #[default]
    Auto,
}

/// What the weights must obey at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constraint {
    /// Nothing.
    #[default]
    Free,
    /// All weights at least 0.
    NonNegative,
    /// All weights that leave a unit have its sign (Dale's principle).
    Dale,
    /// B is the transpose of A.
    Tied,
}

/// What `l2`, `l2-output`, `l1` and `activity` are multiples of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PenaltyUnit {
    /// 1.
    #[default]
    Absolute,
    /// The largest eigenvalue of the second moments (with biases: of the covariance) of the inputs.
    LargestEigenvalue,
}

/// How the weights are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Solver {
    /// The closed form where there is one; else L-BFGS for smooth and proximal steps for other linear networks with
    /// a penalty; else Adam.
    #[default]
    Auto,
    /// The theorem: linear networks with an L2 or an activity penalty.
    ClosedForm,
    /// L-BFGS on the exact expected loss: linear networks whose loss is smooth.
    Lbfgs,
    /// Inertial proximal steps, A and B in turn, then quasi-Newton steps, on the exact expected loss: linear networks with
    /// L1 or signs.
    Proximal,
    /// Adam on batches, the learning rate along half a cosine, then quasi-Newton steps over all inputs where weights have
    /// a price: every network.
    Adam,
    /// Small plain steps down the exact expected loss: linear networks whose loss is smooth.
    GradientFlow,
}

/// An autoencoder with one hidden layer: section `[model]`.
///
/// Loss: 1/2 E|x - B f(A x + b) - c|^2 + l2/2 |A|^2 + l2-output/2 |B|^2 + l1 (|A|_1 + |B|_1) + activity/2 E|h|^2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AutoencoderConfig {
    /// Hidden units.
    pub hidden: usize,
    /// What they do to their sums.
    pub activation: HiddenActivation,
    /// Whether units have biases.
    pub biases: Biases,
    /// Pull of the input weights (and of the output weights, unless `l2-output` says otherwise) to zero.
    pub l2: f64,
    /// Pull of the output weights to zero; absent = `l2`.
    pub l2_output: Option<f64>,
    /// Price of each unit of weight; makes weights exactly zero.
    pub l1: f64,
    /// Price of hidden activity.
    pub activity: f64,
    /// What the four prices are multiples of.
    pub penalty_unit: PenaltyUnit,
    /// What the weights must obey.
    pub constraint: Constraint,
    /// Share of units that excite, where `constraint` is dale.
    pub excitatory: f64,
    /// How the weights are found.
    pub solver: Solver,
    /// Spread of the first weights: N(0, gain^2 / inputs of the unit). It has no default, because weights that
    /// nothing pulls to zero keep it for ever; only the closed form needs none.
    pub gain: Option<f64>,
    /// Most steps of one round (Adam), or in all.
    pub steps: usize,
    /// Moments in a batch of Adam.
    pub batch: usize,
    /// Step size of Adam or of gradient flow.
    pub rate: f64,
    /// Balance error below which the weights no longer hold their start.
    pub tolerance: f64,
    /// Share of the prices' pull on the weights that the inputs may leave unheld at the end. Over a few thousand inputs the
    /// loss of a ReLU network has kinks that keep it at about half the default.
    pub stationarity: f64,
    /// Most rounds of Adam: another is run while the training is not done.
    pub rounds: usize,
    /// Most quasi-Newton steps over all inputs after a round of Adam or after proximal steps; 0 = none.
    pub polish: usize,
}

impl Default for AutoencoderConfig {
    fn default() -> Self {
        Self {
            hidden: 50,
            activation: HiddenActivation::default(),
            biases: Biases::default(),
            l2: 1e-4,
            l2_output: None,
            l1: 0.0,
            activity: 0.0,
            penalty_unit: PenaltyUnit::default(),
            constraint: Constraint::default(),
            excitatory: 0.8,
            solver: Solver::default(),
            gain: None,
            steps: 4000,
            batch: 200,
            rate: 5e-3,
            tolerance: 1e-3,
            stationarity: 5e-3,
            rounds: 4,
            polish: 2000,
        }
    }
}

/// The four prices in absolute numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Penalty {
    /// On |A|^2 / 2.
    pub l2_input: f64,
    /// On |B|^2 / 2.
    pub l2_output: f64,
    /// On the sum of sizes of all weights.
    pub l1: f64,
    /// On E|h|^2 / 2.
    pub activity: f64,
}

impl Penalty {
    /// Whether nothing is paid.
    pub fn is_none(&self) -> bool {
        [self.l2_input, self.l2_output, self.l1, self.activity].iter().all(|&price| price == 0.0)
    }
}

impl AutoencoderConfig {
    /// Whether units have biases.
    pub fn has_biases(&self) -> bool {
        match self.biases {
            Biases::Off => false,
            Biases::On => true,
            Biases::Auto => self.activation != HiddenActivation::Identity,
        }
    }

    /// The prices, given the largest eigenvalue of the inputs' moments.
    pub fn penalty(&self, largest_eigenvalue: f64) -> Penalty {
        let unit = match self.penalty_unit {
            PenaltyUnit::Absolute => 1.0,
            PenaltyUnit::LargestEigenvalue => largest_eigenvalue,
        };
        Penalty {
            l2_input: unit * self.l2,
            l2_output: unit * self.l2_output.unwrap_or(self.l2),
            l1: unit * self.l1,
            activity: unit * self.activity,
        }
    }

    /// The solver that runs: `auto` made definite.
    pub fn chosen_solver(&self) -> Solver {
        match self.solver {
            Solver::Auto if self.has_closed_form() => Solver::ClosedForm,
            Solver::Auto if !self.is_linear() || self.penalty(1.0).is_none() => Solver::Adam,
            Solver::Auto if self.is_smooth() => Solver::Lbfgs,
            Solver::Auto if self.constraint != Constraint::Tied => Solver::Proximal,
            Solver::Auto => Solver::Adam,
            given => given,
        }
    }

    /// Checks every number and whether the solver can do what is asked.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        self.check_numbers()?;
        let solver = self.chosen_solver();
        let refuse = |allowed: &str| Err(config("solver", kebab(solver), allowed));
        match solver {
            Solver::ClosedForm if !self.has_closed_form() => refuse(
                "closed-form only for identity units, no constraint, no l1, l2-output above 0, and either l2 or \
                 activity above 0 but not both",
            ),
            Solver::Lbfgs | Solver::GradientFlow if !(self.is_linear() && self.is_smooth()) => {
                refuse("lbfgs and gradient-flow only for identity units without l1 and without signs")
            }
            Solver::Proximal if !self.is_linear() || self.constraint == Constraint::Tied => {
                refuse("proximal only for identity units that are not tied")
            }
            _ => self.check_gain(solver),
        }
    }

    fn check_gain(&self, solver: Solver) -> Result<(), Error> {
        match self.gain {
            None if solver == Solver::ClosedForm => Ok(()),
            Some(gain) if gain.is_finite() && gain > 0.0 => Ok(()),
            Some(gain) => Err(config("gain", gain.to_string(), "above 0")),
            None => Err(config(
                "gain",
                "missing".to_owned(),
                "a number above 0, such as 1: the spread of the first weights decides what unpaid weights hold at \
                 the end, so it is never chosen silently",
            )),
        }
    }

    fn check_numbers(&self) -> Result<(), Error> {
        let counts =
            [("hidden", self.hidden), ("steps", self.steps), ("batch", self.batch), ("rounds", self.rounds)];
        if let Some((key, _)) = counts.into_iter().find(|(_, given)| *given == 0) {
            return Err(config(key, "0".to_owned(), "1 or more"));
        }
        let prices = [
            ("l2", self.l2),
            ("l2-output", self.l2_output.unwrap_or(0.0)),
            ("l1", self.l1),
            ("activity", self.activity),
        ];
        if let Some((key, given)) =
            prices.into_iter().find(|(_, given)| !(given.is_finite() && *given >= 0.0))
        {
            return Err(config(key, given.to_string(), "0 or more"));
        }
        let above_zero =
            [("rate", self.rate), ("tolerance", self.tolerance), ("stationarity", self.stationarity)];
        for (key, given) in above_zero {
            if !(given.is_finite() && given > 0.0) {
                return Err(config(key, given.to_string(), "above 0"));
            }
        }
        if !(0.0..=1.0).contains(&self.excitatory) {
            return Err(config("excitatory", self.excitatory.to_string(), "0 to 1"));
        }
        Ok(())
    }

    pub(super) fn is_linear(&self) -> bool {
        self.activation == HiddenActivation::Identity
    }

    fn is_smooth(&self) -> bool {
        self.l1 == 0.0 && matches!(self.constraint, Constraint::Free | Constraint::Tied)
    }

    fn has_closed_form(&self) -> bool {
        let output = self.l2_output.unwrap_or(self.l2);
        let one_price = (self.l2 > 0.0) != (self.activity > 0.0);
        self.is_linear() && self.constraint == Constraint::Free && self.l1 == 0.0 && output > 0.0 && one_price
    }
}

fn config(key: &'static str, given: String, allowed: &str) -> Error {
    Error::Config { key, given, allowed: allowed.to_owned() }
}

/// The name of a value in files and flags.
pub(super) fn kebab<T: Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> AutoencoderConfig {
        AutoencoderConfig { gain: Some(1.0), ..AutoencoderConfig::default() }
    }

    #[test]
    fn auto_takes_the_strongest_solver() {
        let chosen = |config: AutoencoderConfig| {
            config.check().map(|()| config.chosen_solver()).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(AutoencoderConfig::default()), Ok(Solver::ClosedForm));
        assert_eq!(chosen(AutoencoderConfig { l2: 0.0, ..base() }), Ok(Solver::Adam));
        assert_eq!(chosen(AutoencoderConfig { activity: 1e-2, ..base() }), Ok(Solver::Lbfgs));
        assert_eq!(chosen(AutoencoderConfig { l1: 1e-4, ..base() }), Ok(Solver::Proximal));
        assert_eq!(
            chosen(AutoencoderConfig { constraint: Constraint::NonNegative, ..base() }),
            Ok(Solver::Proximal)
        );
        assert_eq!(
            chosen(AutoencoderConfig { activation: HiddenActivation::Relu, ..base() }),
            Ok(Solver::Adam)
        );
        let activity =
            AutoencoderConfig { l2: 0.0, l2_output: Some(1e-4), activity: 1e-2, gain: None, ..base() };
        assert_eq!(chosen(activity), Ok(Solver::ClosedForm));
    }

    #[test]
    fn an_iterative_solver_wants_its_gain() {
        let config = AutoencoderConfig { solver: Solver::Adam, ..AutoencoderConfig::default() };
        assert!(matches!(config.check(), Err(Error::Config { key: "gain", .. })));
    }

    #[test]
    fn what_a_solver_cannot_do_is_refused() {
        let relu = AutoencoderConfig { activation: HiddenActivation::Relu, ..base() };
        let bad = [
            AutoencoderConfig { solver: Solver::ClosedForm, l1: 1e-4, ..base() },
            AutoencoderConfig { solver: Solver::Lbfgs, constraint: Constraint::Dale, ..base() },
            AutoencoderConfig { solver: Solver::GradientFlow, ..relu.clone() },
            AutoencoderConfig { solver: Solver::Proximal, ..relu },
            AutoencoderConfig { hidden: 0, ..base() },
            AutoencoderConfig { l2: -1.0, ..base() },
            AutoencoderConfig { rate: 0.0, ..base() },
            AutoencoderConfig { excitatory: 1.5, ..base() },
            AutoencoderConfig { gain: Some(0.0), solver: Solver::Adam, ..base() },
        ];
        for (place, config) in bad.iter().enumerate() {
            assert!(matches!(config.check(), Err(Error::Config { .. })), "case {place}");
        }
    }
}
