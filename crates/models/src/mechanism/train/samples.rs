//! Frames in memory, and the batch of each step: a function of seed and step alone, so that a resumed run sees
//! the same batches.

use neuroloom_core::{Listener, Seed};
use rand_chacha::rand_core::Rng;

use crate::Error;
use crate::mechanism::solve::equations::{Equations, Scheme};

/// Equations of a stretch that is read when a recording does not fit into memory.
const STRETCH: usize = 512;
/// Equations on which the fit is judged.
const JUDGES: usize = 128;

/// From the units of the recording to those of the networks: activity of standard deviation 7.5 and its drift,
/// which the published learning rates are made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Units {
    /// Activity of the recording for one unit of the networks.
    pub(super) activity: f64,
    /// Drift of the recording for one unit of the networks.
    pub(super) drift: f64,
}

/// Which equations train and which judge.
#[derive(Debug, Clone)]
pub(super) struct Division {
    pieces: Vec<Piece>,
    /// Equations kept in memory at most.
    room: usize,
}

/// A stretch of a trial: its first equations train, the others judge.
#[derive(Debug, Clone, Copy)]
struct Piece {
    trial: usize,
    first: usize,
    n_train: usize,
    n_held: usize,
}

/// Equations in memory.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    n: usize,
    span: usize,
    bump: Vec<f32>,
    states: Vec<f32>,
    targets: Vec<f32>,
    runs: Vec<Run>,
    /// Share of the recording from one equation to the next, and from one state to the next.
    time_step: (f32, f32),
    dt: f32,
}

/// Successive equations of one trial.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// Where it begins in memory.
    place: usize,
    /// Its first equation in the trial.
    first: usize,
    len: usize,
}

/// What one step compares.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    /// `[equation, state, neuron]`.
    pub(super) x: Vec<f32>,
    /// One a state.
    pub(super) time: Vec<f32>,
    /// dx/dt, or, for several steps, the state to be reached; `[equation, neuron]`.
    pub(super) targets: Vec<f32>,
    /// Weights of the states of an equation.
    pub(super) bump: Vec<f32>,
    /// Euler steps before the comparison; 1 compares dx/dt.
    pub(super) steps: usize,
    /// Share of the recording from one frame to the next.
    pub(super) time_step: f32,
    /// Seconds of a step in the units of the networks.
    pub(super) dt: f32,
}

impl Division {
    /// Cuts each trial into equal `pieces` whose last tenths judge; `most_bytes` bound what is kept in memory.
    ///
    /// One piece judges by the future. A field of time cannot be known at times never seen: it asks for many.
    pub(super) fn new(
        scheme: &Scheme<'_>,
        (pieces, steps): (usize, usize),
        most_bytes: usize,
    ) -> Result<Self, Error> {
        let per_trial = scheme.per_trial();
        let length = per_trial / pieces;
        let n_held = (length / 10).max(1);
        let n_train = length.saturating_sub(n_held);
        if n_train <= steps + 1 {
            return Err(Error::Recording {
                problem: format!("{per_trial} equations a trial are too few for rollouts of {steps} steps"),
                hint: "lower `recurrent-steps`, or record longer trials".to_owned(),
            });
        }
        let n_trials = scheme.n_available() / per_trial;
        let piece = |k: usize| Piece { trial: k / pieces, first: k % pieces * length, n_train, n_held };
        let room = (most_bytes / (4 * scheme.n() * (scheme.bump.len() + 1))).max(2 * STRETCH);
        Ok(Self { pieces: (0..n_trials * pieces).map(piece).collect(), room })
    }

    /// Whether all training equations fit into memory.
    pub(super) fn is_whole(&self) -> bool {
        self.n_train() <= self.room
    }

    /// Equations that train.
    pub(super) fn n_train(&self) -> usize {
        self.pieces.iter().map(|piece| piece.n_train).sum()
    }

    /// The stretches (trial, first, length) of an epoch: all, or a random choice.
    fn stretches(&self, steps: usize, seed: Seed) -> Vec<(usize, usize, usize)> {
        if self.is_whole() {
            return self.pieces.iter().map(|piece| (piece.trial, piece.first, piece.n_train)).collect();
        }
        let mut rng = seed.rng();
        let mut stretches = Vec::new();
        let mut taken = 0;
        while taken < self.room {
            let piece = self.pieces[(rng.next_u64() % self.pieces.len() as u64) as usize];
            let length = (STRETCH + steps).min(piece.n_train);
            let offset = (rng.next_u64() % (piece.n_train - length + 1) as u64) as usize;
            stretches.push((piece.trial, piece.first + offset, length));
            taken += length;
        }
        stretches
    }

    /// The stretches that judge, of one equation each, evenly spread.
    fn judges(&self) -> Vec<(usize, usize, usize)> {
        let each = |piece: &Piece| (JUDGES / self.pieces.len()).clamp(1, piece.n_held);
        let of_piece = |piece: &Piece| -> Vec<(usize, usize, usize)> {
            let start = piece.first + piece.n_train;
            (0..each(piece)).map(|k| (piece.trial, start + k * piece.n_held / each(piece), 1)).collect()
        };
        let stride = self.pieces.len().div_ceil(JUDGES);
        self.pieces.iter().step_by(stride).flat_map(of_piece).collect()
    }
}

impl Samples {
    /// Reads the training equations of an epoch.
    pub(super) fn training(
        scheme: &Scheme<'_>,
        division: &Division,
        (steps, units, seed): (usize, Units, Seed),
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        Self::read(scheme, units, &division.stretches(steps, seed), events)
    }

    /// Reads the equations that judge.
    pub(super) fn held_out(
        scheme: &Scheme<'_>,
        division: &Division,
        units: Units,
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        Self::read(scheme, units, &division.judges(), events)
    }

    fn read(
        scheme: &Scheme<'_>,
        units: Units,
        stretches: &[(usize, usize, usize)],
        events: &dyn Listener,
    ) -> Result<Self, Error> {
        let mut all = Equations { n: scheme.n(), span: scheme.bump.len(), ..Equations::default() };
        let mut runs = Vec::with_capacity(stretches.len());
        for &(trial, first, len) in stretches {
            runs.push(Run { place: all.len(), first, len });
            scheme.stretch(trial, first..first + len, events, |block| {
                all.states.extend_from_slice(&block.states);
                all.targets.extend_from_slice(&block.targets);
            })?;
        }
        let scaled = |values: Vec<f32>, unit: f64| -> Vec<f32> {
            values.into_iter().map(|value| (f64::from(value) / unit) as f32).collect()
        };
        let frame = 1.0 / scheme.n_frames() as f32;
        Ok(Self {
            n: all.n,
            span: all.span,
            bump: scheme.bump.iter().map(|&weight| weight as f32).collect(),
            states: scaled(all.states, units.activity),
            targets: scaled(all.targets, units.drift),
            runs,
            time_step: (frame * scheme.hop() as f32, frame),
            dt: (scheme.dt_s() * units.drift / units.activity) as f32,
        })
    }

    /// The batch of a step.
    pub(super) fn batch(&self, n_equations: usize, steps: usize, seed: Seed) -> Batch {
        let ahead = if steps > 1 { steps } else { 0 };
        let total: usize = self.runs.iter().map(|run| run.len.saturating_sub(ahead)).sum();
        let mut rng = seed.rng();
        let pick = |_| {
            let mut place = (rng.next_u64() % total.max(1) as u64) as usize;
            for (index, run) in self.runs.iter().enumerate() {
                let here = run.len.saturating_sub(ahead);
                if place < here {
                    return (index, place);
                }
                place -= here;
            }
            (0, 0)
        };
        let chosen: Vec<(usize, usize)> = (0..n_equations).map(pick).collect();
        self.gather(&chosen, steps)
    }

    /// All equations as one batch that compares dx/dt.
    pub(super) fn all(&self) -> Batch {
        let places =
            self.runs.iter().enumerate().flat_map(|(index, run)| (0..run.len).map(move |k| (index, k)));
        self.gather(&places.collect::<Vec<_>>(), 1)
    }

    /// Number of equations in memory.
    pub(super) fn len(&self) -> usize {
        self.targets.len() / self.n
    }

    fn gather(&self, chosen: &[(usize, usize)], steps: usize) -> Batch {
        let one = self.span * self.n;
        let mut batch = Batch {
            x: Vec::with_capacity(chosen.len() * one),
            time: Vec::with_capacity(chosen.len() * self.span),
            targets: Vec::with_capacity(chosen.len() * self.n),
            bump: self.bump.clone(),
            steps,
            time_step: self.time_step.1,
            dt: self.dt,
        };
        for &(index, offset) in chosen {
            let run = self.runs[index];
            let place = run.place + offset;
            batch.x.extend_from_slice(&self.states[place * one..(place + 1) * one]);
            let start = (run.first + offset) as f32 * self.time_step.0;
            batch.time.extend((0..self.span).map(|state| start + state as f32 * self.time_step.1));
            if steps > 1 {
                let reached = place + steps;
                batch.targets.extend_from_slice(&self.states[reached * self.n..(reached + 1) * self.n]);
            } else {
                batch.targets.extend_from_slice(&self.targets[place * self.n..(place + 1) * self.n]);
            }
        }
        batch
    }
}

impl Batch {
    /// Equations of the batch.
    pub(super) fn n_equations(&self, n: usize) -> usize {
        self.targets.len() / n
    }

    /// sum_k w_k f_k - y, `[equation, neuron]`.
    pub(super) fn residual(&self, drift: &[f32], n: usize) -> Vec<f32> {
        let mut residual = self.average(drift, n);
        residual.iter_mut().zip(&self.targets).for_each(|(value, target)| *value -= target);
        residual
    }

    /// sum_k w_k v_k over the states of each equation, `[equation, neuron]`.
    pub(super) fn average(&self, values: &[f32], n: usize) -> Vec<f32> {
        let span = self.bump.len();
        let mut average = vec![0.0; values.len() / span];
        for (frame, values) in values.chunks_exact(n).enumerate() {
            let weight = self.bump[frame % span];
            let row = &mut average[frame / span * n..(frame / span + 1) * n];
            row.iter_mut().zip(values).for_each(|(to, value)| *to += weight * value);
        }
        average
    }

    /// The slope of each equation handed to its states, `[equation, state, neuron]`.
    pub(super) fn spread(&self, slope: &[f32], n: usize) -> Vec<f32> {
        let of_equation = |row: &[f32]| -> Vec<f32> {
            self.bump.iter().flat_map(|w| row.iter().map(move |s| w * s)).collect()
        };
        slope.chunks_exact(n).flat_map(of_equation).collect()
    }
}
