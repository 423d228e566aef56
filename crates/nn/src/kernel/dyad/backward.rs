//! The loss of all pairs and its gradient, tile by tile.

use pulp::{Simd, WithSimd};

use super::likelihood::{state_loss, strength_loss};
use super::tile::{Activations, Reading, Span, TILE_DYADS, cell};
use super::{COMPATIBLE_BOTH_WAYS, DyadGradients, DyadLoss, DyadNet, DyadScale, OUTPUTS, PairRow, Pairs};
use crate::kernel::activation::Activation;
use crate::kernel::scratch::Scratch;
use crate::kernel::tile::{Left, Product, Start};

/// The backward pass of all pairs.
pub(super) struct Backward<'a, P> {
    pub(super) net: &'a DyadNet,
    pub(super) parameters: &'a [f32],
    pub(super) heads: &'a [f32],
    pub(super) pairs: &'a P,
    pub(super) scale: DyadScale,
    pub(super) gradients: DyadGradients<'a>,
    pub(super) n: usize,
}

/// Gradients of a tile.
struct Slopes<'a> {
    first: &'a mut [f32],
    second: &'a mut [f32],
    /// `[row, (a, r, m)]`.
    out: Vec<f32>,
    /// A', `[second, first]`.
    transposed: Vec<f32>,
}

impl<P: Pairs> WithSimd for Backward<'_, P> {
    type Output = DyadLoss;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> DyadLoss {
        let (net, n) = (self.net, self.n);
        let reading = Reading::new(net, self.parameters, self.heads);
        let n_places = 2 * net.shape.tables.len();
        let rows = 2 * TILE_DYADS;
        let (first, second) = (net.shape.first, net.shape.second);
        let length = Activations::length(net);
        let mut scratch = Scratch::new(length + rows * (first + second) + n * n_places);
        let (memory, rest) = scratch.floats().split_at_mut(length);
        let mut tile = Activations::new(net, memory);
        let (first_gradient, rest) = rest.split_at_mut(rows * first);
        let (second_gradient, row_places) = rest.split_at_mut(rows * second);
        let transposed = transpose(&self.parameters[reading.places.weight.clone()], second);
        let mut slopes = Slopes {
            first: first_gradient,
            second: second_gradient,
            out: vec![0.0; rows * OUTPUTS],
            transposed,
        };
        let (mut compatible, mut strength) = (vec![0_u8; n], vec![[0.0_f32; 2]; n]);
        let mut loss = DyadLoss::default();
        for i in 0..n {
            let ahead = n - i - 1;
            let row_places = &mut row_places[..ahead * n_places];
            self.pairs.places(i, row_places);
            compatible[..ahead].fill(COMPATIBLE_BOTH_WAYS);
            strength[..ahead].fill([0.0; 2]);
            let into = PairRow { compatible: &mut compatible[..ahead], strength: &mut strength[..ahead] };
            self.pairs.observed(i, into);
            for start in (0..ahead).step_by(TILE_DYADS) {
                let n_dyads = TILE_DYADS.min(ahead - start);
                if compatible[start..start + n_dyads].iter().all(|one| *one == COMPATIBLE_BOTH_WAYS) {
                    continue;
                }
                let places = &row_places[start * n_places..][..n_dyads * n_places];
                let span = Span { i, first_j: i + 1 + start, n_dyads, places };
                reading.activate(simd, span, &mut tile);
                let observed = (&compatible[start..], &strength[start..]);
                self.take_loss(span, observed, &tile, (&mut slopes.out, &mut loss));
                self.descend(simd, (&reading, span), &tile, &mut slopes);
            }
        }
        loss
    }
}

impl<P: Pairs> Backward<'_, P> {
    /// dL/d(a, r, m) of every row of a tile.
    #[inline(always)]
    fn take_loss(
        &self,
        span: Span<'_>,
        (compatible, strength): (&[u8], &[[f32; 2]]),
        tile: &Activations<'_>,
        (slopes, loss): (&mut [f32], &mut DyadLoss),
    ) {
        for dyad in 0..span.n_dyads {
            let [forward, backward, both, m_forward, m_backward] = tile.logits(dyad);
            let into = &mut slopes[2 * dyad * OUTPUTS..][..2 * OUTPUTS];
            into.fill(0.0);
            if compatible[dyad] != COMPATIBLE_BOTH_WAYS {
                let (value, slope) = state_loss([forward, backward, both], compatible[dyad]);
                let slope = slope.map(|slope| slope * self.scale.states);
                loss.states += f64::from(value);
                (into[0], into[OUTPUTS]) = (slope[0], slope[1]);
                (into[1], into[OUTPUTS + 1]) = (slope[2], slope[2]);
            }
            for (direction, m) in [m_forward, m_backward].into_iter().enumerate() {
                if strength[dyad][direction] > 0.0 {
                    let (value, slope) = strength_loss(m, strength[dyad][direction]);
                    loss.strengths += f64::from(value);
                    into[direction * OUTPUTS + 2] = slope * self.scale.strengths;
                }
            }
        }
    }

    /// From dL/d(a, r, m) to all that lies below.
    #[inline(always)]
    fn descend<S: Simd>(
        &mut self,
        simd: S,
        (reading, span): (&Reading<'_>, Span<'_>),
        tile: &Activations<'_>,
        slopes: &mut Slopes<'_>,
    ) {
        let (first, second) = (self.net.shape.first, self.net.shape.second);
        let n_rows = 2 * span.n_dyads;
        let out = &slopes.out[..n_rows * OUTPUTS];
        self.outputs(simd, reading, (out, &tile.second[..n_rows * second]), slopes.second);
        let (sums, _) = S::as_mut_simd_f32s(&mut slopes.second[..n_rows * second]);
        let values = S::as_simd_f32s(tile.second).0;
        Activation::Gelu.scale_by_slope(simd, sums, values, S::as_simd_f32s(tile.second_slope).0);
        let n_vectors = second / S::F32_LANES;
        let right = &*sums;
        let into = &mut self.gradients.parameters[reading.places.weight.clone()];
        let left = Left { values: &tile.first[..n_rows * first], row: 1, inner: first };
        Product { left, right, n_rows: first, depth: n_rows, n_vectors, start: Start::Add }
            .run(simd, S::as_mut_simd_f32s(into).0);
        let bias = &mut self.gradients.parameters[reading.places.bias.clone()];
        let (bias, _) = S::as_mut_simd_f32s(bias);
        for row in right.chunks(n_vectors) {
            for (sum, value) in bias.iter_mut().zip(row) {
                *sum = simd.add_f32s(*sum, *value);
            }
        }
        let left = Left { values: &slopes.second[..n_rows * second], row: second, inner: 1 };
        let (right, _) = S::as_simd_f32s(&slopes.transposed);
        let n_vectors = first / S::F32_LANES;
        let (next, _) = S::as_mut_simd_f32s(&mut slopes.first[..n_rows * first]);
        Product { left, right, n_rows, depth: second, n_vectors, start: Start::Zero }.run(simd, next);
        let values = S::as_simd_f32s(tile.first).0;
        Activation::Gelu.scale_by_slope(simd, next, values, S::as_simd_f32s(tile.first_slope).0);
        self.inputs(simd, reading, span, slopes.first);
        self.direct(simd, reading, span, out);
    }

    /// Gradients of the output layer, and dL/d(h2) into `below`.
    #[inline(always)]
    fn outputs<S: Simd>(
        &mut self,
        simd: S,
        reading: &Reading<'_>,
        (out, second): (&[f32], &[f32]),
        below: &mut [f32],
    ) {
        let n_vectors = self.net.shape.second / S::F32_LANES;
        let (weights, _) = S::as_simd_f32s(&self.parameters[reading.places.out.clone()]);
        let into = &mut self.gradients.parameters[reading.places.out.start..reading.places.out_bias.end];
        let (sums, bias) = into.split_at_mut(reading.places.out.len());
        let (sums, _) = S::as_mut_simd_f32s(sums);
        let (values, _) = S::as_simd_f32s(second);
        let (below, _) = S::as_mut_simd_f32s(below);
        for ((out, values), below) in
            out.chunks(OUTPUTS).zip(values.chunks(n_vectors)).zip(below.chunks_mut(n_vectors))
        {
            below.fill(simd.splat_f32s(0.0));
            for (k, slope) in out.iter().enumerate() {
                bias[k] += slope;
                let slope = simd.splat_f32s(*slope);
                let at = k * n_vectors..(k + 1) * n_vectors;
                for ((below, weight), (sum, value)) in
                    below.iter_mut().zip(&weights[at.clone()]).zip(sums[at].iter_mut().zip(values))
                {
                    *below = simd.mul_add_e_f32s(slope, *weight, *below);
                    *sum = simd.mul_add_e_f32s(slope, *value, *sum);
                }
            }
        }
    }

    /// Gradients of P, Q and of the tables.
    #[inline(always)]
    fn inputs<S: Simd>(&mut self, simd: S, reading: &Reading<'_>, span: Span<'_>, slopes: &[f32]) {
        let (n_tables, first) = (self.net.shape.tables.len(), self.net.shape.first);
        let (layout, width) = (reading.layout, reading.layout.width());
        for (row, slopes) in slopes.chunks(first).take(2 * span.n_dyads).enumerate() {
            let (i, j) = span.ends(row);
            let one = simd.splat_f32s(1.0);
            add(simd, one, slopes, &mut self.gradients.heads[i * width..][layout.sender()]);
            add(simd, one, slopes, &mut self.gradients.heads[j * width..][layout.receiver()]);
            for table in 0..n_tables {
                let (lower, share) = cell(span.places[row * n_tables + table], self.net.shape.tables[table]);
                let start = reading.places.tables[table].start + lower * first;
                let into = &mut self.gradients.parameters[start..start + 2 * first];
                let (lower, upper) = into.split_at_mut(first);
                add(simd, simd.splat_f32s(1.0 - share), slopes, lower);
                add(simd, simd.splat_f32s(share), slopes, upper);
            }
        }
    }

    /// Gradients of q, k, s and t.
    #[inline(always)]
    fn direct<S: Simd>(&mut self, simd: S, reading: &Reading<'_>, span: Span<'_>, out: &[f32]) {
        let (layout, width) = (reading.layout, reading.layout.width());
        for (row, out) in out.chunks(OUTPUTS).enumerate() {
            let (i, j) = span.ends(row);
            let slope = simd.splat_f32s(out[0] * reading.similarity_scale());
            let gradients = &mut *self.gradients.heads;
            add(simd, slope, &reading.head(j)[layout.key()], &mut gradients[i * width..][layout.query()]);
            add(simd, slope, &reading.head(i)[layout.query()], &mut gradients[j * width..][layout.key()]);
            gradients[i * width + layout.out()] += out[0];
            gradients[j * width + layout.into()] += out[0];
        }
    }
}

/// `into += factor x values`.
#[inline(always)]
fn add<S: Simd>(simd: S, factor: S::f32s, values: &[f32], into: &mut [f32]) {
    let (values, _) = S::as_simd_f32s(values);
    let (into, _) = S::as_mut_simd_f32s(into);
    for (sum, value) in into.iter_mut().zip(values) {
        *sum = simd.mul_add_e_f32s(factor, *value, *sum);
    }
}

fn transpose(matrix: &[f32], n_columns: usize) -> Vec<f32> {
    let n_rows = matrix.len() / n_columns;
    (0..matrix.len()).map(|at| matrix[at % n_rows * n_columns + at / n_rows]).collect()
}
