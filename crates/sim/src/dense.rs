//! The recurrent sum from a full matrix.

use pulp::Simd;

use crate::recurrent::{Changes, Direction, PANEL_ROWS, Sums};

/// Sums of one panel that are held in registers at once.
const REGISTERS: usize = 8;

const HALF: usize = PANEL_ROWS / 2;

/// The weights of one sender to the rows of a panel; aligned so that no vector load crosses a cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Column([f32; PANEL_ROWS]);

/// The same to 8 significant bits, two rows a word. Row r is the lower half of word r, shifted up; row r + 64 is
/// word r as it stands: its upper half is chosen so that the whole word, foreign lower half included, comes
/// nearest to the weight. That is as near as a lower half of zeros would come, and nothing need be masked away.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct ShortColumn([u32; HALF]);

/// `[panel][sender]`, in full and in short.
pub(crate) struct Dense {
    n_senders: usize,
    columns: Vec<Column>,
    short: Vec<ShortColumn>,
}

impl Dense {
    pub(crate) fn new(n_slots: usize, n_senders: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let mut columns = vec![Column([0.0; PANEL_ROWS]); n_slots / PANEL_ROWS * n_senders];
        for (panel, columns) in columns.chunks_exact_mut(n_senders).enumerate() {
            for lane in 0..PANEL_ROWS {
                for (sender, column) in columns.iter_mut().enumerate() {
                    column.0[lane] = weight(panel * PANEL_ROWS + lane, sender);
                }
            }
        }
        let short = columns.iter().map(ShortColumn::new).collect();
        Self { n_senders, columns, short }
    }

    /// Panel by panel; see [`crate::recurrent::Rows::accumulate`].
    #[inline(always)]
    pub(crate) fn accumulate<S: Simd>(
        &self,
        simd: S,
        changes: &Changes,
        direction: Direction,
        sums: Sums<'_>,
    ) {
        let n_panels = sums.value.len() / PANEL_ROWS;
        for turn in 0..n_panels {
            let panel = if direction == Direction::Forwards { turn } else { n_panels - 1 - turn };
            let columns = panel * self.n_senders..(panel + 1) * self.n_senders;
            let rows = panel * PANEL_ROWS..(panel + 1) * PANEL_ROWS;
            let mut sums = Sums { value: &mut sums.value[rows.clone()], lost: &mut sums.lost[rows] };
            add_exact(simd, &self.columns[columns.clone()], changes, &mut sums);
            add_coarse(simd, &self.short[columns], changes, &mut sums);
        }
    }
}

impl ShortColumn {
    fn new(column: &Column) -> Self {
        let mut words = [0; HALF];
        for (row, word) in words.iter_mut().enumerate() {
            *word = nearest_word(column.0[row + HALF], shorten(column.0[row]) >> 16);
        }
        Self(words)
    }
}

/// The bits of the nearest number whose lower 16 bits are 0, ties to even.
fn shorten(weight: f32) -> u32 {
    let bits = weight.to_bits();
    (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000
}

/// The word with the given lower half that is nearest to the weight as an f32.
fn nearest_word(weight: f32, lower: u32) -> u32 {
    /// Stands for smaller weights, 0 among them: far below the rounding of any sum, far above the subnormal
    /// numbers, with which processors are slow.
    const SMALLEST: f32 = 1e-30;
    let magnitude = weight.abs().max(SMALLEST).to_bits() & 0xffff_0000;
    let sign = weight.to_bits() & 0x8000_0000;
    let distance = |upper: &u32| (f64::from(f32::from_bits(upper | lower)) - f64::from(weight)).abs();
    [magnitude - 0x1_0000, magnitude, magnitude + 0x1_0000]
        .map(|upper| sign | upper)
        .into_iter()
        .min_by(|one, other| distance(one).total_cmp(&distance(other)))
        .unwrap_or_default()
        | lower
}

#[inline(always)]
fn add_exact<S: Simd>(simd: S, columns: &[Column], changes: &Changes, sums: &mut Sums<'_>) {
    let width = REGISTERS * S::F32_LANES;
    for first in (0..PANEL_ROWS).step_by(width) {
        let mut partial = [simd.splat_f32s(0.0); REGISTERS];
        for change in &changes.exact {
            let amount = simd.splat_f32s(change.amount);
            let (weights, _) = S::as_simd_f32s(&columns[change.sender as usize].0[first..first + width]);
            for (part, &weight) in partial.iter_mut().zip(&weights[..REGISTERS]) {
                *part = simd.mul_add_f32s(weight, amount, *part);
            }
        }
        add_compensated(simd, &partial, first, sums);
    }
}

#[inline(always)]
fn add_coarse<S: Simd>(simd: S, columns: &[ShortColumn], changes: &Changes, sums: &mut Sums<'_>) {
    const WORDS: usize = REGISTERS / 2;
    let width = WORDS * S::F32_LANES;
    let sixteen = simd.splat_u32s(16);
    for first in (0..HALF).step_by(width) {
        let mut low = [simd.splat_f32s(0.0); WORDS];
        let mut high = [simd.splat_f32s(0.0); WORDS];
        for change in &changes.coarse {
            let amount = simd.splat_f32s(change.amount);
            let (words, _) = S::as_simd_u32s(&columns[change.sender as usize].0[first..first + width]);
            for ((low, high), &word) in low.iter_mut().zip(&mut high).zip(&words[..WORDS]) {
                let weight = simd.transmute_f32s_u32s(simd.wrapping_dyn_shl_u32s(word, sixteen));
                *low = simd.mul_add_f32s(weight, amount, *low);
                *high = simd.mul_add_f32s(simd.transmute_f32s_u32s(word), amount, *high);
            }
        }
        add_compensated(simd, &low, first, sums);
        add_compensated(simd, &high, first + HALF, sums);
    }
}

/// Changes are summed on their own and added once, with compensation (Kahan 1965): the rounding of hundreds of
/// steps then stays that of one sum.
#[inline(always)]
fn add_compensated<S: Simd>(simd: S, partial: &[S::f32s], first: usize, sums: &mut Sums<'_>) {
    let rows = first..first + partial.len() * S::F32_LANES;
    let (value, _) = S::as_mut_simd_f32s(&mut sums.value[rows.clone()]);
    let (lost, _) = S::as_mut_simd_f32s(&mut sums.lost[rows]);
    for ((sum, lost), &part) in value.iter_mut().zip(lost).zip(partial) {
        let addend = simd.sub_f32s(part, *lost);
        let total = simd.add_f32s(*sum, addend);
        *lost = simd.sub_f32s(simd.sub_f32s(total, *sum), addend);
        *sum = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Change;

    struct Add<'a>(&'a Dense, &'a Changes, Direction, &'a mut [f32]);

    impl pulp::WithSimd for Add<'_> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            let mut lost = vec![0.0; self.3.len()];
            self.0.accumulate(simd, self.1, self.2, Sums { value: self.3, lost: &mut lost });
        }
    }

    fn weight(slot: usize, sender: usize) -> f32 {
        ((slot * 31 + sender * 17) % 97) as f32 / 97.0 - 0.5
    }

    #[test]
    fn short_weights_have_eight_significant_bits() {
        assert_eq!(shorten(1.0), 1.0_f32.to_bits());
        // 1 + 2^-8 lies halfway between 1 and 1 + 2^-7: to even.
        assert_eq!(f32::from_bits(shorten(1.0 + 1.0 / 256.0)), 1.0);
        assert_eq!(f32::from_bits(shorten(-1.0 - 3.0 / 256.0)), -1.0 - 4.0 / 256.0);
        assert_eq!(f32::from_bits(shorten(0.0)), 0.0);
    }

    #[test]
    fn a_foreign_lower_half_costs_no_precision() {
        for step in 0..2_000_u32 {
            let weight = ((step % 89) as f32 - 44.0) * 0.0071 * (step as f32 * 0.01).exp2();
            let lower = step.wrapping_mul(40_503) & 0xffff;
            let word = nearest_word(weight, lower);
            let error = (f64::from(f32::from_bits(word)) - f64::from(weight)).abs();
            assert!(error <= f64::from(weight.abs()) / 256.0 + 2e-30, "{weight} {lower}: {error}");
            assert_eq!(word & 0xffff, lower);
        }
    }

    #[test]
    fn every_simd_level_and_direction_adds_the_same() {
        let dense = Dense::new(256, 5, weight);
        let changes = Changes {
            exact: vec![Change { sender: 1, amount: 0.3 }, Change { sender: 4, amount: -2.0 }],
            coarse: vec![Change { sender: 0, amount: 1e-3 }, Change { sender: 3, amount: -7e-4 }],
        };
        let run = |arch: pulp::Arch, direction| {
            let mut sums = vec![0.25; 256];
            arch.dispatch(Add(&dense, &changes, direction, &mut sums));
            sums
        };
        let best = run(pulp::Arch::new(), Direction::Forwards);
        assert!(best == run(pulp::Arch::Scalar, Direction::Forwards));
        assert!(best == run(pulp::Arch::new(), Direction::Backwards));
        for (slot, sum) in best.into_iter().enumerate() {
            let short = |sender: usize| {
                let (panel, row) = (slot / PANEL_ROWS, slot % PANEL_ROWS);
                let word = dense.short[panel * dense.n_senders + sender].0[row % HALF];
                let bits = if row < HALF { word << 16 } else { word };
                f64::from(f32::from_bits(bits))
            };
            let expected = 0.25 + 0.3 * f64::from(weight(slot, 1)) - 2.0 * f64::from(weight(slot, 4))
                + 1e-3 * short(0)
                - 7e-4 * short(3);
            assert!((f64::from(sum) - expected).abs() < 2e-7, "{slot}: {sum} {expected}");
        }
    }
}
