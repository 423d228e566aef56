//! The gradient of a whole step against finite differences of the loss, written out a second time in f64 with
//! one loop an edge.

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::config::{FieldConfig, LossConfig, LossForm, Signs, TransferInput, Wiring};
use super::drift::Model;
use super::edges::{Edges, KnownWiring};
use super::field::Field;
use super::layers::Network;
use super::objective::Objective;
use super::parameters::{Group, Parameters};
use super::samples::Batch;

const N: usize = 5;
const D: usize = 2;
const WIDTH: usize = 9;
const STEP: f64 = 0.07;

struct Setup {
    model: Model,
    loss: LossConfig,
    batch: Batch,
    parameters: Parameters,
    allowed: Array2<bool>,
    places: Vec<[f64; 2]>,
}

/// The loss in f64, edge by edge.
struct Twin<'a> {
    setup: &'a Setup,
    values: [Vec<f64>; 5],
    /// Embeddings as the penalties on slopes see them: without a gradient.
    held: Vec<f64>,
}

impl Setup {
    fn new(input: TransferInput, wiring: Wiring, loss: LossConfig) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut uniform = move || f64::from(rng.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0;
        let allowed = Array2::from_shape_fn((N, N), |(post, pre)| {
            post != pre && (wiring == Wiring::Dense || (post + 2 * pre) % 3 != 0)
        });
        let known = KnownWiring { allowed: allowed.clone(), sign: Array2::zeros((N, N)) };
        let edges = Edges::new(N, (wiring, Signs::Free), Some(&known)).unwrap();
        let model = Model {
            n: N,
            dimensions: D,
            input,
            update: Network::new(1 + D, WIDTH, 3).unwrap(),
            transfer: Network::new(Model::transfer_inputs(input, D), WIDTH, 3).unwrap(),
            field: None,
            classes: None,
            edges,
        };
        let mut draw =
            |n: usize, scale: f64| -> Vec<f32> { (0..n).map(|_| (scale * uniform()) as f32).collect() };
        let mut parameters = Parameters {
            weights: draw(model.edges.len(), 0.8),
            update: draw(model.update.n_parameters(), 0.7),
            transfer: draw(model.transfer.n_parameters(), 0.7),
            embedding: draw(N * D, 1.0),
            field: Vec::new(),
        };
        model.edges.constrain(&mut parameters.weights, None);
        let batch = Batch {
            x: draw(3 * N, 2.0),
            time: vec![0.1, 0.45, 0.8],
            targets: draw(3 * N, 2.0),
            bump: vec![1.0],
            steps: 1,
            time_step: 0.01,
            dt: 0.1,
        };
        Self { model, loss, batch, parameters, allowed, places: Vec::new() }
    }

    fn with_field(mut self) -> Self {
        let config = FieldConfig { width: 9, layers: 2, frequency: 3.0 };
        let places = Array2::from_shape_fn((N, 2), |(neuron, axis)| match neuron {
            3 => f64::NAN,
            _ => (neuron * (axis + 1)) as f64 / if axis == 0 { 4.0 } else { 8.0 },
        });
        let field = Field::new(&config, places.view()).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let mut one = || (f64::from(rng.next_u32()) / f64::from(u32::MAX) - 0.3) as f32;
        self.parameters.field = (0..field.network.n_parameters()).map(|_| one()).collect();
        self.places = places.rows().into_iter().map(|row| [row[0], row[1]]).collect();
        self.model.field = Some(field);
        self
    }

    fn with_rollout(mut self, steps: usize) -> Self {
        self.batch.steps = steps;
        self
    }

    fn with_bump(mut self) -> Self {
        self.batch.bump = vec![0.25, 0.5, 0.25];
        self.batch.targets.truncate(N);
        self
    }

    /// Largest difference between the gradient and finite differences, relative to the largest slope of a group.
    fn check(&mut self) {
        let mut gradient = self.parameters.zeros_like();
        let loss = self.loss.clone();
        let objective = Objective { loss: &loss, gamma: loss.gamma, zeta: loss.zeta, step: STEP as f32 };
        let mut parameters = self.parameters.clone();
        let found = objective
            .gradient(&self.model, &mut parameters, &self.batch, (&mut gradient, None))
            .unwrap()
            .total;
        let of = |group: Group| -> Vec<f64> {
            self.parameters.group(group).iter().map(|&v| f64::from(v)).collect()
        };
        let mut twin = Twin { setup: self, values: Group::ALL.map(of), held: of(Group::Embedding) };
        let expected = twin.loss();
        assert!(
            (found - expected).abs() < 1e-4 * expected.abs(),
            "{:?} {:?}: loss {found}, by the twin {expected}",
            self.model.input,
            self.loss
        );
        for (place, group) in Group::ALL.into_iter().enumerate() {
            let slopes: Vec<f64> = (0..twin.values[place].len()).map(|k| twin.slope(place, k)).collect();
            let largest = slopes.iter().fold(1e-3_f64, |largest, slope| largest.max(slope.abs()));
            for (k, slope) in slopes.iter().enumerate() {
                // The diagonal of W is held at 0 by the step, whatever its gradient.
                let diagonal = group == Group::Weights && !self.is_free(k);
                let difference = (f64::from(gradient.group(group)[k]) - slope).abs();
                assert!(
                    diagonal || difference < 2e-3 * largest,
                    "{} {k}: {} against {slope}",
                    group.name(),
                    gradient.group(group)[k]
                );
            }
        }
    }

    fn is_free(&self, place: usize) -> bool {
        let mut free = false;
        self.model.edges.for_each(|at, post, pre| free |= at == place && self.allowed[[post, pre]]);
        free
    }
}

impl Twin<'_> {
    fn slope(&mut self, group: usize, k: usize) -> f64 {
        let kept = self.values[group][k];
        let step = 1e-6;
        self.values[group][k] = kept + step;
        let above = self.loss();
        self.values[group][k] = kept - step;
        let below = self.loss();
        self.values[group][k] = kept;
        (above - below) / (2.0 * step)
    }

    fn loss(&self) -> f64 {
        let (setup, loss) = (self.setup, &self.setup.loss);
        let x: Vec<f64> = setup.batch.x.iter().map(|&x| f64::from(x)).collect();
        let n_frames = x.len() / N;
        let targets: Vec<f64> = setup.batch.targets.iter().map(|&y| f64::from(y)).collect();
        let n_equations = targets.len() / N;
        let residual: Vec<f64> = match setup.batch.steps {
            1 => {
                let f: Vec<f64> = (0..n_frames).flat_map(|k| self.drift(&x[k * N..][..N], k, 0)).collect();
                let span = setup.batch.bump.len();
                let mean = |e: usize, i: usize| -> f64 {
                    (0..span).map(|s| f64::from(setup.batch.bump[s]) * f[(e * span + s) * N + i]).sum()
                };
                (0..n_equations * N).map(|k| mean(k / N, k % N) - targets[k]).collect()
            }
            steps => (0..n_frames).flat_map(|k| self.reached(&x[k * N..][..N], k, steps)).collect(),
        };
        let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
        let rest: Vec<f64> = (0..N).map(|i| self.update(0.0, i)).collect();
        let rising = |k: usize| -> Vec<f64> {
            let x = &x[k * N..][..N];
            let phi = |x: f64, i: usize| self.update_of(x, &self.held[i * D..][..D]);
            (0..N).map(|i| (phi(x[i] + STEP, i) - phi(x[i], i)).max(0.0)).collect()
        };
        let falling = |k: usize| -> Vec<f64> {
            let x = &x[k * N..][..N];
            let held = |i: usize| &self.held[i * D..][..D];
            let psi = |x: f64, own: f64, i: usize| self.transfer_of((own, held(i)), (x, held(i)));
            (0..N).map(|i| (psi(x[i], x[i], i) - psi(x[i] + STEP, x[i], i)).max(0.0)).collect()
        };
        let share = n_equations as f64 / n_frames as f64;
        let sum = |of: &dyn Fn(usize) -> f64| (0..n_frames).map(of).sum::<f64>();
        let (b, frames) = (n_equations as f64, n_frames as f64);
        let fit = match loss.form {
            LossForm::Norm => {
                norm(&residual)
                    + loss.alpha * b * norm(&rest)
                    + share * sum(&|k| loss.beta * norm(&rising(k)) + loss.gamma * norm(&falling(k)))
            }
            LossForm::Squares => {
                square(&residual) / b
                    + loss.alpha * square(&rest)
                    + sum(&|k| loss.beta * square(&rising(k)) + loss.gamma * square(&falling(k)))
                        / (frames * STEP * STEP)
            }
        };
        let w = self.matrix();
        let l1: f64 = w.iter().map(|w| w.abs()).sum();
        let dale: f64 = (0..N)
            .map(|pre| {
                let column: Vec<f64> = (0..N)
                    .filter(|&post| self.is_stored(post, pre))
                    .map(|post| (5.0 * w[[post, pre]]).tanh())
                    .collect();
                let mean = column.iter().sum::<f64>() / column.len() as f64;
                (column.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / column.len() as f64).sqrt()
            })
            .sum();
        fit + loss.zeta * l1 + loss.dale * dale
    }

    fn reached(&self, x: &[f64], frame: usize, steps: usize) -> Vec<f64> {
        let dt = f64::from(self.setup.batch.dt);
        let mut at = x.to_vec();
        for step in 0..steps {
            let drift = self.drift(&at, frame, step);
            at.iter_mut().zip(drift).for_each(|(x, f)| *x += dt * f);
        }
        let target = |i: usize| f64::from(self.setup.batch.targets[frame * N + i]);
        (0..N).map(|i| (at[i] - target(i)) / (dt * steps as f64)).collect()
    }

    fn drift(&self, x: &[f64], frame: usize, step: usize) -> Vec<f64> {
        let w = self.matrix();
        let time = self.setup.batch.time[frame] + step as f32 * self.setup.batch.time_step;
        let message =
            |i: usize| -> f64 { (0..N).map(|j| w[[i, j]] * self.transfer((x[i], i), (x[j], j))).sum() };
        (0..N).map(|i| self.update(x[i], i) + self.omega(i, f64::from(time)) * message(i)).collect()
    }

    fn matrix(&self) -> Array2<f64> {
        let mut matrix = Array2::zeros((N, N));
        self.setup.model.edges.for_each(|place, post, pre| matrix[[post, pre]] = self.values[0][place]);
        (0..N).for_each(|i| matrix[[i, i]] = 0.0);
        matrix
    }

    fn is_stored(&self, post: usize, pre: usize) -> bool {
        post != pre && (self.setup.model.edges.is_dense() || self.setup.allowed[[post, pre]])
    }

    fn embedding(&self, neuron: usize) -> &[f64] {
        &self.values[3][neuron * D..][..D]
    }

    fn update(&self, x: f64, neuron: usize) -> f64 {
        self.update_of(x, self.embedding(neuron))
    }

    fn update_of(&self, x: f64, own: &[f64]) -> f64 {
        let input = [&[x], own].concat();
        network(&self.setup.model.update, &self.values[1], &input, |z| z.max(0.0))
    }

    fn transfer(&self, receiver: (f64, usize), sender: (f64, usize)) -> f64 {
        let own = |neuron: usize| self.embedding(neuron);
        self.transfer_of((receiver.0, own(receiver.1)), (sender.0, own(sender.1)))
    }

    fn transfer_of(&self, receiver: (f64, &[f64]), sender: (f64, &[f64])) -> f64 {
        let (a_i, a_j) = (receiver.1, sender.1);
        let input = match self.setup.model.input {
            TransferInput::Sender => vec![sender.0],
            TransferInput::SenderEmbedding => [&[sender.0], a_j].concat(),
            TransferInput::PairEmbedding => [&[sender.0], a_i, a_j].concat(),
            TransferInput::PairActivity => [&[receiver.0, sender.0], a_i, a_j].concat(),
        };
        network(&self.setup.model.transfer, &self.values[2], &input, |z| z.max(0.0))
    }

    fn omega(&self, neuron: usize, time: f64) -> f64 {
        match &self.setup.model.field {
            Some(field) if self.setup.places[neuron][0].is_finite() => {
                let [x, y] = self.setup.places[neuron];
                network(&field.network, &self.values[4], &[x, y, time], |z| (3.0 * z).sin()).powi(2)
            }
            _ => 1.0,
        }
    }
}

fn network(shape: &Network, parameters: &[f64], input: &[f64], bend: impl Fn(f64) -> f64) -> f64 {
    let mut values = input.to_vec();
    let mut start = 0;
    let n_layers = shape.layers().count();
    for (layer, (n_in, n_out)) in shape.layers().enumerate() {
        let sum = |o: usize| -> f64 {
            let weights: f64 = (0..n_in).map(|i| parameters[start + i * n_out + o] * values[i]).sum();
            weights + parameters[start + n_in * n_out + o]
        };
        let sums: Vec<f64> = (0..n_out).map(sum).collect();
        values = sums.into_iter().map(|z| if layer + 1 < n_layers { bend(z) } else { z }).collect();
        start += (n_in + 1) * n_out;
    }
    values[0]
}

fn only(change: impl Fn(&mut LossConfig)) -> LossConfig {
    let mut loss = LossConfig { alpha: 0.0, ..LossConfig::default() };
    change(&mut loss);
    loss
}

const INPUTS: [TransferInput; 4] = [
    TransferInput::Sender,
    TransferInput::SenderEmbedding,
    TransferInput::PairEmbedding,
    TransferInput::PairActivity,
];

#[test]
fn the_gradient_is_right_for_every_transfer_input_and_wiring() {
    for input in INPUTS {
        for wiring in [Wiring::Dense, Wiring::Masked, Wiring::Sparse] {
            Setup::new(input, wiring, only(|_| ())).check();
        }
    }
}

#[test]
fn the_gradient_is_right_for_every_term_of_the_loss() {
    let terms: [fn(&mut LossConfig); 5] = [
        |loss| loss.alpha = 0.7,
        |loss| loss.beta = 2.0,
        |loss| loss.gamma = 3.0,
        |loss| loss.zeta = 0.1,
        |loss| loss.dale = 0.5,
    ];
    for input in INPUTS {
        for term in terms {
            for form in [LossForm::Norm, LossForm::Squares] {
                let mut loss = only(term);
                loss.form = form;
                Setup::new(input, Wiring::Dense, loss).check();
            }
        }
    }
}

#[test]
fn the_gradient_is_right_through_rollouts_fields_and_bumps() {
    let all = only(|loss| (loss.alpha, loss.beta, loss.gamma) = (0.5, 0.5, 0.5));
    for input in INPUTS {
        Setup::new(input, Wiring::Dense, all.clone()).with_rollout(3).check();
        Setup::new(input, Wiring::Dense, all.clone()).with_field().check();
        Setup::new(input, Wiring::Sparse, all.clone()).with_field().with_rollout(2).check();
        Setup::new(input, Wiring::Dense, all.clone()).with_bump().check();
    }
}

#[test]
fn receivers_of_one_class_need_one_evaluation_a_class() {
    // Tied embeddings: evaluated by class or edge by edge, the drift is the same.
    let mut setup = Setup::new(TransferInput::PairEmbedding, Wiring::Dense, only(|_| ()));
    let classes = vec![0, 1, 0, 1, 1];
    super::clustering::average(D, &classes, &mut setup.parameters.embedding);
    let states = super::drift::States { x: &setup.batch.x, time: &setup.batch.time };
    let apart = setup.model.forward(&setup.parameters, states).unwrap().drift;
    setup.model.classes = Some(classes);
    let together = setup.model.forward(&setup.parameters, states).unwrap().drift;
    let largest = apart.iter().zip(&together).fold(0.0_f32, |largest, (a, b)| largest.max((a - b).abs()));
    assert!(largest < 1e-5, "{largest}");
}

#[test]
fn a_fused_step_moves_w_like_a_stored_gradient() {
    use super::descent::{Moments, Rates};
    let loss = only(|loss| (loss.alpha, loss.zeta) = (1.0, 0.01));
    for wiring in [Wiring::Dense, Wiring::Masked] {
        let setup = Setup::new(TransferInput::Sender, wiring, loss.clone());
        let objective = Objective { loss: &loss, gamma: 0.0, zeta: loss.zeta, step: STEP as f32 };
        let rates = Rates { weights: 0.1, update: 0.1, transfer: 0.1, embedding: 0.1, field: 0.0 };
        let run = |fuse: bool| {
            let mut parameters = setup.parameters.clone();
            let mut moments = Moments::new(&parameters);
            let mut gradient = parameters.zeros_like();
            if fuse {
                gradient.weights = Vec::new();
            }
            for _ in 0..3 {
                gradient.clear();
                let step = fuse.then(|| moments.fused(rates));
                let into = (&mut gradient, step);
                objective.gradient(&setup.model, &mut parameters, &setup.batch, into).unwrap();
                moments.step(&mut parameters, &gradient, rates).unwrap();
                setup.model.edges.constrain(&mut parameters.weights, None);
            }
            parameters.weights
        };
        let (stored, fused) = (run(false), run(true));
        for (a, b) in stored.iter().zip(&fused) {
            assert!((a - b).abs() < 2e-3, "{stored:?}\n{fused:?}");
        }
    }
}
