//! The fitted mechanism: wiring, functions, types, and what the recording could not tell.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayD, ArrayView1, ArrayViewMut1};
use neuroloom_analysis::spline::{Beyond, CubicBasis, CubicCurve};
use neuroloom_core::NeuronId;
use serde::{Deserialize, Serialize};

use super::Target;
use crate::Error;

/// Named arrays and text, the plain form in which a model is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensors {
    /// Arrays by name.
    pub arrays: BTreeMap<String, ArrayD<f64>>,
    /// Text by name.
    pub metadata: BTreeMap<String, String>,
}

/// psi: what a neuron's activity is to others. psi(0) = 0, max |psi| = 1 on the recorded range.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferFunction {
    /// Knots of the cubic B-spline, ascending, dense near 0.
    pub knots: Vec<f64>,
    /// One coefficient a basis function (`knots + 2`).
    pub coefficients: Vec<f64>,
}

impl TransferFunction {
    /// psi as a fast piecewise cubic, constant beyond its knots.
    ///
    /// # Errors
    /// [`Error::Analysis`] if the knots or coefficients do not describe a spline.
    pub fn curve(&self) -> Result<CubicCurve, Error> {
        Ok(CubicBasis::new(self.knots.clone())?.curve(&self.coefficients, Beyond::Constant)?)
    }
}

/// phi_i(x) = B_i(x) d_i + s_i psi(x): what each neuron does alone, per second.
///
/// The spline on the neuron's own range carries the slow part, s_i psi(x) the curvature near 0. Only their sum
/// is determined: W_ii psi(x_i) and phi_i(x_i) are the same thing to a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateFunctions {
    /// Lowest recorded value of each neuron.
    pub lower: Vec<f64>,
    /// Highest recorded value of each neuron.
    pub upper: Vec<f64>,
    /// Equally spaced knots between them.
    pub n_knots: usize,
    /// `[neuron, basis function]`.
    pub coefficients: Array2<f64>,
    /// s_i, the share of psi in phi_i.
    pub self_coupling: Vec<f64>,
    /// How the splines go on beyond the recorded range: with their slope where the recording determines it,
    /// else flat, so that a noisy end cannot run away.
    pub beyond: Beyond,
}

/// phi of one neuron, ready for many evaluations; beyond its range the spline goes on as [`UpdateFunctions::beyond`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateCurve {
    spline: CubicCurve,
    self_coupling: f64,
    transfer: CubicCurve,
}

impl UpdateCurve {
    /// phi(x).
    pub fn value(&self, x: f64) -> f64 {
        self.spline.value(x) + self.self_coupling * self.transfer.value(x)
    }
}

impl UpdateFunctions {
    /// phi of one neuron, given the psi of the same fit.
    ///
    /// # Errors
    /// [`Error::Analysis`] if the range is empty.
    pub fn curve(&self, neuron: usize, transfer: &TransferFunction) -> Result<UpdateCurve, Error> {
        Ok(UpdateCurve {
            spline: self.spline(neuron)?,
            self_coupling: self.self_coupling[neuron],
            transfer: transfer.curve()?,
        })
    }

    fn spline(&self, neuron: usize) -> Result<CubicCurve, Error> {
        let basis = CubicBasis::uniform(self.lower[neuron], self.upper[neuron], self.n_knots)?;
        Ok(basis.curve(&self.coefficients.row(neuron).to_vec(), self.beyond)?)
    }
}

/// Types found by clustering the update functions.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuronTypes {
    /// Type of each neuron, numbered by first appearance; `u32::MAX` for a neuron that is left out.
    pub label: Vec<u32>,
    /// Number of types; 1 when no grouping is supported (silhouette below 0.25).
    pub n_types: usize,
    /// Mean silhouette of the chosen grouping, -1 to 1; above 0.7 is strong, below 0.25 is none.
    pub silhouette: f64,
    /// Mean silhouette for each k tried.
    pub silhouette_by_k: Vec<(usize, f64)>,
    /// First two principal components of the profiles, `[neuron, 2]`, for display.
    pub embedding: Array2<f64>,
    /// Activity at which the profiles are sampled.
    pub grid: Vec<f64>,
    /// phi_i on the grid minus its value at 0 (or at the grid point nearest to 0), `[neuron, grid]`.
    pub profile: Array2<f64>,
}

/// What the recording determines and what it does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identifiability {
    /// Singular values of psi(X) / sqrt(equations), descending.
    pub singular_values: Vec<f64>,
    /// Largest over smallest singular value.
    pub condition_number: f64,
    /// Senders whose outgoing weights this recording does not determine.
    pub weak_senders: Vec<usize>,
    /// Median over receivers of standard error / rms weight, one a sender.
    pub sender_error: Vec<f64>,
    /// Neurons left out because they are constant or mostly missing.
    pub excluded: Vec<usize>,
}

/// How the fit came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitSummary {
    /// How dx/dt was read off.
    pub target: Target,
    /// Equations used for the final weights.
    pub n_equations: usize,
    /// Equations that the recording offers.
    pub n_available: usize,
    /// Ridge on W relative to the mean eigenvalue of psi(X)'psi(X).
    pub ridge: f64,
    /// Penalty on phi relative to its own data, 0 when the recording determines it.
    pub update_penalty: f64,
    /// Width of the bounded function that psi started from.
    pub start_width: f64,
    /// Accepted Levenberg-Marquardt steps of psi.
    pub transfer_steps: usize,
    /// 1 - R2 of the targets on the fitted equations.
    pub residual_fraction: f64,
    /// Standard deviation of all activity.
    pub activity_std: f64,
    /// Choices made for the user, one sentence each.
    pub notes: Vec<String>,
}

/// A mechanism fitted to a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Mechanism {
    /// One id a neuron.
    pub neuron_ids: Vec<NeuronId>,
    /// Seconds between two frames.
    pub dt_s: f64,
    /// `W[post, pre]`, zero diagonal, in units of drift (activity per second).
    pub weight_matrix: Array2<f64>,
    /// Standard error of each weight, `[post, pre]`; infinite where there is no information.
    pub standard_error: Array2<f64>,
    /// psi.
    pub transfer: TransferFunction,
    /// phi.
    pub update: UpdateFunctions,
    /// Types.
    pub types: NeuronTypes,
    /// What is determined.
    pub identifiability: Identifiability,
    /// How the fit came about.
    pub fit: FitSummary,
}

/// The fitted functions prepared for many evaluations of the drift.
pub struct Dynamics<'a> {
    weight_matrix: &'a Array2<f64>,
    transfer: CubicCurve,
    splines: Vec<CubicCurve>,
    self_coupling: &'a [f64],
}

impl Mechanism {
    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.neuron_ids.len()
    }

    /// Whether a neuron is left out of the fit.
    pub fn is_excluded(&self, neuron: usize) -> bool {
        self.identifiability.excluded.contains(&neuron)
    }

    /// The drift as a function of the state.
    ///
    /// # Errors
    /// [`Error::Analysis`] if a spline is malformed.
    pub fn dynamics(&self) -> Result<Dynamics<'_>, Error> {
        let splines =
            (0..self.n_neurons()).map(|neuron| self.update.spline(neuron)).collect::<Result<_, _>>()?;
        Ok(Dynamics {
            weight_matrix: &self.weight_matrix,
            transfer: self.transfer.curve()?,
            splines,
            self_coupling: &self.update.self_coupling,
        })
    }

    /// phi of one neuron.
    ///
    /// # Errors
    /// [`Error::Analysis`] if a spline is malformed.
    pub fn update_curve(&self, neuron: usize) -> Result<UpdateCurve, Error> {
        self.update.curve(neuron, &self.transfer)
    }

    /// The model as named arrays.
    pub fn to_tensors(&self) -> Tensors {
        let mut arrays = BTreeMap::new();
        let mut put = |name: &str, array: ArrayD<f64>| arrays.insert(name.to_owned(), array);
        put("weight_matrix", self.weight_matrix.clone().into_dyn());
        put("standard_error", self.standard_error.clone().into_dyn());
        put("transfer.knots", vector(&self.transfer.knots));
        put("transfer.coefficients", vector(&self.transfer.coefficients));
        put("update.lower", vector(&self.update.lower));
        put("update.upper", vector(&self.update.upper));
        put("update.self_coupling", vector(&self.update.self_coupling));
        put("update.coefficients", self.update.coefficients.clone().into_dyn());
        put("types.label", vector(&self.types.label.iter().map(|&one| f64::from(one)).collect::<Vec<_>>()));
        put("types.embedding", self.types.embedding.clone().into_dyn());
        put("types.grid", vector(&self.types.grid));
        put("types.profile", self.types.profile.clone().into_dyn());
        put("identifiability.singular_values", vector(&self.identifiability.singular_values));
        put("identifiability.sender_error", vector(&self.identifiability.sender_error));
        let names: Vec<String> = self.neuron_ids.iter().map(ToString::to_string).collect();
        let metadata = BTreeMap::from([
            ("family".to_owned(), "mechanism".to_owned()),
            ("dt_s".to_owned(), self.dt_s.to_string()),
            ("neuron_ids".to_owned(), names.join("\n")),
            ("orientation".to_owned(), "weight_matrix[post, pre]".to_owned()),
        ]);
        Tensors { arrays, metadata }
    }
}

impl Dynamics<'_> {
    /// dx/dt of many states at once, `[state, neuron]`.
    pub fn drifts(&self, states: &Array2<f64>) -> Array2<f64> {
        let messages = states.mapv(|value| self.transfer.value(value));
        let mut drifts = messages.dot(&self.weight_matrix.t());
        let rows = states.rows().into_iter().zip(messages.rows());
        for (drift, (state, message)) in drifts.rows_mut().into_iter().zip(rows) {
            self.add_update(state, message, drift);
        }
        drifts
    }

    /// Writes dx/dt at the state `x` into `out`.
    pub fn drift(&self, x: &Array1<f64>, mut out: ArrayViewMut1<f64>) {
        let message = x.mapv(|value| self.transfer.value(value));
        out.assign(&self.weight_matrix.dot(&message));
        self.add_update(x.view(), message.view(), out);
    }

    fn add_update(&self, state: ArrayView1<f64>, message: ArrayView1<f64>, mut drift: ArrayViewMut1<f64>) {
        for (neuron, spline) in self.splines.iter().enumerate() {
            drift[neuron] += spline.value(state[neuron]) + self.self_coupling[neuron] * message[neuron];
        }
    }
}

fn vector(values: &[f64]) -> ArrayD<f64> {
    Array1::from(values.to_vec()).into_dyn()
}
