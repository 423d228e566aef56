//! Weight manifold: which variables does a circuit encode? Read from its connection weights.
//!
//! A network that compresses and rebuilds its inputs may hide what it encodes: input weights can be changed nearly
//! arbitrarily where output weights undo the change. A penalty on the weights removes that freedom up to a rotation,
//! which no distance between weight vectors sees. Then the outgoing weights of an input neuron are a point on an
//! embedded copy of the latent space, and nonlinear dimensionality reduction finds the space again.
//!
//! ```text
//! h = f(A x + b), y = B h + c
//! L = 1/2 E|x - y|^2 + lam_A/2 |A|^2 + lam_B/2 |B|^2 + lam_1 (|A|_1 + |B|_1) + lam_H/2 E|h|^2
//! A'A = sqrt(lam_B / lam_A) U D U', d_m = max(0, 1 - lam / c_m)      (linear f, L2; C = U diag(c) U')
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `config`, `model` | settings; the network |
//! | [`Moments`], [`ClosedForm`] | second moments of the inputs; the theorems |
//! | [`train`] | closed form, L-BFGS, proximal steps, Adam, gradient flow; ends where nothing pulls the weights |
//! | [`SilencingPrice`] | the price from which on no network is best |
//! | [`Weights`], [`Reading`] | points of a network or a circuit; one embedding a connected piece |
//! | [`score`], [`structure`](structure()) | agreement with a truth beside shuffled weights; dimension and topology |
//! | [`explore`](explore()) | the numbers behind the figures |
//! | [`stress`](stress()) | scores against damage |
//! | [`evaluate`](evaluate()) | reconstruction and balance beside what is attainable |
//!
//! After the abstract of Farrell, Recanatesi, Reid, Mihalas and Shea-Brown (2021), Neural Networks 141, 330-343. The
//! full text could not be read: no number, setting or figure here is theirs. Theory and experiments are our own; the
//! input task follows the first author's public generator.

mod closed_form;
mod config;
mod evaluate;
mod explore;
mod extract;
mod model;
mod moments;
mod silence;
mod stress;
mod train;

pub use closed_form::ClosedForm;
pub use config::{AutoencoderConfig, Biases, Constraint, HiddenActivation, Penalty, PenaltyUnit, Solver};
pub use evaluate::{NetworkScores, evaluate};
pub use explore::{ManifoldViews, explore, reading_order};
pub use extract::{
    Bars, Dimension, EmbeddingMethod, Entries, ExtractConfig, FEWEST_POINTS, KnownNeuron, Manifold,
    ManifoldScores, NeuronTruth, PointSet, Reading, Scaling, Score, Structure, TrueGroup, Weights,
    main_score, score, structure,
};
pub use model::Autoencoder;
pub use moments::{Centring, Moments, Spectrum};
pub use silence::SilencingPrice;
pub use stress::{
    Corruption, Recipe, StressConfig, StressCurve, StressPoint, StressSubject, chosen_weights, corrupted,
    stress,
};
pub use train::{
    Balance, BalanceDecay, Criterion, HistoryPoint, Trained, TrainingRecord, balance_error, train,
};
