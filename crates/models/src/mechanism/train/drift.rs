//! The model itself: dx/dt of a batch of states, and how a change of it goes back to parameters and states.
//!
//! f_i = phi(x_i, a_i) + Omega_i(t) sum_j W_ij psi(..)
//!
//! Arrays are `[frame, neuron]`; rows of phi are (frame, neuron), rows of psi (frame, sender) within a block.

use std::borrow::Cow;
use std::ops::Range;

use neuroloom_nn::kernel::norm;
use neuroloom_nn::kernel::product::WeightUpdate;

use super::blocks::Block;
use super::config::TransferInput;
use super::edges::Edges;
use super::field::{Field, FieldPass};
use super::layers::Network;
use super::parameters::Parameters;
use super::products::{self, Messages, Sink};
use crate::Error;

/// The shape of the model; its numbers are [`Parameters`].
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) n: usize,
    pub(super) dimensions: usize,
    pub(super) input: TransferInput,
    pub(super) edges: Edges,
    pub(super) update: Network,
    pub(super) transfer: Network,
    pub(super) field: Option<Field>,
    /// Neurons that share an embedding, where they do.
    pub(super) classes: Option<Vec<u32>>,
}

/// States at which the drift is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct States<'a> {
    /// `[frame, neuron]`.
    pub(super) x: &'a [f32],
    /// Time of each frame as a share of the recording, 0 to 1.
    pub(super) time: &'a [f32],
}

/// A forward pass, kept for the way back.
#[derive(Debug)]
pub(super) struct Pass {
    /// f, `[frame, neuron]`.
    pub(super) drift: Vec<f32>,
    /// What the neurons hear of each other.
    heard: Heard,
}

impl Pass {
    /// psi where all receivers hear the same, `[frame, neuron]`; of the first block otherwise.
    pub(super) fn shared_transfer(&self) -> &[f32] {
        self.heard.blocks.first().map_or(&[], |(_, psi)| psi)
    }
}

/// The second term of f, kept for the way back.
#[derive(Debug)]
struct Heard {
    /// sum_j W_ij psi, before Omega.
    messages: Vec<f32>,
    /// Omega, where there is a field.
    field: Option<FieldPass>,
    /// psi of each block, `[frame, sender]`.
    blocks: Vec<(Block, Vec<f32>)>,
}

impl Heard {
    /// Omega sum_j W_ij psi.
    fn scaled(&self) -> Cow<'_, [f32]> {
        match &self.field {
            Some(field) => Cow::Owned(field.scaled(&self.messages)),
            None => Cow::Borrowed(&self.messages),
        }
    }
}

/// Residuals r = w f - y, and where w r leads through phi.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) residual: Vec<f32>,
    /// w r, `[frame, neuron]`.
    slope: Vec<f32>,
    heard: Heard,
    /// d(sum w r f) / d(parameters of phi).
    of_update: Vec<f32>,
    /// The same by the rows of phi.
    of_inputs: Vec<f32>,
}

impl Model {
    /// Numbers that psi sees.
    pub(super) fn transfer_inputs(input: TransferInput, dimensions: usize) -> usize {
        match input {
            TransferInput::Sender => 1,
            TransferInput::SenderEmbedding => 1 + dimensions,
            TransferInput::PairEmbedding => 1 + 2 * dimensions,
            TransferInput::PairActivity => 2 + 2 * dimensions,
        }
    }

    /// Whether one block with all weights holds everything, so that W can be stepped in place.
    pub(super) fn is_one_dense_block(&self) -> bool {
        let one = matches!(self.input, TransferInput::Sender | TransferInput::SenderEmbedding);
        one && self.edges.is_dense()
    }

    /// f of some states.
    pub(super) fn forward(&self, parameters: &Parameters, states: States<'_>) -> Result<Pass, Error> {
        let mut drift = vec![0.0; states.x.len()];
        let inputs = self.update_inputs(&parameters.embedding, states.x);
        self.update.forward(&parameters.update, &inputs, &mut drift)?;
        let heard = self.hear(parameters, states)?;
        drift.iter_mut().zip(heard.scaled().iter()).for_each(|(drift, heard)| *drift += heard);
        Ok(Pass { drift, heard })
    }

    /// Omega_i(t) sum_j W_ij psi(..) of some states.
    fn hear(&self, parameters: &Parameters, states: States<'_>) -> Result<Heard, Error> {
        let mut messages = vec![0.0; states.x.len()];
        let mut blocks = Vec::new();
        for block in Block::all(self.input, &self.edges, self.classes.as_deref()) {
            let inputs = self.transfer_rows(&block, &parameters.embedding, states.x);
            let mut psi = vec![0.0; inputs.len() / self.transfer.n_inputs()];
            self.transfer.forward(&parameters.transfer, &inputs, &mut psi)?;
            let part = Messages { edges: &self.edges, block: &block, psi: &psi };
            products::forward(&part, &parameters.weights, &mut messages)?;
            blocks.push((block, psi));
        }
        let field = match &self.field {
            Some(field) => Some(field.forward(&parameters.field, states.time)?),
            None => None,
        };
        Ok(Heard { messages, field, blocks })
    }

    /// Residuals w f - y with one state an equation. phi goes forward and backward at once: its activations are
    /// made once, not twice.
    pub(super) fn fit(
        &self,
        parameters: &Parameters,
        states: States<'_>,
        (weight, targets): (f32, &[f32]),
    ) -> Result<Fit, Error> {
        let heard = self.hear(parameters, states)?;
        let inputs = self.update_inputs(&parameters.embedding, states.x);
        let scaled = heard.scaled();
        let loss = |rows: Range<usize>, outputs: &[f32], slope: &mut [f32]| {
            let others = scaled[rows.clone()].iter().zip(&targets[rows]);
            for ((slope, phi), (heard, target)) in slope.iter_mut().zip(outputs).zip(others) {
                *slope = weight * (weight * (phi + heard) - target);
            }
        };
        let mut slope = vec![0.0; targets.len()];
        let mut of_update = vec![0.0; parameters.update.len()];
        let of_inputs =
            self.update.forward_backward(&parameters.update, &inputs, &mut slope, loss, &mut of_update)?;
        drop(scaled);
        let residual = slope.iter().map(|slope| slope / weight).collect();
        Ok(Fit { residual, slope, heard, of_update, of_inputs })
    }

    /// The way back from [`fit`](Self::fit), whose slopes are to be taken `factor` times.
    pub(super) fn backward_fit(
        &self,
        parameters: &Parameters,
        states: States<'_>,
        (mut fit, factor): (Fit, f32),
        (gradient, step): (&mut Parameters, Option<WeightUpdate<'_>>),
    ) -> Result<(), Error> {
        norm::add_scaled(&mut gradient.update, factor, &fit.of_update);
        norm::multiply(&mut fit.of_inputs, factor);
        norm::multiply(&mut fit.slope, factor);
        let mut of_states = vec![0.0; states.x.len()];
        self.collect_update(&fit.of_inputs, &mut gradient.embedding, &mut of_states);
        self.backward_heard(parameters, states, (&fit.heard, &fit.slope), (gradient, step), &mut of_states)
    }

    /// Adds d(sum slope f) to `gradient`, that of W to it or to `step`; returns it for the states,
    /// `[frame, neuron]`.
    pub(super) fn backward(
        &self,
        parameters: &Parameters,
        states: States<'_>,
        (pass, slope): (&Pass, &[f32]),
        (gradient, step): (&mut Parameters, Option<WeightUpdate<'_>>),
    ) -> Result<Vec<f32>, Error> {
        let mut of_states = vec![0.0; states.x.len()];
        let inputs = self.update_inputs(&parameters.embedding, states.x);
        let of_inputs = self.update.backward(&parameters.update, &inputs, slope, &mut gradient.update)?;
        self.collect_update(&of_inputs, &mut gradient.embedding, &mut of_states);
        self.backward_heard(parameters, states, (&pass.heard, slope), (gradient, step), &mut of_states)?;
        Ok(of_states)
    }

    /// The way back through what the neurons hear of each other.
    fn backward_heard(
        &self,
        parameters: &Parameters,
        states: States<'_>,
        (heard, slope): (&Heard, &[f32]),
        (gradient, mut step): (&mut Parameters, Option<WeightUpdate<'_>>),
        of_states: &mut [f32],
    ) -> Result<(), Error> {
        let of_messages = match (&self.field, &heard.field) {
            (Some(field), Some(pass_of_field)) => {
                let of_field: Vec<f32> = slope.iter().zip(&heard.messages).map(|(s, m)| s * m).collect();
                field.backward(
                    &parameters.field,
                    (states.time, pass_of_field),
                    &of_field,
                    &mut gradient.field,
                )?;
                Cow::Owned(pass_of_field.scaled(slope))
            }
            _ => Cow::Borrowed(slope),
        };
        for (block, psi) in &heard.blocks {
            let part = Messages { edges: &self.edges, block, psi };
            let sink = match step.take() {
                Some(step) => Sink::Step(step),
                None => Sink::Store(&mut gradient.weights),
            };
            let of_psi = products::backward(&part, &parameters.weights, &of_messages, sink)?;
            let inputs = self.transfer_rows(block, &parameters.embedding, states.x);
            let of_inputs =
                self.transfer.backward(&parameters.transfer, &inputs, &of_psi, &mut gradient.transfer)?;
            self.collect_transfer(block, &of_inputs, &mut gradient.embedding, of_states);
        }
        Ok(())
    }

    /// Rows (x_i, a_i).
    pub(super) fn update_inputs(&self, embedding: &[f32], x: &[f32]) -> Vec<f32> {
        let mut rows = Vec::with_capacity(x.len() * (1 + self.dimensions));
        for frame in x.chunks_exact(self.n) {
            for (value, own) in frame.iter().zip(embedding.chunks_exact(self.dimensions)) {
                rows.push(*value);
                rows.extend_from_slice(own);
            }
        }
        rows
    }

    /// Rows of psi with every neuron as its own partner: what the penalty on psi looks at.
    pub(super) fn transfer_diagonal(&self, embedding: &[f32], x: &[f32]) -> Vec<f32> {
        let mut rows = Vec::with_capacity(x.len() * self.transfer.n_inputs());
        for frame in x.chunks_exact(self.n) {
            for (value, own) in frame.iter().zip(embedding.chunks_exact(self.dimensions)) {
                self.push_row(&mut rows, (*value, own), (*value, own));
            }
        }
        rows
    }

    /// Adds the row of psi of a pair of neurons, each with its activity.
    pub(super) fn push_pair(
        &self,
        rows: &mut Vec<f32>,
        embedding: &[f32],
        receiver: (usize, f32),
        sender: (usize, f32),
    ) {
        let of = |neuron: usize| &embedding[neuron * self.dimensions..(neuron + 1) * self.dimensions];
        self.push_row(rows, (receiver.1, of(receiver.0)), (sender.1, of(sender.0)));
    }

    /// The place of x_j in a row of psi.
    pub(super) fn sender_column(&self) -> usize {
        usize::from(self.input == TransferInput::PairActivity)
    }

    fn transfer_rows(&self, block: &Block, embedding: &[f32], x: &[f32]) -> Vec<f32> {
        let n_senders = block.n_senders(self.n);
        let mut rows = Vec::with_capacity(x.len() / self.n * n_senders * self.transfer.n_inputs());
        let of = |neuron: usize| &embedding[neuron * self.dimensions..(neuron + 1) * self.dimensions];
        let first = block.first();
        for frame in x.chunks_exact(self.n) {
            for row in 0..n_senders {
                let sender = block.sender(row);
                self.push_row(&mut rows, (frame[first], of(first)), (frame[sender], of(sender)));
            }
        }
        rows
    }

    fn push_row(&self, rows: &mut Vec<f32>, receiver: (f32, &[f32]), sender: (f32, &[f32])) {
        if self.input == TransferInput::PairActivity {
            rows.push(receiver.0);
        }
        rows.push(sender.0);
        if matches!(self.input, TransferInput::PairEmbedding | TransferInput::PairActivity) {
            rows.extend_from_slice(receiver.1);
        }
        if self.input != TransferInput::Sender {
            rows.extend_from_slice(sender.1);
        }
    }

    fn collect_update(&self, of_inputs: &[f32], of_embedding: &mut [f32], of_states: &mut [f32]) {
        let width = 1 + self.dimensions;
        for (place, row) in of_inputs.chunks_exact(width).enumerate() {
            of_states[place] += row[0];
            let own = place % self.n * self.dimensions;
            add(&mut of_embedding[own..own + self.dimensions], &row[1..]);
        }
    }

    fn collect_transfer(
        &self,
        block: &Block,
        of_inputs: &[f32],
        of_embedding: &mut [f32],
        of_states: &mut [f32],
    ) {
        let (n_senders, d) = (block.n_senders(self.n), self.dimensions);
        let first = block.first();
        let mut of_receiver = vec![0.0; d];
        for (place, row) in of_inputs.chunks_exact(self.transfer.n_inputs()).enumerate() {
            let (frame, sender) = (place / n_senders, block.sender(place % n_senders));
            let at = self.sender_column();
            if at == 1 {
                of_states[frame * self.n + first] += row[0];
            }
            of_states[frame * self.n + sender] += row[at];
            let mut rest = &row[at + 1..];
            if matches!(self.input, TransferInput::PairEmbedding | TransferInput::PairActivity) {
                add(&mut of_receiver, &rest[..d]);
                rest = &rest[d..];
            }
            add(&mut of_embedding[sender * d..sender * d + rest.len()], rest);
        }
        self.share(block, &of_receiver, of_embedding);
    }

    /// Receivers of a block have one embedding: each gets its equal share of the gradient.
    fn share(&self, block: &Block, of_receiver: &[f32], of_embedding: &mut [f32]) {
        let n_receivers = block.n_receivers().max(1) as f32;
        let part: Vec<f32> = of_receiver.iter().map(|value| value / n_receivers).collect();
        for receiver in block.receivers.iter().flat_map(Clone::clone) {
            add(&mut of_embedding[receiver * self.dimensions..(receiver + 1) * self.dimensions], &part);
        }
    }
}

fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}
