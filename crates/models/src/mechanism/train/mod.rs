//! The gradient route: networks for phi and psi, and W, trained by Adam (Allier et al. 2026).
//!
//! dx_i/dt = phi(x_i, a_i) + Omega_i(t) sum_j W_ij psi(..)
//!
//! | symbol | name here | what it is |
//! |---|---|---|
//! | phi | `update` | a network of (x_i, a_i) shared by all neurons |
//! | psi | `transfer` | a network of x_j, of (x_j, a_j), of (x_j, a_i, a_j) or of (x_i, x_j, a_i, a_j) |
//! | a_i | `embedding` | a few numbers that tell neurons apart |
//! | W_ij | `weights` | all pairs, those of a connectome, or compressed rows of them |
//! | Omega | `field` | a network of sines of (place, time), squared |
//!
//! psi is evaluated once a neuron where its inputs allow, so that a step costs N rows and one product with W,
//! not N^2 rows. The batch of each step depends on the seed and the number of the step alone: a run that was
//! interrupted and resumed ends with the same bits, and so does one with another number of threads.
//!
//! [`train()`] starts from the closed form ([`Start::Solve`]) or from random numbers ([`Start::Random`]) and
//! hands back the same [`Mechanism`] as [`solve()`](crate::mechanism::solve()).

mod blocks;
mod checkpoint;
mod clustering;
mod config;
mod descent;
mod drift;
mod edges;
mod field;
mod finish;
mod history;
mod layers;
#[cfg(feature = "burn")]
mod module;
mod objective;
mod parameters;
mod penalty;
mod products;
mod run;
mod samples;
mod start;
mod state;
#[cfg(test)]
mod tests;
mod transfer_export;
mod uncertainty;
mod update_export;

use ndarray::Array2;
use neuroloom_core::{Event, Listener, Recording, Seed};

pub use self::checkpoint::{Checkpoints, NoCheckpoints};
pub use self::config::{
    AfterClustering, ClusteringConfig, Decay, DescentConfig, EmbeddingMode, FieldConfig, LossConfig,
    LossForm, LossPhase, Signs, Start, TrainConfig, TransferInput, WeightStep, Wiring,
};
pub use self::edges::KnownWiring;
pub use self::history::{History, Point};
#[cfg(feature = "burn")]
pub use self::module::{MechanismModule, ModuleObjective};

use self::drift::Model;
use self::edges::Edges;
use self::field::Field;
use self::layers::Network;
use self::run::Run;
use self::samples::{Division, Units};
use self::state::State;
use super::solve::equations::{Equations, Scheme};
use super::solve::survey::{Survey, fill_gaps};
use super::{Mechanism, SolveConfig};
use crate::Error;

/// Most bytes of equations kept in memory.
const MOST_BYTES: usize = 2 << 30;
/// Pieces into which a trial is cut where a field of time must be seen everywhere.
const PIECES: usize = 20;
/// Standard deviations of activity and of its drift that the published learning rates are made for.
const USUAL: (f64, f64) = (7.5, 5.0);
/// A recording within this factor of the usual is taken as it is.
const CLOSE: f64 = 3.0;

/// What is learned from, and what is known beforehand.
#[derive(Clone, Copy)]
pub struct TrainInputs<'a> {
    /// The recording.
    pub recording: Recording<'a>,
    /// The closed form; needed for [`Start::Solve`].
    pub solved: Option<&'a Mechanism>,
    /// What is known about the wiring, over all neurons of the recording.
    pub known: Option<&'a KnownWiring>,
    /// Places (x, y) of all neurons of the recording; NaN = the external field is 1 there.
    pub positions: Option<&'a Array2<f64>>,
}

/// What [`train()`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The fitted mechanism.
    pub mechanism: Mechanism,
    /// How the loss went.
    pub history: History,
}

/// Trains the model by gradient descent.
///
/// `solve` says how equations are made of the recording and how many types are looked for.
///
/// # Errors
/// [`Error::Config`] for a setting that is out of range or does not fit the inputs, [`Error::Recording`] if the
/// recording is too short or has no usable neuron, [`Error::Diverged`] if the loss is no longer a number,
/// [`Error::Interrupted`] if the listener asked to stop (the state is kept), [`Error::Checkpoint`] if it could
/// not be kept.
pub fn train(
    inputs: &TrainInputs<'_>,
    (config, solve): (&TrainConfig, &SolveConfig),
    seed: Seed,
    checkpoints: &dyn Checkpoints,
    events: &dyn Listener,
) -> Result<Trained, Error> {
    config.check()?;
    let target = config.target.unwrap_or(solve.target);
    let complete = TrainConfig { target: Some(target), ..config.clone() };
    complete.check()?;
    let survey = Survey::new(inputs.recording.activity, events)?;
    let filled = match survey.n_missing {
        0 => None,
        _ => Some(fill_gaps(&inputs.recording)?),
    };
    let activity = filled.as_ref().map_or(inputs.recording.activity, |filled| filled);
    let source = Recording { activity, ..inputs.recording };
    let scheme = Scheme::new(source, survey.kept.clone(), target, solve.weak_window)?;
    let mut run = prepare(inputs, &complete, (&survey, &scheme), seed, events)?;
    run.fingerprint = format!("{solve:?} {}", run.fingerprint);
    let mut state = begin(&run, inputs, &survey, checkpoints, events)?;
    run.finish(&mut state, checkpoints, events)?;
    finish::finish(&run, state, (inputs, solve, &survey), events)
}

/// Shape of the model, units, division of the frames.
fn prepare<'a>(
    inputs: &TrainInputs<'_>,
    config: &'a TrainConfig,
    (survey, scheme): (&Survey, &'a Scheme<'a>),
    seed: Seed,
    events: &dyn Listener,
) -> Result<Run<'a>, Error> {
    let n = scheme.n();
    let known = inputs.known.map(|known| known.select(&survey.kept)).transpose()?;
    let pieces = if config.field.is_some() { PIECES } else { 1 };
    let division = Division::new(scheme, (pieces, config.recurrent_steps), MOST_BYTES)?;
    if !division.is_whole() {
        events.emit(Event::Note(format!(
            "{} frames do not fit into memory: each epoch learns from a random choice of stretches",
            division.n_train()
        )));
    }
    let units = units(survey, scheme, events)?;
    let shape = scheme.n_frames();
    Ok(Run {
        model: Model {
            n,
            dimensions: config.embedding_dimensions,
            input: config.transfer_input,
            edges: Edges::new(n, (config.wiring, config.signs), known.as_ref())?,
            update: Network::new(1 + config.embedding_dimensions, config.width, config.update_layers)?,
            transfer: Network::new(
                Model::transfer_inputs(config.transfer_input, config.embedding_dimensions),
                config.width,
                config.transfer_layers,
            )?,
            field: field(config, inputs, survey)?,
            classes: None,
        },
        config,
        scheme,
        division,
        units,
        activity_std: survey.std / units.activity,
        fingerprint: format!("{config:?} {seed:?} {n} neurons, {shape} frames, std {:?}", survey.std),
        seed,
    })
}

fn field(config: &TrainConfig, inputs: &TrainInputs<'_>, survey: &Survey) -> Result<Option<Field>, Error> {
    let Some(field) = &config.field else { return Ok(None) };
    match inputs.positions {
        Some(positions) if positions.nrows() == inputs.recording.activity.shape().n_neurons => {
            let kept = positions.select(ndarray::Axis(0), &survey.kept);
            Ok(Some(Field::new(field, kept.view())?))
        }
        Some(positions) => Err(Error::Mismatch {
            what: "the table of positions",
            given: positions.nrows(),
            expected: inputs.recording.activity.shape().n_neurons,
        }),
        None => Err(Error::Config {
            key: "field",
            given: "a field over unknown places".to_owned(),
            allowed: "positions of the neurons beside it, or no field".to_owned(),
        }),
    }
}

/// The state kept by an earlier run with the same settings, or a new one.
fn begin(
    run: &Run<'_>,
    inputs: &TrainInputs<'_>,
    survey: &Survey,
    checkpoints: &dyn Checkpoints,
    events: &dyn Listener,
) -> Result<State, Error> {
    let config = run.config;
    let random = start::random(&run.model, config, run.seed);
    if let Some(stored) = checkpoints.load().map_err(Error::Checkpoint)? {
        match State::restore(&stored, &run.fingerprint, &random)? {
            Some(state) => {
                events.emit(Event::Note(format!("goes on after step {}", state.step)));
                return Ok(state);
            }
            None => events.emit(Event::Note("a checkpoint of other settings is left aside".to_owned())),
        }
    }
    if config.start == Start::Random {
        return Ok(State::new(random, None));
    }
    let Some(solved) = inputs.solved else {
        return Err(Error::Config {
            key: "start",
            given: "solve, without a closed form".to_owned(),
            allowed: "the result of `solve`, or start = random".to_owned(),
        });
    };
    let from = (solved, &survey.kept[..], run.units);
    let mut parameters = start::solved(&run.model, config, from, run.seed)?;
    let mut classes = None;
    if config.clustering.after == AfterClustering::Tied && config.embedding == EmbeddingMode::Learned {
        let labels: Vec<u32> = survey.kept.iter().map(|&neuron| solved.types.label[neuron]).collect();
        clustering::average(run.model.dimensions, &labels, &mut parameters.embedding);
        classes = Some(labels);
    }
    Ok(State::new(parameters, classes))
}

/// Units in which activity and drift are about as large as in the published experiments.
fn units(survey: &Survey, scheme: &Scheme<'_>, events: &dyn Listener) -> Result<Units, Error> {
    let mut targets = Equations::default();
    let middle = scheme.per_trial() / 2;
    let count = scheme.per_trial().min(2000);
    let start = middle.saturating_sub(count / 2);
    scheme.stretch(0, start..start + count, events, |block| targets.targets.extend(block.targets))?;
    let count = targets.targets.len().max(1) as f64;
    let mean = targets.targets.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let square = targets.targets.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count;
    let unit = |std: f64, usual: f64| {
        let ratio = std.max(f64::MIN_POSITIVE) / usual;
        if (1.0 / CLOSE..=CLOSE).contains(&ratio) { 1.0 } else { ratio }
    };
    Ok(Units { activity: unit(survey.std, USUAL.0), drift: unit(square.sqrt(), USUAL.1) })
}
