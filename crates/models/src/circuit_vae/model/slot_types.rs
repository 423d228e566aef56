//! Form A: from a code to the cell type of each slot, or that it is empty.

use std::ops::Range;

use neuroloom_nn::kernel::gather;
use neuroloom_nn::kernel::layer_norm::Segments;

use super::super::config::CircuitVaeConfig;
use super::layers::{Mlp, Norm, add, beside, columns};
use super::layout::{Layout, Start};
use crate::Error;

/// The class of an empty slot, in front of the types of the vocabulary.
pub(in crate::circuit_vae) const EMPTY: usize = 0;

#[derive(Debug, Clone)]
pub(in crate::circuit_vae) struct SlotTypes {
    slots: Range<usize>,
    film: Mlp,
    layers: Vec<(Mlp, Norm)>,
    logits: Mlp,
    n_slots: usize,
    width: usize,
    latent: usize,
}

/// What the way back needs.
pub(in crate::circuit_vae) struct SlotPass {
    segments: Segments,
    index: Vec<u32>,
    codes: Vec<f32>,
    hidden: Vec<Vec<f32>>,
    films: Vec<Vec<f32>>,
    sums: Vec<Vec<f32>>,
}

impl SlotTypes {
    pub(super) fn new(layout: &mut Layout, config: &CircuitVaeConfig, n_types: usize) -> Result<Self, Error> {
        let (width, latent) = (config.width, config.latent);
        let slots = layout.add("slots.embedding", &[config.slots, width], Start::Normal(0.5));
        let film = Mlp::new(layout, "slots.film", &[latent, 2 * width, 4 * width], 0.5)?;
        let mut layers = Vec::new();
        for layer in 0..2 {
            let name = format!("slots.layer{layer}");
            let mlp = Mlp::new(layout, &name, &[width, width], 1.0)?;
            layers.push((mlp, Norm::new(layout, &format!("{name}.norm"), width)));
        }
        let logits = Mlp::new(layout, "slots.logits", &[width, n_types + 1], 0.5)?;
        Ok(Self { slots, film, layers, logits, n_slots: config.slots, width, latent })
    }

    pub(in crate::circuit_vae) fn n_slots(&self) -> usize {
        self.n_slots
    }

    /// Numbers in a row of logits: empty, then each type.
    pub(in crate::circuit_vae) fn n_classes(&self) -> usize {
        self.logits.n_outputs()
    }

    /// Logits `[circuit, slot, class]`.
    pub(super) fn forward(&self, parameters: &[f32], codes: &[f32]) -> Result<(Vec<f32>, SlotPass), Error> {
        let n_circuits = codes.len() / self.latent;
        let segments = Segments::new(&vec![self.n_slots; n_circuits], self.width)?;
        let index: Vec<u32> = (0..n_circuits).flat_map(|_| 0..self.n_slots as u32).collect();
        let mut first = vec![0.0; index.len() * self.width];
        gather::rows(&parameters[self.slots.clone()], self.width, &index, &mut first)?;
        let film = self.film.forward(parameters, codes)?;
        let (mut hidden, mut films, mut sums) = (vec![first], Vec::new(), Vec::new());
        for (layer, (mlp, norm)) in self.layers.iter().enumerate() {
            let own = columns(&film, 4 * self.width, 2 * layer * self.width, 2 * self.width);
            let sum = mlp.forward(parameters, &hidden[layer])?;
            let mut next = norm.forward(parameters, (&segments, &own), &sum)?;
            add(&hidden[layer], &mut next);
            hidden.push(next);
            films.push(own);
            sums.push(sum);
        }
        let logits = self.logits.forward(parameters, &hidden[2])?;
        Ok((logits, SlotPass { segments, index, codes: codes.to_vec(), hidden, films, sums }))
    }

    /// dL/d(codes); the gradients of the parameters are added.
    pub(in crate::circuit_vae) fn backward(
        &self,
        (parameters, into): (&[f32], &mut [f32]),
        pass: &SlotPass,
        logits: &[f32],
    ) -> Result<Vec<f32>, Error> {
        let mut gradient = self.logits.backward((parameters, &mut *into), &pass.hidden[2], logits)?;
        let mut films = vec![Vec::new(); self.layers.len()];
        for (layer, (mlp, norm)) in self.layers.iter().enumerate().rev() {
            let own = (&pass.segments, &pass.films[layer][..]);
            let (sums, film) = norm.backward((parameters, &mut *into), own, &pass.sums[layer], &gradient)?;
            films[layer] = film;
            add(&mlp.backward((parameters, &mut *into), &pass.hidden[layer], &sums)?, &mut gradient);
        }
        gather::add_rows(&gradient, self.width, &pass.index, &mut into[self.slots.clone()])?;
        let film = beside(&[(&films[0], 2 * self.width), (&films[1], 2 * self.width)]);
        self.film.backward((parameters, into), &pass.codes, &film)
    }
}
