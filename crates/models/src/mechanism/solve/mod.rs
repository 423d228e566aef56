//! The closed-form solver: variable projection with a shared transfer function.
//!
//! 1. `survey` the recording: ranges, gaps, neurons that can be used.
//! 2. Make `equations` of it and keep a first round in memory.
//! 3. `start` psi from the best width of a bounded function, or, where the recording does not determine W,
//!    choose width, ridge and penalty by cross-validation in time (`regularise`).
//! 4. `refine` psi by Levenberg-Marquardt; W and phi are eliminated exactly at every step (`eliminate`).
//! 5. Solve all rows, taking more equations until the standard errors are small (`weights`).
//! 6. Say what is `uncertainty`, and cluster phi into `neuron_types`.
//!
//! Cost for N neurons, T equations, q functions a neuron: T N^2 (Gram and cross products) + 4 T N^2 (local
//! products) + N^3 + q N^3 multiplications; memory O(q N^2 + chunk), whatever the length of the recording.

mod active_set;
mod by_both;
mod by_receiver;
mod by_sender;
mod choice;
mod constrain;
mod eliminate;
pub(in crate::mechanism) mod equations;
mod external;
mod factor;
mod grouping;
mod modulation;
pub(in crate::mechanism) mod neuron_types;
mod normal;
mod one_update;
mod places;
mod plan;
mod receivers;
mod refine;
mod regularise;
mod row_scale;
mod senders;
mod sharpen;
mod smooth;
mod start;
pub(in crate::mechanism) mod survey;
pub(in crate::mechanism) mod transfer;
pub(in crate::mechanism) mod uncertainty;
mod weights;

use ndarray::{Array2, Axis};
use neuroloom_analysis::spline::Beyond;
use neuroloom_core::{Event, Listener, Recording, Seed, Warning};

use self::constrain::Constraints;
use self::equations::Scheme;
use self::external::Place;
use self::plan::{Plan, Psi, ReceiverClass, Search};
use self::survey::{Survey, fill_gaps};
use self::weights::Weights;
use super::{
    FitSummary, Identifiability, KnownWiring, Mechanism, Modulation, Signs, SolveConfig, UpdateFunctions,
};
use crate::Error;

/// Residual share below which a recording counts as free of noise.
const NOISE_FREE: f64 = 1e-3;

/// Fits wiring, functions and types to a recording.
///
/// # Errors
/// [`Error::Config`] for a bad setting, [`Error::Recording`] if the recording is too short or has no usable
/// neuron, [`Error::Interrupted`] if the listener asked to stop.
pub fn solve<'a>(
    inputs: impl Into<SolveInputs<'a>>,
    config: &SolveConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<Mechanism, Error> {
    config.check()?;
    let inputs: SolveInputs<'_> = inputs.into();
    inputs.check(config)?;
    let recording = inputs.recording;
    let survey = Survey::new(recording.activity, events)?;
    let filled = match survey.n_missing {
        0 => None,
        _ => Some(fill_gaps(&recording)?),
    };
    let source =
        Recording { activity: filled.as_ref().map_or(recording.activity, |filled| filled), ..recording };
    let scheme = Scheme::new(source, survey.kept.clone(), config.target, config.weak_window)?;
    let plan = Plan::new(&scheme, &survey, config)?;
    let equations = scheme.collect(plan.selection, events)?;
    let mut psi = plan.transfer(&scheme, &equations, Search { seed, events })?;
    let known = inputs.known.map(|known| known.select(&survey.kept)).transpose()?;
    let constraints = Constraints { known: known.as_ref(), signs: config.signs, l1: config.l1 };
    let mut weights = Weights::solve(&scheme, &psi, (&plan, &constraints), equations, events)?;
    let positions = inputs.positions.map(|positions| positions.select(Axis(0), &survey.kept));
    let n = recording.activity.shape().n_neurons;
    let place = Place { kept: &survey.kept, n, positions: positions.as_ref() };
    let modulation = external::solve((&scheme, &plan), &mut psi, &mut weights, &place, events)?;
    let fitted = Fitted { psi, weights, modulation };
    assemble(recording, &survey, &plan, fitted, Finish { config, seed, events })
}

/// What is solved: a recording, and what is known beforehand.
#[derive(Clone, Copy)]
pub struct SolveInputs<'a> {
    /// The recording.
    pub recording: Recording<'a>,
    /// Edges that may exist and their signs, over all neurons of the recording.
    pub known: Option<&'a KnownWiring>,
    /// Places of all neurons of the recording, `[neuron, 2 or 3]`; NaN = unknown. They tell how an external field is
    /// shared between Omega and W.
    pub positions: Option<&'a Array2<f64>>,
}

impl<'a> From<Recording<'a>> for SolveInputs<'a> {
    fn from(recording: Recording<'a>) -> Self {
        Self { recording, known: None, positions: None }
    }
}

impl SolveInputs<'_> {
    fn check(&self, config: &SolveConfig) -> Result<(), Error> {
        if config.signs == Signs::Given && self.known.is_none() {
            return Err(Error::Config {
                key: "signs",
                given: "given, without a connectome that gives them".to_owned(),
                allowed: "`given` with a mask, or free or dale".to_owned(),
            });
        }
        let constrained = config.signs != Signs::Free || config.l1 > 0.0 || self.known.is_some();
        if constrained && config.modulation_windows > 0 {
            return Err(Error::Config {
                key: "modulation-windows",
                given: config.modulation_windows.to_string(),
                allowed: "0 where W is constrained by a mask, signs or l1".to_owned(),
            });
        }
        let expected = self.recording.activity.shape().n_neurons;
        match self.positions {
            Some(positions) if positions.nrows() != expected => {
                Err(Error::Mismatch { what: "the table of positions", given: positions.nrows(), expected })
            }
            _ => Ok(()),
        }
    }
}

/// What was fitted.
struct Fitted {
    psi: Psi,
    weights: Weights,
    modulation: Option<Modulation>,
}

/// What the last step needs besides the fit.
struct Finish<'a> {
    config: &'a SolveConfig,
    seed: Seed,
    events: &'a dyn Listener,
}

fn assemble(
    recording: Recording<'_>,
    survey: &Survey,
    plan: &Plan<'_>,
    fitted: Fitted,
    finish: Finish<'_>,
) -> Result<Mechanism, Error> {
    let Fitted { psi, weights, modulation } = fitted;
    let source = recording.activity;
    let full = weights.spread(&survey.kept, source.shape().n_neurons);
    let transfer = psi.finish(&survey.kept, source.shape().n_neurons)?;
    // The range of the knots: each neuron's own, or the pooled one of a phi that all share.
    let range = |end: fn((f64, f64)) -> f64| -> Vec<f64> {
        psi.bases.ranges.iter().map(|&range| end(range)).collect()
    };
    let update = UpdateFunctions {
        self_coupling: full.self_coupling,
        beyond: if psi.update > 0.0 { Beyond::Constant } else { Beyond::Linear },
        lower: spread(&range(|basis| basis.0), &survey.kept, source.shape().n_neurons, 0.0),
        upper: spread(&range(|basis| basis.1), &survey.kept, source.shape().n_neurons, 1.0),
        n_knots: psi.bases.n_knots,
        spacing: psi.bases.spacing,
        coefficients: full.coefficients,
    };
    finish.events.emit(Event::Started { stage: "types", total: None });
    let types =
        neuron_types::cluster(&update, &transfer, &survey.kept, finish.config.max_types, finish.seed)?;
    finish.events.emit(Event::Finished);
    let weak_senders: Vec<usize> =
        survey.kept.iter().copied().filter(|&one| uncertainty::is_weak(full.sender_error[one])).collect();
    warn_weak(&weak_senders, survey.kept.len(), source.neuron_ids(), finish.events);
    let identifiability = Identifiability {
        condition_number: weights.condition_number(),
        singular_values: weights.singular_values,
        weak_senders,
        sender_error: full.sender_error,
        excluded: survey.excluded.clone(),
    };
    let mut notes = psi.notes;
    notes.extend(weights.notes);
    let fit = FitSummary {
        target: finish.config.target,
        update: finish.config.update,
        n_equations: weights.n_equations,
        n_available: plan.n_available,
        ridge: psi.ridge,
        update_penalty: psi.update,
        start_width: psi.width,
        transfer_steps: psi.steps,
        residual_fraction: weights.residual_fraction,
        activity_std: survey.std,
        notes,
    };
    Ok(Mechanism {
        neuron_ids: source.neuron_ids().to_vec(),
        dt_s: source.dt_s(),
        weight_matrix: full.weight_matrix,
        standard_error: full.standard_error,
        transfer,
        update,
        modulation,
        types,
        identifiability,
        fit,
    })
}

/// Values of the kept neurons at their places among all, `empty` elsewhere.
fn spread(values: &[f64], kept: &[usize], n: usize, empty: f64) -> Vec<f64> {
    let mut all = vec![empty; n];
    kept.iter().zip(values).for_each(|(&place, &value)| all[place] = value);
    all
}

fn warn_weak(weak: &[usize], n: usize, ids: &[neuroloom_core::NeuronId], events: &dyn Listener) {
    if weak.is_empty() {
        return;
    }
    let names: Vec<String> = weak.iter().take(5).map(|&one| ids[one].to_string()).collect();
    let message = format!(
        "the outgoing weights of {} of {n} neurons are not identifiable from this recording (median standard \
         error above half of the rms weight): {}{}",
        weak.len(),
        names.join(", "),
        if weak.len() > 5 { ", ..." } else { "" },
    );
    events.emit(Event::Warning(Warning::new("weak-senders", message)));
}
