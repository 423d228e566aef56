//! The normal equations of the inner problem for a fixed psi, summed over blocks of equations.

use faer::{Mat, MatRef};
use neuroloom_analysis::gram::{
    CrossSum, LocalCrossSum, LocalEntry, RowBlock, SymmetricSum, multiply_transposed,
};
use neuroloom_analysis::spline::CubicBasis;
use rayon::prelude::*;

use super::eliminate::RowFit;
use super::equations::Equations;
use super::transfer::{Domain, Senders};
use crate::Error;
use crate::mechanism::{KnotSpacing, UpdateChoice};

/// Equations added at a time: their messages fit the second-level cache.
pub(super) const BLOCK: usize = 512;

/// The spline basis of phi of each neuron that takes part.
pub(super) struct UpdateBases {
    pub(super) basis: Vec<CubicBasis>,
    /// Range of the knots of each neuron.
    pub(super) ranges: Vec<(f64, f64)>,
    pub(super) n_knots: usize,
    pub(super) spacing: KnotSpacing,
    /// Whether each neuron has a phi of its own.
    pub(super) update: UpdateChoice,
    /// Activity at rest: where psi is 0.
    rest: f64,
}

/// Where the knots of phi stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Knots {
    pub(super) n: usize,
    pub(super) spacing: KnotSpacing,
}

impl UpdateBases {
    /// Knots on each neuron's own range.
    pub(super) fn new(lower: &[f64], upper: &[f64], knots: Knots, rest: f64) -> Result<Self, Error> {
        let basis =
            lower.iter().zip(upper).map(|(&lower, &upper)| knots.spacing.basis(lower, upper, knots.n));
        let basis = basis.collect::<Result<_, _>>()?;
        let ranges = lower.iter().copied().zip(upper.iter().copied()).collect();
        Ok(Self { basis, ranges, n_knots: knots.n, spacing: knots.spacing, update: UpdateChoice::Own, rest })
    }

    /// One basis for `n` neurons that share their phi, on their pooled range.
    pub(super) fn shared(n: usize, domain: Domain, knots: Knots) -> Result<Self, Error> {
        let (lower, upper) = (vec![domain.lower; n], vec![domain.upper; n]);
        Ok(Self { update: UpdateChoice::Shared, ..Self::new(&lower, &upper, knots, domain.center)? })
    }

    /// The functions of one neuron at rest.
    fn at_rest(&self, neuron: usize) -> Vec<f64> {
        let local = self.basis[neuron].local(self.rest);
        let mut values = vec![0.0; self.n_functions()];
        values[local.first..local.first + 4].copy_from_slice(&local.values);
        values
    }

    /// Functions a neuron.
    pub(super) fn n_functions(&self) -> usize {
        self.n_knots + 2
    }
}

/// What stays the same while psi changes: bases, bump, and the receivers whose rows are solved.
#[derive(Clone, Copy)]
pub(super) struct Design<'a> {
    pub(super) bases: &'a UpdateBases,
    pub(super) bump: &'a [f64],
    pub(super) receivers: &'a [usize],
}

/// P'P, P'Y, B'P, B'B, B'y, y'y.
pub(super) struct NormalSum {
    gram: SymmetricSum,
    cross: CrossSum,
    local: LocalCrossSum,
    own: Vec<Vec<f64>>,
    own_target: Vec<Vec<f64>>,
    target_square: Vec<f64>,
    rest: Vec<Vec<f64>>,
    receivers: Vec<usize>,
    update: UpdateChoice,
    n_equations: usize,
}

/// The sums as matrices.
pub(super) struct Normal<'a> {
    /// P'P, `[sender, sender]`.
    pub(super) gram: Mat<f64>,
    /// P'Y, `[sender, receiver]`.
    pub(super) cross: Mat<f64>,
    /// B'P of each receiver.
    pub(super) local: Local<'a>,
    /// B'B of each receiver, `[function, function]`.
    pub(super) own: Vec<Mat<f64>>,
    /// B'y of each receiver.
    pub(super) own_target: Vec<Vec<f64>>,
    /// y'y of each receiver.
    pub(super) target_square: Vec<f64>,
    /// B at rest of each receiver.
    pub(super) rest: Vec<Vec<f64>>,
    /// The receiver of each row.
    pub(super) receivers: Vec<usize>,
    /// Whether each row has a phi of its own.
    pub(super) update: UpdateChoice,
    /// Equations summed.
    pub(super) n_equations: usize,
}

/// B'P of each receiver, `[sender, function]`. By far the largest of the sums (8 GB for 8000 neurons), so it is
/// looked at where it was summed as long as it can be.
pub(super) enum Local<'a> {
    Summed(&'a LocalCrossSum),
    Own(Vec<Mat<f64>>),
}

impl Local<'_> {
    /// That of one receiver.
    pub(super) fn of(&self, position: usize) -> MatRef<'_, f64> {
        match self {
            Self::Summed(sum) => sum.neuron(position).transpose(),
            Self::Own(all) => all[position].as_ref(),
        }
    }
}

impl NormalSum {
    /// Empty sums.
    pub(super) fn new(design: &Design<'_>) -> Self {
        let (n, m) = (design.bases.basis.len(), design.receivers.len());
        let functions = design.bases.n_functions();
        Self {
            gram: SymmetricSum::new(n),
            cross: CrossSum::new(n, m),
            local: LocalCrossSum::new(m, functions, n),
            own: vec![vec![0.0; functions * functions]; m],
            own_target: vec![vec![0.0; functions]; m],
            target_square: vec![0.0; m],
            rest: design.receivers.iter().map(|&receiver| design.bases.at_rest(receiver)).collect(),
            receivers: design.receivers.to_vec(),
            update: design.bases.update,
            n_equations: 0,
        }
    }

    /// Adds equations under a transfer function.
    pub(super) fn add(
        &mut self,
        design: &Design<'_>,
        equations: &Equations,
        psi: &Senders,
    ) -> Result<(), Error> {
        for start in (0..equations.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(equations.len());
            let messages = messages(equations, range.clone(), psi, design.bump);
            self.add_block(design, equations, range, RowBlock::new(&messages, equations.n)?)?;
        }
        Ok(())
    }

    /// Adds a block of equations whose messages are known.
    pub(super) fn add_block(
        &mut self,
        design: &Design<'_>,
        equations: &Equations,
        range: std::ops::Range<usize>,
        messages: RowBlock<'_>,
    ) -> Result<(), Error> {
        let targets = receiver_targets(equations, range.clone(), design.receivers);
        let target_block = RowBlock::new(&targets, design.receivers.len())?;
        let entries = entries(design, equations, range.clone());
        self.gram.add(messages);
        self.cross.add(messages, target_block);
        self.local.add(messages, &entries);
        self.add_own(&entries, target_block);
        self.n_equations += range.len();
        Ok(())
    }

    /// The sums as matrices that outlive them.
    pub(super) fn into_normal(self) -> Normal<'static> {
        let normal = self.finish();
        let local = Local::Own((0..normal.own.len()).map(|one| normal.local.of(one).to_owned()).collect());
        Normal {
            local,
            gram: normal.gram,
            cross: normal.cross,
            own: normal.own,
            own_target: normal.own_target,
            target_square: normal.target_square,
            rest: normal.rest,
            receivers: normal.receivers,
            update: normal.update,
            n_equations: normal.n_equations,
        }
    }

    /// The sums so far as matrices.
    pub(super) fn finish(&self) -> Normal<'_> {
        let functions = self.own_target.first().map_or(0, Vec::len);
        let square = |own: &Vec<f64>| Mat::from_fn(functions, functions, |i, j| own[i * functions + j]);
        Normal {
            gram: self.gram.finish(),
            cross: self.cross.finish(),
            local: Local::Summed(&self.local),
            own: self.own.iter().map(square).collect(),
            own_target: self.own_target.clone(),
            target_square: self.target_square.clone(),
            rest: self.rest.clone(),
            receivers: self.receivers.clone(),
            update: self.update,
            n_equations: self.n_equations,
        }
    }

    fn add_own(&mut self, entries: &[Vec<LocalEntry>], targets: RowBlock<'_>) {
        let functions = self.own_target.first().map_or(0, Vec::len);
        let sums = self.own.par_iter_mut().zip(&mut self.own_target).zip(&mut self.target_square);
        sums.zip(entries).enumerate().for_each(|(receiver, (((own, own_target), square), entries))| {
            for row in 0..targets.n_rows() {
                *square += targets.row(row)[receiver].powi(2);
            }
            for same_row in entries.chunk_by(|left, right| left.row == right.row) {
                let target = targets.row(same_row[0].row as usize)[receiver];
                for left in same_row {
                    for (a, &value) in left.values.iter().enumerate() {
                        let i = left.first as usize + a;
                        own_target[i] += value * target;
                        for right in same_row {
                            let start = i * functions + right.first as usize;
                            for (sum, &other) in own[start..start + 4].iter_mut().zip(&right.values) {
                                *sum += value * other;
                            }
                        }
                    }
                }
            }
        });
    }
}

impl Normal<'_> {
    /// The sums of all parts but one, for validation on that one.
    pub(super) fn without(&self, part: &Normal<'_>) -> Normal<'static> {
        let minus = |all: &[Mat<f64>], some: &[Mat<f64>]| all.iter().zip(some).map(|(a, b)| a - b).collect();
        let receivers = 0..self.own.len();
        let difference =
            |all: &[f64], some: &[f64]| all.iter().zip(some).map(|(a, b)| a - b).collect::<Vec<f64>>();
        Normal {
            gram: &self.gram - &part.gram,
            cross: &self.cross - &part.cross,
            local: Local::Own(receivers.map(|one| self.local.of(one) - part.local.of(one)).collect()),
            own: minus(&self.own, &part.own),
            own_target: self.own_target.iter().zip(&part.own_target).map(|(a, b)| difference(a, b)).collect(),
            target_square: difference(&self.target_square, &part.target_square),
            rest: self.rest.clone(),
            receivers: self.receivers.clone(),
            update: self.update,
            n_equations: self.n_equations - part.n_equations,
        }
    }
}

/// psi of the states, averaged under the bump: `[equation, sender]`, row-major.
pub(super) fn messages(
    equations: &Equations,
    range: std::ops::Range<usize>,
    psi: &Senders,
    bump: &[f64],
) -> Vec<f64> {
    let (n, span) = (equations.n, equations.span);
    let states = equations.states_of(range.clone());
    let mut messages = vec![0.0; range.len() * n];
    messages.par_chunks_mut(16 * n).zip(states.par_chunks(16 * span * n)).for_each(|(messages, states)| {
        for (message, states) in messages.chunks_exact_mut(n).zip(states.chunks_exact(span * n)) {
            for (state, weight) in states.chunks_exact(n).zip(bump) {
                psi.add(state, *weight, message);
            }
        }
    });
    messages
}

/// The non-zero update functions of each receiver in each equation.
pub(super) fn entries(
    design: &Design<'_>,
    equations: &Equations,
    range: std::ops::Range<usize>,
) -> Vec<Vec<LocalEntry>> {
    let (n, span) = (equations.n, equations.span);
    let states = equations.states_of(range);
    let one = |&receiver: &usize| {
        let basis = &design.bases.basis[receiver];
        let mut entries: Vec<LocalEntry> = Vec::with_capacity(states.len() / (span * n));
        for (row, states) in states.chunks_exact(span * n).enumerate() {
            let begin = entries.len();
            for (state, &weight) in states.chunks_exact(n).zip(design.bump) {
                let local = basis.local(f64::from(state[receiver]));
                let values = local.values.map(|value| weight * value);
                let first = local.first as u32;
                // A slow neuron stays in one knot interval for most of a window: merge its states.
                match entries[begin..].iter_mut().find(|entry| entry.first == first) {
                    Some(entry) => entry.values.iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
                    None => entries.push(LocalEntry { row: row as u32, first, values }),
                }
            }
        }
        entries
    };
    design.receivers.par_iter().map(one).collect()
}

/// Targets of some receivers, `[equation, receiver]`, row-major.
pub(super) fn receiver_targets(
    equations: &Equations,
    range: std::ops::Range<usize>,
    receivers: &[usize],
) -> Vec<f64> {
    let rows = equations.targets_of(range).chunks_exact(equations.n);
    rows.flat_map(|row| receivers.iter().map(|&receiver| f64::from(row[receiver]))).collect()
}

/// What fitted rows leave of their targets, `[equation, receiver]`; `own` are the entries of the same block.
pub(super) fn residuals(
    mut targets: Vec<f64>,
    messages: RowBlock<'_>,
    own: &[Vec<LocalEntry>],
    fits: &[RowFit],
) -> Result<Vec<f64>, Error> {
    let weights = row_major(fits);
    let n = fits.first().map_or(1, |fit| fit.weights.nrows());
    let product = multiply_transposed(messages, RowBlock::new(&weights, n)?)?;
    targets.iter_mut().zip(&product).for_each(|(residual, fitted)| *residual -= fitted);
    for (receiver, (own, fit)) in own.iter().zip(fits).enumerate() {
        for entry in own {
            let phi: f64 = (0..4).map(|m| entry.values[m] * fit.coefficients[entry.first as usize + m]).sum();
            targets[entry.row as usize * fits.len() + receiver] -= phi;
        }
    }
    Ok(targets)
}

/// W of the fitted rows, `[receiver, sender]`, row-major.
pub(super) fn row_major(fits: &[RowFit]) -> Vec<f64> {
    fits.iter().flat_map(|fit| fit.weights.iter().copied()).collect()
}
