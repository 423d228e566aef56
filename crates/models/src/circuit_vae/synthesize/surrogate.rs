//! A small MLP from codes to metrics.

use ndarray::Array2;
use neuroloom_core::Seed;
use neuroloom_nn::kernel::{Activation, AdamConfig, Decay, MlpGradients, NodeMlp};
use neuroloom_nn::optim::Adam;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::space::CodeSpace;
use crate::Error;

/// How a surrogate is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SurrogateConfig {
    /// Units of each of two hidden layers.
    pub width: usize,
    /// Passes over all circuits at most.
    pub max_epochs: usize,
    /// Passes without an improvement on held-out circuits before it ends.
    pub patience: usize,
    /// Learning rate of Adam.
    pub learning_rate: f32,
    /// Decay of the weights.
    pub weight_decay: f32,
}

impl Default for SurrogateConfig {
    fn default() -> Self {
        Self { width: 64, max_epochs: 1000, patience: 100, learning_rate: 3e-3, weight_decay: 1e-2 }
    }
}

/// g: standardised codes to metrics; smooth, so that it has a gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Surrogate {
    mlp: NodeMlp,
    parameters: Vec<f32>,
    /// Mean and standard deviation of each metric.
    scale: Vec<(f64, f64)>,
    r2_held_out: Vec<f64>,
}

impl Surrogate {
    /// Fits all metrics at once to four fifths of the circuits that have them all, and stops by the rest.
    ///
    /// # Errors
    /// [`Error::Config`] for fewer than ten such circuits.
    pub fn fit(space: &CodeSpace, config: &SurrogateConfig, seed: Seed) -> Result<Self, Error> {
        let scale: Vec<(f64, f64)> = space.metrics().iter().map(|model| (model.mean, model.sd)).collect();
        let values = space.training_metrics();
        let mut rows: Vec<usize> = (0..values.nrows())
            .filter(|&row| values.row(row).iter().all(|value| value.is_finite()))
            .collect();
        if rows.len() < 10 {
            let (given, allowed) =
                (rows.len().to_string(), "10 or more with every metric defined".to_owned());
            return Err(Error::Config { key: "circuits for a surrogate", given, allowed });
        }
        let mut rng = seed.split("surrogate").rng();
        for last in (1..rows.len()).rev() {
            rows.swap(last, rng.random_range(0..=last));
        }
        let (held_out, fitted) = rows.split_at(rows.len() / 5);
        let [fitted, held_out] = [fitted, held_out].map(|rows| Samples::new(space, rows, &scale));
        let n_metrics = scale.len();
        let mlp =
            NodeMlp::new(&[space.n_dimensions(), config.width, config.width, n_metrics], Activation::Tanh)?;
        let parameters = descend(&mlp, [&fitted, &held_out], config, start(&mlp, &mut rng))?;
        let r2_held_out = held_out.r2(&held_out.outputs(&mlp, &parameters)?);
        Ok(Self { mlp, parameters, scale, r2_held_out })
    }

    /// R2 of each metric on the circuits that were held out.
    pub fn r2_held_out(&self) -> &[f64] {
        &self.r2_held_out
    }

    /// Metrics at standardised codes `[code, dimension]`, `[code, metric]`.
    ///
    /// # Errors
    /// [`Error::Network`] for another number of dimensions.
    pub fn predict(&self, standardised: ndarray::ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        let inputs: Vec<f32> = standardised.iter().map(|value| *value as f32).collect();
        let n_metrics = self.scale.len();
        let mut outputs = vec![0.0; standardised.nrows() * n_metrics];
        self.mlp.forward(&self.parameters, &inputs, &mut outputs)?;
        Ok(Array2::from_shape_fn((standardised.nrows(), n_metrics), |(row, metric)| {
            let (mean, sd) = self.scale[metric];
            mean + sd * f64::from(outputs[row * n_metrics + metric])
        }))
    }

    /// Metrics in units of (value - mean) / sd and the gradient of sum over metrics of `pull(metric, value)` for the
    /// code, where `pull` gives the derivative for each.
    pub(super) fn gradient(
        &self,
        standardised: &[f32],
        pull: impl Fn(usize, f64) -> f64,
    ) -> Result<Vec<f32>, Error> {
        let mut outputs = vec![0.0; self.scale.len()];
        self.mlp.forward(&self.parameters, standardised, &mut outputs)?;
        let slopes: Vec<f32> = outputs
            .iter()
            .enumerate()
            .map(|(metric, &value)| pull(metric, f64::from(value)) as f32)
            .collect();
        let mut inputs = vec![0.0; standardised.len()];
        let mut unused = vec![0.0; self.mlp.n_parameters()];
        let into = MlpGradients { parameters: &mut unused, inputs: Some(&mut inputs) };
        self.mlp.backward(&self.parameters, standardised, &slopes, into)?;
        Ok(inputs)
    }
}

struct Samples {
    inputs: Vec<f32>,
    wanted: Vec<f32>,
    n_outputs: usize,
}

impl Samples {
    fn new(space: &CodeSpace, rows: &[usize], scale: &[(f64, f64)]) -> Self {
        let (codes, values) = (space.training_codes(), space.training_metrics());
        let inputs = rows.iter().flat_map(|&row| codes.row(row).to_vec()).map(|value| value as f32).collect();
        let wanted = rows
            .iter()
            .flat_map(|&row| values.row(row).to_vec().into_iter().zip(scale))
            .map(|(value, (mean, sd))| ((value - mean) / sd) as f32)
            .collect();
        Self { inputs, wanted, n_outputs: scale.len() }
    }

    fn outputs(&self, mlp: &NodeMlp, parameters: &[f32]) -> Result<Vec<f32>, Error> {
        let mut outputs = vec![0.0; self.wanted.len()];
        mlp.forward(parameters, &self.inputs, &mut outputs)?;
        Ok(outputs)
    }

    fn loss(&self, outputs: &[f32]) -> f64 {
        let squares = outputs.iter().zip(&self.wanted).map(|(y, t)| f64::from(y - t).powi(2));
        squares.sum::<f64>() / self.wanted.len().max(1) as f64
    }

    fn r2(&self, outputs: &[f32]) -> Vec<f64> {
        let of = |metric: usize| {
            let pick = |all: &[f32]| -> Vec<f64> {
                all.iter().skip(metric).step_by(self.n_outputs).map(|value| f64::from(*value)).collect()
            };
            neuroloom_analysis::metrics::regression::r2_identity(&pick(outputs), &pick(&self.wanted))
                .unwrap_or(f64::NAN)
        };
        (0..self.n_outputs).map(of).collect()
    }
}

/// Uniform in +-1 / sqrt(inputs of the layer); biases 0.
fn start(mlp: &NodeMlp, rng: &mut impl rand::Rng) -> Vec<f32> {
    let mut parameters = vec![0.0; mlp.n_parameters()];
    for layer in 0..mlp.n_layers() {
        if let Some(range) = mlp.weight(layer) {
            let size = 1.0 / (mlp.widths()[layer] as f32).sqrt();
            parameters[range].iter_mut().for_each(|weight| *weight = rng.random_range(-size..size));
        }
    }
    parameters
}

fn descend(
    mlp: &NodeMlp,
    [fitted, held_out]: [&Samples; 2],
    config: &SurrogateConfig,
    mut parameters: Vec<f32>,
) -> Result<Vec<f32>, Error> {
    let settings = AdamConfig {
        learning_rate: config.learning_rate,
        decay: Decay::Decoupled(config.weight_decay),
        ..AdamConfig::default()
    };
    let mut adam = Adam::new(&[("surrogate", parameters.len(), settings)])?;
    let mut best = (f64::INFINITY, parameters.clone(), 0);
    for epoch in 0..config.max_epochs {
        let outputs = fitted.outputs(mlp, &parameters)?;
        let scale = 2.0 / fitted.wanted.len() as f32;
        let slopes: Vec<f32> = outputs.iter().zip(&fitted.wanted).map(|(y, t)| scale * (y - t)).collect();
        let mut gradients = vec![0.0; parameters.len()];
        let into = MlpGradients { parameters: &mut gradients, inputs: None };
        mlp.backward(&parameters, &fitted.inputs, &slopes, into)?;
        adam.begin_step();
        adam.update("surrogate", &mut parameters, &gradients)?;
        let loss = held_out.loss(&held_out.outputs(mlp, &parameters)?);
        if loss < best.0 {
            best = (loss, parameters.clone(), epoch);
        }
        if epoch > best.2 + config.patience {
            break;
        }
    }
    Ok(best.1)
}
