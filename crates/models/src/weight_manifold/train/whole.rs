//! The loss over all inputs at once, in f64, and the network as one row of numbers.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};
use rayon::prelude::*;

use super::Problem;
use super::exact::Pair;
use crate::weight_manifold::config::HiddenActivation;
use crate::weight_manifold::model::{Autoencoder, square};

/// Inputs whose activity stays in the cache.
const BLOCK: usize = 250;

impl Problem<'_> {
    /// Biases that are trained themselves; a linear network has its best ones in closed form.
    pub(super) fn has_own_biases(&self) -> bool {
        self.config.has_biases() && !self.config.is_linear()
    }

    /// A, B and, where they are trained themselves, the biases of hidden and output units.
    pub(super) fn row_of(&self, model: &Autoencoder) -> Vec<f64> {
        let weights = model.input_weights.iter().chain(&model.output_weights);
        weights.chain(self.own_biases(&model.hidden_bias, &model.output_bias)).copied().collect()
    }

    /// The network of such a row, with the best biases where they are not trained themselves.
    pub(super) fn network(&self, at: &[f64]) -> Autoencoder {
        let model = self.raw_network(at);
        if self.config.is_linear() { self.exact().network(Pair::of(&model), &model) } else { model }
    }

    /// The loss without the price of sizes, and its gradient.
    pub(super) fn smooth(&self, at: &[f64]) -> (f64, Vec<f64>) {
        let model = self.raw_network(at);
        if self.config.is_linear() {
            let (loss, gradient) = self.exact().gradient(&Pair::of(&model));
            return (loss, gradient.a.iter().chain(&gradient.b).copied().collect());
        }
        let mut all = self.over_inputs(&model);
        let (penalty, a, b) = (&self.penalty, &model.input_weights, &model.output_weights);
        let squares = penalty.l2_input * square(a.view()) + penalty.l2_output * square(b.view());
        all.a.scaled_add(penalty.l2_input, a);
        all.b.scaled_add(penalty.l2_output, b);
        let weights = all.a.iter().chain(&all.b);
        let gradient = weights.chain(self.own_biases(&all.hidden_bias, &all.output_bias)).copied().collect();
        (all.loss + 0.5 * squares, gradient)
    }

    /// Mean loss and gradient over all inputs. A unit without weights and bias costs nothing and feels nothing, so only the
    /// others are computed.
    fn over_inputs(&self, model: &Autoencoder) -> Sums {
        let is_live = |unit: &usize| {
            let weights = model.input_weights.row(*unit);
            let mut all =
                weights.iter().chain(model.output_weights.column(*unit)).chain([&model.hidden_bias[*unit]]);
            all.any(|weight| *weight != 0.0)
        };
        let live: Vec<usize> = (0..model.n_hidden()).filter(is_live).collect();
        let small = Autoencoder {
            input_weights: model.input_weights.select(Axis(0), &live),
            output_weights: model.output_weights.select(Axis(1), &live),
            hidden_bias: model.hidden_bias.select(Axis(0), &live),
            output_bias: model.output_bias.clone(),
            activation: model.activation,
        };
        let blocks: Vec<ArrayView2<'_, f64>> = self.inputs.axis_chunks_iter(Axis(0), BLOCK).collect();
        let sums: Vec<Sums> = blocks.into_par_iter().map(|block| self.block(&small, block)).collect();
        let mut mean = Sums::zero(&small);
        // In order, so that the number of threads changes nothing.
        sums.iter().for_each(|one| mean.add(one));
        mean.scale(1.0 / self.inputs.nrows() as f64);
        let mut all = Sums::zero(model);
        for (place, &unit) in live.iter().enumerate() {
            all.a.row_mut(unit).assign(&mean.a.row(place));
            all.b.column_mut(unit).assign(&mean.b.column(place));
            all.hidden_bias[unit] = mean.hidden_bias[place];
        }
        Sums { loss: mean.loss, output_bias: mean.output_bias, ..all }
    }

    fn own_biases<'a>(
        &self,
        hidden: &'a Array1<f64>,
        output: &'a Array1<f64>,
    ) -> impl Iterator<Item = &'a f64> {
        let n = if self.has_own_biases() { hidden.len() + output.len() } else { 0 };
        hidden.iter().chain(output).take(n)
    }

    fn raw_network(&self, at: &[f64]) -> Autoencoder {
        let (n_inputs, n_hidden) = (self.inputs.ncols(), self.config.hidden);
        let n_weights = n_inputs * n_hidden;
        let matrix = |from: usize, shape: (usize, usize)| {
            Array2::from_shape_fn(shape, |(row, column)| at[from + row * shape.1 + column])
        };
        let bias = |from: usize, n: usize| {
            if self.has_own_biases() { Array1::from(at[from..from + n].to_vec()) } else { Array1::zeros(n) }
        };
        Autoencoder {
            input_weights: matrix(0, (n_hidden, n_inputs)),
            output_weights: matrix(n_weights, (n_inputs, n_hidden)),
            hidden_bias: bias(2 * n_weights, n_hidden),
            output_bias: bias(2 * n_weights + n_hidden, n_inputs),
            activation: self.config.activation,
        }
    }

    /// Loss and gradient, summed over a block of inputs.
    fn block(&self, model: &Autoencoder, x: ArrayView2<'_, f64>) -> Sums {
        let (activity, b) = (self.penalty.activity, &model.output_weights);
        let hidden = model.encode(x);
        let error = model.decode(hidden.view()) - x;
        let mut back = error.dot(b);
        back.scaled_add(activity, &hidden);
        Zip::from(&mut back)
            .and(&hidden)
            .for_each(|slope, &h| *slope *= derivative(self.config.activation, h));
        let mut sums = Sums::zero(model);
        general_mat_mul(1.0, &back.t(), &x, 0.0, &mut sums.a);
        general_mat_mul(1.0, &error.t(), &hidden, 0.0, &mut sums.b);
        sums.hidden_bias = back.sum_axis(Axis(0));
        sums.output_bias = error.sum_axis(Axis(0));
        sums.loss = 0.5 * square(error.view()) + 0.5 * activity * square(hidden.view());
        sums
    }
}

/// Loss and gradients, summed over inputs.
struct Sums {
    loss: f64,
    a: Array2<f64>,
    b: Array2<f64>,
    hidden_bias: Array1<f64>,
    output_bias: Array1<f64>,
}

impl Sums {
    fn zero(model: &Autoencoder) -> Self {
        Self {
            loss: 0.0,
            a: Array2::zeros(model.input_weights.dim()),
            b: Array2::zeros(model.output_weights.dim()),
            hidden_bias: Array1::zeros(model.n_hidden()),
            output_bias: Array1::zeros(model.n_inputs()),
        }
    }

    fn add(&mut self, other: &Self) {
        self.loss += other.loss;
        self.a += &other.a;
        self.b += &other.b;
        self.hidden_bias += &other.hidden_bias;
        self.output_bias += &other.output_bias;
    }

    fn scale(&mut self, factor: f64) {
        self.loss *= factor;
        self.a *= factor;
        self.b *= factor;
        self.hidden_bias *= factor;
        self.output_bias *= factor;
    }
}

/// Told from the value, which all three allow.
fn derivative(activation: HiddenActivation, h: f64) -> f64 {
    match activation {
        HiddenActivation::Identity => 1.0,
        HiddenActivation::Relu => f64::from(u8::from(h > 0.0)),
        HiddenActivation::Tanh => 1.0 - h * h,
    }
}
