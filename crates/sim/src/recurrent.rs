//! The recurrent sum S_i = sum_j W_ij psi_j, kept up to date from the senders that changed.
//!
//! A full product W psi reads N^2 weights a step. Most senders barely change in one step, and saturated ones
//! (tanh is 1 in f32 beyond |x| = 9) do not change at all, so S_i += sum_j W_ij (psi_j - psi_j known) over the
//! changed senders gives the same sum from a fraction of the memory traffic.
//!
//! Rows are kept in panels of [`PANEL_ROWS`]: one column of a panel is contiguous and the partial sums of a
//! panel stay in registers. The sum of a row depends on the order of its senders only, never on the panel, the
//! form or the thread.

use pulp::Simd;

use crate::exchange::Change;

/// Rows of a panel: eight registers of sixteen lanes.
pub(crate) const PANEL_ROWS: usize = 128;

/// Sums of one panel that are held in registers at once.
const REGISTERS: usize = 8;

/// Below this fraction of non-zero weights the compressed form is faster (measured at N = 1000 and 4000).
const SPARSE_BELOW: f64 = 0.08;

/// The weights of one sender to the rows of a panel; aligned so that no vector load crosses a cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Column([f32; PANEL_ROWS]);

/// The weights onto a run of panels.
pub(crate) enum Rows {
    /// `[panel][sender]`.
    Dense { columns: Vec<Column>, n_senders: usize },
    /// The non-zero weights of sender j are `first[j]..first[j + 1]`, over all panels.
    Sparse { first: Vec<u32>, slot: Vec<u32>, weight: Vec<f32>, partial: Vec<f32> },
}

/// Which way through the senders and panels; taking turns finds the last ones still in the cache.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Direction {
    Forwards,
    Backwards,
}

/// The sums of some slots, and what rounding has added to each beyond the truth.
pub(crate) struct Sums<'a> {
    pub(crate) value: &'a mut [f32],
    pub(crate) lost: &'a mut [f32],
}

impl Rows {
    /// From the rows of W in the order of their slots (`None` = unused slot of the last panel), each with its
    /// columns in the order of the senders.
    pub(crate) fn new(n_slots: usize, n_senders: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let n_weights = (0..n_slots)
            .map(|slot| (0..n_senders).filter(|&sender| weight(slot, sender) != 0.0).count())
            .sum::<usize>();
        if (n_weights as f64) < SPARSE_BELOW * (n_slots * n_senders) as f64 {
            Self::sparse(n_slots, n_senders, weight)
        } else {
            Self::dense(n_slots, n_senders, weight)
        }
    }

    fn dense(n_slots: usize, n_senders: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let n_panels = n_slots / PANEL_ROWS;
        let mut columns = vec![Column([0.0; PANEL_ROWS]); n_panels * n_senders];
        for (panel, columns) in columns.chunks_exact_mut(n_senders).enumerate() {
            for lane in 0..PANEL_ROWS {
                for (sender, column) in columns.iter_mut().enumerate() {
                    column.0[lane] = weight(panel * PANEL_ROWS + lane, sender);
                }
            }
        }
        Self::Dense { columns, n_senders }
    }

    fn sparse(n_slots: usize, n_senders: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let (mut first, mut slots, mut weights) = (vec![0], Vec::new(), Vec::new());
        for sender in 0..n_senders {
            for slot in 0..n_slots {
                let one = weight(slot, sender);
                if one != 0.0 {
                    slots.push(slot as u32);
                    weights.push(one);
                }
            }
            first.push(slots.len() as u32);
        }
        Self::Sparse { first, slot: slots, weight: weights, partial: vec![0.0; n_slots] }
    }

    /// `sums[slot] += sum over changes of weight * amount`; `lost[slot]` carries what rounding took away.
    #[inline(always)]
    pub(crate) fn accumulate<S: Simd>(
        &mut self,
        simd: S,
        changes: &[Change],
        direction: Direction,
        sums: Sums<'_>,
    ) {
        match self {
            Self::Dense { columns, n_senders } => {
                let n_panels = sums.value.len() / PANEL_ROWS;
                for turn in 0..n_panels {
                    let panel = if direction == Direction::Forwards { turn } else { n_panels - 1 - turn };
                    let columns = &columns[panel * *n_senders..(panel + 1) * *n_senders];
                    let rows = panel * PANEL_ROWS..(panel + 1) * PANEL_ROWS;
                    let sums = Sums { value: &mut sums.value[rows.clone()], lost: &mut sums.lost[rows] };
                    accumulate_panel(simd, columns, changes, sums);
                }
            }
            Self::Sparse { first, slot, weight, partial } => {
                partial.fill(0.0);
                for change in changes {
                    let range =
                        first[change.sender as usize] as usize..first[change.sender as usize + 1] as usize;
                    for (&slot, &weight) in slot[range.clone()].iter().zip(&weight[range]) {
                        let place = &mut partial[slot as usize];
                        *place = weight.mul_add(change.amount, *place);
                    }
                }
                for ((sum, lost), part) in sums.value.iter_mut().zip(sums.lost).zip(partial) {
                    let addend = *part - *lost;
                    let total = *sum + addend;
                    *lost = (total - *sum) - addend;
                    *sum = total;
                }
            }
        }
    }
}

/// The changes are summed on their own and added once, with compensation (Kahan 1965): the rounding of hundreds
/// of steps then stays that of one sum.
#[inline(always)]
fn accumulate_panel<S: Simd>(simd: S, columns: &[Column], changes: &[Change], sums: Sums<'_>) {
    let width = REGISTERS * S::F32_LANES;
    for block in 0..PANEL_ROWS / width {
        let rows = block * width..(block + 1) * width;
        let mut partial = [simd.splat_f32s(0.0); REGISTERS];
        for change in changes {
            let amount = simd.splat_f32s(change.amount);
            let (weights, _) = S::as_simd_f32s(&columns[change.sender as usize].0[rows.clone()]);
            for (part, &weight) in partial.iter_mut().zip(&weights[..REGISTERS]) {
                *part = simd.mul_add_f32s(weight, amount, *part);
            }
        }
        let (value, _) = S::as_mut_simd_f32s(&mut sums.value[rows.clone()]);
        let (lost, _) = S::as_mut_simd_f32s(&mut sums.lost[rows]);
        for ((sum, lost), part) in value.iter_mut().zip(lost).zip(partial) {
            let addend = simd.sub_f32s(part, *lost);
            let total = simd.add_f32s(*sum, addend);
            *lost = simd.sub_f32s(simd.sub_f32s(total, *sum), addend);
            *sum = total;
        }
    }
}
