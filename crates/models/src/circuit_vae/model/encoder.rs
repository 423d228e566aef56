//! From circuits to the means and log variances of their codes.
//!
//! h0 = norm-gelu(type + place + degrees); h' = h + norm-gelu(W [h, mean over receivers, mean over senders]);
//! the code sees the mean, the maximum and the mean product of two projections of h, and numbers counted of the circuit as
//! a whole.

use std::ops::Range;

use neuroloom_nn::kernel::layer_norm::Segments;
use neuroloom_nn::kernel::{gather, pool};

use super::super::config::{CircuitVaeConfig, Form};
use super::super::prepared::{EDGE_FEATURES, PLACE_FEATURES};
use super::super::summary::{OF_PLACES, SUMMARY};
use super::batch::{Rows, Wiring};
use super::field;
use super::layers::{Mlp, Norm, add, beside, columns};
use super::layout::{Layout, Start};
use crate::Error;

/// Log variances are kept within these.
const LOG_VARIANCE: (f32, f32) = (-8.0, 4.0);

#[derive(Debug, Clone)]
pub(super) struct Encoder {
    types: Range<usize>,
    inputs: Mlp,
    first: Norm,
    layers: Vec<(Mlp, Norm)>,
    /// Two projections side by side.
    products: Mlp,
    head: Mlp,
    /// Gains of the projections of excess degrees onto the fields, `[side, latent]`.
    gains: Range<usize>,
    width: usize,
    latent: usize,
    /// How much of the place it sees: all, or nothing in the form of slots.
    place_factor: f32,
}

/// What the way back needs.
pub(in crate::circuit_vae) struct EncoderPass {
    inputs: Vec<f32>,
    first_sums: Vec<f32>,
    /// Rows before each layer, and after the last.
    hidden: Vec<Vec<f32>>,
    messages: Vec<Vec<f32>>,
    sums: Vec<Vec<f32>>,
    projected: Vec<f32>,
    largest: Vec<u32>,
    pooled: Vec<f32>,
    raw: Vec<f32>,
    /// `[circuit, side, latent]`.
    excess: Vec<f32>,
}

impl Encoder {
    pub(super) fn new(layout: &mut Layout, config: &CircuitVaeConfig, n_types: usize) -> Result<Self, Error> {
        let width = config.width;
        let types = layout.add("encoder.type", &[n_types, width], Start::Normal(0.5));
        let inputs = Mlp::new(layout, "encoder.input", &[PLACE_FEATURES + EDGE_FEATURES, width], 1.0)?;
        let first = Norm::new(layout, "encoder.norm", width);
        let mut layers = Vec::new();
        for layer in 0..config.message_layers {
            let name = format!("encoder.layer{layer}");
            let mlp = Mlp::new(layout, &name, &[3 * width, width], 1.0)?;
            layers.push((mlp, Norm::new(layout, &format!("{name}.norm"), width)));
        }
        let products = Mlp::new(layout, "encoder.product", &[width, 2 * width], 1.0)?;
        // Mean, maximum, mean product, ln(n / 100), and what is counted.
        let widths = [3 * width + 1 + SUMMARY, 2 * width, 2 * config.latent];
        let head = Mlp::new(layout, "encoder.code", &widths, 1.0)?;
        let gains = shared_gains(layout, "encoder.field", config.latent, 0.4);
        let place_factor = if config.form == Form::Conditional { 1.0 } else { 0.0 };
        let latent = config.latent;
        Ok(Self { types, inputs, first, layers, products, head, gains, width, latent, place_factor })
    }

    /// Means and log variances, `[circuit, latent]` each.
    pub(super) fn forward(
        &self,
        parameters: &[f32],
        (rows, wiring): (&Rows, &Wiring),
    ) -> Result<(Vec<f32>, Vec<f32>, EncoderPass), Error> {
        let place: Vec<f32> = rows.place.iter().map(|value| self.place_factor * value).collect();
        let inputs = beside(&[(&place, PLACE_FEATURES), (&wiring.edge, EDGE_FEATURES)]);
        let mut first_sums = self.inputs.forward(parameters, &inputs)?;
        let mut types = vec![0.0; first_sums.len()];
        gather::rows(&parameters[self.types.clone()], self.width, &rows.cell_type, &mut types)?;
        add(&types, &mut first_sums);
        let mut hidden = vec![self.first.forward(parameters, (&rows.segments, &[]), &first_sums)?];
        let (mut messages, mut sums) = (Vec::new(), Vec::new());
        for (layer, (mlp, norm)) in self.layers.iter().enumerate() {
            let below = &hidden[layer];
            let heard = self.hear(wiring, below)?;
            let sum = mlp.forward(parameters, &heard)?;
            let mut next = norm.forward(parameters, (&rows.segments, &[]), &sum)?;
            add(below, &mut next);
            hidden.push(next);
            messages.push(heard);
            sums.push(sum);
        }
        let last = &hidden[self.layers.len()];
        let projected = self.products.forward(parameters, last)?;
        let mut pair = vec![0.0; rows.n_circuits() * 2 * self.width];
        let largest = pool::mean_and_max(&rows.segments, last, &mut pair)?;
        let product = mean_products(&rows.segments, &projected);
        let size: Vec<f32> =
            rows.segments.lengths().iter().map(|n| (*n as f32 / 100.0).max(0.01).ln()).collect();
        let summary = self.summary(&wiring.summary);
        let pooled =
            beside(&[(&pair, 2 * self.width), (&product, self.width), (&size, 1), (&summary, SUMMARY)]);
        let raw = self.head.forward(parameters, &pooled)?;
        let mut mean = columns(&raw, 2 * self.latent, 0, self.latent);
        let excess = field::projected(&rows.segments, &rows.fields, &wiring.excess, self.latent);
        let gains = &parameters[self.gains.clone()];
        for (mean, excess) in mean.chunks_mut(self.latent).zip(excess.chunks(2 * self.latent)) {
            for (at, (gain, excess)) in gains.iter().zip(excess).enumerate() {
                mean[at % self.latent] += gain * excess;
            }
        }
        let log_variance = columns(&raw, 2 * self.latent, self.latent, self.latent)
            .into_iter()
            .map(|value| value.clamp(LOG_VARIANCE.0, LOG_VARIANCE.1))
            .collect();
        let pass = EncoderPass {
            inputs,
            first_sums,
            hidden,
            messages,
            sums,
            projected,
            largest,
            pooled,
            raw,
            excess,
        };
        Ok((mean, log_variance, pass))
    }

    /// Adds the gradients of the parameters, from dL/d(mean) and dL/d(log variance).
    pub(super) fn backward(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        (rows, wiring): (&Rows, &Wiring),
        pass: &EncoderPass,
        (mean, log_variance): (&[f32], &[f32]),
    ) -> Result<(), Error> {
        let gains = &mut into[self.gains.clone()];
        for (mean, excess) in mean.chunks(self.latent).zip(pass.excess.chunks(2 * self.latent)) {
            for (at, (gain, excess)) in gains.iter_mut().zip(excess).enumerate() {
                *gain += mean[at % self.latent] * excess;
            }
        }
        let mut raw = beside(&[(mean, self.latent), (log_variance, self.latent)]);
        for (at, (gradient, value)) in raw.iter_mut().zip(&pass.raw).enumerate() {
            let is_variance = at % (2 * self.latent) >= self.latent;
            if is_variance && !(LOG_VARIANCE.0..=LOG_VARIANCE.1).contains(value) {
                *gradient = 0.0;
            }
        }
        let width = self.width;
        let pooled = self.head.backward((parameters, &mut *into), &pass.pooled, &raw)?;
        let pooled_width = 3 * width + 1 + SUMMARY;
        let pair = columns(&pooled, pooled_width, 0, 2 * width);
        let product = columns(&pooled, pooled_width, 2 * width, width);
        let projected = product_gradients(&rows.segments, &pass.projected, &product);
        let last = &pass.hidden[self.layers.len()];
        let mut gradient = self.products.backward((parameters, &mut *into), last, &projected)?;
        pool::add_gradient(&rows.segments, &pass.largest, &pair, &mut gradient)?;
        for (layer, (mlp, norm)) in self.layers.iter().enumerate().rev() {
            let both = (parameters, &mut *into);
            let (sums, _) = norm.backward(both, (&rows.segments, &[]), &pass.sums[layer], &gradient)?;
            let heard = mlp.backward((parameters, &mut *into), &pass.messages[layer], &sums)?;
            self.add_heard(wiring, &heard, &mut gradient)?;
        }
        let both = (parameters, &mut *into);
        let (sums, _) = self.first.backward(both, (&rows.segments, &[]), &pass.first_sums, &gradient)?;
        gather::add_rows(&sums, width, &rows.cell_type, &mut into[self.types.clone()])?;
        self.inputs.backward_parameters((parameters, into), &pass.inputs, &sums)
    }

    /// The numbers about whole circuits, without those of places in the form of slots.
    fn summary(&self, counted: &[f32]) -> Vec<f32> {
        let seen = |(at, value): (usize, &f32)| {
            let of_places = at % SUMMARY >= SUMMARY - OF_PLACES;
            if of_places { self.place_factor * value } else { *value }
        };
        counted.iter().enumerate().map(seen).collect()
    }

    /// Own row, mean over receivers, mean over senders.
    fn hear(&self, wiring: &Wiring, rows: &[f32]) -> Result<Vec<f32>, Error> {
        let (mut receivers, mut senders) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
        wiring.receivers.mean(rows, self.width, &mut receivers)?;
        wiring.senders.mean(rows, self.width, &mut senders)?;
        Ok(beside(&[(rows, self.width), (&receivers, self.width), (&senders, self.width)]))
    }

    fn add_heard(&self, wiring: &Wiring, heard: &[f32], into: &mut [f32]) -> Result<(), Error> {
        let width = self.width;
        add(&columns(heard, 3 * width, 0, width), into);
        wiring.receivers.add_mean_gradient(&columns(heard, 3 * width, width, width), width, into)?;
        Ok(wiring.senders.add_mean_gradient(&columns(heard, 3 * width, 2 * width, width), width, into)?)
    }
}

/// Gains `[side, latent]`: even latent numbers start with the excess of out-degrees, odd ones with that of in-degrees.
pub(super) fn shared_gains(layout: &mut Layout, name: &str, latent: usize, start: f32) -> Range<usize> {
    layout.add(name, &[2, latent], Start::Alternating(start))
}

/// Mean over the rows of a segment of the product of the two halves of a row.
fn mean_products(segments: &Segments, projected: &[f32]) -> Vec<f32> {
    let width = segments.width();
    let mut out = vec![0.0; segments.lengths().len() * width];
    let mut rows = projected.chunks(2 * width);
    for (length, out) in segments.lengths().iter().zip(out.chunks_mut(width)) {
        for row in rows.by_ref().take(*length) {
            for (k, sum) in out.iter_mut().enumerate() {
                *sum += row[k] * row[width + k];
            }
        }
        out.iter_mut().for_each(|sum| *sum /= (*length).max(1) as f32);
    }
    out
}

fn product_gradients(segments: &Segments, projected: &[f32], gradients: &[f32]) -> Vec<f32> {
    let width = segments.width();
    let mut out = vec![0.0; projected.len()];
    let mut rows = projected.chunks(2 * width).zip(out.chunks_mut(2 * width));
    for (length, gradients) in segments.lengths().iter().zip(gradients.chunks(width)) {
        let share = 1.0 / (*length).max(1) as f32;
        for (row, out) in rows.by_ref().take(*length) {
            for (k, gradient) in gradients.iter().enumerate() {
                out[k] = share * gradient * row[width + k];
                out[width + k] = share * gradient * row[k];
            }
        }
    }
    out
}
