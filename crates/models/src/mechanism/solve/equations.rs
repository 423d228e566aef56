//! From frames to equations: which states enter on the right and what stands for dx/dt on the left.
//!
//! An equation is sum_k w_k (phi_i(x_i(t_k)) + sum_j W_ij psi(x_j(t_k))) = y_i, with one state (`difference`,
//! `smooth`, `drift`) or a window of states under a bump w (`weak`).

use ndarray::{Array2, s};
use neuroloom_core::{FrameSource, Listener, Recording};

use super::smooth::Smoother;
use super::survey::CHUNK;
use crate::Error;
use crate::mechanism::Target;

/// How equations are made of a recording.
pub(in crate::mechanism) struct Scheme<'a> {
    recording: Recording<'a>,
    /// Columns that take part.
    kept: Vec<usize>,
    target: Target,
    /// Weights w_k of the states of one equation; they add up to 1.
    pub(in crate::mechanism) bump: Vec<f64>,
    /// Frames from one equation to the next.
    hop: usize,
    smoother: Option<Smoother>,
}

/// Which equations: every `stride`-th one from `offset`, in every trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mechanism) struct Selection {
    pub(in crate::mechanism) offset: usize,
    pub(in crate::mechanism) stride: usize,
}

/// Equations in memory.
#[derive(Debug, Clone, Default)]
pub(in crate::mechanism) struct Equations {
    /// Neurons that take part.
    pub(in crate::mechanism) n: usize,
    /// States of one equation.
    pub(in crate::mechanism) span: usize,
    /// `[equation, state, neuron]`.
    pub(in crate::mechanism) states: Vec<f32>,
    /// `[equation, neuron]`.
    pub(in crate::mechanism) targets: Vec<f32>,
    /// First frame of each equation in its trial.
    pub(in crate::mechanism) frames: Vec<u32>,
}

impl Equations {
    /// Number of equations.
    pub(in crate::mechanism) fn len(&self) -> usize {
        self.targets.len() / self.n.max(1)
    }

    /// Every k-th equation, the largest k that leaves at least `least`.
    pub(in crate::mechanism) fn thinned(&self, least: usize) -> Self {
        let stride = (self.len() / least.max(1)).max(1);
        let mut thinned = Self { n: self.n, span: self.span, ..Self::default() };
        for equation in (0..self.len()).step_by(stride) {
            thinned.states.extend_from_slice(self.states_of(equation..equation + 1));
            thinned.targets.extend_from_slice(self.targets_of(equation..equation + 1));
            thinned.frames.push(self.frames[equation]);
        }
        thinned
    }

    /// Copies of the equations of every `hold_out`-th of `stretches` stretches of time and of all others: (others,
    /// held out).
    pub(super) fn split(&self, stretches: usize, hold_out: usize) -> (Self, Self) {
        let empty = || Self { n: self.n, span: self.span, ..Self::default() };
        let (mut others, mut held) = (empty(), empty());
        for stretch in 0..stretches {
            let range = self.len() * stretch / stretches..self.len() * (stretch + 1) / stretches;
            let to = if stretch % hold_out == hold_out / 2 { &mut held } else { &mut others };
            to.states.extend_from_slice(self.states_of(range.clone()));
            to.targets.extend_from_slice(self.targets_of(range.clone()));
            to.frames.extend_from_slice(&self.frames[range]);
        }
        (others, held)
    }

    /// The states of some equations, `[equation, state, neuron]`.
    pub(in crate::mechanism) fn states_of(&self, equations: std::ops::Range<usize>) -> &[f32] {
        let one = self.span * self.n;
        &self.states[equations.start * one..equations.end * one]
    }

    /// The targets of some equations, `[equation, neuron]`.
    pub(in crate::mechanism) fn targets_of(&self, equations: std::ops::Range<usize>) -> &[f32] {
        &self.targets[equations.start * self.n..equations.end * self.n]
    }
}

impl<'a> Scheme<'a> {
    /// Prepares the equations of a target; `weak_window` is the length of the bumps of the weak form.
    pub(in crate::mechanism) fn new(
        recording: Recording<'a>,
        kept: Vec<usize>,
        target: Target,
        weak_window: usize,
    ) -> Result<Self, Error> {
        if target == Target::Drift && recording.drift.is_none() {
            return Err(Error::Recording {
                problem: "the recording stores no drift".to_owned(),
                hint: "use `--target difference`, or simulate with `--drift`".to_owned(),
            });
        }
        let (bump, hop) = match target {
            Target::Weak => (bump(weak_window), (weak_window / 2).max(1)),
            _ => (vec![1.0], 1),
        };
        let smoother = match target {
            Target::Smooth => Some(Smoother::new(recording.activity)?),
            _ => None,
        };
        Ok(Self { recording, kept, target, bump, hop, smoother })
    }

    /// Neurons that take part.
    pub(in crate::mechanism) fn n(&self) -> usize {
        self.kept.len()
    }

    /// Equations a trial.
    pub(in crate::mechanism) fn per_trial(&self) -> usize {
        let n_frames = self.recording.activity.shape().n_frames;
        (n_frames + self.hop).saturating_sub(self.frames_needed()) / self.hop
    }

    /// Equations in all trials.
    pub(in crate::mechanism) fn n_available(&self) -> usize {
        self.per_trial() * self.recording.activity.shape().n_trials
    }

    /// How many equations a selection holds.
    pub(in crate::mechanism) fn n_selected(&self, selection: Selection) -> usize {
        let here = self.per_trial().saturating_sub(selection.offset).div_ceil(selection.stride);
        here * self.recording.activity.shape().n_trials
    }

    /// Hands over the selected equations in blocks, in the order of trials and time.
    pub(in crate::mechanism) fn for_each_block(
        &self,
        selection: Selection,
        events: &dyn Listener,
        mut visit: impl FnMut(Equations) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let per_block = (CHUNK / (self.hop * selection.stride)).max(1);
        for trial in 0..self.recording.activity.shape().n_trials {
            let chosen: Vec<usize> = (selection.offset..self.per_trial()).step_by(selection.stride).collect();
            for part in chosen.chunks(per_block) {
                if events.cancelled() {
                    return Err(Error::Interrupted { stage: "reading" });
                }
                visit(self.block(trial, part)?)?;
            }
        }
        Ok(())
    }

    /// All selected equations at once.
    pub(in crate::mechanism) fn collect(
        &self,
        selection: Selection,
        events: &dyn Listener,
    ) -> Result<Equations, Error> {
        let mut all = Equations { n: self.n(), span: self.bump.len(), ..Equations::default() };
        let count = self.n_selected(selection);
        all.states.reserve_exact(count * all.n * all.span);
        all.targets.reserve_exact(count * all.n);
        self.for_each_block(selection, events, |block| {
            all.states.extend_from_slice(&block.states);
            all.targets.extend_from_slice(&block.targets);
            all.frames.extend_from_slice(&block.frames);
            Ok(())
        })?;
        Ok(all)
    }

    /// Hands over successive equations of one trial, in blocks.
    pub(in crate::mechanism) fn stretch(
        &self,
        trial: usize,
        equations: std::ops::Range<usize>,
        events: &dyn Listener,
        mut visit: impl FnMut(Equations),
    ) -> Result<(), Error> {
        let chosen: Vec<usize> = equations.collect();
        for part in chosen.chunks((CHUNK / self.hop).max(1)) {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "reading" });
            }
            visit(self.block(trial, part)?);
        }
        Ok(())
    }

    /// Frames from one equation to the next.
    pub(in crate::mechanism) fn hop(&self) -> usize {
        self.hop
    }

    /// Frames a trial.
    pub(in crate::mechanism) fn n_frames(&self) -> usize {
        self.recording.activity.shape().n_frames
    }

    /// Seconds between two frames.
    pub(in crate::mechanism) fn dt_s(&self) -> f64 {
        self.recording.activity.dt_s()
    }

    /// At most `count` equations, `step` apart, from the middle of the first trial.
    pub(in crate::mechanism) fn run(
        &self,
        step: usize,
        count: usize,
        events: &dyn Listener,
    ) -> Result<Equations, Error> {
        let count = count.min(self.per_trial().div_ceil(step));
        let start = (self.per_trial().saturating_sub(count * step)) / 2;
        let chosen: Vec<usize> = (0..count).map(|k| start + k * step).collect();
        let mut all = Equations { n: self.n(), span: self.bump.len(), ..Equations::default() };
        for part in chosen.chunks((CHUNK / (self.hop * step)).max(1)) {
            if events.cancelled() {
                return Err(Error::Interrupted { stage: "reading" });
            }
            let block = self.block(0, part)?;
            all.states.extend_from_slice(&block.states);
            all.targets.extend_from_slice(&block.targets);
            all.frames.extend_from_slice(&block.frames);
        }
        Ok(all)
    }

    /// Frames that one equation reaches over.
    fn frames_needed(&self) -> usize {
        match self.target {
            Target::Difference | Target::Weak => self.bump.len() + 1,
            Target::Smooth | Target::Drift => 1,
        }
    }

    fn block(&self, trial: usize, chosen: &[usize]) -> Result<Equations, Error> {
        let n = self.n();
        let mut block = Equations { n, span: self.bump.len(), ..Equations::default() };
        let (Some(&first), Some(&last)) = (chosen.first(), chosen.last()) else {
            return Ok(block);
        };
        let start = first * self.hop;
        let frames = start..last * self.hop + self.frames_needed();
        let (values, slopes) = match (&self.smoother, self.target) {
            (Some(smoother), _) => {
                let (values, slopes) = smoother.read(self.recording.activity, trial, frames)?;
                (self.columns(values), Some(self.columns(slopes)))
            }
            (None, Target::Drift) => {
                let drift = self.recording.drift.unwrap_or(self.recording.activity);
                (self.read(self.recording.activity, trial, &frames)?, Some(self.read(drift, trial, &frames)?))
            }
            _ => (self.read(self.recording.activity, trial, &frames)?, None),
        };
        block.states.reserve_exact(chosen.len() * n * block.span);
        block.targets.reserve_exact(chosen.len() * n);
        let slope = self.slope();
        for &equation in chosen {
            let at = equation * self.hop - start;
            block.frames.push((start + at) as u32);
            for state in 0..block.span {
                block.states.extend(values.row(at + state));
            }
            match &slopes {
                Some(slopes) => block.targets.extend(slopes.row(at)),
                None => push_target(&mut block.targets, &values, at, &slope),
            }
        }
        Ok(block)
    }

    /// Weights v_k of the frames of the left side, y = sum_k v_k x(t_k): forward differences under the bump,
    /// summed by parts, v_k = (w_{k-1} - w_k) / dt, the discrete form of -int x w'.
    fn slope(&self) -> Vec<f64> {
        let dt_s = self.recording.activity.dt_s();
        let weight = |k: usize| self.bump.get(k).copied().unwrap_or(0.0);
        let before = |k: usize| if k == 0 { 0.0 } else { weight(k - 1) };
        (0..=self.bump.len()).map(|k| (before(k) - weight(k)) / dt_s).collect()
    }

    fn read(
        &self,
        source: &dyn FrameSource,
        trial: usize,
        frames: &std::ops::Range<usize>,
    ) -> Result<Array2<f32>, Error> {
        let mut values = Array2::zeros((frames.len(), source.shape().n_neurons));
        source.read_frames(trial, frames.clone(), values.view_mut())?;
        Ok(self.columns(values))
    }

    fn columns(&self, values: Array2<f32>) -> Array2<f32> {
        match self.kept.len() == values.ncols() {
            true => values,
            false => values.select(ndarray::Axis(1), &self.kept),
        }
    }
}

impl Selection {
    /// Equations of the first round: every `stride`-th, the stride a power of two, at least `wanted` of them.
    pub(in crate::mechanism) fn first(n_available: usize, wanted: usize) -> Self {
        let ratio = (n_available / wanted.max(1)).max(1);
        Self { offset: 0, stride: 1 << ratio.ilog2() }
    }

    /// The equations half way between those of all earlier rounds, or `None` when all are used.
    pub(in crate::mechanism) fn next_round(self) -> Option<Self> {
        match (self.offset, self.stride) {
            (_, 1) => None,
            (0, stride) => Some(Self { offset: stride / 2, stride }),
            (2.., stride) => Some(Self { offset: stride / 4, stride: stride / 2 }),
            _ => None,
        }
    }
}

fn push_target(targets: &mut Vec<f32>, values: &Array2<f32>, at: usize, slope: &[f64]) {
    let window = values.slice(s![at..at + slope.len(), ..]);
    targets.extend(window.columns().into_iter().map(|column| {
        let sum: f64 = column.iter().zip(slope).map(|(&value, weight)| f64::from(value) * weight).sum();
        sum as f32
    }));
}

/// (1 - u^2)^2 on the inside of a window, normalised to sum 1.
fn bump(length: usize) -> Vec<f64> {
    let place = |k: usize| 2.0 * (k + 1) as f64 / (length + 1) as f64 - 1.0;
    let raw: Vec<f64> = (0..length).map(|k| (1.0 - place(k).powi(2)).powi(2)).collect();
    let total: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array;
    use neuroloom_core::{Activity, NeuronId, Silent};

    fn euler_line() -> Activity {
        // x_0 grows by 2 a second, x_1 is its square.
        let frames = Array::from_shape_fn((40, 2), |(time, neuron)| {
            let x = 2.0 * 0.5 * time as f32;
            if neuron == 0 { x } else { x * x }
        });
        Activity::from_frames(frames, 0.5, NeuronId::numbered(2)).unwrap()
    }

    fn collect(target: Target, selection: Selection) -> Equations {
        let activity = euler_line();
        let recording = Recording { activity: &activity, drift: None };
        let scheme = Scheme::new(recording, vec![0, 1], target, 5).unwrap();
        scheme.collect(selection, &Silent).unwrap()
    }

    #[test]
    fn differences_are_forward() {
        let all = collect(Target::Difference, Selection { offset: 0, stride: 1 });
        assert_eq!(all.len(), 39);
        // At t = 3: x_1 = 9, next 16, over 0.5 s.
        assert_eq!((all.states[3 * 2 + 1], all.targets[3 * 2 + 1]), (9.0, 14.0));
        let some = collect(Target::Difference, Selection { offset: 1, stride: 4 });
        assert_eq!((some.states[0], some.targets[1]), (1.0, 6.0));
    }

    #[test]
    fn the_weak_form_averages_the_difference_under_its_bump() {
        let weak = collect(Target::Weak, Selection { offset: 0, stride: 1 });
        let difference = collect(Target::Difference, Selection { offset: 0, stride: 1 });
        let weights = bump(5);
        for equation in 0..weak.len() {
            let start = equation * 2; // hop of a window of 5
            let expected: f64 =
                (0..5).map(|k| weights[k] * f64::from(difference.targets[(start + k) * 2 + 1])).sum();
            let got = f64::from(weak.targets[equation * 2 + 1]);
            assert!((got - expected).abs() < 1e-4, "{got} {expected}");
        }
    }

    #[test]
    fn rounds_use_every_equation_once() {
        let mut seen = vec![0; 1000];
        let mut round = Some(Selection::first(1000, 100));
        while let Some(selection) = round {
            (selection.offset..1000).step_by(selection.stride).for_each(|equation| seen[equation] += 1);
            round = selection.next_round();
        }
        assert!(seen.iter().all(|&times| times == 1), "{seen:?}");
    }
}
