//! The recurrent sum S_i = sum_j W_ij psi_j, kept up to date from the senders that changed.
//!
//! A full product W psi reads N^2 weights a step, and reading them is all the time it takes. Three savings:
//!
//! 1. Most senders barely change in one step, and saturated ones (tanh is 1 in f32 beyond |x| = 9) not at all:
//!    S_i += sum_j W_ij (psi_j - psi_j applied), over the senders that changed.
//! 2. A small change needs few digits of W: it goes through a copy of W in 16 bits, until such changes of that
//!    sender have added up to where the missing digits would show; then the sum is put right with W itself.
//! 3. Rows are kept in panels of [`PANEL_ROWS`]: one column of a panel is contiguous, and the partial sums of a
//!    panel stay in registers.
//!
//! The sum of a row depends on the order of its senders only, never on the panel or the thread.

use neuroloom_core::Truth;
use pulp::Simd;

use crate::dense::Dense;
use crate::exchange::Change;
use crate::sparse::Sparse;

/// Rows of a panel: eight registers of sixteen lanes.
pub(crate) const PANEL_ROWS: usize = 128;

/// Below this fraction of non-zero weights the compressed form is faster (measured at N = 1000).
const SPARSE_BELOW: f64 = 0.08;

/// How weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Dense,
    Sparse,
}

/// The weights onto a run of panels.
pub(crate) enum Rows {
    Dense(Dense),
    Sparse(Sparse),
}

/// Which way through the senders and panels; taking turns finds the last ones still in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forwards,
    Backwards,
}

/// Senders that changed, in the order in which they are to be added.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// To be multiplied by W.
    pub(crate) exact: Vec<Change>,
    /// To be multiplied by the short copy of W.
    pub(crate) coarse: Vec<Change>,
}

/// The sums of some slots, and what rounding has added to each beyond the truth.
pub(crate) struct Sums<'a> {
    pub(crate) value: &'a mut [f32],
    pub(crate) lost: &'a mut [f32],
}

impl Form {
    /// One form for the whole matrix, so that it does not depend on how the rows are dealt to threads.
    pub(crate) fn of(truth: &Truth) -> Self {
        let n_weights = truth.weight_matrix.iter().filter(|&&weight| weight != 0.0).count();
        if (n_weights as f64) < SPARSE_BELOW * truth.weight_matrix.len() as f64 {
            Self::Sparse
        } else {
            Self::Dense
        }
    }
}

impl Rows {
    /// From the weight of a (slot, sender); the number of slots is a multiple of [`PANEL_ROWS`].
    pub(crate) fn new(
        form: Form,
        n_slots: usize,
        n_senders: usize,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        match form {
            Form::Dense => Self::Dense(Dense::new(n_slots, n_senders, weight)),
            Form::Sparse => Self::Sparse(Sparse::new(n_slots, n_senders, weight)),
        }
    }

    /// `sums[slot] += sum over changes of weight * amount`.
    #[inline(always)]
    pub(crate) fn accumulate<S: Simd>(
        &mut self,
        simd: S,
        changes: &Changes,
        direction: Direction,
        sums: Sums<'_>,
    ) {
        match self {
            Self::Dense(dense) => dense.accumulate(simd, changes, direction, sums),
            Self::Sparse(sparse) => sparse.accumulate(changes, sums),
        }
    }
}
