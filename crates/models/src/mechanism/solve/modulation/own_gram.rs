//! The normal equations of every row at its own Omega, factored: what conjugate gradients are preconditioned by.
//!
//! With G_s = P_s'P_s the Gram of window s, a row has G = sum_s Omega_s^2 G_s, C = [P' Omega B, Omega_s P_s' z_s] and
//! D = [B'B, B'z; z'B, z'z], damped in its last block. Its block factor is G = LL', V = L^-1 C, S = D - V'V. The Grams
//! of the windows are summed once for all rows; a window has fewer equations than there are senders, so that forming G
//! from them costs a fiftieth of summing it anew.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{Llt, Solve};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};
use neuroloom_analysis::gram::{LocalCrossSum, LocalEntry, RowBlock};
use rayon::prelude::*;

use super::super::normal::BLOCK;
use super::Windows;
use super::pass::{Group, Pass};
use super::point::Point;
use crate::Error;

/// Rows and columns of a tile of a Gram.
const TILE: usize = 256;
/// Bytes of the Grams of all windows: neighbours are merged until they fit. Merged windows change how many steps
/// conjugate gradients take, not where they end.
const LARGEST: usize = 3 << 30;
/// Ridges that are tried until G factors, as shares of its mean diagonal.
const RIDGES: [f64; 5] = [1e-9, 1e-8, 1e-7, 1e-6, 1e-4];

/// P_s'P_s of merged windows.
pub(super) struct WindowGrams {
    n: usize,
    /// Windows that are merged into one.
    merged: usize,
    tiles: Vec<Tile>,
}

/// A tile of the lower triangle.
struct Tile {
    row: usize,
    column: usize,
    /// Entries of the tile, column by column; one column a merged window.
    grams: Mat<f32>,
}

impl WindowGrams {
    /// Sums over all equations; `messages` is `[equation, sender]`.
    pub(super) fn new(messages: &[f64], frames: &[u32], windows: Windows, n: usize) -> Self {
        let all = windows.count * n * n.div_ceil(2) * size_of::<f32>();
        let merged = all.div_ceil(LARGEST).max(1);
        let count = windows.count.div_ceil(merged);
        let tiles = n.div_ceil(TILE);
        let pairs: Vec<(usize, usize)> =
            (0..tiles).flat_map(|row| (0..=row).map(move |column| (row, column))).collect();
        let p = MatRef::from_row_major_slice(messages, frames.len(), n);
        let runs = runs(frames, |frame| windows.of(frame) / merged);
        let tile = |&(row, column): &(usize, usize)| {
            let (rows, columns) = (span(row, n), span(column, n));
            let mut grams = Mat::<f32>::zeros(rows.len() * columns.len(), count);
            let mut sum = Mat::<f64>::zeros(rows.len(), columns.len());
            for (window, run) in &runs {
                let some = p.subrows(run.start, run.len());
                let left = some.subcols(rows.start, rows.len()).transpose();
                matmul(
                    sum.as_mut(),
                    Accum::Replace,
                    left,
                    some.subcols(columns.start, columns.len()),
                    1.0,
                    Par::Seq,
                );
                let to = grams.col_mut(*window).iter_mut();
                let from = (0..columns.len()).flat_map(|j| sum.col(j).iter());
                to.zip(from).for_each(|(to, from)| *to += *from as f32);
            }
            Tile { row, column, grams }
        };
        Self { n, merged, tiles: pairs.par_iter().map(tile).collect() }
    }

    /// G of each row, tile by tile: `[entry of the tile, row]`.
    fn at(&self, point: &Point) -> Vec<Mat<f32>> {
        let windows = point.widths[2];
        let rows = point.o.len() / windows;
        let squares = Mat::<f32>::from_fn(windows.div_ceil(self.merged), rows, |window, row| {
            let own = &point.omega(row)[window * self.merged..((window + 1) * self.merged).min(windows)];
            (own.iter().map(|omega| omega * omega).sum::<f64>() / own.len() as f64) as f32
        });
        let tile = |tile: &Tile| {
            let mut all = Mat::<f32>::zeros(tile.grams.nrows(), rows);
            matmul(all.as_mut(), Accum::Replace, &tile.grams, &squares, 1.0, Par::Seq);
            all
        };
        self.tiles.par_iter().map(tile).collect()
    }

    /// G of one row out of the tiles of all.
    fn row(&self, tiles: &[Mat<f32>], row: usize) -> Mat<f64> {
        let mut gram = Mat::zeros(self.n, self.n);
        for (tile, all) in self.tiles.iter().zip(tiles) {
            let (rows, columns) = (span(tile.row, self.n), span(tile.column, self.n));
            let mut from = all.col(row).iter();
            for column in columns {
                for (at, value) in rows.clone().zip(&mut from) {
                    gram[(at, column)] = f64::from(*value);
                }
            }
        }
        gram
    }
}

/// The factors of one row, without damping.
pub(super) struct RowFactor {
    /// L, `[sender, sender]`.
    lower: Mat<f64>,
    /// V, `[sender, function and window]`.
    through: Mat<f64>,
    /// S, `[function and window, function and window]`.
    schur: Mat<f64>,
    functions: usize,
}

/// S of one row with its damping, factored; of its functions alone where Omega stays.
pub(super) struct Reduced(Option<Llt<f64>>);

impl RowFactor {
    /// Factors of all rows of a group at a point.
    pub(super) fn all(
        grams: &WindowGrams,
        group: &Group<'_>,
        point: &Point,
        here: &Pass,
    ) -> Result<Vec<Self>, Error> {
        let [n, functions, windows] = point.widths;
        let rows = group.rows();
        let tiles = grams.at(point);
        let own = Own::new(group, point, here)?;
        (0..rows)
            .into_par_iter()
            .map(|row| {
                let lower = lower_factor(&grams.row(&tiles, row))?;
                let mut through = Mat::zeros(n, functions + windows);
                through.as_mut().subcols_mut(0, functions).copy_from(own.local.neuron(row).transpose());
                for (window, all) in &own.windows {
                    let mut to = through.as_mut().col_mut(functions + window);
                    to += all.col(row);
                }
                solve_lower_triangular_in_place(lower.as_ref(), through.as_mut(), Par::Seq);
                let mut schur = own.dense[row].clone();
                matmul(schur.as_mut(), Accum::Add, through.transpose(), &through, -1.0, Par::Seq);
                Ok(Self { lower, through, schur, functions })
            })
            .collect()
    }

    /// S with Omega held back by a share of `square`, or without Omega.
    pub(super) fn reduce(&self, moved: Option<(&[f64], f64)>) -> Reduced {
        let functions = self.functions;
        let mut schur = match moved {
            None => self.schur.submatrix(0, 0, functions, functions).to_owned(),
            Some(_) => self.schur.clone(),
        };
        if let Some((square, damping)) = moved {
            for (window, square) in square.iter().enumerate() {
                schur[(functions + window, functions + window)] += damping * square;
            }
        }
        let trace: f64 =
            (0..schur.nrows()).map(|i| schur[(i, i)].abs()).sum::<f64>() / schur.nrows().max(1) as f64;
        for ridge in RIDGES {
            for i in 0..schur.nrows() {
                schur[(i, i)] += ridge * trace;
            }
            if let Ok(factor) = schur.llt(Side::Lower) {
                return Reduced(Some(factor));
            }
        }
        Reduced(None)
    }

    /// Answer to a gradient of the row, in place: W, phi, Omega.
    pub(super) fn solve(&self, reduced: &Reduced, [w, d, o]: [&mut [f64]; 3]) {
        let n = w.len();
        solve_lower_triangular_in_place(
            self.lower.as_ref(),
            MatMut::from_column_major_slice_mut(w, n, 1),
            Par::Seq,
        );
        if let Reduced(Some(schur)) = reduced {
            let width = schur.L().nrows();
            let mut both = Mat::from_fn(width, 1, |i, _| if i < d.len() { d[i] } else { o[i - d.len()] });
            let through = self.through.subcols(0, width);
            let u = MatRef::from_column_major_slice(&*w, n, 1);
            matmul(both.as_mut(), Accum::Add, through.transpose(), u, -1.0, Par::Seq);
            schur.solve_in_place(both.as_mut());
            let u = MatMut::from_column_major_slice_mut(w, n, 1);
            matmul(u, Accum::Add, through, &both, -1.0, Par::Seq);
            o.fill(0.0);
            d.iter_mut().chain(o).zip(both.col(0).iter()).for_each(|(to, from)| *to = *from);
        }
        let upper = self.lower.transpose();
        solve_upper_triangular_in_place(upper, MatMut::from_column_major_slice_mut(w, n, 1), Par::Seq);
    }
}

/// C and D of all rows of a group.
struct Own {
    /// B' Omega P.
    local: LocalCrossSum,
    /// Omega_s P_s' z_s of all rows, run by run.
    windows: Vec<(usize, Mat<f64>)>,
    /// D of each row.
    dense: Vec<Mat<f64>>,
}

impl Own {
    fn new(group: &Group<'_>, point: &Point, here: &Pass) -> Result<Self, Error> {
        let [n, functions, windows] = point.widths;
        let (rows, frames) = (group.rows(), group.frames());
        let mut local = LocalCrossSum::new(rows, functions, n);
        let mut dense = vec![Mat::<f64>::zeros(functions + windows, functions + windows); rows];
        for start in (0..frames.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(frames.len());
            let mut entries = group.entries(range.clone());
            dense.par_iter_mut().zip(&mut entries).enumerate().for_each(|(row, (dense, entries))| {
                let omega = point.omega(row);
                let at = |entry: &LocalEntry| {
                    let equation = range.start + entry.row as usize;
                    (group.windows.of(frames[equation]), here.z[equation * rows + row])
                };
                for same_row in entries.chunk_by(|left, right| left.row == right.row) {
                    let (window, z) = at(&same_row[0]);
                    for left in same_row {
                        for (a, &value) in left.values.iter().enumerate() {
                            let i = left.first as usize + a;
                            dense[(functions + window, i)] += value * z;
                            for right in same_row {
                                for (b, &other) in right.values.iter().enumerate() {
                                    dense[(right.first as usize + b, i)] += value * other;
                                }
                            }
                        }
                    }
                }
                for entry in entries {
                    let omega = omega[at(entry).0];
                    entry.values.iter_mut().for_each(|value| *value *= omega);
                }
            });
            let block = RowBlock::new(group.messages(range), n)?;
            local.add(block, &entries);
        }
        for (row, dense) in dense.iter_mut().enumerate() {
            for window in 0..windows {
                dense[(functions + window, functions + window)] = here.square[row * windows + window];
                for function in 0..functions {
                    dense[(function, functions + window)] = dense[(functions + window, function)];
                }
            }
        }
        let runs = runs(frames, |frame| group.windows.of(frame));
        let windows = runs
            .into_par_iter()
            .map(|(window, run)| {
                let p = MatRef::from_row_major_slice(group.messages(run.clone()), run.len(), n);
                let z =
                    MatRef::from_row_major_slice(&here.z[run.start * rows..run.end * rows], run.len(), rows);
                let scaled =
                    Mat::from_fn(run.len(), rows, |time, row| z[(time, row)] * point.omega(row)[window]);
                let mut all = Mat::zeros(n, rows);
                matmul(all.as_mut(), Accum::Replace, p.transpose(), &scaled, 1.0, Par::Seq);
                (window, all)
            })
            .collect();
        Ok(Self { local, windows, dense })
    }
}

/// L of a Gram of which the lower triangle is there.
fn lower_factor(gram: &Mat<f64>) -> Result<Mat<f64>, Error> {
    let n = gram.nrows();
    let mean = (0..n).map(|i| gram[(i, i)]).sum::<f64>() / n.max(1) as f64;
    let mut shifted = gram.clone();
    for ridge in RIDGES {
        for i in 0..n {
            shifted[(i, i)] = gram[(i, i)] + ridge * mean.max(f64::MIN_POSITIVE);
        }
        if let Ok(cholesky) = shifted.llt(Side::Lower) {
            return Ok(cholesky.L().to_owned());
        }
    }
    Err(Error::Singular { stage: "external field" })
}

/// Runs of successive equations of one window.
fn runs(frames: &[u32], of: impl Fn(u32) -> usize) -> Vec<(usize, std::ops::Range<usize>)> {
    let mut start = 0;
    let same = frames.chunk_by(|&left, &right| of(left) == of(right));
    same.map(|run| {
        start += run.len();
        (of(run[0]), start - run.len()..start)
    })
    .collect()
}

fn span(tile: usize, n: usize) -> std::ops::Range<usize> {
    tile * TILE..((tile + 1) * TILE).min(n)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
mod tests {
    use super::*;

    const N: usize = 300;
    const EQUATIONS: usize = 700;
    const WINDOWS: Windows = Windows { count: 5, n_frames: 1000 };

    fn messages() -> Vec<f64> {
        (0..EQUATIONS * N).map(|at| ((at % N * 37 + at / N * 101) as f64 * 0.618).sin()).collect()
    }

    /// Two trials: a window is seen twice.
    fn frames() -> Vec<u32> {
        (0..EQUATIONS).map(|equation| (equation % 350 * 1000 / 350) as u32).collect()
    }

    #[test]
    fn the_grams_of_windows_add_up_to_that_of_a_row() {
        let (messages, frames) = (messages(), frames());
        let omega: Vec<f64> = (0..2 * WINDOWS.count).map(|at| 0.5 + 0.2 * at as f64).collect();
        let rows = omega.chunks(WINDOWS.count).map(|omega| [&[0.0; N][..], &[0.0][..], omega]);
        let point = Point::of(rows);
        let grams = WindowGrams::new(&messages, &frames, WINDOWS, N);
        let tiles = grams.at(&point);
        for row in 0..2 {
            let found = grams.row(&tiles, row);
            for (i, j) in [(0, 0), (299, 0), (299, 299), (257, 255), (120, 80)] {
                let one = |equation: usize| {
                    let scale = point.omega(row)[WINDOWS.of(frames[equation])];
                    scale * scale * messages[equation * N + i] * messages[equation * N + j]
                };
                let expected: f64 = (0..EQUATIONS).map(one).sum();
                assert!(
                    (found[(i, j)] - expected).abs() < 1e-3,
                    "{row} {i} {j}: {} {expected}",
                    found[(i, j)]
                );
            }
        }
    }

    #[test]
    fn a_singular_gram_is_factored_with_a_ridge() {
        let once = Mat::from_fn(3, 3, |_, _| 2.0);
        let lower = lower_factor(&once).unwrap();
        assert!((&lower * lower.transpose() - &once).norm_max() < 1e-3);
    }
}
