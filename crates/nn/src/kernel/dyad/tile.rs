//! Pairs of one row through all layers, a tile of both directions at a time.

use pulp::{Simd, WithSimd};

use super::{DyadNet, Heads, OUTPUTS, Pairs, Places};
use crate::kernel::activation::Activation;
use crate::kernel::scratch::Scratch;
use crate::kernel::tile::{Left, Product, Start, dot};

/// Dyads of one tile; twice as many ordered pairs.
pub(super) const TILE_DYADS: usize = 48;

/// The logits of all pairs.
pub(super) struct Forward<'a, P> {
    pub(super) net: &'a DyadNet,
    pub(super) parameters: &'a [f32],
    pub(super) heads: &'a [f32],
    pub(super) pairs: &'a P,
    pub(super) logits: &'a mut [[f32; 5]],
    pub(super) n: usize,
}

/// What every tile reads.
pub(super) struct Reading<'a> {
    pub(super) net: &'a DyadNet,
    pub(super) parameters: &'a [f32],
    pub(super) heads: &'a [f32],
    pub(super) places: Places,
    pub(super) layout: Heads,
}

/// Activations of a tile: two rows a dyad, (i, j) and (j, i).
pub(super) struct Activations<'a> {
    pub(super) first: &'a mut [f32],
    pub(super) first_slope: &'a mut [f32],
    pub(super) second: &'a mut [f32],
    pub(super) second_slope: &'a mut [f32],
    /// `[row, (a, r, m)]`.
    pub(super) out: &'a mut [f32],
}

/// The dyads (i, j) of a tile.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) i: usize,
    pub(super) first_j: usize,
    pub(super) n_dyads: usize,
    /// `[dyad, direction, table]`.
    pub(super) places: &'a [f32],
}

impl<P: Pairs> WithSimd for Forward<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { net, parameters, heads, pairs, logits, n } = self;
        let reading = Reading::new(net, parameters, heads);
        let n_places = 2 * net.shape.tables.len();
        let mut scratch = Scratch::new(Activations::length(net) + n * n_places);
        let (memory, row_places) = scratch.floats().split_at_mut(Activations::length(net));
        let mut tile = Activations::new(net, memory);
        let mut done = 0;
        for i in 0..n {
            let row_places = &mut row_places[..(n - i - 1) * n_places];
            pairs.places(i, row_places);
            for start in (0..n - i - 1).step_by(TILE_DYADS) {
                let n_dyads = TILE_DYADS.min(n - i - 1 - start);
                let places = &row_places[start * n_places..][..n_dyads * n_places];
                let span = Span { i, first_j: i + 1 + start, n_dyads, places };
                reading.activate(simd, span, &mut tile);
                for dyad in 0..n_dyads {
                    logits[done + dyad] = tile.logits(dyad);
                }
                done += n_dyads;
            }
        }
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(net: &'a DyadNet, parameters: &'a [f32], heads: &'a [f32]) -> Self {
        Self { net, parameters, heads, places: net.parameter_places(), layout: net.heads() }
    }

    pub(super) fn head(&self, row: usize) -> &'a [f32] {
        let width = self.layout.width();
        &self.heads[row * width..][..width]
    }

    /// 1 / sqrt(rank).
    pub(super) fn similarity_scale(&self) -> f32 {
        (self.layout.rank as f32).sqrt().recip()
    }

    /// Fills the activations of a tile.
    #[inline(always)]
    pub(super) fn activate<S: Simd>(&self, simd: S, span: Span<'_>, tile: &mut Activations<'_>) {
        self.first_sums(simd, span, tile);
        let (n_rows, shape) = (2 * span.n_dyads, &self.net.shape);
        let first = &mut tile.first[..n_rows * shape.first];
        let (sums, _) = S::as_mut_simd_f32s(&mut *first);
        Activation::Gelu.apply(simd, sums, S::as_mut_simd_f32s(tile.first_slope).0);
        let (right, _) = S::as_simd_f32s(&self.parameters[self.places.weight.clone()]);
        let (bias, _) = S::as_simd_f32s(&self.parameters[self.places.bias.clone()]);
        let (sums, _) = S::as_mut_simd_f32s(&mut tile.second[..n_rows * shape.second]);
        let left = Left { values: first, row: shape.first, inner: 1 };
        let (depth, n_vectors) = (shape.first, bias.len());
        Product { left, right, n_rows, depth, n_vectors, start: Start::Row(bias) }.run(simd, sums);
        Activation::Gelu.apply(simd, sums, S::as_mut_simd_f32s(tile.second_slope).0);
        let (weights, _) = S::as_simd_f32s(&self.parameters[self.places.out.clone()]);
        let bias = &self.parameters[self.places.out_bias.clone()];
        for (row, out) in sums.chunks(n_vectors).zip(tile.out.chunks_mut(OUTPUTS)) {
            for ((out, weights), bias) in out.iter_mut().zip(weights.chunks(n_vectors)).zip(bias) {
                *out = dot(simd, row, weights) + bias;
            }
        }
        self.add_direct(simd, span, tile.out);
    }

    /// P_i + Q_j + the tables.
    #[inline(always)]
    fn first_sums<S: Simd>(&self, simd: S, span: Span<'_>, tile: &mut Activations<'_>) {
        let n_tables = self.net.shape.tables.len();
        let (sums, _) = S::as_mut_simd_f32s(&mut tile.first[..2 * span.n_dyads * self.layout.first]);
        let n_vectors = self.layout.first / S::F32_LANES;
        let part = |row: usize, range: std::ops::Range<usize>| S::as_simd_f32s(&self.head(row)[range]).0;
        for (row, sums) in sums.chunks_mut(n_vectors).enumerate() {
            let (i, j) = span.ends(row);
            let (sender, receiver) = (part(i, self.layout.sender()), part(j, self.layout.receiver()));
            for ((sum, sender), receiver) in sums.iter_mut().zip(sender).zip(receiver) {
                *sum = simd.add_f32s(*sender, *receiver);
            }
            for table in 0..n_tables {
                let (lower, share) = self.between(table, span.places[row * n_tables + table]);
                let (lower_row, upper_row) = lower.split_at(self.layout.first);
                let (lower_row, upper_row) = (S::as_simd_f32s(lower_row).0, S::as_simd_f32s(upper_row).0);
                let (down, up) = (simd.splat_f32s(1.0 - share), simd.splat_f32s(share));
                for ((sum, lower), upper) in sums.iter_mut().zip(lower_row).zip(upper_row) {
                    *sum = simd.mul_add_e_f32s(up, *upper, simd.mul_add_e_f32s(down, *lower, *sum));
                }
            }
        }
    }

    /// The two rows of a table around a place, and the share of the upper one.
    #[inline(always)]
    fn between(&self, table: usize, place: f32) -> (&'a [f32], f32) {
        let (lower, share) = cell(place, self.net.shape.tables[table]);
        let start = self.places.tables[table].start + lower * self.layout.first;
        (&self.parameters[start..][..2 * self.layout.first], share)
    }

    /// q_i k_j / sqrt(rank) + s_i + t_j.
    #[inline(always)]
    fn add_direct<S: Simd>(&self, simd: S, span: Span<'_>, out: &mut [f32]) {
        let scale = self.similarity_scale();
        for (row, out) in out.chunks_mut(OUTPUTS).take(2 * span.n_dyads).enumerate() {
            let (i, j) = span.ends(row);
            let (sender, receiver) = (self.head(i), self.head(j));
            let query = S::as_simd_f32s(&sender[self.layout.query()]).0;
            let key = S::as_simd_f32s(&receiver[self.layout.key()]).0;
            out[0] +=
                scale * dot(simd, query, key) + sender[self.layout.out()] + receiver[self.layout.into()];
        }
    }
}

/// The cell of a table in which a place lies, and how far up in it.
#[inline(always)]
pub(super) fn cell(place: f32, n_rows: usize) -> (usize, f32) {
    let place = place.clamp(0.0, (n_rows - 1) as f32);
    let lower = (place as usize).min(n_rows - 2);
    (lower, place - lower as f32)
}

impl Span<'_> {
    /// Sender and receiver of a row.
    #[inline(always)]
    pub(super) fn ends(&self, row: usize) -> (usize, usize) {
        let j = self.first_j + row / 2;
        if row.is_multiple_of(2) { (self.i, j) } else { (j, self.i) }
    }
}

impl<'a> Activations<'a> {
    /// Floats that a tile needs.
    pub(super) fn length(net: &DyadNet) -> usize {
        2 * TILE_DYADS * (2 * (net.shape.first + net.shape.second) + super::super::tile::padded(OUTPUTS))
    }

    pub(super) fn new(net: &DyadNet, memory: &'a mut [f32]) -> Self {
        let rows = 2 * TILE_DYADS;
        let (first, memory) = memory.split_at_mut(rows * net.shape.first);
        let (first_slope, memory) = memory.split_at_mut(rows * net.shape.first);
        let (second, memory) = memory.split_at_mut(rows * net.shape.second);
        let (second_slope, memory) = memory.split_at_mut(rows * net.shape.second);
        Self { first, first_slope, second, second_slope, out: &mut memory[..rows * OUTPUTS] }
    }

    /// a(i,j), a(j,i), r(i,j) + r(j,i), m(i,j), m(j,i).
    #[inline(always)]
    pub(super) fn logits(&self, dyad: usize) -> [f32; 5] {
        let out = &self.out[2 * dyad * OUTPUTS..][..2 * OUTPUTS];
        [out[0], out[OUTPUTS], out[1] + out[OUTPUTS + 1], out[2], out[OUTPUTS + 2]]
    }
}
