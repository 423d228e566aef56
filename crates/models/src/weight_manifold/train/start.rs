//! The first weights: W = g N(0, 1) / sqrt(inputs of the unit), biases 0.

use ndarray::{Array1, Array2};
use neuroloom_core::Seed;
use rand_distr::{Distribution, StandardNormal};

use super::Problem;
use super::constraint::Signs;
use crate::weight_manifold::config::Constraint;
use crate::weight_manifold::model::Autoencoder;

impl Problem<'_> {
    /// A network before its first step, within its constraint.
    pub(super) fn start(&self) -> Autoencoder {
        let (n_hidden, n_inputs) = (self.config.hidden, self.inputs.ncols());
        let seed = self.seed.split("first weights");
        // `check` insists on a gain for every solver that comes here.
        let gain = self.config.gain.unwrap_or(1.0);
        let mut input_weights = gaussian((n_hidden, n_inputs), gain / (n_inputs as f64).sqrt(), seed.nth(0));
        let mut output_weights = gaussian((n_inputs, n_hidden), gain / (n_hidden as f64).sqrt(), seed.nth(1));
        match (self.config.constraint, self.signs()) {
            (Constraint::Tied, _) => output_weights = input_weights.t().to_owned(),
            (_, Some(signs)) => {
                signs.fold(&mut input_weights, &signs.input);
                signs.fold(&mut output_weights, &signs.hidden);
            }
            _ => {}
        }
        Autoencoder {
            input_weights,
            output_weights,
            hidden_bias: Array1::zeros(n_hidden),
            output_bias: Array1::zeros(n_inputs),
            activation: self.config.activation,
        }
    }

    /// The sign of each unit, where there is one.
    pub(super) fn signs(&self) -> Option<Signs> {
        Signs::of(self.config, self.inputs.ncols(), self.seed.split("signs"))
    }
}

fn gaussian(shape: (usize, usize), deviation: f64, seed: Seed) -> Array2<f64> {
    let mut rng = seed.rng();
    Array2::from_shape_simple_fn(shape, || {
        let draw: f64 = StandardNormal.sample(&mut rng);
        deviation * draw
    })
}
