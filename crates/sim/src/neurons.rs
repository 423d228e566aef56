//! What each neuron does on its own: its parameters, its drift, what it sends.

use neuroloom_core::{Modulation, ModulationMode, Truth};

use crate::curve::Curve;
use crate::layout::Output;

/// dx/dt = input - decay x + self_coupling f(x) + scale S, one row a slot.
///
/// Unused slots have parameters 0, so their state stays at 0.
#[derive(Default)]
pub(crate) struct Parameters {
    decay: Vec<f32>,
    self_coupling: Vec<f32>,
    offset: Vec<f32>,
    gain: Vec<f32>,
    input: Vec<f32>,
    scale: Vec<f32>,
    slice: Option<usize>,
}

impl Parameters {
    /// Parameters of the neurons in these slots (`None` = unused).
    pub(crate) fn new(truth: &Truth, slots: &[Option<usize>]) -> Self {
        let column = |field: fn(&neuroloom_core::AssemblyType) -> f64| -> Vec<f32> {
            let value = |&neuron: &usize| field(&truth.types[truth.cell_type[neuron] as usize]) as f32;
            slots.iter().map(|slot| slot.as_ref().map_or(0.0, value)).collect()
        };
        let (offset, gain) = (column(|one| one.offset), column(|one| one.gain));
        Self {
            decay: column(|one| one.decay),
            self_coupling: column(|one| one.self_coupling),
            input: offset.clone(),
            scale: gain.clone(),
            offset,
            gain,
            slice: None,
        }
    }

    /// The external field is zero before frame 0 (the published rule).
    pub(crate) fn silence(&mut self, modulation: &Modulation) {
        self.input.clone_from(&self.offset);
        match modulation.mode {
            ModulationMode::Multiplicative => self.scale.fill(0.0),
            ModulationMode::Additive => self.scale.clone_from(&self.gain),
        }
        self.slice = None;
    }

    /// Takes over the slice of the external field that is in force at `frame`.
    pub(crate) fn modulate(&mut self, modulation: &Modulation, frame: usize, slots: &[Option<usize>]) {
        let slice = modulation.slice_at(frame);
        if self.slice == Some(slice) {
            return;
        }
        self.slice = Some(slice);
        let field = modulation.values.row(slice);
        for (slot, neuron) in slots.iter().enumerate() {
            let Some(neuron) = *neuron else { continue };
            match modulation.mode {
                ModulationMode::Multiplicative => self.scale[slot] = self.gain[slot] * field[neuron],
                ModulationMode::Additive => self.input[slot] = self.offset[slot] + field[neuron],
            }
        }
    }

    /// The noise-free drift of every slot; false if a state or a drift is not finite.
    #[inline(always)]
    pub(crate) fn drift<C: Curve>(&self, state: &[f32], sums: &[f32], drift: &mut [f32]) -> bool {
        let n = drift.len();
        let (decay, own) = (&self.decay[..n], &self.self_coupling[..n]);
        let (input, scale) = (&self.input[..n], &self.scale[..n]);
        let (state, sums) = (&state[..n], &sums[..n]);
        let mut wild = 0_u32;
        for slot in 0..n {
            let x = state[slot];
            let alone = own[slot].mul_add(C::at(x), (-decay[slot]).mul_add(x, input[slot]));
            let rate = scale[slot].mul_add(sums[slot], alone);
            drift[slot] = rate;
            wild |= u32::from(!(x.abs() <= f32::MAX)) | u32::from(!(rate.abs() <= f32::MAX));
        }
        wild == 0
    }
}

/// What the neurons of a worker send through one channel.
pub(crate) struct Sending {
    threshold: Vec<f32>,
    scale: Vec<f32>,
    slope: Vec<f32>,
    pub(crate) output: Vec<f32>,
    /// What the receivers know.
    pub(crate) known: Vec<f32>,
}

impl Sending {
    /// One output a slot.
    pub(crate) fn new(outputs: &[Output]) -> Self {
        let column = |field: fn(&Output) -> f32| -> Vec<f32> { outputs.iter().map(field).collect() };
        Self {
            threshold: column(|one| one.threshold),
            scale: column(|one| one.scale),
            slope: column(|one| one.slope),
            output: vec![0.0; outputs.len()],
            known: vec![0.0; outputs.len()],
        }
    }

    /// psi = f((x - h) scale) - slope x of every slot.
    #[inline(always)]
    pub(crate) fn compute<C: Curve>(&mut self, state: &[f32]) {
        let n = state.len();
        let (threshold, scale) = (&self.threshold[..n], &self.scale[..n]);
        let (slope, output) = (&self.slope[..n], &mut self.output[..n]);
        for slot in 0..n {
            let x = state[slot];
            let inner = (x - threshold[slot]) * scale[slot];
            output[slot] = (-slope[slot]).mul_add(x, C::at(inner));
        }
    }
}
