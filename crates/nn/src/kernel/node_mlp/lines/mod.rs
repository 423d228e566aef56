//! ReLU networks of one input, as what they are: a line from kink to kink.
//!
//! y(x) = s_k x + c_k for e_{k-1} < x <= e_k. A network of two hidden layers of 64 starts with about 130 such
//! pieces; a batch has thousands of x. So the layers run once a piece instead of once a row: every unit is a
//! line (slope, shift) on a piece, a layer maps lines to lines, and each kink of a unit inside a piece cuts it in
//! two. A row then costs a search for its piece. Gradients take the same way back: a loss sees slope and shift of
//! a piece through sum_rows dy x and sum_rows dy, and these two are propagated as if they were rows.
//!
//! Values and gradients are those of the network up to rounding (lines are f64). Only at a kink, where the slope
//! is a matter of convention, it is that of the piece on the left.

mod cut;
mod rows;

use pulp::{Simd, WithSimd};

use super::NodeMlp;
use super::layers::Layer;
use crate::kernel::Activation;

use self::cut::cut;
pub(super) use self::rows::Search;

/// Fewer rows than this go through the layers: finding the pieces costs about as much.
const MIN_ROWS: usize = 1024;
/// Rows a piece must have on average to be worth it.
const ROWS_A_PIECE: usize = 8;

/// The pieces of a network, with what the way back needs.
pub(super) struct Pieces {
    /// After each hidden layer; the input itself (one piece, one line) first.
    stages: Vec<Stage>,
    /// One line a piece: the network.
    output: Lines,
    /// Where a piece ends and the next begins.
    edges: Vec<f64>,
}

/// The units of a layer on the pieces that it has cut.
struct Stage {
    lines: Lines,
    /// 1 where a unit is on, `[piece, unit]`.
    on: Vec<f64>,
    /// The piece of the stage before that each piece is a part of.
    parents: Vec<usize>,
}

/// Lines `slope x + shift`, `[piece, unit]`; or the derivatives by both.
struct Lines {
    n_units: usize,
    slopes: Vec<f64>,
    shifts: Vec<f64>,
}

impl Lines {
    fn zero(n_pieces: usize, n_units: usize) -> Self {
        Self { n_units, slopes: vec![0.0; n_pieces * n_units], shifts: vec![0.0; n_pieces * n_units] }
    }

    fn n_pieces(&self) -> usize {
        self.slopes.len() / self.n_units
    }

    /// Slopes and shifts of each piece.
    fn pieces(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.slopes.chunks_exact(self.n_units).zip(self.shifts.chunks_exact(self.n_units))
    }

    fn pieces_mut(&mut self) -> impl Iterator<Item = (&mut [f64], &mut [f64])> {
        self.slopes.chunks_exact_mut(self.n_units).zip(self.shifts.chunks_exact_mut(self.n_units))
    }
}

impl Pieces {
    /// The pieces, where the network has any and `n_rows` are enough to pay for them.
    pub(super) fn of(mlp: &NodeMlp, parameters: &[f32], n_rows: usize) -> Option<Self> {
        let one_to_one = mlp.n_inputs() == 1 && mlp.n_outputs() == 1;
        if mlp.activation != Activation::Relu || !one_to_one || mlp.n_layers() < 2 || n_rows < MIN_ROWS {
            return None;
        }
        let most = n_rows / ROWS_A_PIECE;
        mlp.arch.0.dispatch(Build { layers: &mlp.layers, parameters, most })
    }

    /// From sum dy x and sum dy, `[part, piece]`, to dL/d(parameters), which are added.
    pub(super) fn backward(&self, mlp: &NodeMlp, parameters: &[f32], parts: &[[f64; 2]], into: &mut [f32]) {
        let mut sums = Lines::zero(self.output.n_pieces(), 1);
        for part in parts.chunks_exact(self.output.n_pieces()) {
            for ((slope, shift), sum) in sums.slopes.iter_mut().zip(&mut sums.shifts).zip(part) {
                *slope += sum[0];
                *shift += sum[1];
            }
        }
        mlp.arch.0.dispatch(Backward { pieces: self, layers: &mlp.layers, parameters, sums, into });
    }
}

struct Build<'a> {
    layers: &'a [Layer],
    parameters: &'a [f32],
    /// More pieces than this are given up.
    most: usize,
}

impl WithSimd for Build<'_> {
    type Output = Option<Pieces>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Option<Pieces> {
        let input = Lines { n_units: 1, slopes: vec![1.0], shifts: vec![0.0] };
        let mut stages = vec![Stage { lines: input, on: vec![1.0], parents: vec![0] }];
        let mut edges = Vec::new();
        let (last, hidden) = self.layers.split_last()?;
        for layer in hidden {
            let sums = through(layer, self.parameters, &stages.last()?.lines);
            let (stage, new_edges) = cut(sums, &edges);
            if stage.parents.len() > self.most {
                return None;
            }
            stages.push(stage);
            edges = new_edges;
        }
        let output = through(last, self.parameters, &stages.last()?.lines);
        Some(Pieces { stages, output, edges })
    }
}

/// Lines through a layer: the bias shifts, the weights mix.
#[inline(always)]
fn through(layer: &Layer, parameters: &[f32], lines: &Lines) -> Lines {
    let bias = widened(&parameters[layer.bias.clone()]);
    let mut sums = Lines::zero(lines.n_pieces(), layer.n_out);
    sums.pieces_mut().for_each(|(_, shifts)| shifts.copy_from_slice(&bias));
    add_mixed(lines, &widened(&parameters[layer.weight.clone()]), &mut sums);
    sums
}

/// Adds lines times `weights [unit, unit of sums]`.
#[inline(always)]
fn add_mixed(lines: &Lines, weights: &[f64], sums: &mut Lines) {
    let n_units = sums.n_units;
    for ((slopes, shifts), (to_slopes, to_shifts)) in lines.pieces().zip(sums.pieces_mut()) {
        for ((slope, shift), weights) in slopes.iter().zip(shifts).zip(weights.chunks_exact(n_units)) {
            for ((to_slope, to_shift), weight) in to_slopes.iter_mut().zip(&mut *to_shifts).zip(weights) {
                *to_slope += slope * weight;
                *to_shift += shift * weight;
            }
        }
    }
}

struct Backward<'a> {
    pieces: &'a Pieces,
    layers: &'a [Layer],
    parameters: &'a [f32],
    /// dL/dy through slope and shift of each piece.
    sums: Lines,
    into: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut above = self.sums;
        for (number, (layer, stage)) in self.layers.iter().zip(&self.pieces.stages).enumerate().rev() {
            add_gradients(layer, &stage.lines, &above, self.into);
            if number == 0 {
                break;
            }
            let mut below = back_through(layer, self.parameters, &above);
            mask(&mut below, &stage.on);
            let n_parents = self.pieces.stages[number - 1].parents.len();
            above = gathered(&below, &stage.parents, n_parents);
        }
    }
}

/// dL/dA = sum slope' dL/dslope + shift' dL/dshift, dL/db = sum dL/dshift.
#[inline(always)]
fn add_gradients(layer: &Layer, below: &Lines, above: &Lines, into: &mut [f32]) {
    let mut of_weights = vec![0.0; layer.weight.len()];
    let mut of_bias = vec![0.0; layer.n_out];
    for ((slopes, shifts), (of_slopes, of_shifts)) in below.pieces().zip(above.pieces()) {
        let rows = of_weights.chunks_exact_mut(layer.n_out);
        for ((slope, shift), row) in slopes.iter().zip(shifts).zip(rows) {
            for ((gradient, of_slope), of_shift) in row.iter_mut().zip(of_slopes).zip(of_shifts) {
                *gradient += slope * of_slope + shift * of_shift;
            }
        }
        for (gradient, of_shift) in of_bias.iter_mut().zip(of_shifts) {
            *gradient += of_shift;
        }
    }
    for (range, found) in [(layer.weight.clone(), &of_weights), (layer.bias.clone(), &of_bias)] {
        for (gradient, found) in into[range].iter_mut().zip(found) {
            *gradient += *found as f32;
        }
    }
}

/// The derivatives by a layer's sums, back through its weights.
#[inline(always)]
fn back_through(layer: &Layer, parameters: &[f32], above: &Lines) -> Lines {
    let weights = &parameters[layer.weight.clone()];
    let by_output: Vec<f64> = (0..layer.weight.len())
        .map(|at| f64::from(weights[at % layer.n_in * layer.n_out + at / layer.n_in]))
        .collect();
    let mut below = Lines::zero(above.n_pieces(), layer.n_in);
    add_mixed(above, &by_output, &mut below);
    below
}

#[inline(always)]
fn mask(lines: &mut Lines, on: &[f64]) {
    let both = lines.slopes.iter_mut().zip(&mut lines.shifts);
    for ((slope, shift), on) in both.zip(on) {
        *slope *= on;
        *shift *= on;
    }
}

/// Sums over the parts of each piece.
#[inline(always)]
fn gathered(parts: &Lines, parents: &[usize], n_parents: usize) -> Lines {
    let n_units = parts.n_units;
    let mut whole = Lines::zero(n_parents, n_units);
    for ((slopes, shifts), parent) in parts.pieces().zip(parents) {
        let at = parent * n_units..(parent + 1) * n_units;
        for (sum, slope) in whole.slopes[at.clone()].iter_mut().zip(slopes) {
            *sum += slope;
        }
        for (sum, shift) in whole.shifts[at].iter_mut().zip(shifts) {
            *sum += shift;
        }
    }
    whole
}

#[inline(always)]
fn widened(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As published networks start: first layer U(-1, 1), later weights N(0, 0.1^2), here uniform of that spread.
    fn parameters(mlp: &NodeMlp) -> Vec<f32> {
        let first = mlp.layers[0].bias.end;
        let number = |k: usize| ((k * 7919 + 104_729) % 2003) as f32 / 1001.5 - 1.0;
        (0..mlp.n_parameters()).map(|k| if k < first { number(k) } else { 0.17 * number(k) }).collect()
    }

    #[test]
    fn a_network_that_begins_to_learn_has_few_pieces() {
        let mlp = NodeMlp::new(&[1, 64, 64, 1], Activation::Relu).unwrap();
        let pieces = Pieces::of(&mlp, &parameters(&mlp), 8000).unwrap();
        let n = pieces.edges.len() + 1;
        assert!((65..300).contains(&n), "{n} pieces");
        assert!(pieces.edges.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_straight_network_has_one_piece() {
        let mlp = NodeMlp::new(&[1, 4, 1], Activation::Relu).unwrap();
        let mut parameters = vec![0.0; mlp.n_parameters()];
        parameters[mlp.layers[0].bias.clone()].fill(1.0);
        assert!(Pieces::of(&mlp, &parameters, MIN_ROWS).unwrap().edges.is_empty());
    }

    #[test]
    fn what_has_no_lines_or_does_not_pay_goes_through_the_layers() {
        let of = |widths: &[usize], activation, n_rows| {
            let mlp = NodeMlp::new(widths, activation).unwrap();
            Pieces::of(&mlp, &parameters(&mlp), n_rows).is_some()
        };
        assert!(of(&[1, 8, 1], Activation::Relu, MIN_ROWS));
        assert!(!of(&[1, 8, 1], Activation::Relu, MIN_ROWS - 1));
        assert!(!of(&[1, 8, 1], Activation::Tanh, MIN_ROWS));
        assert!(!of(&[2, 8, 1], Activation::Relu, MIN_ROWS));
        assert!(!of(&[1, 8, 2], Activation::Relu, MIN_ROWS));
        // 250 kinks for 128 pieces that 1024 rows pay for.
        assert!(!of(&[1, 250, 1], Activation::Relu, MIN_ROWS));
        assert!(of(&[1, 250, 1], Activation::Relu, 4 * MIN_ROWS));
    }
}
