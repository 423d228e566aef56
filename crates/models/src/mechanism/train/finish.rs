//! From networks to the same [`Mechanism`] that the closed form gives: W in its gauge, phi and psi as splines, types
//! by clustering, standard errors.

use ndarray::{Array1, Array2};
use neuroloom_analysis::spline::Beyond;
use neuroloom_core::{Event, Listener};

use super::run::{Run, residual_share, warn};
use super::samples::Batch;
use super::state::State;
use super::transfer_export::Exported;
use super::{Start, TrainInputs, Trained, uncertainty, update_export};
use crate::Error;
use crate::mechanism::solve::survey::Survey;
use crate::mechanism::solve::{neuron_types, uncertainty as weak};
use crate::mechanism::{
    FitSummary, Identifiability, KnotSpacing, Mechanism, SolveConfig, UpdateChoice, UpdateFunctions,
};

/// A trained model must beat the closed form by this factor of held-out residual to replace it.
const GAIN: f64 = 1.0;

/// The mechanism that a finished run found; the closed form it started from, if that judges better.
pub(super) fn finish(
    run: &Run<'_>,
    state: State,
    (inputs, solve, survey): (&TrainInputs<'_>, &SolveConfig, &Survey),
    events: &dyn Listener,
) -> Result<Trained, Error> {
    let mut history = state.history.clone();
    let mut mechanism = export(run, &state, (inputs, solve, survey), events)?;
    let judges = run.judges(events)?;
    let trained = share(&mechanism, run, &judges, &survey.kept)?;
    let note = match inputs.solved.filter(|_| run.config.start == Start::Solve) {
        None => format!("held-out residual {trained:.3e} of the variance of dx/dt (the mean gives 1)"),
        Some(solved) => {
            let before = share(solved, run, &judges, &survey.kept)?;
            let kept =
                if trained < GAIN * before { "the trained model is kept" } else { "the closed form is kept" };
            if trained >= GAIN * before {
                mechanism = solved.clone();
            }
            format!(
                "held-out residual of dx/dt as a share of its variance: closed form {before:.3e}, after training \
                 {trained:.3e}; {kept}"
            )
        }
    };
    events.emit(Event::Note(note.clone()));
    history.notes.push(note);
    mechanism.fit.notes.extend(history.notes.iter().cloned());
    Ok(Trained { mechanism, history })
}

fn export(
    run: &Run<'_>,
    state: &State,
    (inputs, solve, survey): (&TrainInputs<'_>, &SolveConfig, &Survey),
    events: &dyn Listener,
) -> Result<Mechanism, Error> {
    let source = inputs.recording.activity;
    let n_all = source.shape().n_neurons;
    let sample = run.training(0, events)?.batch(512, 1, run.seed.split("residual"));
    let exported = Exported::new(run, state, survey)?;
    let places = Places { kept: &survey.kept, n: n_all };
    let transfer = exported.functions(&places);
    let update = update_export::functions(run, state, (&exported, survey), solve.update_knots)?;
    let update = UpdateFunctions {
        self_coupling: places.spread(&update.self_coupling, 0.0),
        beyond: Beyond::Linear,
        lower: places.spread(&survey.lower, 0.0),
        upper: places.spread(&survey.upper, 1.0),
        n_knots: update.n_knots,
        spacing: KnotSpacing::Equal,
        coefficients: places.rows(&update.coefficients),
    };
    let errors = uncertainty::Errors::new(run, state, &exported, events)?;
    let seed = run.seed.split("types");
    events.emit(Event::Started { stage: "types", total: None });
    let types = neuron_types::cluster(&update, &transfer, &survey.kept, solve.max_types, seed)?;
    events.emit(Event::Finished);
    let sender_error = places.spread(&errors.sender_error, 0.0);
    let weak_senders: Vec<usize> =
        survey.kept.iter().copied().filter(|&one| weak::is_weak(sender_error[one])).collect();
    if !weak_senders.is_empty() {
        let message = format!(
            "the outgoing weights of {} of {} neurons are not identifiable from this recording",
            weak_senders.len(),
            survey.kept.len()
        );
        warn(events, "weak-senders", message);
    }
    Ok(Mechanism {
        neuron_ids: source.neuron_ids().to_vec(),
        dt_s: source.dt_s(),
        weight_matrix: places.matrix(&exported.weights, 0.0),
        standard_error: places.matrix(&errors.standard_error, f64::INFINITY),
        transfer,
        update,
        modulation: None,
        types,
        identifiability: Identifiability {
            condition_number: errors.condition_number(),
            singular_values: errors.singular_values,
            weak_senders,
            sender_error,
            excluded: survey.excluded.clone(),
        },
        fit: summary(run, state, survey, run.held_out(&state.parameters, &sample)?),
    })
}

fn summary(run: &Run<'_>, state: &State, survey: &Survey, residual_fraction: f64) -> FitSummary {
    let descent = &run.config.descent;
    let mut notes = vec![format!(
        "trained by gradient descent: {} steps of {} frames from a {} start",
        state.step,
        descent.batch,
        if run.config.start == Start::Solve { "solved" } else { "random" }
    )];
    if run.config.transfer_input == super::TransferInput::PairActivity {
        notes.push(
            "psi depends on the receiver's activity too; it is shown and rolled out at x_i = 0".to_owned(),
        );
    }
    FitSummary {
        target: run.config.target.unwrap_or_default(),
        update: UpdateChoice::Own,
        n_equations: run.division.n_train(),
        n_available: run.scheme.n_available(),
        ridge: 0.0,
        update_penalty: 0.0,
        start_width: 0.0,
        transfer_steps: 0,
        residual_fraction,
        activity_std: survey.std,
        notes,
    }
}

/// Held-out residual of a mechanism as a share of the variance of dx/dt.
fn share(mechanism: &Mechanism, run: &Run<'_>, judges: &Batch, kept: &[usize]) -> Result<f64, Error> {
    let n = run.model.n;
    let dynamics = mechanism.dynamics()?;
    let mut drift = Vec::with_capacity(judges.x.len());
    let mut x = Array1::zeros(mechanism.n_neurons());
    let mut out = Array1::zeros(mechanism.n_neurons());
    for frame in judges.x.chunks_exact(n) {
        kept.iter().zip(frame).for_each(|(&place, &value)| x[place] = f64::from(value) * run.units.activity);
        dynamics.drift(&x, out.view_mut());
        drift.extend(kept.iter().map(|&place| (out[place] / run.units.drift) as f32));
    }
    Ok(residual_share(&judges.residual(&drift, n), judges, n))
}

/// Where the neurons that take part stand among all.
pub(super) struct Places<'a> {
    pub(super) kept: &'a [usize],
    pub(super) n: usize,
}

impl Places<'_> {
    pub(super) fn spread<T: Clone>(&self, values: &[T], empty: T) -> Vec<T> {
        let mut all = vec![empty; self.n];
        self.kept.iter().zip(values).for_each(|(&place, value)| all[place] = value.clone());
        all
    }

    fn rows(&self, matrix: &Array2<f64>) -> Array2<f64> {
        let mut all = Array2::zeros((self.n, matrix.ncols()));
        self.kept.iter().zip(matrix.rows()).for_each(|(&place, row)| all.row_mut(place).assign(&row));
        all
    }

    fn matrix(&self, matrix: &Array2<f64>, empty: f64) -> Array2<f64> {
        let mut all = Array2::from_elem((self.n, self.n), empty);
        for (&post, row) in self.kept.iter().zip(matrix.rows()) {
            self.kept.iter().zip(row).for_each(|(&pre, &value)| all[[post, pre]] = value);
        }
        all
    }
}
