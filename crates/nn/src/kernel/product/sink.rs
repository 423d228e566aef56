//! What becomes of the gradient of W, a vector at a time.

use pulp::Simd;

use crate::Error;
use crate::error::check_length;
use crate::kernel::adam::{AdamStep, Moments};

/// Takes the gradient of some rows of W and lends the weights as they were before.
pub(super) trait Sink: Send {
    /// Whether the outer product is needed at all.
    const WANTS_GRADIENT: bool;
    /// W of these rows; empty if this sink has none.
    fn weights(&self) -> &[f32];
    /// dW at `at..at + length` of these rows.
    fn take<S: Simd>(&mut self, simd: S, at: usize, length: usize, gradient: S::f32s);
    /// After the last vector of a row.
    fn end_row(&mut self, _row: usize, _n_pre: usize) {}
}

/// Loads a vector, or what there is of one.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, values: &[f32]) -> S::f32s {
    match S::as_simd_f32s(values).0.first() {
        Some(vector) => *vector,
        None => simd.partial_load_f32s(values),
    }
}

/// Stores a vector, or as much as there is room for.
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, values: &mut [f32], vector: S::f32s) {
    if values.len() >= S::F32_LANES {
        if let Some(first) = S::as_mut_simd_f32s(values).0.first_mut() {
            *first = vector;
        }
    } else {
        simd.partial_store_f32s(values, vector);
    }
}

/// No gradient of W.
pub(super) struct Discard<'a> {
    pub(super) weights: &'a [f32],
}

impl Sink for Discard<'_> {
    const WANTS_GRADIENT: bool = false;

    fn weights(&self) -> &[f32] {
        self.weights
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, _: usize, _: usize, _: S::f32s) {}
}

/// Adds the gradient to a matrix.
pub(super) struct Store<'a> {
    pub(super) gradients: &'a mut [f32],
}

impl Sink for Store<'_> {
    const WANTS_GRADIENT: bool = true;

    fn weights(&self) -> &[f32] {
        &[]
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, at: usize, length: usize, gradient: S::f32s) {
        let into = &mut self.gradients[at..at + length];
        let sum = simd.add_f32s(load(simd, into), gradient);
        store(simd, into, sum);
    }
}

/// What else pulls at W beside the data.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Penalty {
    /// Factor of sum |W|; its gradient is `l1 sign(W)`, 0 at 0.
    pub l1: f32,
    /// Factor of sum W^2 / 2; its gradient is `l2 W`.
    pub l2: f32,
}

/// What happens to W\[i, i\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Diagonal {
    /// It is a weight like any other.
    #[default]
    Free,
    /// It stays 0: no neuron sends to itself.
    Zero,
}

/// One Adam step on W.
#[derive(Debug)]
pub struct WeightUpdate<'a> {
    /// W `[post, pre]`.
    pub weights: &'a mut [f32],
    /// Adam's memory, the shape of W.
    pub moments: Moments<'a>,
    /// The factors of this step.
    pub step: &'a AdamStep,
    /// Pulls toward zero, as part of the gradient.
    pub penalty: Penalty,
    /// Where it is 0 the weight is held at 0, where it is 1 it is free; the shape of W.
    pub mask: Option<&'a [f32]>,
    /// Whether W\[i, i\] is a weight.
    pub diagonal: Diagonal,
}

impl<'a> WeightUpdate<'a> {
    /// A step without penalty or mask and with a free diagonal.
    pub fn new(weights: &'a mut [f32], moments: Moments<'a>, step: &'a AdamStep) -> Self {
        Self { weights, moments, step, penalty: Penalty::default(), mask: None, diagonal: Diagonal::Free }
    }

    pub(super) fn check(&self, n_weights: usize) -> Result<(), Error> {
        check_length("weights", self.weights.len(), n_weights)?;
        check_length("first moments", self.moments.first.len(), n_weights)?;
        check_length("second moments", self.moments.second.len(), n_weights)?;
        self.mask.map_or(Ok(()), |mask| check_length("mask of the weights", mask.len(), n_weights))
    }

    /// Pieces of `n_rows` rows.
    pub(super) fn split(self, n_rows: usize, n_pre: usize) -> Vec<AdamRows<'a>> {
        let length = (n_rows * n_pre).max(1);
        let firsts = self.moments.first.chunks_mut(length);
        let seconds = self.moments.second.chunks_mut(length);
        let rows = self.weights.chunks_mut(length).zip(firsts).zip(seconds).enumerate();
        let rows = rows.map(|(index, ((weights, first), second))| AdamRows {
            first_row: index * n_rows,
            weights,
            first,
            second,
            step: self.step,
            penalty: self.penalty,
            mask: self.mask.map(|mask| &mask[index * length..]),
            diagonal: self.diagonal,
        });
        rows.collect()
    }
}

/// Adam on some rows of W.
pub(super) struct AdamRows<'a> {
    first_row: usize,
    weights: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    step: &'a AdamStep,
    penalty: Penalty,
    mask: Option<&'a [f32]>,
    diagonal: Diagonal,
}

impl Sink for AdamRows<'_> {
    const WANTS_GRADIENT: bool = true;

    fn weights(&self) -> &[f32] {
        self.weights
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, at: usize, length: usize, gradient: S::f32s) {
        let span = at..at + length;
        let weight = load(simd, &self.weights[span.clone()]);
        let first = load(simd, &self.first[span.clone()]);
        let second = load(simd, &self.second[span.clone()]);
        let mut gradient = simd.mul_add_e_f32s(simd.splat_f32s(self.penalty.l2), weight, gradient);
        if self.penalty.l1 != 0.0 {
            gradient = simd.add_f32s(gradient, signed(simd, self.penalty.l1, weight));
        }
        let mut mask = None;
        if let Some(all) = self.mask {
            mask = Some(load(simd, &all[span.clone()]));
        }
        if let Some(mask) = mask {
            gradient = simd.mul_f32s(gradient, mask);
        }
        let [mut weight, first, second] = self.step.vector(simd, gradient, [weight, first, second]);
        if let Some(mask) = mask {
            weight = simd.mul_f32s(weight, mask);
        }
        store(simd, &mut self.weights[span.clone()], weight);
        store(simd, &mut self.first[span.clone()], first);
        store(simd, &mut self.second[span], second);
    }

    #[inline(always)]
    fn end_row(&mut self, row: usize, n_pre: usize) {
        let column = self.first_row + row;
        if self.diagonal == Diagonal::Zero && column < n_pre {
            let at = row * n_pre + column;
            (self.weights[at], self.first[at], self.second[at]) = (0.0, 0.0, 0.0);
        }
    }
}

/// `size` with the sign of each value; 0 for 0.
#[inline(always)]
fn signed<S: Simd>(simd: S, size: f32, values: S::f32s) -> S::f32s {
    let zero = simd.splat_f32s(0.0);
    let below = simd.select_f32s(simd.less_than_f32s(values, zero), simd.splat_f32s(-size), zero);
    simd.select_f32s(simd.greater_than_f32s(values, zero), simd.splat_f32s(size), below)
}
