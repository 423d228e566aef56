//! Adam on batches in f32, the learning rate along half a cosine; l1 and signs by proximal steps in Adam's own metric.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};
use neuroloom_nn::kernel::adam::AdamConfig;
use neuroloom_nn::optim::Adam;
use neuroloom_nn::schedule::Schedule;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::constraint::{Signs, nearest};
use super::{Criterion, Descent, HistoryPoint, Problem};
use crate::Error;
use crate::weight_manifold::config::{Constraint, HiddenActivation, Penalty};
use crate::weight_manifold::model::Autoencoder;

/// Points of the history in a round.
const N_POINTS: usize = 40;
/// The names under which Adam knows the arrays.
const GROUPS: [&str; 4] = ["input_weights", "output_weights", "hidden_bias", "output_bias"];

/// The network in f32 with everything that a step needs.
struct Descender<'a, 'b> {
    problem: &'a Problem<'b>,
    inputs: Array2<f32>,
    a: Array2<f32>,
    b: Array2<f32>,
    hidden_bias: Array1<f32>,
    output_bias: Array1<f32>,
    adam: Adam,
    signs: Option<Signs>,
    order: Vec<usize>,
    next: usize,
    rng: ChaCha8Rng,
}

/// Gradients of one batch.
struct Gradients {
    loss: f64,
    a: Array2<f32>,
    b: Array2<f32>,
    hidden_bias: Array1<f32>,
    output_bias: Array1<f32>,
}

/// Rounds of cosine descent, each followed by a polish, until nothing pulls the weights any more. Where nothing is paid
/// there is no minimum to wait for, and one round is all; where no polish is possible the balance error ends it.
pub(super) fn descend(problem: &Problem<'_>) -> Result<Descent, Error> {
    let start = problem.start();
    let mut descender = Descender::new(problem, &start)?;
    let is_polished = problem.config.polish > 0 && problem.can_be_polished();
    let has_law = problem.balance(&start).is_some();
    let (n_rounds, criterion) = match (is_polished, has_law) {
        (true, _) => (problem.config.rounds, Criterion::Stationarity),
        (false, true) => (problem.config.rounds, Criterion::Balance),
        (false, false) => (1, Criterion::Steps),
    };
    let mut descent = Descent {
        model: start,
        steps: 0,
        converged: false,
        criterion,
        history: Vec::new(),
        balance_decay: None,
    };
    for _ in 0..n_rounds {
        descender.round(&mut descent)?;
        if is_polished {
            descent = problem.finished(descent)?;
            descender.take(&descent.model);
        } else {
            let balance = problem.balance(&descent.model);
            descent.converged = balance.is_some_and(|error| error < problem.config.tolerance);
        }
        if descent.converged {
            break;
        }
    }
    Ok(descent)
}

impl<'a, 'b> Descender<'a, 'b> {
    fn new(problem: &'a Problem<'b>, start: &Autoencoder) -> Result<Self, Error> {
        let single = |matrix: &Array2<f64>| matrix.mapv(|value| value as f32);
        let settings = AdamConfig::with_learning_rate(problem.config.rate as f32);
        let sizes =
            [start.input_weights.len(), start.output_weights.len(), start.n_hidden(), start.n_inputs()];
        let groups: Vec<_> =
            GROUPS.into_iter().zip(sizes).map(|(name, size)| (name, size, settings)).collect();
        Ok(Self {
            problem,
            inputs: problem.inputs.mapv(|value| value as f32),
            a: single(&start.input_weights),
            b: single(&start.output_weights),
            hidden_bias: Array1::zeros(start.n_hidden()),
            output_bias: Array1::zeros(start.n_inputs()),
            adam: Adam::new(&groups).map_err(nn)?,
            signs: problem.signs(),
            order: (0..problem.inputs.nrows()).collect(),
            next: usize::MAX,
            rng: problem.seed.split("batches").rng(),
        })
    }

    /// One cosine from the full rate to none.
    fn round(&mut self, descent: &mut Descent) -> Result<(), Error> {
        // Moments of a finished round would carry the noise of its last, tiny steps.
        self.adam.reset();
        let n_steps = self.problem.config.steps;
        let every = n_steps.div_ceil(N_POINTS);
        let (mut sum, mut n_summed) = (0.0, 0);
        for step in 0..n_steps {
            sum += self.step(step)?;
            (descent.steps, n_summed) = (descent.steps + 1, n_summed + 1);
            if (step + 1) % every == 0 || step + 1 == n_steps {
                let (step, loss) = (descent.steps, sum / f64::from(n_summed));
                self.problem.step(step, loss)?;
                let balance_error = self.problem.balance(&self.network());
                descent.history.push(HistoryPoint { step, loss, balance_error, stationarity: None });
                (sum, n_summed) = (0.0, 0);
            }
        }
        descent.model = self.network();
        Ok(())
    }

    /// Goes on from a network.
    fn take(&mut self, model: &Autoencoder) {
        let single = |value: f64| value as f32;
        self.a = model.input_weights.mapv(single);
        self.b = model.output_weights.mapv(single);
        self.hidden_bias = model.hidden_bias.mapv(single);
        self.output_bias = model.output_bias.mapv(single);
    }

    /// One step; the loss of its batch.
    fn step(&mut self, step: usize) -> Result<f64, Error> {
        let n_steps = self.problem.config.steps as u64;
        let schedule = Schedule::Cosine { warm_up: 0, n_steps, floor: 0.0 };
        let factor = schedule.factor(step as u64);
        let batch = self.batch();
        let mut gradients = self.gradients(batch.view());
        if self.problem.config.constraint == Constraint::Tied {
            gradients.a += &gradients.b.t();
        }
        self.adam.set_rate_factor(factor);
        self.adam.begin_step();
        update(&mut self.adam, GROUPS[0], &mut self.a, &gradients.a)?;
        if self.problem.config.constraint == Constraint::Tied {
            self.b.assign(&self.a.t());
        } else {
            update(&mut self.adam, GROUPS[1], &mut self.b, &gradients.b)?;
        }
        if self.problem.config.has_biases() {
            let biases = [
                (GROUPS[2], &mut self.hidden_bias, &gradients.hidden_bias),
                (GROUPS[3], &mut self.output_bias, &gradients.output_bias),
            ];
            for (name, bias, gradient) in biases {
                if let (Some(bias), Some(gradient)) = (bias.as_slice_mut(), gradient.as_slice()) {
                    self.adam.update(name, bias, gradient).map_err(nn)?;
                }
            }
        }
        self.shrink(factor)?;
        Ok(gradients.loss)
    }

    /// The next moments of a random order, which is drawn anew when it is used up.
    fn batch(&mut self) -> Array2<f32> {
        let size = self.problem.config.batch.min(self.order.len());
        if self.next.saturating_add(size) > self.order.len() {
            self.order.shuffle(&mut self.rng);
            self.next = 0;
        }
        let rows = &self.order[self.next..self.next + size];
        self.next += size;
        self.inputs.select(Axis(0), rows)
    }

    fn gradients(&self, x: ArrayView2<'_, f32>) -> Gradients {
        let (penalty, n) = (&self.problem.penalty, x.nrows() as f32);
        let mut sums = x.dot(&self.a.t()) + &self.hidden_bias;
        let activation = self.problem.config.activation;
        apply(activation, &mut sums);
        let hidden = sums;
        let error = hidden.dot(&self.b.t()) + &self.output_bias - x;
        let loss = half_squares(&error) / f64::from(n)
            + self.price()
            + penalty.activity * half_squares(&hidden) / f64::from(n);
        let mut b = &self.b * penalty.l2_output as f32;
        general_mat_mul(1.0 / n, &error.t(), &hidden, 1.0, &mut b);
        let mut back = error.dot(&self.b);
        back.scaled_add(penalty.activity as f32, &hidden);
        Zip::from(&mut back).and(&hidden).for_each(|slope, &h| *slope *= derivative(activation, h));
        let mut a = &self.a * penalty.l2_input as f32;
        general_mat_mul(1.0 / n, &back.t(), &x, 1.0, &mut a);
        Gradients {
            loss,
            a,
            b,
            hidden_bias: back.sum_axis(Axis(0)) / n,
            output_bias: error.sum_axis(Axis(0)) / n,
        }
    }

    /// What the weights themselves cost.
    fn price(&self) -> f64 {
        let Penalty { l2_input, l2_output, l1, .. } = self.problem.penalty;
        let sizes = |weights: &Array2<f32>| weights.iter().map(|weight| f64::from(weight.abs())).sum::<f64>();
        let sized = if l1 > 0.0 { l1 * (sizes(&self.a) + sizes(&self.b)) } else { 0.0 };
        l2_input * half_squares(&self.a) + l2_output * half_squares(&self.b) + sized
    }

    /// The proximal step in the metric in which Adam moved: each weight by its own rate.
    fn shrink(&mut self, factor: f32) -> Result<(), Error> {
        let l1 = self.problem.penalty.l1 as f32;
        if l1 == 0.0 && self.signs.is_none() {
            return Ok(());
        }
        let config = self.problem.config;
        let defaults = AdamConfig::default();
        let correction = 1.0 - defaults.beta2.powi(self.adam.step().min(1_000_000) as i32);
        let rate = config.rate as f32 * factor;
        let tied = config.constraint == Constraint::Tied;
        let signs = self.signs.as_ref();
        let parts = [
            (GROUPS[0], &mut self.a, signs.map(|signs| &signs.input)),
            (GROUPS[1], &mut self.b, signs.map(|signs| &signs.hidden)),
        ];
        for (name, weights, signs) in parts.into_iter().take(if tied { 1 } else { 2 }) {
            let (_, moments) = self.adam.lend(name).map_err(nn)?;
            let n_columns = weights.ncols();
            // Tied weights pay for both of their copies.
            let price = if tied { 2.0 * l1 } else { l1 };
            for (place, (weight, second)) in weights.iter_mut().zip(moments.second.iter()).enumerate() {
                let threshold = price * rate / ((second / correction).sqrt() + defaults.epsilon);
                let sign = signs.map(|signs| signs[place % n_columns]);
                *weight = nearest(f64::from(*weight), f64::from(threshold), sign) as f32;
            }
        }
        if tied {
            self.b.assign(&self.a.t());
        }
        Ok(())
    }

    fn network(&self) -> Autoencoder {
        Autoencoder {
            input_weights: self.a.mapv(f64::from),
            output_weights: self.b.mapv(f64::from),
            hidden_bias: self.hidden_bias.mapv(f64::from),
            output_bias: self.output_bias.mapv(f64::from),
            activation: self.problem.config.activation,
        }
    }
}

fn apply(activation: HiddenActivation, sums: &mut Array2<f32>) {
    match activation {
        HiddenActivation::Identity => {}
        HiddenActivation::Relu => sums.mapv_inplace(|z| z.max(0.0)),
        HiddenActivation::Tanh => sums.mapv_inplace(f32::tanh),
    }
}

/// Told from the value, which all three allow.
fn derivative(activation: HiddenActivation, h: f32) -> f32 {
    match activation {
        HiddenActivation::Identity => 1.0,
        HiddenActivation::Relu if h > 0.0 => 1.0,
        HiddenActivation::Relu => 0.0,
        HiddenActivation::Tanh => 1.0 - h * h,
    }
}

fn half_squares(matrix: &Array2<f32>) -> f64 {
    0.5 * matrix.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>()
}

fn update(
    adam: &mut Adam,
    name: &str,
    weights: &mut Array2<f32>,
    gradient: &Array2<f32>,
) -> Result<(), Error> {
    // A product may come out in column order; the optimiser walks both side by side.
    let gradient = gradient.as_standard_layout();
    match (weights.as_slice_mut(), gradient.as_slice()) {
        (Some(weights), Some(gradient)) => adam.update(name, weights, gradient).map_err(nn),
        _ => Err(Error::Tensor { name: name.to_owned(), problem: "is not in row order".to_owned() }),
    }
}

fn nn(error: neuroloom_nn::Error) -> Error {
    error.into()
}
