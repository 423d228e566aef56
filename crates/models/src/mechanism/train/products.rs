//! W psi and its gradients, for all receivers of a block, dense or in compressed rows.

use neuroloom_nn::kernel::product::{DenseProduct, Outer, WeightUpdate};
use rayon::prelude::*;

use super::blocks::Block;
use super::edges::Edges;
use crate::Error;

/// What one block says to its receivers.
pub(super) struct Messages<'a> {
    pub(super) edges: &'a Edges,
    pub(super) block: &'a Block,
    /// `[frame, sender]`.
    pub(super) psi: &'a [f32],
}

/// What becomes of the gradient of W.
pub(super) enum Sink<'a> {
    /// It is added to this array.
    Store(&'a mut [f32]),
    /// It goes straight into a step of Adam and never exists as a whole; only where one dense block holds all.
    Step(WeightUpdate<'a>),
}

/// Adds sum_j W_ij psi_j to the messages of the block's receivers, `[frame, neuron]`.
pub(super) fn forward(part: &Messages<'_>, weights: &[f32], messages: &mut [f32]) -> Result<(), Error> {
    let n = part.edges.n;
    if part.is_whole() && part.edges.is_dense() {
        return Ok(DenseProduct::new(n, n).forward(weights, part.psi, messages)?);
    }
    let n_senders = part.block.n_senders(n);
    let heard = |&receiver: &usize| -> Vec<f32> {
        let row = part.row(weights, receiver);
        let dot = |psi: &[f32]| row.iter().map(|&(sender, weight)| weight * psi[sender]).sum();
        part.psi.chunks_exact(n_senders).map(dot).collect()
    };
    let receivers = part.receivers();
    let sums: Vec<Vec<f32>> = receivers.par_iter().map(heard).collect();
    for (receiver, sums) in receivers.iter().zip(sums) {
        sums.iter().enumerate().for_each(|(frame, sum)| messages[frame * n + receiver] += sum);
    }
    Ok(())
}

/// Returns W' slope, `[frame, sender]`, and hands slope psi' to the sink.
pub(super) fn backward(
    part: &Messages<'_>,
    weights: &[f32],
    slope: &[f32],
    sink: Sink<'_>,
) -> Result<Vec<f32>, Error> {
    let n = part.edges.n;
    let mut of_psi = vec![0.0; part.psi.len()];
    let product = DenseProduct::new(n, n);
    let outer = Outer { message_gradients: slope, senders: part.psi };
    match sink {
        Sink::Step(update) => product.update(outer, update, Some(&mut of_psi))?,
        Sink::Store(gradient) if part.is_whole() && part.edges.is_dense() => {
            product.backward_senders(weights, slope, &mut of_psi)?;
            product.backward_weights(outer, gradient)?;
        }
        Sink::Store(gradient) => part.scattered(weights, slope, (gradient, &mut of_psi)),
    }
    Ok(of_psi)
}

impl Messages<'_> {
    /// Whether the block holds all receivers and all senders.
    fn is_whole(&self) -> bool {
        self.block.senders.is_none() && self.block.n_receivers() == self.edges.n
    }

    fn receivers(&self) -> Vec<usize> {
        self.block.receivers.iter().flat_map(Clone::clone).collect()
    }

    /// Row of psi and weight of each edge of a receiver.
    fn row(&self, weights: &[f32], receiver: usize) -> Vec<(usize, f32)> {
        self.places(receiver).into_iter().map(|(place, row)| (row, weights[place])).collect()
    }

    /// Place in W and row of psi of each edge of a receiver.
    fn places(&self, receiver: usize) -> Vec<(usize, usize)> {
        let own = self.edges.incoming(receiver).into_iter();
        match &self.block.senders {
            // A block of its own asked for these senders in this order.
            Some(_) => own.enumerate().map(|(row, (place, _))| (place, row)).collect(),
            None => own.map(|(place, sender)| (place, sender as usize)).collect(),
        }
    }

    fn scattered(&self, weights: &[f32], slope: &[f32], (gradient, of_psi): (&mut [f32], &mut [f32])) {
        let n_senders = self.block.n_senders(self.edges.n);
        for receiver in self.receivers() {
            let places = self.places(receiver);
            for (frame, psi) in self.psi.chunks_exact(n_senders).enumerate() {
                let slope = slope[frame * self.edges.n + receiver];
                let of_frame = &mut of_psi[frame * n_senders..(frame + 1) * n_senders];
                for &(place, row) in &places {
                    of_frame[row] += weights[place] * slope;
                    gradient[place] += slope * psi[row];
                }
            }
        }
    }
}
