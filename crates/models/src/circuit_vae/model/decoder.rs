//! From codes and conditions to the heads of the dyad network.
//!
//! g1 = norm-gelu(type + place); c = mean of g1 over the circuit; (scales, shifts) = MLP(z, c, ln n) of the two
//! following layers g' = g + norm-gelu(W g); heads = W g3, and the code acts on the tendencies to send and receive
//! through a field of its own over the neurons: s_i += sum_k z_k (F g1_i + gain f_i)_k, and t_i alike, where f_i are
//! the fixed fields.

use std::ops::Range;

use neuroloom_nn::kernel::gather;
use neuroloom_nn::kernel::layer_norm::Segments;

use super::super::config::{CircuitVaeConfig, Form};
use super::super::prepared::PLACE_FEATURES;
use super::batch::Rows;
use super::encoder::shared_gains;
use super::layers::{Mlp, Norm, add, beside, columns};
use super::layout::{Layout, Start};
use crate::Error;

#[derive(Debug, Clone)]
pub(super) struct Decoder {
    types: Range<usize>,
    /// Slots of form A, else places.
    slots: Option<Range<usize>>,
    place: Mlp,
    first: Norm,
    film: Mlp,
    layers: Vec<(Mlp, Norm)>,
    heads: Mlp,
    field: Mlp,
    /// Gains of the fixed fields, `[side, latent]`.
    gains: Range<usize>,
    width: usize,
    latent: usize,
    head_width: usize,
}

/// What the way back needs.
pub(in crate::circuit_vae) struct DecoderPass {
    first_sums: Vec<f32>,
    hidden: Vec<Vec<f32>>,
    film_inputs: Vec<f32>,
    films: Vec<Vec<f32>>,
    sums: Vec<Vec<f32>>,
    field: Vec<f32>,
    codes: Vec<f32>,
}

impl Decoder {
    pub(super) fn new(
        layout: &mut Layout,
        (config, head_width): (&CircuitVaeConfig, usize),
        n_types: usize,
    ) -> Result<Self, Error> {
        let (width, latent) = (config.width, config.latent);
        let types = layout.add("decoder.type", &[n_types, width], Start::Normal(0.5));
        let slots = (config.form == Form::Slots)
            .then(|| layout.add("decoder.slot", &[config.slots, width], Start::Normal(0.5)));
        let place = Mlp::new(layout, "decoder.place", &[PLACE_FEATURES, width], 1.0)?;
        let first = Norm::new(layout, "decoder.norm", width);
        let film = Mlp::new(layout, "decoder.film", &[latent + width + 1, 2 * width, 4 * width], 0.5)?;
        let mut layers = Vec::new();
        for layer in 0..2 {
            let name = format!("decoder.layer{layer}");
            let mlp = Mlp::new(layout, &name, &[width, width], 1.0)?;
            layers.push((mlp, Norm::new(layout, &format!("{name}.norm"), width)));
        }
        let heads = Mlp::new(layout, "decoder.heads", &[width, head_width], 0.5)?;
        let field = Mlp::new(layout, "decoder.field", &[width, 2 * latent], 0.3)?;
        let gains = shared_gains(layout, "decoder.gain", latent, 0.1);
        Ok(Self { types, slots, place, first, film, layers, heads, field, gains, width, latent, head_width })
    }

    /// Heads `[neuron, head width]`, from codes `[circuit, latent]`.
    pub(super) fn forward(
        &self,
        parameters: &[f32],
        rows: &Rows,
        codes: &[f32],
    ) -> Result<(Vec<f32>, DecoderPass), Error> {
        let width = self.width;
        let mut first_sums = match &self.slots {
            None => self.place.forward(parameters, &rows.place)?,
            Some(slots) => {
                let mut own = vec![0.0; rows.slot.len() * width];
                gather::rows(&parameters[slots.clone()], width, &rows.slot, &mut own)?;
                own
            }
        };
        let mut types = vec![0.0; first_sums.len()];
        gather::rows(&parameters[self.types.clone()], width, &rows.cell_type, &mut types)?;
        add(&types, &mut first_sums);
        let mut hidden = vec![self.first.forward(parameters, (&rows.segments, &[]), &first_sums)?];
        let context = means(&rows.segments, &hidden[0]);
        let size: Vec<f32> =
            rows.segments.lengths().iter().map(|n| (*n as f32 / 100.0).max(0.01).ln()).collect();
        let film_inputs = beside(&[(codes, self.latent), (&context, width), (&size, 1)]);
        let film = self.film.forward(parameters, &film_inputs)?;
        let (mut films, mut sums) = (Vec::new(), Vec::new());
        for (layer, (mlp, norm)) in self.layers.iter().enumerate() {
            let own = columns(&film, 4 * width, 2 * layer * width, 2 * width);
            let sum = mlp.forward(parameters, &hidden[layer])?;
            let mut next = norm.forward(parameters, (&rows.segments, &own), &sum)?;
            add(&hidden[layer], &mut next);
            hidden.push(next);
            films.push(own);
            sums.push(sum);
        }
        let mut heads = self.heads.forward(parameters, &hidden[2])?;
        let mut field = self.field.forward(parameters, &hidden[0])?;
        let gains = &parameters[self.gains.clone()];
        for (own, fixed) in field.chunks_mut(2 * self.latent).zip(rows.fields.chunks(self.latent)) {
            for (at, (own, gain)) in own.iter_mut().zip(gains).enumerate() {
                *own += gain * fixed[at % self.latent];
            }
        }
        self.each_tendency(&rows.segments, |row, circuit, side, k| {
            let from = field[row * 2 * self.latent + side * self.latent + k];
            heads[(row + 1) * self.head_width - 2 + side] += from * codes[circuit * self.latent + k];
        });
        let codes = codes.to_vec();
        Ok((heads, DecoderPass { first_sums, hidden, film_inputs, films, sums, field, codes }))
    }

    /// dL/d(codes); the gradients of the parameters are added.
    pub(super) fn backward(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        rows: &Rows,
        pass: &DecoderPass,
        heads: &[f32],
    ) -> Result<Vec<f32>, Error> {
        let (width, latent) = (self.width, self.latent);
        let mut codes = vec![0.0; pass.codes.len()];
        let mut field = vec![0.0; pass.field.len()];
        self.each_tendency(&rows.segments, |row, circuit, side, k| {
            let slope = heads[(row + 1) * self.head_width - 2 + side];
            let (at, code) = (row * 2 * latent + side * latent + k, circuit * latent + k);
            field[at] = slope * pass.codes[code];
            codes[code] += slope * pass.field[at];
        });
        let gains = &mut into[self.gains.clone()];
        for (own, fixed) in field.chunks(2 * latent).zip(rows.fields.chunks(latent)) {
            for (at, (own, gain)) in own.iter().zip(gains.iter_mut()).enumerate() {
                *gain += own * fixed[at % latent];
            }
        }
        let mut first = self.field.backward((parameters, &mut *into), &pass.hidden[0], &field)?;
        let mut gradient = self.heads.backward((parameters, &mut *into), &pass.hidden[2], heads)?;
        let mut films = vec![Vec::new(); self.layers.len()];
        for (layer, (mlp, norm)) in self.layers.iter().enumerate().rev() {
            let own = (&rows.segments, &pass.films[layer][..]);
            let (sums, film) = norm.backward((parameters, &mut *into), own, &pass.sums[layer], &gradient)?;
            films[layer] = film;
            add(&mlp.backward((parameters, &mut *into), &pass.hidden[layer], &sums)?, &mut gradient);
        }
        let film = beside(&[(&films[0], 2 * width), (&films[1], 2 * width)]);
        let inputs = self.film.backward((parameters, &mut *into), &pass.film_inputs, &film)?;
        add(&columns(&inputs, latent + width + 1, 0, latent), &mut codes);
        add(&gradient, &mut first);
        add_mean_gradients(&rows.segments, &columns(&inputs, latent + width + 1, latent, width), &mut first);
        let both = (parameters, &mut *into);
        let (sums, _) = self.first.backward(both, (&rows.segments, &[]), &pass.first_sums, &first)?;
        gather::add_rows(&sums, width, &rows.cell_type, &mut into[self.types.clone()])?;
        match &self.slots {
            None => self.place.backward_parameters((parameters, into), &rows.place, &sums)?,
            Some(slots) => gather::add_rows(&sums, width, &rows.slot, &mut into[slots.clone()])?,
        }
        Ok(codes)
    }

    /// Calls `work(row, circuit, side, k)` for every neuron, tendency (0 to send, 1 to receive) and latent number.
    fn each_tendency(&self, segments: &Segments, mut work: impl FnMut(usize, usize, usize, usize)) {
        let mut row = 0;
        for (circuit, length) in segments.lengths().iter().enumerate() {
            for _ in 0..*length {
                for side in 0..2 {
                    (0..self.latent).for_each(|k| work(row, circuit, side, k));
                }
                row += 1;
            }
        }
    }
}

fn means(segments: &Segments, rows: &[f32]) -> Vec<f32> {
    let width = segments.width();
    let mut out = vec![0.0; segments.lengths().len() * width];
    for (rows, out) in segments.split(rows).into_iter().zip(out.chunks_mut(width)) {
        rows.chunks(width).for_each(|row| add(row, out));
        let share = 1.0 / (rows.len() / width).max(1) as f32;
        out.iter_mut().for_each(|sum| *sum *= share);
    }
    out
}

fn add_mean_gradients(segments: &Segments, gradients: &[f32], into: &mut [f32]) {
    let width = segments.width();
    for (rows, gradient) in segments.split_mut(into).into_iter().zip(gradients.chunks(width)) {
        let share = 1.0 / (rows.len() / width).max(1) as f32;
        for row in rows.chunks_mut(width) {
            row.iter_mut().zip(gradient).for_each(|(sum, gradient)| *sum += share * gradient);
        }
    }
}
