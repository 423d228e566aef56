//! Scores, each beside its baseline: against truth where there is one, against held-out frames and a given
//! connectome where there is none.

mod classes;
mod degeneracy;
mod forecast;
mod modulation;
mod recovery;
mod rollout_scores;
mod transfer;
mod transplant;
mod wiring;

use neuroloom_core::{Connectome, Event, Listener, Recording, Seed, Truth};
use serde::{Deserialize, Serialize};

use super::{ForecastView, Mechanism, RolloutView, SolveConfig};
use crate::Error;

pub use degeneracy::DegeneracyScores;
pub(crate) use recovery::{Reference, pooled};
pub(crate) use transfer::{gauged_truth, sender_range};
pub use transplant::{TransplantConfig, TransplantScores, transplant};

/// Everything a model can be scored against.
#[derive(Clone, Copy)]
pub struct EvaluationInputs<'a> {
    /// The recording that the model was fitted to.
    pub recording: Recording<'a>,
    /// What the simulation knows.
    pub truth: Option<&'a Truth>,
    /// A connectome of (some of) the same neurons, matched by id.
    pub connectome: Option<&'a Connectome>,
    /// Settings of the solver, for the fit on the first three quarters.
    pub config: &'a SolveConfig,
    /// Seed of everything random.
    pub seed: Seed,
}

/// All scores of one run: `evaluation.json`, with exactly these keys.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Evaluation {
    /// Wiring.
    pub connectivity: Option<ConnectivityScores>,
    /// Types against the true ones; `n_types` also without truth.
    pub types: Option<TypeScores>,
    /// Functions against the true ones.
    pub functions: Option<FunctionScores>,
    /// Omega against the true one.
    pub modulation: Option<ModulationScores>,
    /// Rollout from unseen starts against the true system.
    pub rollout: Option<RolloutScores>,
    /// The learned functions in other circuits of the same types.
    #[serde(default)]
    pub transplants: Vec<TransplantScores>,
    /// How different another wiring may be that explains the recording as well.
    pub degeneracy: Option<DegeneracyScores>,
    /// Forecast of the last quarter by a model fitted to the first three.
    pub forecast: Option<ForecastScores>,
    /// What simple methods and chance reach on the same data.
    pub baselines: Option<Baselines>,
    /// How the fit came about and what it determines.
    pub solver: Option<SolverSummary>,
}

/// Learned against true (or given) wiring.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConnectivityScores {
    /// Squared correlation of learned and true weights over all pairs; 1 is perfect. Scale-free.
    pub r2_linear_fit: Option<f64>,
    /// Slope of learned on true; 1 is perfect.
    pub slope: Option<f64>,
    /// 1 - SS_res / SS_tot about the identity line; 1 is perfect.
    pub r2_identity: Option<f64>,
    /// Share of true weights inside their 90 % interval; 0.9 is calibrated.
    pub coverage_90: Option<f64>,
    /// Median standard error over the rms of the true weights.
    pub relative_standard_error: Option<f64>,
    /// Area under the ROC curve of |W| for presence of an edge (true or given connectome); chance 0.5.
    pub auroc: Option<f64>,
    /// Average precision of |W| for presence of an edge; chance = `prevalence`.
    pub average_precision: Option<f64>,
    /// The same scores for each kind of edge (`chemical`, `electrical`, ...).
    pub by_kind: Vec<KindScore>,
    /// Share of scored pairs that have an edge.
    pub prevalence: Option<f64>,
    /// Scored ordered pairs.
    pub n_pairs: usize,
    /// Neurons matched by id with the connectome or truth.
    pub n_matched: usize,
}

/// Edge scores of one kind of edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindScore {
    /// The kind as written in the edge table.
    pub kind: String,
    /// Area under the ROC curve.
    pub auroc: f64,
    /// Average precision.
    pub average_precision: f64,
    /// Chance level of the average precision.
    pub prevalence: f64,
}

/// Types.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TypeScores {
    /// Share of neurons in the right type after the best matching of labels.
    pub accuracy: Option<f64>,
    /// Adjusted Rand index; 0 is chance, 1 is perfect.
    pub ari: Option<f64>,
    /// Accuracy of putting every neuron into the largest true type.
    pub chance: Option<f64>,
    /// Types found.
    pub n_types: usize,
    /// Types that are there.
    pub n_true: Option<usize>,
    /// Mean silhouette of the grouping.
    pub silhouette: f64,
    /// Classes of senders: those whose psi has a shape of its own.
    pub senders: Option<ClassScores>,
    /// Classes of receivers.
    pub receivers: Option<ClassScores>,
}

/// Classes that shape psi, against the true ones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClassScores {
    /// Share of neurons in the right class after the best matching.
    pub accuracy: Option<f64>,
    /// Accuracy of putting every neuron into the largest true class.
    pub chance: Option<f64>,
    /// Classes found.
    pub n_classes: usize,
    /// Classes that are there.
    pub n_true: Option<usize>,
}

/// Functions against truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionScores {
    /// Root mean square error of phi over neurons and their recorded ranges, activity per second.
    pub phi_rmse: f64,
    /// The same over the standard deviation of the true phi.
    pub phi_rmse_relative: f64,
    /// Root mean square error of psi over the recorded range and over the functions, psi of maximum 1.
    pub psi_rmse: f64,
    /// Each psi by itself.
    #[serde(default)]
    pub psi: Vec<TransferScore>,
}

/// One psi against the true one of the most common pair of types that it stands for.
///
/// Widths and slopes come from the best a (tanh(x / width) - slope x), which both functions are fitted by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TransferScore {
    /// Class of the receivers, from 0.
    pub receiver_class: usize,
    /// Class of the senders, from 0.
    pub sender_class: usize,
    /// Receivers of the class.
    pub n_receivers: usize,
    /// Senders of the class.
    pub n_senders: usize,
    /// Root mean square error over the recorded range, psi of maximum 1.
    pub rmse: f64,
    /// Width of the learned psi, where the truth is a tanh.
    pub width: Option<f64>,
    /// True width.
    pub true_width: Option<f64>,
    /// Linear part of the learned psi, where the truth has one.
    pub slope: Option<f64>,
    /// True linear part.
    pub true_slope: Option<f64>,
}

/// Omega against truth, over the modulated neurons and all slices of the truth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModulationScores {
    /// Squared correlation of learned and true Omega; 1 is perfect.
    pub r2_linear_fit: f64,
    /// Slope of learned on true.
    pub slope: f64,
    /// Squared correlation of each neuron's Omega about its own mean in time, each in units of that mean: only
    /// Omega_i W_i is determined, and this does not ask how the scale was divided.
    pub r2_within_neuron: f64,
    /// Squared correlation of learned and true W of the modulated rows, each learned row over its own scale (the factor
    /// nearest to the truth): what a recording determines of these rows.
    #[serde(default)]
    pub wiring_r2_within_rows: f64,
    /// Standard deviation of the logarithm of that factor: how far W and Omega of a neuron share their scale wrongly.
    #[serde(default)]
    pub row_scale_error: f64,
    /// 1 - SS_res / SS_tot about the identity line; "Omega is 1 everywhere" scores `constant_r2_identity`.
    pub r2_identity: f64,
    /// The same of Omega = 1.
    pub constant_r2_identity: f64,
    /// Neurons whose true Omega varies.
    pub n_modulated: usize,
    /// Share of all neurons whose being modulated or not was found out.
    pub detection_accuracy: f64,
}

/// Rollout of the model beside the true system from states it never saw, noise off.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RolloutScores {
    /// Squared correlation across neurons after 400 frames, mean over starts.
    pub r2_at_400: f64,
    /// Slope of model on truth after 400 frames, mean over starts.
    pub slope_at_400: f64,
    /// Squared correlation across neurons after 800 frames, mean over starts.
    pub r2_at_800: f64,
    /// Slope of model on truth after 800 frames, mean over starts.
    pub slope_at_800: f64,
    /// `r2` of "nothing changes" at 400 frames: the chance level.
    pub persistence_r2_at_400: f64,
    /// `r2` of "nothing changes" at 800 frames.
    pub persistence_r2_at_800: f64,
    /// The scores of each start.
    pub starts: Vec<[f64; 4]>,
}

/// R2 of one method at one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonScore {
    /// Steps ahead.
    pub steps: usize,
    /// The model.
    pub model: f64,
    /// "Nothing changes".
    pub persistence: f64,
    /// Ridge VAR(1) on differences, penalty cross-validated in time.
    pub ridge_var1: f64,
}

/// Held-out forecast: R2 pooled over neurons about each neuron's held-out mean.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ForecastScores {
    /// 1, 5 and 20 steps ahead.
    pub horizons: Vec<HorizonScore>,
    /// Frames that were fitted.
    pub n_train: usize,
    /// Frames that were scored.
    pub n_test: usize,
}

/// One simple method scored as the model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WiringBaseline {
    /// `correlation`, `partial_correlation`, `ridge_var1` or `chance`.
    pub method: String,
    /// Squared correlation with the true weights.
    pub r2_linear_fit: Option<f64>,
    /// Area under the ROC curve for presence of an edge.
    pub auroc: Option<f64>,
    /// Average precision for presence of an edge.
    pub average_precision: Option<f64>,
    /// The same for each kind of edge.
    pub by_kind: Vec<KindScore>,
}

/// What simple methods and chance reach on the same data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Baselines {
    /// Wiring.
    pub connectivity: Vec<WiringBaseline>,
}

/// How the fit came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SolverSummary {
    /// Target, equations, ridge, residual.
    pub fit: super::FitSummary,
    /// Largest over smallest singular value of psi(X).
    pub condition_number: f64,
    /// Number of senders whose weights are not determined.
    pub n_weak_senders: usize,
    /// Number of neurons left out.
    pub n_excluded: usize,
}

/// What the figures show of an evaluation, kept so that nothing is fitted or rolled out twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EvaluationViews {
    /// Rollout from the first unseen start.
    pub rollout: Option<RolloutView>,
    /// Forecast of held-out frames.
    pub forecast: Option<ForecastView>,
}

/// Scores a model against all that is given.
///
/// With truth: wiring, types, functions, rollout. Without: forecast of the last quarter by a model fitted to
/// the first three. With a connectome: presence of edges, matched by id.
///
/// # Errors
/// [`Error::Mismatch`] if truth and model differ in size; [`Error::Recording`] if no id of the connectome
/// matches; errors of the solver for the fit on the first three quarters; [`Error::Interrupted`].
pub fn evaluate(
    mechanism: &Mechanism,
    inputs: &EvaluationInputs<'_>,
    events: &dyn Listener,
) -> Result<(Evaluation, EvaluationViews), Error> {
    events.emit(Event::Started { stage: "evaluation", total: None });
    let mut evaluation = Evaluation {
        types: Some(TypeScores {
            n_types: mechanism.types.n_types,
            silhouette: mechanism.types.silhouette,
            ..TypeScores::default()
        }),
        solver: Some(SolverSummary {
            fit: mechanism.fit.clone(),
            condition_number: mechanism.identifiability.condition_number,
            n_weak_senders: mechanism.identifiability.weak_senders.len(),
            n_excluded: mechanism.identifiability.excluded.len(),
        }),
        ..Evaluation::default()
    };
    let mut views = EvaluationViews::default();
    match inputs.truth {
        Some(truth) => {
            recovery::score(mechanism, truth, &mut evaluation)?;
            let (scores, view) = rollout_scores::score(mechanism, truth, inputs.seed)?;
            (evaluation.rollout, views.rollout) = (Some(scores), Some(view));
        }
        None => {
            let (scores, view) = forecast::score(mechanism, inputs, events)?;
            (evaluation.forecast, views.forecast) = (Some(scores), Some(view));
        }
    }
    wiring::score(mechanism, inputs, &mut evaluation)?;
    evaluation.degeneracy = degeneracy::score(mechanism, inputs.recording.activity, inputs.seed)?;
    events.emit(Event::Finished);
    Ok((evaluation, views))
}
