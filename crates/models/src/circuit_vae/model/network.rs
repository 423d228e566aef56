//! The parts of the model and the loss of one batch, on plain parameters.

use std::ops::Range;

use neuroloom_core::Seed;
use neuroloom_nn::kernel::dyad::{DyadGradients, DyadLoss, DyadNet, DyadScale, DyadShape};
use rayon::prelude::*;

use super::batch::{Rows, Wiring};
use super::decoder::{Decoder, DecoderPass};
use super::encoder::{Encoder, EncoderPass};
use super::layers::Mlp;
use super::layout::{Layout, Start};
use super::slot_types::{SlotPass, SlotTypes};
use crate::Error;
use crate::circuit_vae::config::{CircuitVaeConfig, Form};
use crate::circuit_vae::prepared::{Prepared, TABLES};
use crate::circuit_vae::summary::SUMMARY;

/// Encoder, decoder, and where their parameters are.
#[derive(Debug, Clone)]
pub(in crate::circuit_vae) struct Network {
    layout: Layout,
    encoder: Encoder,
    decoder: Decoder,
    types: Option<SlotTypes>,
    /// From a code to the numbers that are counted of a circuit.
    summary: Mlp,
    pairs: DyadNet,
    pairs_at: Range<usize>,
}

impl Network {
    pub(in crate::circuit_vae) fn new(config: &CircuitVaeConfig, n_types: usize) -> Result<Self, Error> {
        let mut layout = Layout::default();
        let tables = if config.form == Form::Conditional { TABLES.to_vec() } else { Vec::new() };
        let (first, second) = (config.pair_width, config.pair_width);
        let pairs = DyadNet::new(DyadShape { first, second, rank: config.rank, tables: tables.clone() })?;
        let encoder = Encoder::new(&mut layout, config, n_types)?;
        let decoder = Decoder::new(&mut layout, (config, pairs.head_width()), n_types)?;
        let types = match config.form {
            Form::Slots => Some(SlotTypes::new(&mut layout, config, n_types)?),
            Form::Conditional => None,
        };
        let summary = Mlp::new(&mut layout, "code.summary", &[config.latent, SUMMARY], 0.3)?;
        let start = layout.len();
        for (table, rows) in tables.iter().enumerate() {
            layout.add(&format!("pairs.table{table}"), &[*rows, first], Start::Normal(0.2));
        }
        let deviation = 1.0 / (first as f32).sqrt();
        layout.add("pairs.weight", &[first, second], Start::Normal(deviation));
        layout.add("pairs.bias", &[second], Start::Constant(0.0));
        layout.add("pairs.out.weight", &[3, second], Start::Normal(0.3 / (second as f32).sqrt()));
        layout.add("pairs.out.bias", &[3], Start::Constant(0.0));
        let pairs_at = start..layout.len();
        Ok(Self { layout, encoder, decoder, types, summary, pairs, pairs_at })
    }

    pub(in crate::circuit_vae) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(in crate::circuit_vae) fn draw(&self, seed: Seed) -> Vec<f32> {
        self.layout.draw(seed)
    }

    pub(in crate::circuit_vae) fn types(&self) -> Option<&SlotTypes> {
        self.types.as_ref()
    }

    /// Sets the biases of the pairs so that, before anything is learned, edges and mutual pairs are as frequent as
    /// given: log odds of an edge without its reverse, half the log odds ratio, log odds that a synapse is the last.
    pub(in crate::circuit_vae) fn set_rates(&self, parameters: &mut [f32], rates: [f32; 3]) {
        let at = self.pairs_at.start + self.pairs.output_bias().start;
        parameters[at..at + 3].copy_from_slice(&rates);
    }

    /// Means, log variances.
    pub(in crate::circuit_vae) fn encode(
        &self,
        parameters: &[f32],
        circuits: (&Rows, &Wiring),
    ) -> Result<(Vec<f32>, Vec<f32>, EncoderPass), Error> {
        self.encoder.forward(parameters, circuits)
    }

    /// Heads of all neurons.
    pub(in crate::circuit_vae) fn decode(
        &self,
        parameters: &[f32],
        rows: &Rows,
        codes: &[f32],
    ) -> Result<(Vec<f32>, DecoderPass), Error> {
        self.decoder.forward(parameters, rows, codes)
    }

    /// Logits of slots.
    pub(in crate::circuit_vae) fn slot_logits(
        &self,
        parameters: &[f32],
        codes: &[f32],
    ) -> Result<Option<(Vec<f32>, SlotPass)>, Error> {
        self.types.as_ref().map(|types| types.forward(parameters, codes)).transpose()
    }

    /// Squared error of what codes tell of the numbers that are counted, each times its weight, halved; its gradients
    /// are added. `counted [circuit, SUMMARY]`.
    pub(in crate::circuit_vae) fn summary_gradients(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        (codes, code_gradient): (&[f32], &mut [f32]),
        (counted, weights): (&[f32], &[f32; SUMMARY]),
    ) -> Result<f64, Error> {
        let mut error = self.summary.forward(parameters, codes)?;
        let mut loss = 0.0;
        for (at, (error, counted)) in error.iter_mut().zip(counted).enumerate() {
            let (weight, miss) = (weights[at % SUMMARY], *error - counted);
            *error = weight * miss;
            loss += 0.5 * f64::from(weight * miss * miss);
        }
        let to_codes = self.summary.backward((parameters, into), codes, &error)?;
        super::layers::add(&to_codes, code_gradient);
        Ok(loss)
    }

    /// Logits of the pairs of one circuit.
    pub(in crate::circuit_vae) fn logits(
        &self,
        parameters: &[f32],
        heads: &[f32],
        circuit: &Prepared,
    ) -> Result<Vec<[f32; 5]>, Error> {
        let n = circuit.n();
        let mut logits = vec![[0.0; 5]; n * n.saturating_sub(1) / 2];
        self.pairs.forward(&parameters[self.pairs_at.clone()], heads, circuit, &mut logits)?;
        Ok(logits)
    }

    /// Loss of the pairs of each circuit, its gradient to the parameters added and to the heads handed back.
    pub(in crate::circuit_vae) fn pair_gradients(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        (heads, circuits): (&[f32], &[&Prepared]),
        scale: DyadScale,
    ) -> Result<(Vec<DyadLoss>, Vec<f32>), Error> {
        let own = &parameters[self.pairs_at.clone()];
        let width = self.pairs.head_width();
        let mut rest = heads;
        let jobs: Vec<(&Prepared, &[f32])> = circuits
            .iter()
            .map(|circuit| (*circuit, rest.split_off(..circuit.n() * width).unwrap_or_default()))
            .collect();
        let work = |(circuit, heads): &(&Prepared, &[f32])| -> Result<_, Error> {
            let (mut parameter, mut head) = (vec![0.0; own.len()], vec![0.0; heads.len()]);
            let gradients = DyadGradients { parameters: &mut parameter, heads: &mut head };
            let loss = self.pairs.backward((own, heads), *circuit, scale, gradients)?;
            Ok((loss, parameter, head))
        };
        let parts: Result<Vec<_>, Error> = jobs.par_iter().map(work).collect();
        let (mut losses, mut head_gradients) = (Vec::new(), Vec::with_capacity(heads.len()));
        for (loss, parameter, head) in parts? {
            losses.push(loss);
            super::layers::add(&parameter, &mut into[self.pairs_at.clone()]);
            head_gradients.extend(head);
        }
        Ok((losses, head_gradients))
    }

    /// dL/d(codes), from dL/d(heads).
    pub(in crate::circuit_vae) fn decoder_gradients(
        &self,
        both: (&[f32], &mut [f32]),
        rows: &Rows,
        pass: &DecoderPass,
        heads: &[f32],
    ) -> Result<Vec<f32>, Error> {
        self.decoder.backward(both, rows, pass, heads)
    }

    /// The gradients of the encoder, from dL/d(mean) and dL/d(log variance).
    pub(in crate::circuit_vae) fn encoder_gradients(
        &self,
        both: (&[f32], &mut [f32]),
        circuits: (&Rows, &Wiring),
        pass: &EncoderPass,
        codes: (&[f32], &[f32]),
    ) -> Result<(), Error> {
        self.encoder.backward(both, circuits, pass, codes)
    }
}
