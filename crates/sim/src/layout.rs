//! A truth laid out for the integrator: neurons sorted by the psi they hear, cut into panels, dealt to workers.
//!
//! The *position* of a neuron is its place after sorting; the *slot* of a neuron is its place in the padded
//! panels of one worker.

use std::ops::Range;

use neuroloom_core::{AssemblyType, TransferKind, Truth};

use crate::recurrent::{Form, PANEL_ROWS};

/// Up to [`PANEL_ROWS`] neurons that hear the same psi.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panel {
    /// Positions of its neurons.
    pub(crate) positions: Range<usize>,
    /// Which psi they hear.
    pub(crate) channel: usize,
}

/// One psi: f((x_j - h_j) * scale_j) - slope_j x_j.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Channel {
    /// f(x_j)
    Shared,
    /// The sender's own width.
    SenderWidth,
    /// The width of the receivers and the sender's linear slope.
    ReceiverWidth(f64),
}

/// psi of one channel for one sender.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Output {
    pub(crate) threshold: f32,
    pub(crate) scale: f32,
    pub(crate) slope: f32,
}

/// Positions, panels and channels of a truth.
pub(crate) struct Layout {
    /// The neuron at each position.
    pub(crate) neuron: Vec<usize>,
    pub(crate) panels: Vec<Panel>,
    pub(crate) channels: Vec<Channel>,
    /// How the weights are kept.
    pub(crate) form: Form,
}

impl Layout {
    pub(crate) fn new(truth: &Truth) -> Self {
        let (channels, channel_of_type) = channels(truth);
        let channel = |neuron: &usize| channel_of_type[truth.cell_type[*neuron] as usize];
        let mut neuron: Vec<usize> = (0..truth.n_neurons()).collect();
        neuron.sort_by_key(channel);
        let mut panels = Vec::new();
        let mut start = 0;
        while start < neuron.len() {
            let channel_here = channel(&neuron[start]);
            let rest = &neuron[start..(start + PANEL_ROWS).min(neuron.len())];
            let length = rest.iter().take_while(|neuron| channel(neuron) == channel_here).count();
            panels.push(Panel { positions: start..start + length, channel: channel_here });
            start += length;
        }
        Self { neuron, panels, channels, form: Form::of(truth) }
    }

    /// The panels of each worker: contiguous, nearly equal in number.
    pub(crate) fn deal(&self, n_threads: usize) -> Vec<Range<usize>> {
        let n_panels = self.panels.len();
        let n_workers = n_threads.clamp(1, n_panels.max(1)).min(self.worthwhile_workers());
        (0..n_workers).map(|w| w * n_panels / n_workers..(w + 1) * n_panels / n_workers).collect()
    }

    /// A worker must have enough weights for the barrier (about 0.3 us a step) to pay.
    fn worthwhile_workers(&self) -> usize {
        const WEIGHTS_PER_WORKER: usize = 1 << 17;
        (self.neuron.len() * self.neuron.len() / WEIGHTS_PER_WORKER).max(1)
    }
}

/// psi of a channel for a sender of the given type.
pub(crate) fn output(channel: Channel, sender: &AssemblyType) -> Output {
    let threshold = sender.threshold as f32;
    match channel {
        Channel::Shared => Output { threshold: 0.0, scale: 1.0, slope: 0.0 },
        Channel::SenderWidth => Output { threshold, scale: (1.0 / sender.width) as f32, slope: 0.0 },
        Channel::ReceiverWidth(width) => {
            Output { threshold, scale: (1.0 / width) as f32, slope: (sender.width.ln() / 50.0) as f32 }
        }
    }
}

/// The distinct psi, and which of them each type hears.
fn channels(truth: &Truth) -> (Vec<Channel>, Vec<usize>) {
    let n_types = truth.types.len();
    match truth.transfer {
        TransferKind::Shared => (vec![Channel::Shared], vec![0; n_types]),
        TransferKind::Sender => (vec![Channel::SenderWidth], vec![0; n_types]),
        TransferKind::Receiver => {
            let mut channels: Vec<Channel> = Vec::new();
            let of_type = truth.types.iter().map(|one| {
                let channel = Channel::ReceiverWidth(one.width);
                channels.iter().position(|known| *known == channel).unwrap_or_else(|| {
                    channels.push(channel);
                    channels.len() - 1
                })
            });
            let of_type = of_type.collect();
            (channels, of_type)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use neuroloom_core::Activation;

    fn receptors(n: usize) -> Truth {
        let widths = [1.0, 2.0, 1.0];
        Truth {
            weight_matrix: Array2::zeros((n, n)),
            cell_type: (0..n as u32).map(|neuron| neuron % 3).collect(),
            types: widths.iter().map(|&width| AssemblyType { width, ..AssemblyType::default() }).collect(),
            transfer: TransferKind::Receiver,
            activation: Activation::Tanh,
            modulation: None,
            noise_std: 0.0,
            dt_s: 0.01,
        }
    }

    #[test]
    fn panels_hear_one_psi_each() {
        // 600 neurons, types 0 1 2 0 1 2 ...; types 0 and 2 have the same width: 400 + 200 neurons.
        let layout = Layout::new(&receptors(600));
        assert_eq!(layout.channels.len(), 2);
        let lengths: Vec<usize> = layout.panels.iter().map(|panel| panel.positions.len()).collect();
        assert_eq!(lengths, [128, 128, 128, 16, 128, 72]);
        assert_eq!(layout.neuron[..3], [0, 2, 3]);
        assert_eq!(layout.neuron[400], 1);
        // 360,000 weights are worth two workers.
        assert_eq!(layout.deal(7), [0..3, 3..6]);
        assert_eq!(layout.deal(0).len(), 1);
    }
}
