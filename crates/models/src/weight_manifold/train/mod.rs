//! From inputs to an autoencoder: closed form, exact descent on the expected loss, or Adam on batches.
//!
//! The loss alone does not tell when the weights have forgotten their start: along directions that change nothing it is
//! flat. At a minimum with an L2 penalty lam_A A A' = lam_B B'B, so the distance from that, the balance error, is what
//! ends the training ([`balance_error`]).

mod adam;
mod balance;
mod constraint;
mod exact;
mod flow;
mod lbfgs;
mod proximal;
mod start;

use ndarray::ArrayView2;
use neuroloom_core::{Event, Listener, Seed, Warning};
use serde::{Deserialize, Serialize};

pub use balance::{Balance, balance_error};
use exact::Exact;

use super::closed_form::ClosedForm;
use super::config::{AutoencoderConfig, Penalty, Solver, kebab};
use super::model::Autoencoder;
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
    /// Whether it ended because the balance error was small enough; false where there is no such law and Adam ran.
    pub converged: bool,
    /// Distance from the balance that a minimum obeys; `None` where there is no such law.
    pub balance_error: Option<f64>,
    /// Loss and balance error on the way.
    pub history: Vec<HistoryPoint>,
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
    history: Vec<HistoryPoint>,
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
    let balance = problem.balance(&descent.model);
    if !descent.converged && balance.is_some() {
        events.emit(Event::Warning(not_converged(&descent, balance, config)));
    }
    let training = TrainingRecord {
        solver,
        penalty,
        steps: descent.steps,
        converged: descent.converged,
        balance_error: balance,
        history: descent.history,
    };
    Ok(Trained { model: descent.model, training })
}

fn solved(problem: &Problem<'_>) -> Result<Descent, Error> {
    let solution = ClosedForm::solve(&problem.moments, &problem.penalty, problem.config.hidden)?;
    let model = solution.autoencoder(&problem.moments, problem.config, problem.seed);
    let point = HistoryPoint { step: 0, loss: solution.loss, balance_error: problem.balance(&model) };
    Ok(Descent { model, steps: 0, converged: true, history: vec![point] })
}

fn not_converged(descent: &Descent, balance: Option<f64>, config: &AutoencoderConfig) -> Warning {
    let state = match balance {
        Some(error) => format!("the balance error is {error:.2e}, above {:.0e}", config.tolerance),
        None => "the gradient is not small yet".to_owned(),
    };
    let advice = "the weights still hold a part of their start; raise `steps` or `rounds`";
    Warning::new("not-converged", format!("after {} steps {state}; {advice}", descent.steps))
}

impl Problem<'_> {
    fn most_steps(&self, solver: Solver) -> usize {
        match solver {
            Solver::Adam if !self.penalty.is_none() => self.config.steps * self.config.rounds,
            Solver::ClosedForm => 1,
            _ => self.config.steps,
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
