//! Mechanism: from activity alone to wiring, types and functions.
//!
//! dx_i/dt = phi_i(x_i) + Omega_i(t) sum_j W_ij psi_ij(x_j)   (Allier et al. 2026, eq. 3)
//!
//! | symbol | name here | what it is |
//! |---|---|---|
//! | phi_i | [`UpdateFunctions`] | what a neuron does alone; a cubic spline on its own range, per second |
//! | psi | [`TransferFunctions`] | what a neuron's activity is to others; a cubic spline, shared or for each pair of classes |
//! | Omega_i | [`Modulation`] | what scales the recurrent sum of a neuron from outside, where anything does |
//! | W_ij | [`Mechanism::weight_matrix`] | `W[post, pre]`, absorbs the gain g; zero diagonal |
//! | a_i | [`NeuronTypes`] | types found by clustering phi |
//!
//! **Gauge.** psi(0) = 0 (a constant belongs to phi), max |psi| = 1 on the recorded range, psi positive at its
//! right end; W carries the scale. W_ii is confounded with phi_i: it is part of phi_i, W has a zero diagonal.
//!
//! [`solve()`] eliminates W and phi exactly (variable projection, Golub and Pereyra 1973; Kaufman 1975) and
//! refines the few coefficients of psi by Levenberg-Marquardt. [`evaluate`] scores against truth where there
//! is one and against held-out frames where there is none, each number beside its baselines. [`explore`]
//! turns a fit into the numbers behind the figures. [`distill()`] reads phi and psi as formulas.

mod baselines;
mod config;
mod distill;
mod evaluate;
mod explore;
mod model;
mod rollout;
pub mod solve;
pub mod train;

pub use config::{SolveConfig, Target, TransferChoice, UpdateChoice};
pub use distill::{Coefficient, DistillInputs, Formula, FormulaCurve, Formulas, FrontEntry, distill};
pub use evaluate::{
    Baselines, ClassScores, ConnectivityScores, DegeneracyScores, Evaluation, EvaluationInputs,
    EvaluationViews, ForecastScores, FunctionScores, HorizonScore, KindScore, ModulationScores,
    RolloutScores, SolverSummary, TransferScore, TransplantConfig, TransplantScores, TypeScores,
    WiringBaseline, evaluate, transplant,
};
pub use explore::{Curve, DensityScatter, Exploration, ForecastView, MatrixView, RolloutView, explore};
pub use neuroloom_analysis::symbolic::SymbolicConfig;

pub use model::{
    Dynamics, FitSummary, Identifiability, KnotSpacing, Mechanism, Modulation, NeuronTypes, Tensors,
    TransferFunction, TransferFunctions, TransferKind, UpdateCurve, UpdateFunctions,
};
pub use rollout::rollout;
pub use solve::{SolveInputs, solve};
pub use train::{
    AfterClustering, Checkpoints, ClusteringConfig, Decay, DescentConfig, EmbeddingMode, FieldConfig,
    History, KnownWiring, LossConfig, LossForm, LossPhase, NoCheckpoints, Point, Signs, Start, TrainConfig,
    TrainInputs, Trained, TransferInput, WeightStep, Wiring, train,
};
