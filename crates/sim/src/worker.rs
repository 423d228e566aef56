//! One thread of a simulation: its receivers, their state, and the step.

use std::ops::Range;

use ndarray::Array2;
use neuroloom_core::{Activation, Seed, Truth};
use pulp::{Simd, WithSimd};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::curve::{Curve, Relu, Sigmoid, Tanh};
use crate::exchange::{Exchange, Page};
use crate::layout::{Channel, Layout, Output, Panel, output};
use crate::neurons::{Parameters, Sending, activate};
use crate::recurrent::{Changes, Direction, Form, PANEL_ROWS, Rows, Sums};

/// Steps between two full sums; keeps the rounding of the increments at that of one full sum.
const REFRESH_STEPS: u64 = 256;

/// A stretch of steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    /// Its first step, counted from the start of the burn-in.
    pub(crate) first_step: u64,
    /// Number of steps.
    pub(crate) n_steps: usize,
    /// Steps before frame 0.
    pub(crate) burn_in: u64,
}

/// What all workers of a simulation read.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub(crate) truth: &'a Truth,
    pub(crate) exchange: &'a Exchange,
}

/// A run of panels that hear the same psi.
struct Section {
    channel: usize,
    slots: Range<usize>,
    rows: Rows,
}

/// Where the neurons of one panel are.
struct Seats {
    slots: Range<usize>,
    first_position: usize,
    noise: ChaCha8Rng,
}

/// The receivers of one thread, padded to whole panels: a *slot* is a place in these panels.
pub(crate) struct Worker {
    index: usize,
    /// Positions of its neurons, contiguous.
    pub(crate) positions: Range<usize>,
    slots: Vec<Option<usize>>,
    seats: Vec<Seats>,
    sections: Vec<Section>,
    sending: Vec<Sending>,
    parameters: Parameters,
    state: Vec<f32>,
    drift: Vec<f32>,
    sums: Vec<f32>,
    /// What rounding has added to each sum.
    lost: Vec<f32>,
    changes: Changes,
    /// `[step of the block, position]`, as many rows as are wanted.
    pub(crate) states: Array2<f32>,
    /// The same for the drift.
    pub(crate) drifts: Array2<f32>,
    /// The first step, and neuron, at which the state or the drift was not finite.
    pub(crate) diverged: Option<(u64, usize)>,
}

impl Worker {
    /// The worker that owns these panels; `start` is the state by neuron, noise comes from `seed`.
    pub(crate) fn new(
        index: usize,
        panels: Range<usize>,
        common: (&Truth, &Layout),
        start: &[f32],
        seed: Seed,
    ) -> Self {
        let (truth, layout) = common;
        let own = &layout.panels[panels.clone()];
        let (slots, seats) = seat(layout, panels, seed.split("noise"));
        let zeros = vec![0.0; slots.len()];
        Self {
            index,
            positions: match (own.first(), own.last()) {
                (Some(first), Some(last)) => first.positions.start..last.positions.end,
                _ => 0..0,
            },
            sections: sections(truth, layout, own, &slots),
            sending: layout
                .channels
                .iter()
                .map(|&channel| sending((truth, layout.form), channel, &slots))
                .collect(),
            parameters: Parameters::new(truth, &slots),
            state: slots.iter().map(|slot| slot.map_or(0.0, |neuron| start[neuron])).collect(),
            drift: zeros.clone(),
            sums: zeros.clone(),
            lost: zeros,
            changes: Changes::default(),
            states: Array2::zeros((0, 0)),
            drifts: Array2::zeros((0, 0)),
            diverged: None,
            slots,
            seats,
        }
    }

    /// Does all steps of a block, together with the other workers.
    pub(crate) fn run(&mut self, common: Shared<'_>, block: Block) {
        pulp::Arch::new().dispatch(Run { worker: self, common, block });
    }

    #[inline(always)]
    fn run_with<S: Simd, C: Curve>(&mut self, simd: S, common: Shared<'_>, block: Block) {
        for number in 0..block.n_steps {
            let step = block.first_step + number as u64;
            self.publish::<C>(common.exchange, step);
            if !common.exchange.meet(step + 1) {
                return;
            }
            self.receive(simd, common.exchange, step);
            if let Some(modulation) = &common.truth.modulation {
                match step.checked_sub(block.burn_in) {
                    Some(frame) => self.parameters.modulate(modulation, frame as usize, &self.slots),
                    None => self.parameters.silence(modulation),
                }
            }
            match self.sending.first().and_then(Sending::activation) {
                Some(activation) => self.drift.copy_from_slice(activation),
                None => activate::<C>(&self.state, &mut self.drift),
            }
            let sane = self.parameters.drift(&self.state, &self.sums, &mut self.drift);
            if !sane && self.diverged.is_none() {
                self.diverged = Some((step, self.first_wild()));
            }
            self.record(number);
            self.advance(common.truth);
        }
    }

    /// Lists the senders whose output changed; every 256 steps, all of them.
    #[inline(always)]
    fn publish<C: Curve>(&mut self, exchange: &Exchange, step: u64) {
        let afresh = step.is_multiple_of(REFRESH_STEPS);
        for (channel, sending) in self.sending.iter_mut().enumerate() {
            if afresh {
                sending.forget();
            }
            sending.compute::<C>(&self.state);
            sending.decide();
            let pages = pages(step, channel);
            let mut lists = pages.map(|page| exchange.open(page, self.index));
            for seats in &self.seats {
                for (list, added) in lists.iter_mut().zip(sending.added(seats.slots.clone())) {
                    list.add(seats.first_position, added);
                }
            }
            for (page, list) in pages.into_iter().zip(lists) {
                exchange.close(page, self.index, list.length);
            }
        }
        if afresh {
            self.sums.fill(0.0);
            self.lost.fill(0.0);
        }
    }

    /// Adds what changed to the sums; every other step from the far end, which is still in the cache.
    #[inline(always)]
    fn receive<S: Simd>(&mut self, simd: S, exchange: &Exchange, step: u64) {
        let direction = if step.is_multiple_of(2) { Direction::Forwards } else { Direction::Backwards };
        let mut collected = None;
        for turn in 0..self.sections.len() {
            let place = if direction == Direction::Forwards { turn } else { self.sections.len() - 1 - turn };
            let section = &mut self.sections[place];
            if collected != Some(section.channel) {
                let [exact, coarse] = pages(step, section.channel);
                exchange.collect(exact, &mut self.changes.exact);
                exchange.collect(coarse, &mut self.changes.coarse);
                if direction == Direction::Backwards {
                    self.changes.exact.reverse();
                    self.changes.coarse.reverse();
                }
                collected = Some(section.channel);
            }
            let slots = section.slots.clone();
            let sums = Sums { value: &mut self.sums[slots.clone()], lost: &mut self.lost[slots] };
            section.rows.accumulate(simd, &self.changes, direction, sums);
        }
    }

    /// Copies state and drift into the frames of the block, without the unused slots.
    #[inline(always)]
    fn record(&mut self, row: usize) {
        for (frames, values) in [(&mut self.states, &self.state), (&mut self.drifts, &self.drift)] {
            let n = frames.ncols();
            if row >= frames.nrows() {
                continue;
            }
            let Some(frame) = frames.as_slice_mut().map(|all| &mut all[row * n..(row + 1) * n]) else {
                continue;
            };
            for seats in &self.seats {
                let start = seats.first_position - self.positions.start;
                frame[start..start + seats.slots.len()].copy_from_slice(&values[seats.slots.clone()]);
            }
        }
    }

    /// x <- x + dt f(x), then x <- x + noise.
    #[inline(always)]
    fn advance(&mut self, truth: &Truth) {
        let dt = truth.dt_s as f32;
        for (x, &rate) in self.state.iter_mut().zip(&self.drift) {
            *x = dt.mul_add(rate, *x);
        }
        if truth.noise_std > 0.0 {
            self.add_noise(truth.noise_std as f32);
        }
    }

    fn add_noise(&mut self, std: f32) {
        for seats in &mut self.seats {
            for x in &mut self.state[seats.slots.clone()] {
                let draw: f32 = seats.noise.sample(StandardNormal);
                *x = std.mul_add(draw, *x);
            }
        }
    }

    fn first_wild(&self) -> usize {
        let wild = |slot: &usize| !self.state[*slot].is_finite() || !self.drift[*slot].is_finite();
        let slot = (0..self.state.len()).find(wild).unwrap_or(0);
        self.slots[slot].unwrap_or(0)
    }
}

/// The two lists of a channel: for W, and for its short copy.
fn pages(step: u64, channel: usize) -> [Page; 2] {
    [Page { step, list: 2 * channel }, Page { step, list: 2 * channel + 1 }]
}

struct Run<'a> {
    worker: &'a mut Worker,
    common: Shared<'a>,
    block: Block,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.common.truth.activation {
            Activation::Tanh => self.worker.run_with::<S, Tanh>(simd, self.common, self.block),
            Activation::Relu => self.worker.run_with::<S, Relu>(simd, self.common, self.block),
            Activation::Sigmoid => self.worker.run_with::<S, Sigmoid>(simd, self.common, self.block),
        }
    }
}

/// Puts the neurons of the panels into slots; each panel has a stream of noise of its own, so that the noise
/// does not depend on who owns the panel.
fn seat(layout: &Layout, panels: Range<usize>, noise: Seed) -> (Vec<Option<usize>>, Vec<Seats>) {
    let mut slots = Vec::new();
    let mut seats = Vec::new();
    for number in panels {
        let positions = layout.panels[number].positions.clone();
        let first = slots.len();
        seats.push(Seats {
            slots: first..first + positions.len(),
            first_position: positions.start,
            noise: noise.nth(number as u64).rng(),
        });
        slots.extend(positions.map(|position| Some(layout.neuron[position])));
        slots.resize(first + PANEL_ROWS, None);
    }
    (slots, seats)
}

/// The weights onto each run of panels that hear the same psi.
fn sections(truth: &Truth, layout: &Layout, panels: &[Panel], slots: &[Option<usize>]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut first = 0;
    for run in panels.chunk_by(|one, next| one.channel == next.channel) {
        let range = first * PANEL_ROWS..(first + run.len()) * PANEL_ROWS;
        first += run.len();
        let own = &slots[range.clone()];
        let weight = |slot: usize, sender: usize| {
            own[slot].map_or(0.0, |neuron| truth.weight_matrix[[neuron, layout.neuron[sender]]])
        };
        let rows = Rows::new(layout.form, own.len(), layout.neuron.len(), weight);
        sections.push(Section { channel: run[0].channel, slots: range, rows });
    }
    sections
}

/// What the neurons in these slots send through a channel.
fn sending((truth, form): (&Truth, Form), channel: Channel, slots: &[Option<usize>]) -> Sending {
    // The state of an unused slot stays at 0 and nobody hears it: its output does not matter.
    let silent = Output { threshold: 0.0, scale: 1.0, slope: 0.0 };
    let outputs: Vec<_> = slots
        .iter()
        .map(|slot| match slot {
            Some(neuron) => output(channel, &truth.types[truth.cell_type[*neuron] as usize]),
            None => silent,
        })
        .collect();
    Sending::new(&outputs, form)
}
