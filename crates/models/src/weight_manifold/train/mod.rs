//! From inputs to an autoencoder: closed form, exact descent on the expected loss, or Adam on batches.
//!
//! The loss alone does not tell when the weights have forgotten their start: along directions that change nothing it is
//! flat. At a minimum with an L2 penalty lam_A A A' = lam_B B'B; the distance from that is the balance error
//! ([`balance_error`]). Where it can be made zero by rescaling units, it proves little, and the training ends on what pulls
//! the weights: the shortest subgradient beside the pull of the prices ([`TrainingRecord::stationarity`]).

mod adam;
mod balance;
mod constraint;
mod exact;
mod flow;
mod lbfgs;
mod polish;
mod proximal;
mod quasi_newton;
mod rescaling;
mod start;
mod stationarity;
mod whole;

use ndarray::ArrayView2;
use neuroloom_core::{Event, Listener, Seed, Warning};
use serde::{Deserialize, Serialize};

pub use balance::{Balance, balance_error};
use exact::Exact;

use super::closed_form::ClosedForm;
use super::config::{AutoencoderConfig, Penalty, Solver, kebab};
use super::model::{Autoencoder, square};
use super::moments::{Centring, Moments};
use crate::Error;

/// A trained network and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The network.
    pub model: Autoencoder,
    /// What the training did.
    pub training: TrainingRecord,
}

/// What a training did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// The solver that ran.
    pub solver: Solver,
    /// The prices in absolute numbers.
    pub penalty: Penalty,
    /// Steps done.
    pub steps: usize,
    /// Whether it ended because it was done, as `criterion` tells it.
    pub converged: bool,
    /// What told whether it was done.
    #[serde(default)]
    pub criterion: Criterion,
    /// Share of the prices' pull on the weights that the inputs do not hold yet, |shortest subgradient| / |pull|; 0 at
    /// every minimum. `None` where nothing is paid, and for tied weights.
    #[serde(default)]
    pub stationarity: Option<f64>,
    /// The loss over all inputs, prices included.
    #[serde(default)]
    pub loss: Option<f64>,
    /// The same with all weights zero (with biases: the mean as output): a network that costs more is worse than none.
    #[serde(default)]
    pub silent_loss: Option<f64>,
    /// How fast the imbalance of a gradient flow faded, beside the law.
    #[serde(default)]
    pub balance_decay: Option<BalanceDecay>,
    /// Distance from the balance that a minimum obeys; `None` where there is no such law.
    pub balance_error: Option<f64>,
    /// Loss and balance error on the way.
    pub history: Vec<HistoryPoint>,
}

/// What tells that a training is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Nothing: the steps that were asked for were done.
    #[default]
    Steps,
    /// The closed form is a minimum.
    ClosedForm,
    /// The balance error is below the tolerance.
    Balance,
    /// The gradient is small beside the first one, and the balance error below the tolerance.
    Gradient,
    /// Stationarity and, where there is such a law, the balance error are below their tolerances.
    Stationarity,
}

/// How fast |A A' - B'B| fades under gradient flow with one L2 price lam on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BalanceDecay {
    /// -d log |A A' - B'B| / dt, by least squares over the points of the history; t = steps times rate.
    pub rate: f64,
    /// What the law says: 2 lam.
    pub law: f64,
}

/// One point of a training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Steps done.
    pub step: usize,
    /// The loss, penalties included.
    pub loss: f64,
    /// The balance error, where there is such a law.
    pub balance_error: Option<f64>,
    /// The stationarity, where it was looked at.
    #[serde(default)]
    pub stationarity: Option<f64>,
}

/// What the solvers work on.
struct Problem<'a> {
    inputs: ArrayView2<'a, f64>,
    moments: Moments,
    penalty: Penalty,
    config: &'a AutoencoderConfig,
    seed: Seed,
    events: &'a dyn Listener,
}

/// Where a solver ended.
struct Descent {
    model: Autoencoder,
    steps: usize,
    converged: bool,
    criterion: Criterion,
    history: Vec<HistoryPoint>,
    balance_decay: Option<BalanceDecay>,
}

/// Trains an autoencoder on `inputs`, `[moment, neuron]`.
///
/// # Errors
/// [`Error::Config`] for settings that do not fit together, [`Error::Recording`] for inputs with gaps,
/// [`Error::Diverged`] if the loss is no longer a number, [`Error::Interrupted`] if the listener asks to stop.
///
/// # Examples
/// ```
/// use neuroloom_core::{Seed, Silent};
/// use neuroloom_models::weight_manifold::{AutoencoderConfig, train};
/// use neuroloom_sim::{LatentInputConfig, draw_latent_inputs};
/// let inputs = draw_latent_inputs(&LatentInputConfig::default(), Seed(1))?;
/// let config = AutoencoderConfig { l2: 1e-3, ..AutoencoderConfig::default() }; // has a closed form
/// let trained = train(inputs.train.view(), &config, Seed(1), &Silent)?;
/// assert!(trained.model.asymmetry() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn train(
    inputs: ArrayView2<'_, f64>,
    config: &AutoencoderConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<Trained, Error> {
    config.check()?;
    let centring = if config.has_biases() { Centring::Centred } else { Centring::Raw };
    let moments = Moments::of(inputs, centring)?;
    let largest = moments.spectrum()?.values.first().copied().unwrap_or(0.0);
    let penalty = config.penalty(largest);
    let solver = config.chosen_solver();
    if config.solver == Solver::Auto {
        events.emit(Event::Note(format!("solver: {}", kebab(solver))));
    }
    let problem = Problem { inputs, moments, penalty, config, seed, events };
    events.emit(Event::Started { stage: "train", total: Some(problem.most_steps(solver) as u64) });
    let descent = match solver {
        Solver::Auto | Solver::ClosedForm => solved(&problem)?,
        Solver::Lbfgs => lbfgs::descend(&problem)?,
        Solver::Proximal => proximal::descend(&problem)?,
        Solver::GradientFlow => flow::descend(&problem)?,
        Solver::Adam => adam::descend(&problem)?,
    };
    events.emit(Event::Finished);
    let training = problem.record(solver, &descent);
    for warning in warnings(&training, &descent.model, config) {
        events.emit(Event::Warning(warning));
    }
    Ok(Trained { model: descent.model, training })
}

fn solved(problem: &Problem<'_>) -> Result<Descent, Error> {
    let solution = ClosedForm::solve(&problem.moments, &problem.penalty, problem.config.hidden)?;
    let model = solution.autoencoder(&problem.moments, problem.config, problem.seed);
    let balance_error = problem.balance(&model);
    let point = HistoryPoint { step: 0, loss: solution.loss, balance_error, stationarity: None };
    let criterion = Criterion::ClosedForm;
    Ok(Descent { model, steps: 0, converged: true, criterion, history: vec![point], balance_decay: None })
}

fn warnings(training: &TrainingRecord, model: &Autoencoder, config: &AutoencoderConfig) -> Vec<Warning> {
    let mut found = Vec::new();
    if !training.converged && training.criterion != Criterion::Steps {
        let error = |name: &str, error: Option<f64>, most: f64| {
            error
                .filter(|error| *error >= most)
                .map(|error| format!("the {name} is {error:.2e}, above {most:.0e}"))
        };
        let large = [
            error("balance error", training.balance_error, config.tolerance),
            error("stationarity", training.stationarity, config.stationarity),
        ];
        let mut state = large.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        if state.is_empty() {
            state = "the gradient is not small yet".to_owned();
        }
        let advice = "the weights still hold a part of their start; raise `steps`, `rounds` or `polish`";
        found
            .push(Warning::new("not-converged", format!("after {} steps {state}; {advice}", training.steps)));
    }
    if model.input_weights.iter().chain(&model.output_weights).all(|weight| *weight == 0.0) {
        let state = "no network: every weight is zero, since none is worth its price; lower the price";
        found.push(Warning::new("no-network", state.to_owned()));
    }
    found
}

impl Problem<'_> {
    fn most_steps(&self, solver: Solver) -> usize {
        let config = self.config;
        let polish = if self.can_be_polished() { config.polish } else { 0 };
        match solver {
            Solver::Adam if !self.penalty.is_none() => (config.steps + polish) * config.rounds,
            Solver::Proximal if self.penalty.l1 > 0.0 => config.steps + proximal::WAYS.len() * polish,
            Solver::Proximal => config.steps + polish,
            Solver::ClosedForm => 1,
            _ => config.steps,
        }
    }

    fn record(&self, solver: Solver, descent: &Descent) -> TrainingRecord {
        TrainingRecord {
            solver,
            penalty: self.penalty,
            steps: descent.steps,
            converged: descent.converged,
            criterion: descent.criterion,
            stationarity: self.stationarity(&descent.model),
            loss: Some(self.loss(&descent.model)),
            silent_loss: Some(self.silent_loss()),
            balance_decay: descent.balance_decay,
            balance_error: self.balance(&descent.model),
            history: descent.history.clone(),
        }
    }

    fn balance(&self, model: &Autoencoder) -> Option<f64> {
        let given = Balance {
            penalty: &self.penalty,
            constraint: self.config.constraint,
            moments: &self.moments,
            inputs: self.inputs,
        };
        balance_error(model, &given)
    }

    /// What is lost without any weight: all but what biases give, the mean.
    fn silent_loss(&self) -> f64 {
        let mean = match self.config.has_biases() {
            true => self.inputs.mean_axis(ndarray::Axis(0)).unwrap_or_default(),
            false => ndarray::Array1::zeros(self.inputs.ncols()),
        };
        0.5 * square((&self.inputs - &mean).view()) / self.inputs.nrows() as f64
    }

    fn exact(&self) -> Exact<'_> {
        Exact::new(&self.moments, &self.penalty, self.config.constraint)
    }

    /// Tells the listener where it is; stops where it asks to.
    fn step(&self, done: usize, loss: f64) -> Result<(), Error> {
        if !loss.is_finite() {
            return Err(Error::Diverged { step: done as u64, term: "loss" });
        }
        self.events.emit(Event::Step { done: done as u64, loss: Some(loss) });
        if self.events.cancelled() { Err(Error::Interrupted { stage: "train" }) } else { Ok(()) }
    }
}
