//! How well a network rebuilds what it has not seen, and how far its weights are from the theorem.

use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::closed_form::ClosedForm;
use super::config::{AutoencoderConfig, Constraint};
use super::model::{Autoencoder, square};
use super::moments::{Centring, Moments};
use super::silence::SilencingPrice;
use super::train::TrainingRecord;
use crate::Error;

/// Scores of a network; each beside what is attainable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkScores {
    /// 1 - |x - y|^2 / |x - mean|^2 on held-out inputs.
    pub reconstruction_r2: f64,
    /// The same for as many principal components (of the training inputs) as there are hidden units: no linear network
    /// does better.
    pub best_linear_r2: f64,
    /// The same for the mean of the training inputs: about 0.
    pub mean_r2: f64,
    /// |A - B'| / |A|: 0 where an L2 penalty has done its work on a linear network; `None` where A is zero.
    pub asymmetry: Option<f64>,
    /// Distance from the balance of every minimum; `None` where there is no such law.
    pub balance_error: Option<f64>,
    /// Whether the training ended by itself.
    pub converged: bool,
    /// Steps done.
    pub steps: usize,
    /// Number of modes that the theorem keeps; `None` where it says nothing.
    pub rank: Option<usize>,
    /// |A'A - theorem| / |theorem|; `None` where it says nothing.
    pub gram_error: Option<f64>,
    /// |A|^2 and what the theorem says it is.
    pub input_norm: (f64, Option<f64>),
    /// Share of the weights that are exactly zero; 1: there is no network.
    pub zero_share: f64,
    /// The loss, prices included, over that of no network at all; above 1 the network costs more than it is worth.
    #[serde(default)]
    pub loss_share: Option<f64>,
    /// The price from which on no network is best; `None` where nothing is known of it.
    #[serde(default)]
    pub silencing_price: Option<SilencingPrice>,
}

/// Scores a network.
///
/// # Shapes
/// `train` and `held_out`: `[moment, neuron]`.
///
/// # Errors
/// [`Error::Mismatch`] if the inputs have another number of neurons; what [`Moments`] and [`ClosedForm`] say.
pub fn evaluate(
    (model, training): (&Autoencoder, &TrainingRecord),
    (train, held_out): (ArrayView2<'_, f64>, ArrayView2<'_, f64>),
    config: &AutoencoderConfig,
) -> Result<NetworkScores, Error> {
    if held_out.ncols() != model.n_inputs() {
        let (what, given) = ("the held-out inputs", held_out.ncols());
        return Err(Error::Mismatch { what, given, expected: model.n_inputs() });
    }
    let centring = if config.has_biases() { Centring::Centred } else { Centring::Raw };
    let theorem = theorem(train, (config, training), centring)?;
    let predicted = theorem.as_ref().map(ClosedForm::input_gram);
    let gram = model.input_weights.t().dot(&model.input_weights);
    let gram_error = predicted.as_ref().map(|predicted| {
        let apart = &gram - predicted;
        (square(apart.view()) / square(predicted.view())).sqrt()
    });
    let weights = model.input_weights.iter().chain(&model.output_weights);
    let n_zero = weights.filter(|weight| **weight == 0.0).count();
    let n_weights = model.input_weights.len() + model.output_weights.len();
    let baselines = Baselines::of(train, centring, model.n_hidden())?;
    Ok(NetworkScores {
        reconstruction_r2: r2(held_out, model.decode(model.encode(held_out).view()).view()),
        best_linear_r2: r2(held_out, baselines.projected(held_out).view()),
        mean_r2: r2(held_out, baselines.mean_of(held_out).view()),
        asymmetry: Some(model.asymmetry()).filter(|asymmetry| asymmetry.is_finite()),
        balance_error: training.balance_error,
        converged: training.converged,
        steps: training.steps,
        rank: theorem.as_ref().map(ClosedForm::rank),
        gram_error,
        input_norm: (gram.diag().sum(), predicted.map(|predicted| predicted.diag().sum())),
        zero_share: n_zero as f64 / n_weights as f64,
        loss_share: training.loss.zip(training.silent_loss).map(|(loss, silent)| loss / silent),
        silencing_price: SilencingPrice::of(&Moments::of(train, centring)?, config)?,
    })
}

/// The theorem of these settings, if there is one.
fn theorem(
    train: ArrayView2<'_, f64>,
    (config, training): (&AutoencoderConfig, &TrainingRecord),
    centring: Centring,
) -> Result<Option<ClosedForm>, Error> {
    if !config.is_linear() || config.constraint != Constraint::Free {
        return Ok(None);
    }
    match ClosedForm::solve(&Moments::of(train, centring)?, &training.penalty, config.hidden) {
        Ok(solution) => Ok(Some(solution)),
        Err(Error::Config { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What a network is compared with.
struct Baselines {
    /// The mean of the training inputs.
    mean: ndarray::Array1<f64>,
    /// What the principal components are taken about.
    moments: Moments,
    /// Components, one a column.
    components: ndarray::Array2<f64>,
}

impl Baselines {
    fn of(train: ArrayView2<'_, f64>, centring: Centring, n_components: usize) -> Result<Self, Error> {
        let moments = Moments::of(train, centring)?;
        let n_kept = n_components.min(train.ncols());
        let components = moments.spectrum()?.vectors.slice(ndarray::s![.., ..n_kept]).to_owned();
        Ok(Self { mean: train.mean_axis(Axis(0)).unwrap_or_default(), moments, components })
    }

    fn projected(&self, inputs: ArrayView2<'_, f64>) -> ndarray::Array2<f64> {
        let about = &inputs - &self.moments.mean;
        about.dot(&self.components).dot(&self.components.t()) + &self.moments.mean
    }

    fn mean_of(&self, inputs: ArrayView2<'_, f64>) -> ndarray::Array2<f64> {
        ndarray::Array2::zeros(inputs.dim()) + &self.mean
    }
}

/// 1 - |x - y|^2 / |x - mean of x|^2.
fn r2(inputs: ArrayView2<'_, f64>, outputs: ArrayView2<'_, f64>) -> f64 {
    let mean = inputs.mean_axis(Axis(0)).unwrap_or_default();
    let (error, spread) = (&inputs - &outputs, &inputs - &mean);
    1.0 - square(error.view()) / square(spread.view())
}
