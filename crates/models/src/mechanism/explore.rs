//! The numbers behind the figures: plain vectors, already small enough to draw.

mod field;
mod functions;
mod matrices;
mod recording;

use serde::{Deserialize, Serialize};

use super::{EvaluationInputs, EvaluationViews, Mechanism};
use crate::Error;

/// Most singular values that are drawn.
const MOST_SINGULAR_VALUES: usize = 400;

/// A function drawn for one neuron type (or for all neurons).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Curve {
    /// Label of the curve.
    pub name: String,
    /// Activity.
    pub x: Vec<f64>,
    /// Median over the neurons.
    pub y: Vec<f64>,
    /// Lower end of the band (5 % over neurons, or confidence).
    pub lower: Vec<f64>,
    /// Upper end of the band.
    pub upper: Vec<f64>,
    /// The true function, where known.
    pub truth: Vec<f64>,
}

/// A matrix reduced for display, row-major `[row][column]`, with where types begin.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MatrixView {
    /// Values, row = post, column = pre.
    pub rows: Vec<Vec<f64>>,
    /// Rows (= columns) at which a new type begins.
    pub boundaries: Vec<usize>,
}

/// Learned against true weights as a two-dimensional histogram.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DensityScatter {
    /// Bin edges of the true weights (shared by both axes).
    pub edges: Vec<f64>,
    /// `counts[learned bin][true bin]`.
    pub counts: Vec<Vec<f64>>,
}

/// A rollout beside the truth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RolloutView {
    /// Frame numbers at which scores were taken.
    pub frame: Vec<usize>,
    /// Squared correlation across neurons at those frames.
    pub r2: Vec<f64>,
    /// Slope at those frames.
    pub slope: Vec<f64>,
    /// (true, model) for each neuron after 400 frames.
    pub scatter_400: Vec<(f64, f64)>,
    /// (true, model) for each neuron after 800 frames.
    pub scatter_800: Vec<(f64, f64)>,
    /// Names of a few example neurons.
    pub example_names: Vec<String>,
    /// Their true traces, `[neuron][frame]`.
    pub example_truth: Vec<Vec<f64>>,
    /// Their modelled traces.
    pub example_model: Vec<Vec<f64>>,
}

/// The held-out stretch of a few neurons with the model's forecasts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ForecastView {
    /// Seconds.
    pub time_s: Vec<f64>,
    /// Names of the neurons.
    pub names: Vec<String>,
    /// Recorded, `[neuron][frame]`.
    pub recorded: Vec<Vec<f64>>,
    /// Forecast `steps` before each frame.
    pub forecast: Vec<Vec<f64>>,
    /// How many steps ahead.
    pub steps: usize,
}

/// Omega of the neurons that are scaled from outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FieldView {
    /// Middle of each window in seconds.
    pub time_s: Vec<f64>,
    /// Names of a few of the neurons.
    pub names: Vec<String>,
    /// Their Omega, `[neuron][window]`.
    pub learned: Vec<Vec<f64>>,
    /// The true one, where known.
    pub truth: Option<Vec<Vec<f64>>>,
    /// (true, learned) over neurons and windows, thinned.
    pub pairs: Vec<(f64, f64)>,
    /// Neurons that are scaled.
    pub n_scaled: usize,
}

/// Everything the report draws of one fit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Exploration {
    /// Activity for the heat map, `[neuron row][time column]`, and its time axis in seconds.
    pub heat_map: Vec<Vec<f64>>,
    /// Length of the heat map in seconds.
    pub duration_s: f64,
    /// Time of the example traces in seconds.
    pub trace_time_s: Vec<f64>,
    /// Names of the example neurons.
    pub trace_names: Vec<String>,
    /// Their traces.
    pub traces: Vec<Vec<f64>>,
    /// Learned wiring sorted by type.
    pub learned: MatrixView,
    /// True wiring in the same order and units, where known.
    pub truth: Option<MatrixView>,
    /// Standard errors in the same order.
    pub standard_error: MatrixView,
    /// Learned against true, where known.
    pub density: Option<DensityScatter>,
    /// Histogram of learned weights: bin edges and counts.
    pub weight_edges: Vec<f64>,
    /// Counts of the histogram.
    pub weight_counts: Vec<f64>,
    /// phi per type.
    pub update_curves: Vec<Curve>,
    /// psi, one curve a pair of classes.
    pub transfer_curves: Vec<Curve>,
    /// Embedding, one point a neuron.
    pub embedding: Vec<(f64, f64)>,
    /// Type found, one a neuron.
    pub label: Vec<u32>,
    /// True type, one a neuron, where known.
    pub true_label: Option<Vec<u32>>,
    /// Silhouette for each k.
    pub silhouette_by_k: Vec<(usize, f64)>,
    /// Singular values of psi(X)/sqrt(T), at most 400.
    pub singular_values: Vec<f64>,
    /// Names of weak senders.
    pub weak_senders: Vec<String>,
    /// Rollout against truth.
    pub rollout: Option<RolloutView>,
    /// Forecast of held-out frames.
    pub forecast: Option<ForecastView>,
    /// Omega, where a field was found.
    #[serde(default)]
    pub field: Option<FieldView>,
}

/// Collects the numbers behind the figures.
///
/// # Errors
/// As [`evaluate`](super::evaluate).
pub fn explore(
    mechanism: &Mechanism,
    inputs: &EvaluationInputs<'_>,
    views: EvaluationViews,
) -> Result<Exploration, Error> {
    let order = by_type(&mechanism.types.label);
    let mut exploration = Exploration {
        embedding: mechanism.types.embedding.rows().into_iter().map(|row| (row[0], row[1])).collect(),
        label: mechanism.types.label.clone(),
        true_label: inputs.truth.map(|truth| truth.cell_type.clone()),
        silhouette_by_k: mechanism.types.silhouette_by_k.clone(),
        singular_values: thin(&mechanism.identifiability.singular_values, MOST_SINGULAR_VALUES),
        weak_senders: names(mechanism, &mechanism.identifiability.weak_senders),
        update_curves: functions::update_curves(mechanism, inputs.truth)?,
        transfer_curves: functions::transfer_curves(mechanism, inputs.truth)?,
        rollout: views.rollout,
        forecast: views.forecast,
        field: field::show(mechanism, inputs.truth, inputs.recording.activity.dt_s()),
        ..Exploration::default()
    };
    recording::show(inputs.recording.activity, &order, &mut exploration)?;
    matrices::show(mechanism, inputs.truth, &order, &mut exploration)?;
    Ok(exploration)
}

/// Neurons ordered by type, then by position.
fn by_type(label: &[u32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..label.len()).collect();
    order.sort_by_key(|&neuron| label[neuron]);
    order
}

fn names(mechanism: &Mechanism, neurons: &[usize]) -> Vec<String> {
    neurons.iter().map(|&one| mechanism.neuron_ids[one].to_string()).collect()
}

/// At most `most` values, evenly picked, the last one included.
fn thin(values: &[f64], most: usize) -> Vec<f64> {
    if values.len() <= most {
        return values.to_vec();
    }
    (0..most).map(|one| values[one * (values.len() - 1) / (most - 1)]).collect()
}
