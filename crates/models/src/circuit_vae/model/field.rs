//! A fixed field over the neurons for each latent number, which encoder and decoder share.
//!
//! f_k(i) = sqrt(2) cos(w_k . x_i + phase_k + phase_(k, type i))
//!
//! with fixed random w_k (Rahimi and Recht 2007) whose lengths make neurons some 25 micrometres apart look unlike.
//! Types and places are alike in no two neurons, so a few numbers z can say, through sum_k z_k f_k(i), which neurons
//! send or receive more than their conditions tell; and the sums over neurons of f_k(i) times what their degrees
//! exceed those of their type by are what an encoder must know for it. It is the same for any order of the neurons.

use neuroloom_core::Seed;
use neuroloom_nn::kernel::layer_norm::Segments;
use rand_distr::{Distribution, StandardNormal};

use crate::circuit_vae::example::GraphExample;

/// Inverse length of the fields, in units of 1 / (100 micrometres).
const SHARPNESS: f32 = 4.0;
/// One latent number in so many has no field: what all neurons of a circuit share would otherwise drown in what single
/// neurons add to every number.
const FREE: usize = 4;
/// Neurons of average degree that are added to each type.
const PRIOR_NEURONS: f32 = 2.0;

/// The fixed directions and phases of some fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    /// (w, phase) of each.
    waves: Vec<([f32; 3], f32)>,
}

impl Fields {
    pub(super) fn new(latent: usize) -> Self {
        let wave = |k: usize| {
            let mut rng = Seed(0x5eed).split("fields").nth(k as u64).rng();
            let mut normal = || -> f32 { StandardNormal.sample(&mut rng) };
            ([0; 3].map(|_| SHARPNESS * normal()), 4.0 * normal())
        };
        Self { waves: (0..latent).map(wave).collect() }
    }

    /// `[neuron, latent]`, one behind the other.
    pub(super) fn values(&self, example: &GraphExample) -> Vec<f32> {
        let conditions = &example.conditions;
        let mut values = Vec::with_capacity(conditions.len() * self.waves.len());
        let free = self.waves.len() / FREE;
        for row in 0..conditions.len() {
            let at = conditions.position.get(row).copied().unwrap_or_default();
            let code = f32::from(conditions.cell_type[row]);
            for (k, (wave, phase)) in self.waves.iter().enumerate() {
                let turn: f32 = wave.iter().zip(at).map(|(w, x)| w * x).sum();
                // Multiples of the golden angle lie far apart for any two types.
                let of_type = code * (2.399_963 + k as f32);
                let field = std::f32::consts::SQRT_2 * (turn + phase + of_type).cos();
                values.push(if k < free { 0.0 } else { field });
            }
        }
        values
    }
}

/// What out- and in-degrees exceed the mean of their type in the circuit by, in units of the root of the mean degree:
/// `[neuron, 2]`.
pub(super) fn excess_degrees(example: &GraphExample) -> Vec<f32> {
    let n = example.n_neurons();
    let mut degrees = vec![[0.0_f32; 2]; n];
    for (pre, post) in &example.edges {
        degrees[*pre as usize][0] += 1.0;
        degrees[*post as usize][1] += 1.0;
    }
    let mean = example.n_edges() as f32 / n.max(1) as f32;
    let n_types = example.conditions.cell_type.iter().max().map_or(0, |code| usize::from(*code) + 1);
    let mut sums = vec![([PRIOR_NEURONS * mean; 2], PRIOR_NEURONS); n_types];
    for (code, degrees) in example.conditions.cell_type.iter().zip(&degrees) {
        let (sum, count) = &mut sums[usize::from(*code)];
        *sum = [sum[0] + degrees[0], sum[1] + degrees[1]];
        *count += 1.0;
    }
    let unit = (mean + 0.5).sqrt();
    let excess = |(code, degrees): (&u16, &[f32; 2])| {
        let (sum, count) = sums[usize::from(*code)];
        [0, 1].map(|side| (degrees[side] - sum[side] / count) / unit)
    };
    example.conditions.cell_type.iter().zip(&degrees).flat_map(excess).collect()
}

/// sum over neurons of field x excess / sqrt(n): `[circuit, side, latent]`.
pub(super) fn projected(segments: &Segments, fields: &[f32], excess: &[f32], latent: usize) -> Vec<f32> {
    let mut out = vec![0.0; segments.lengths().len() * 2 * latent];
    let mut rows = fields.chunks(latent).zip(excess.chunks(2));
    for (length, out) in segments.lengths().iter().zip(out.chunks_mut(2 * latent)) {
        for (field, excess) in rows.by_ref().take(*length) {
            for (side, out) in out.chunks_mut(latent).enumerate() {
                out.iter_mut().zip(field).for_each(|(sum, field)| *sum += field * excess[side]);
            }
        }
        let scale = (*length as f32).max(1.0).sqrt().recip();
        out.iter_mut().for_each(|sum| *sum *= scale);
    }
    out
}
