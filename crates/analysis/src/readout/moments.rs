//! Sums of products of inputs and outputs, fold by fold.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use crate::linear_algebra::add_transposed_product;

/// Rows that are converted to f64 at a time.
const BLOCK_ROWS: usize = 1024;

/// Inputs and outputs of consecutive samples; a row with NaN counts as missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a, T> {
    pub(super) x: ArrayView2<'a, T>,
    pub(super) y: ArrayView2<'a, T>,
    pub(super) outputs: Outputs,
}

/// What is regressed on the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outputs {
    /// y.
    Values,
    /// y - x: the penalty then draws towards "nothing changes" and not towards zero.
    Increments,
}

impl<T: Copy + Into<f64>> Rows<'_, T> {
    /// Inputs and outputs of some rows in f64, without the rows that miss an entry.
    fn block(&self, rows: Range<usize>) -> (Array2<f64>, Array2<f64>) {
        let read = |values: ArrayView2<'_, T>| values.slice(s![rows.clone(), ..]).mapv(Into::<f64>::into);
        let (x, mut y) = (read(self.x), read(self.y));
        if self.outputs == Outputs::Increments {
            y -= &x;
        }
        complete(x, y)
    }
}

/// Sums over rows of deviations from fixed references (so that a large offset costs no digits).
#[derive(Debug, Clone)]
pub(super) struct Moments {
    n_rows: f64,
    x_reference: Array1<f64>,
    y_reference: Array1<f64>,
    x_sum: Array1<f64>,
    y_sum: Array1<f64>,
    xx: Array2<f64>,
    xy: Array2<f64>,
    yy: Array1<f64>,
}

/// Second moments about given centres.
pub(super) struct CentredMoments {
    pub(super) n_rows: f64,
    /// `[input, input]`.
    pub(super) xx: Array2<f64>,
    /// `[input, output]`.
    pub(super) xy: Array2<f64>,
    /// `[output]`: sums of squares.
    pub(super) yy: Array1<f64>,
}

/// Cuts all rows, in order, into `n_folds` contiguous folds of nearly equal length and adds up each.
pub(super) fn fold_moments<T: Copy + Into<f64> + Sync>(rows: &[Rows<'_, T>], n_folds: usize) -> Vec<Moments> {
    let n_rows: usize = rows.iter().map(|piece| piece.x.nrows()).sum();
    let empty = Moments::empty(rows);
    let fold = |fold: usize| {
        let (first, end) = (fold * n_rows / n_folds, (fold + 1) * n_rows / n_folds);
        let mut moments = empty.clone();
        let mut offset = 0;
        for piece in rows {
            let n_piece = piece.x.nrows();
            let from = first.clamp(offset, offset + n_piece) - offset;
            let to = end.clamp(offset, offset + n_piece) - offset;
            for start in (from..to).step_by(BLOCK_ROWS) {
                let end = (start + BLOCK_ROWS).min(to);
                moments.add_rows(piece.block(start..end));
            }
            offset += n_piece;
        }
        moments
    };
    (0..n_folds).map(fold).collect()
}

impl Moments {
    pub(super) fn n_rows(&self) -> f64 {
        self.n_rows
    }

    pub(super) fn x_mean(&self) -> Array1<f64> {
        &self.x_reference + &(&self.x_sum / self.n_rows)
    }

    pub(super) fn y_mean(&self) -> Array1<f64> {
        &self.y_reference + &(&self.y_sum / self.n_rows)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.n_rows += other.n_rows;
        self.x_sum += &other.x_sum;
        self.y_sum += &other.y_sum;
        self.xx += &other.xx;
        self.xy += &other.xy;
        self.yy += &other.yy;
    }

    pub(super) fn without(&self, fold: &Self) -> Self {
        Self {
            n_rows: self.n_rows - fold.n_rows,
            x_reference: self.x_reference.clone(),
            y_reference: self.y_reference.clone(),
            x_sum: &self.x_sum - &fold.x_sum,
            y_sum: &self.y_sum - &fold.y_sum,
            xx: &self.xx - &fold.xx,
            xy: &self.xy - &fold.xy,
            yy: &self.yy - &fold.yy,
        }
    }

    /// Moments about the own means.
    pub(super) fn centred(&self) -> CentredMoments {
        self.about_means_of(self)
    }

    /// Moments about the means of `other` (the rows that a fold is predicted from).
    pub(super) fn about_means_of(&self, other: &Self) -> CentredMoments {
        let (x_center, y_center) = (&other.x_sum / other.n_rows, &other.y_sum / other.n_rows);
        let outer = |a: &Array1<f64>, b: &Array1<f64>| -> Array2<f64> {
            &a.view().insert_axis(Axis(1)) * &b.view().insert_axis(Axis(0))
        };
        // sum (x - c)(y - d) = sum xy - c sum y - (sum x - n c) d
        let x_rest = &self.x_sum - &(&x_center * self.n_rows);
        let y_rest = &self.y_sum - &(&y_center * self.n_rows);
        CentredMoments {
            n_rows: self.n_rows,
            xx: &self.xx - &outer(&x_center, &self.x_sum) - &outer(&x_rest, &x_center),
            xy: &self.xy - &outer(&x_center, &self.y_sum) - &outer(&x_rest, &y_center),
            yy: &self.yy - &(&y_center * &self.y_sum) - &(&y_rest * &y_center),
        }
    }

    /// No rows yet; the references are the means of the complete rows among the first of each piece.
    fn empty<T: Copy + Into<f64>>(rows: &[Rows<'_, T>]) -> Self {
        let (n_inputs, n_outputs) = rows.first().map_or((0, 0), |piece| (piece.x.ncols(), piece.y.ncols()));
        let mut moments = Self {
            n_rows: 0.0,
            x_reference: Array1::zeros(n_inputs),
            y_reference: Array1::zeros(n_outputs),
            x_sum: Array1::zeros(n_inputs),
            y_sum: Array1::zeros(n_outputs),
            xx: Array2::zeros((n_inputs, n_inputs)),
            xy: Array2::zeros((n_inputs, n_outputs)),
            yy: Array1::zeros(n_outputs),
        };
        let (mut x, mut y, mut n_rows) = (Array1::zeros(n_inputs), Array1::zeros(n_outputs), 0.0_f64);
        for piece in rows {
            let first = 0..piece.x.nrows().min(BLOCK_ROWS);
            let (x_block, y_block) = piece.block(first);
            x += &x_block.sum_axis(Axis(0));
            y += &y_block.sum_axis(Axis(0));
            n_rows += x_block.nrows() as f64;
        }
        moments.x_reference = x / n_rows.max(1.0);
        moments.y_reference = y / n_rows.max(1.0);
        moments
    }

    fn add_rows(&mut self, (x, y): (Array2<f64>, Array2<f64>)) {
        let (x, y) = (x - &self.x_reference, y - &self.y_reference);
        self.n_rows += x.nrows() as f64;
        self.x_sum += &x.sum_axis(Axis(0));
        self.y_sum += &y.sum_axis(Axis(0));
        self.yy += &y.mapv(|value| value * value).sum_axis(Axis(0));
        add_transposed_product(&mut self.xx, x.view(), x.view());
        add_transposed_product(&mut self.xy, x.view(), y.view());
    }
}

/// The rows of which neither half has a missing entry.
fn complete(x: Array2<f64>, y: Array2<f64>) -> (Array2<f64>, Array2<f64>) {
    let seen = |row: &usize| x.row(*row).iter().chain(y.row(*row)).all(|value| !value.is_nan());
    let rows: Vec<usize> = (0..x.nrows()).filter(seen).collect();
    if rows.len() == x.nrows() {
        return (x, y);
    }
    (x.select(Axis(0), &rows), y.select(Axis(0), &rows))
}
