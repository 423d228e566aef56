//! What each neuron does on its own: its parameters, its drift, what it sends.

use std::ops::Range;

use neuroloom_core::{Modulation, ModulationMode, Truth};

use crate::curve::Curve;
use crate::layout::Output;
use crate::recurrent::Form;

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
    in_force: InForce,
}

/// Which part of an external field the parameters contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum InForce {
    #[default]
    Nothing,
    Silence,
    Slice(usize),
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
            in_force: InForce::Nothing,
        }
    }

    /// The external field is zero before frame 0 (the published rule).
    pub(crate) fn silence(&mut self, modulation: &Modulation) {
        if self.in_force == InForce::Silence {
            return;
        }
        self.in_force = InForce::Silence;
        self.input.clone_from(&self.offset);
        match modulation.mode {
            ModulationMode::Multiplicative => self.scale.fill(0.0),
            ModulationMode::Additive => self.scale.clone_from(&self.gain),
        }
    }

    /// Takes over the slice of the external field that is in force at `frame`.
    pub(crate) fn modulate(&mut self, modulation: &Modulation, frame: usize, slots: &[Option<usize>]) {
        let slice = modulation.slice_at(frame);
        if self.in_force == InForce::Slice(slice) {
            return;
        }
        self.in_force = InForce::Slice(slice);
        let field = modulation.values.row(slice);
        for (slot, neuron) in slots.iter().enumerate() {
            let Some(neuron) = *neuron else { continue };
            match modulation.mode {
                ModulationMode::Multiplicative => self.scale[slot] = self.gain[slot] * field[neuron],
                ModulationMode::Additive => self.input[slot] = self.offset[slot] + field[neuron],
            }
        }
    }

    /// The noise-free drift of every slot; false if a state or a drift is not finite. On entry `drift` holds f(x).
    #[inline(always)]
    pub(crate) fn drift(&self, state: &[f32], sums: &[f32], drift: &mut [f32]) -> bool {
        let n = drift.len();
        let (decay, own) = (&self.decay[..n], &self.self_coupling[..n]);
        let (input, scale) = (&self.input[..n], &self.scale[..n]);
        let (state, sums) = (&state[..n], &sums[..n]);
        let mut finite = 1_u32;
        for slot in 0..n {
            let x = state[slot];
            let alone = own[slot].mul_add(drift[slot], (-decay[slot]).mul_add(x, input[slot]));
            let rate = scale[slot].mul_add(sums[slot], alone);
            drift[slot] = rate;
            finite &= u32::from(x.abs() <= f32::MAX) & u32::from(rate.abs() <= f32::MAX);
        }
        finite == 1
    }
}

/// f(x) of every slot.
#[inline(always)]
pub(crate) fn activate<C: Curve>(state: &[f32], values: &mut [f32]) {
    values.copy_from_slice(state);
    apply::<C>(values);
}

/// One array, no branches: a loop that the compiler vectorises.
#[inline(always)]
fn apply<C: Curve>(values: &mut [f32]) {
    for value in values {
        *value = C::at(*value);
    }
}

/// A sender is left out while its output differs from what is applied by less than this fraction. What that
/// adds to a step, dt g |S| / 2^18 for a sum of many senders, stays below the rounding of the state in f32.
const HELD_BACK: f32 = 1.0 / 1_048_576.0;

/// What may be owed to a sender through the short weights, as a fraction of its output: with their 8 bits, an
/// error like that of [`HELD_BACK`].
const OWED: f32 = 512.0 * HELD_BACK;

/// What the neurons of a worker send through one channel.
pub(crate) struct Sending {
    threshold: Vec<f32>,
    scale: Vec<f32>,
    slope: Vec<f32>,
    output: Vec<f32>,
    /// The part of the output that the sums contain through W.
    exact: Vec<f32>,
    /// The part that they contain through the short copy of W.
    coarse: Vec<f32>,
    exact_added: Vec<f32>,
    coarse_added: Vec<f32>,
    /// [`OWED`], or 0 if there is no short copy.
    owed: f32,
    /// Whether psi is f itself.
    plain: bool,
}

impl Sending {
    /// One output a slot.
    pub(crate) fn new(outputs: &[Output], form: Form) -> Self {
        let column = |field: fn(&Output) -> f32| -> Vec<f32> { outputs.iter().map(field).collect() };
        Self {
            threshold: column(|one| one.threshold),
            scale: column(|one| one.scale),
            slope: column(|one| one.slope),
            output: vec![0.0; outputs.len()],
            exact: vec![0.0; outputs.len()],
            coarse: vec![0.0; outputs.len()],
            exact_added: vec![0.0; outputs.len()],
            coarse_added: vec![0.0; outputs.len()],
            owed: if form == Form::Dense { OWED } else { 0.0 },
            plain: outputs.iter().all(|one| one.threshold == 0.0 && one.scale == 1.0 && one.slope == 0.0),
        }
    }

    /// f(x) of every slot, if the output is that.
    #[inline(always)]
    pub(crate) fn activation(&self) -> Option<&[f32]> {
        self.plain.then_some(&self.output)
    }

    /// Forgets what the sums contain.
    pub(crate) fn forget(&mut self) {
        self.exact.fill(0.0);
        self.coarse.fill(0.0);
    }

    /// psi = f((x - h) scale) - slope x of every slot.
    #[inline(always)]
    pub(crate) fn compute<C: Curve>(&mut self, state: &[f32]) {
        let inner = self.threshold.iter().zip(&self.scale);
        for ((output, &x), (threshold, scale)) in self.output.iter_mut().zip(state).zip(inner) {
            *output = (x - threshold) * scale;
        }
        apply::<C>(&mut self.output);
        for ((output, &x), slope) in self.output.iter_mut().zip(state).zip(&self.slope) {
            *output = (-slope).mul_add(x, *output);
        }
    }

    /// Decides what is to be added to the sums, and counts it as applied.
    ///
    /// Only selections, no branches: a loop that the compiler vectorises.
    #[inline(always)]
    pub(crate) fn decide(&mut self) {
        let applied = self.exact.iter_mut().zip(&mut self.coarse);
        let added = self.exact_added.iter_mut().zip(&mut self.coarse_added);
        for ((&output, (exact, coarse)), (exact_added, coarse_added)) in
            self.output.iter().zip(applied).zip(added)
        {
            let beyond = output - *exact;
            let missing = beyond - *coarse;
            let size = output.abs();
            let changed = missing.abs() > HELD_BACK * size;
            let small = beyond.abs() <= self.owed * size;
            *exact_added = if changed & !small { beyond } else { 0.0 };
            // What went through the short copy is taken back once it goes through W itself.
            let through_short = if small { missing } else { -*coarse };
            *coarse_added = if changed { through_short } else { 0.0 };
            *exact += *exact_added;
            *coarse += *coarse_added;
        }
    }

    /// What these slots add to the sums: through W, and through its short copy; 0 = nothing.
    #[inline(always)]
    pub(crate) fn added(&self, slots: Range<usize>) -> [&[f32]; 2] {
        [&self.exact_added[slots.clone()], &self.coarse_added[slots]]
    }
}
