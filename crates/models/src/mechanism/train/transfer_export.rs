//! psi as splines in the gauge of the closed form, and W in that gauge.
//!
//! psi = 0 at rest, max |psi| = 1 on the recorded range, positive at its right end: the scale goes to W, the
//! constant to phi.

use ndarray::{Array2, ArrayView2};
use neuroloom_analysis::cluster::{SelectConfig, Selection};
use neuroloom_analysis::spline::{Beyond, CubicBasis, CubicCurve};

use super::config::TransferInput;
use super::finish::Places;
use super::run::Run;
use super::state::State;
use crate::Error;
use crate::mechanism::solve::survey::Survey;
use crate::mechanism::solve::transfer::Domain;
use crate::mechanism::{TransferFunction, TransferFunctions};

/// Knots of psi.
const KNOTS: usize = 49;
/// Points at which psi of each neuron is sampled.
const POINTS: usize = 241;

/// psi and W of a trained model.
pub(super) struct Exported {
    /// Class of each neuron as a receiver and as a sender.
    pub(super) receiver_class: Vec<u32>,
    pub(super) sender_class: Vec<u32>,
    pub(super) n_sender_classes: usize,
    /// One a pair of classes, `[receiver class, sender class]`.
    functions: Vec<TransferFunction>,
    curves: Vec<CubicCurve>,
    /// Scale of each, by which W was multiplied.
    pub(super) scales: Vec<f64>,
    /// W in the units of the recording, `[post, pre]`.
    pub(super) weights: Array2<f64>,
    /// What the constants of psi add to phi of each neuron.
    pub(super) constants: Vec<f64>,
}

impl Exported {
    pub(super) fn new(run: &Run<'_>, state: &State, survey: &Survey) -> Result<Self, Error> {
        let domain = Domain::new(&survey.lower, &survey.upper);
        let n = run.model.n;
        let grid = grid(domain, survey.std);
        let (receiver_class, sender_class) = classes(run, state, &grid)?;
        let count = |classes: &[u32]| classes.iter().max().map_or(1, |most| *most as usize + 1);
        let (n_receivers, n_senders) = (count(&receiver_class), count(&sender_class));
        let knots = CubicBasis::sinh(domain.reach(), 0.25 * survey.std, KNOTS)?;
        let basis = CubicBasis::new(knots.knots().iter().map(|knot| knot + domain.center).collect())?;
        let mut exported = Self {
            receiver_class,
            sender_class,
            n_sender_classes: n_senders,
            functions: Vec::new(),
            curves: Vec::new(),
            scales: Vec::new(),
            weights: run.model.edges.matrix(&state.parameters.weights) * run.units.drift,
            constants: vec![0.0; n],
        };
        let mut rests = Vec::new();
        for place in 0..n_receivers * n_senders {
            let pair = (place / n_senders, place % n_senders);
            let values = exported.class_values(run, state, pair, &grid)?;
            let raw = |x: f64| interpolate(&grid, &values, x);
            let (rest, scale) = gauge(raw, domain);
            let coefficients = basis.project(|x| (raw(x) - rest) / scale)?;
            exported.curves.push(basis.curve(&coefficients, Beyond::Constant)?);
            exported.functions.push(TransferFunction { knots: basis.knots().to_vec(), coefficients });
            exported.scales.push(scale);
            rests.push(rest);
        }
        for post in 0..n {
            for pre in 0..n {
                let place = exported.place(post, pre);
                exported.constants[post] += exported.weights[[post, pre]] * rests[place];
                exported.weights[[post, pre]] *= exported.scales[place];
            }
        }
        Ok(exported)
    }

    /// Place of a pair of neurons among the functions.
    pub(super) fn place(&self, post: usize, pre: usize) -> usize {
        self.receiver_class[post] as usize * self.n_sender_classes + self.sender_class[pre] as usize
    }

    /// psi that neuron j would send to itself.
    pub(super) fn own(&self, neuron: usize) -> &CubicCurve {
        &self.curves[self.place(neuron, neuron)]
    }

    /// psi as it is stored.
    pub(super) fn functions(&self, places: &Places<'_>) -> TransferFunctions {
        let of_all = |classes: &[u32]| {
            let mut all = vec![0; places.n];
            places.kept.iter().zip(classes).for_each(|(&neuron, &class)| all[neuron] = class);
            all
        };
        TransferFunctions {
            functions: self.functions.clone(),
            receiver_class: of_all(&self.receiver_class),
            sender_class: of_all(&self.sender_class),
            n_sender_classes: self.n_sender_classes,
        }
    }

    /// Median of psi over the senders of a class, for a receiver of another.
    fn class_values(
        &self,
        run: &Run<'_>,
        state: &State,
        (receiver, sender): (usize, usize),
        grid: &[f64],
    ) -> Result<Vec<f64>, Error> {
        let member = |classes: &[u32], class: usize| -> Vec<usize> {
            (0..classes.len()).filter(|&one| classes[one] as usize == class).collect()
        };
        let senders = member(&self.sender_class, sender);
        let receiver = member(&self.receiver_class, receiver).first().copied().unwrap_or(0);
        let values = sample(run, state, (receiver, &senders), grid)?;
        Ok((0..grid.len()).map(|k| median(values.column(k).to_vec())).collect())
    }
}

/// Classes of receivers and of senders: those the model knows, or, where only senders differ, those whose psi
/// has the same shape.
fn classes(run: &Run<'_>, state: &State, grid: &[f64]) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let n = run.model.n;
    let one = vec![0; n];
    match run.model.input {
        TransferInput::Sender => Ok((one.clone(), one)),
        TransferInput::SenderEmbedding => Ok((one, by_shape(run, state, grid)?)),
        TransferInput::PairEmbedding | TransferInput::PairActivity => {
            let classes = match &state.classes {
                Some(classes) => classes.clone(),
                None => by_shape(run, state, grid)?,
            };
            Ok((classes.clone(), classes))
        }
    }
}

fn by_shape(run: &Run<'_>, state: &State, grid: &[f64]) -> Result<Vec<u32>, Error> {
    let senders: Vec<usize> = (0..run.model.n).collect();
    let mut values = sample(run, state, (0, &senders), grid)?;
    for mut row in values.rows_mut() {
        let middle = row[grid.len() / 2];
        row.mapv_inplace(|value| value - middle);
        let largest = row.iter().fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
        let sign = if row[grid.len() - 1] < 0.0 { -1.0 } else { 1.0 };
        row.mapv_inplace(|value| sign * value / largest);
    }
    let most = (run.model.n / 2).clamp(2, 32);
    let config =
        SelectConfig { n_clusters: 1..=most, seed: run.seed.split("shapes"), ..SelectConfig::default() };
    let found = Selection::fit(ArrayView2::from(&values), &config)?;
    Ok(found.labels.iter().map(|&label| label as u32).collect())
}

/// psi of some senders on a grid of activities, `[sender, grid]`.
fn sample(
    run: &Run<'_>,
    state: &State,
    (receiver, senders): (usize, &[usize]),
    grid: &[f64],
) -> Result<Array2<f64>, Error> {
    let model = &run.model;
    let embedding = &state.parameters.embedding;
    let mut rows = Vec::with_capacity(senders.len() * grid.len() * model.transfer.n_inputs());
    for &sender in senders {
        for x in grid {
            model.push_pair(&mut rows, embedding, (receiver, 0.0), (sender, (x / run.units.activity) as f32));
        }
    }
    let mut outputs = vec![0.0; senders.len() * grid.len()];
    model.transfer.forward(&state.parameters.transfer, &rows, &mut outputs)?;
    let value = |(sender, k): (usize, usize)| f64::from(outputs[sender * grid.len() + k]);
    Ok(Array2::from_shape_fn((senders.len(), grid.len()), value))
}

/// psi at rest, and the scale that makes max |psi| 1 and psi positive at the right end.
fn gauge(psi: impl Fn(f64) -> f64, domain: Domain) -> (f64, f64) {
    let rest = psi(domain.center);
    let at = |step: usize| domain.lower + (domain.upper - domain.lower) * step as f64 / 2000.0;
    let largest = (0..=2000).fold(0.0_f64, |largest, step| largest.max((psi(at(step)) - rest).abs()));
    let sign = if psi(domain.upper) - rest < 0.0 { -1.0 } else { 1.0 };
    (rest, sign * largest.max(f64::MIN_POSITIVE))
}

/// Points dense near the centre that reach both ends.
fn grid(domain: Domain, std: f64) -> Vec<f64> {
    let scale = 0.1 * std;
    let half = (POINTS / 2) as f64;
    let end = (domain.reach() / scale).asinh();
    let at = |k: usize| domain.center + scale * (end * (k as f64 - half) / half).sinh();
    (0..POINTS).map(at).collect()
}

fn interpolate(grid: &[f64], values: &[f64], x: f64) -> f64 {
    let right = grid.partition_point(|&point| point < x).clamp(1, grid.len() - 1);
    let share = ((x - grid[right - 1]) / (grid[right] - grid[right - 1])).clamp(0.0, 1.0);
    values[right - 1] + share * (values[right] - values[right - 1])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
