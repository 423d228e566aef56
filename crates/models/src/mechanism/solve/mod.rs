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

mod eliminate;
pub(in crate::mechanism) mod equations;
pub(in crate::mechanism) mod neuron_types;
mod normal;
mod refine;
mod regularise;
mod smooth;
mod start;
pub(in crate::mechanism) mod survey;
pub(in crate::mechanism) mod transfer;
pub(in crate::mechanism) mod uncertainty;
mod weights;

use neuroloom_analysis::spline::Beyond;
use neuroloom_core::{Event, Listener, Recording, Seed, Warning};
use rand_chacha::rand_core::Rng;

use self::equations::{Equations, Scheme, Selection};
use self::normal::{Design, UpdateBases};
use self::refine::{Problem, refine};
use self::regularise::cross_validate;
use self::start::{normal_of, residual_share, scan_widths};
use self::survey::{Survey, fill_gaps};
use self::transfer::{Domain, Transfer};
use self::weights::Weights;
use super::{FitSummary, Identifiability, Mechanism, SolveConfig, UpdateFunctions};
use crate::Error;

/// Ridge, relative to the mean eigenvalue of P'P, that only keeps a determined problem well posed.
const NEGLIGIBLE_RIDGE: f64 = 1e-10;
/// Equations per unknown of a row above which noise averages out and no ridge is wanted.
const DETERMINED: usize = 10;
/// Residual share below which a recording counts as free of noise.
const NOISE_FREE: f64 = 1e-3;
/// Receivers that drive psi, and as many that judge it.
const PSI_ROWS: usize = 20;
/// Samples (equations x neurons) of the first round at least.
const PSI_SAMPLES: usize = 4_000_000;
/// Most bytes of states kept in memory for the fit of psi.
const MOST_BYTES: usize = 400 << 20;

/// Fits wiring, functions and types to a recording.
///
/// # Errors
/// [`Error::Config`] for a bad setting, [`Error::Recording`] if the recording is too short or has no usable
/// neuron, [`Error::Interrupted`] if the listener asked to stop.
pub fn solve(
    recording: Recording<'_>,
    config: &SolveConfig,
    seed: Seed,
    events: &dyn Listener,
) -> Result<Mechanism, Error> {
    config.check()?;
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
    let psi = plan.transfer(&scheme, &equations, seed, events)?;
    let everyone: Vec<usize> = (0..scheme.n()).collect();
    let design = Design { bases: &plan.bases, bump: &scheme.bump, receivers: &everyone };
    let weights = Weights::solve(&scheme, &design, &psi, &plan, equations, events)?;
    assemble(recording, &survey, &plan, psi, weights, Finish { config, seed, events })
}

/// What is decided before anything is fitted.
pub(in crate::mechanism::solve) struct Plan<'a> {
    config: &'a SolveConfig,
    bases: UpdateBases,
    domain: Domain,
    transfer_knots: usize,
    selection: Selection,
    n_available: usize,
}

/// psi and the penalties that go with it.
pub(in crate::mechanism::solve) struct Psi {
    transfer: Transfer,
    ridge: f64,
    update: f64,
    width: f64,
    steps: usize,
    notes: Vec<String>,
}

impl<'a> Plan<'a> {
    fn new(scheme: &Scheme<'_>, survey: &Survey, config: &'a SolveConfig) -> Result<Self, Error> {
        let n_available = scheme.n_available();
        if n_available < 8 {
            return Err(Error::Recording {
                problem: format!("the recording gives {n_available} equations, at least 8 are needed"),
                hint: "record more frames, or use `--target difference`".to_owned(),
            });
        }
        // Few neurons must make up in frames what they lack in rows: psi is fitted to all of them together.
        let wanted = (config.equations_per_neuron * scheme.n()).max(PSI_SAMPLES / scheme.n());
        let fits = (MOST_BYTES / (4 * scheme.n() * scheme.bump.len())).max(1);
        let selection = Selection::first(n_available, wanted.min(fits));
        let update_knots = config.update_knots.min((n_available / 30).max(4));
        let domain = Domain::new(&survey.lower, &survey.upper);
        Ok(Self {
            config,
            bases: UpdateBases::new(&survey.lower, &survey.upper, update_knots, domain.center)?,
            domain,
            transfer_knots: config.transfer_knots.min((n_available / 20).max(4)),
            selection,
            n_available,
        })
    }

    /// Unknowns of one row.
    fn unknowns(&self) -> usize {
        self.bases.basis.len() + self.bases.n_functions()
    }

    /// psi, from a noise-free or long recording by refinement, from a short noisy one by cross-validation.
    fn transfer(
        &self,
        scheme: &Scheme<'_>,
        equations: &Equations,
        seed: Seed,
        events: &dyn Listener,
    ) -> Result<Psi, Error> {
        let (receivers, n_fitted) = self.psi_rows(seed);
        let design = Design { bases: &self.bases, bump: &scheme.bump, receivers: &receivers };
        let ridge = self.config.ridge.unwrap_or(NEGLIGIBLE_RIDGE);
        let long = self.n_available >= DETERMINED * self.unknowns();
        if !long && self.n_available * 5 < self.unknowns() * 6 {
            return self.undetermined(&design, equations, events);
        }
        let width = scan_widths(&design, equations, self.domain, ridge, events)?;
        let start = Transfer::bounded(self.domain, width, self.transfer_knots)?;
        if !long && residual_share(&design, &normal_of(&design, equations, &start)?, ridge)? > NOISE_FREE {
            return self.undetermined(&design, equations, events);
        }
        let scale = target_square(equations, &receivers[..n_fitted]);
        let refined = refine(&Problem { design, n_fitted, equations, ridge, scale }, start, events)?;
        let notes = vec![format!(
            "psi started from a bounded function of width {width:.3} and took {} Levenberg-Marquardt steps on {} rows",
            refined.steps, n_fitted
        )];
        let (transfer, steps) = (refined.transfer, refined.steps);
        Ok(Psi { transfer, ridge, update: 0.0, width, steps, notes })
    }

    fn undetermined(
        &self,
        design: &Design<'_>,
        equations: &Equations,
        events: &dyn Listener,
    ) -> Result<Psi, Error> {
        let chosen = cross_validate(design, equations, self.domain, self.config.ridge, events)?;
        let message = format!(
            "{} noisy equations for {} unknowns a neuron do not determine W: ridge {:.3} and penalty {:.3} \
             were chosen by cross-validation in time, weights are shrunk towards 0",
            self.n_available,
            self.unknowns(),
            chosen.ridge,
            chosen.update,
        );
        events.emit(Event::Warning(Warning::new("undetermined", message.clone())));
        let transfer = Transfer::bounded(self.domain, chosen.width, self.transfer_knots)?;
        let Chosen { width, ridge, update, share } = chosen;
        let note = format!("held-out residual of dx/dt {share:.4} of its variance in cross-validation");
        Ok(Psi { transfer, ridge, update, width, steps: 0, notes: vec![message, note] })
    }

    /// Receivers that drive psi, then those that judge it. Few neurons: all of them drive, none judges.
    fn psi_rows(&self, seed: Seed) -> (Vec<usize>, usize) {
        let n = self.bases.basis.len();
        let mut receivers: Vec<usize> = (0..n).collect();
        if n < 3 * PSI_ROWS {
            return (receivers, n);
        }
        let mut rng = seed.split("rows of psi").rng();
        for place in 0..2 * PSI_ROWS {
            let other = place + (rng.next_u64() % (n - place) as u64) as usize;
            receivers.swap(place, other);
        }
        receivers.truncate(2 * PSI_ROWS);
        (receivers, PSI_ROWS)
    }
}

use self::regularise::Chosen;

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
    psi: Psi,
    weights: Weights,
    finish: Finish<'_>,
) -> Result<Mechanism, Error> {
    let source = recording.activity;
    let full = weights.spread(&survey.kept, source.shape().n_neurons);
    let transfer = psi.transfer.finish();
    let update = UpdateFunctions {
        self_coupling: full.self_coupling,
        beyond: if psi.update > 0.0 { Beyond::Constant } else { Beyond::Linear },
        lower: spread(&survey.lower, &survey.kept, source.shape().n_neurons, 0.0),
        upper: spread(&survey.upper, &survey.kept, source.shape().n_neurons, 1.0),
        n_knots: plan.bases.n_knots,
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
        types,
        identifiability,
        fit,
    })
}

/// Sum of squares of the targets of some receivers.
fn target_square(equations: &Equations, receivers: &[usize]) -> f64 {
    let square = |row: &[f32]| -> f64 { receivers.iter().map(|&one| f64::from(row[one]).powi(2)).sum() };
    equations.targets.chunks_exact(equations.n).map(square).sum::<f64>().max(f64::MIN_POSITIVE)
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
