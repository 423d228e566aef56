//! One pass over all equations of a group of rows: what a point leaves, its gradient, and J'J times a direction.

use neuroloom_analysis::gram::{CrossSum, LocalEntry, RowBlock, multiply_transposed};
use rayon::prelude::*;

use super::super::equations::Equations;
use super::super::normal::{BLOCK, Design, entries, messages, receiver_targets};
use super::super::transfer::Transfer;
use super::Windows;
use super::point::Point;
use crate::Error;

/// Sums of one pass over the equations at a point.
pub(super) struct Pass {
    /// J'(y - f).
    pub(super) gradient: Point,
    /// Sum of z^2 over each window; `[row, window]`.
    pub(super) square: Vec<f64>,
    /// Sum of squares of what is left.
    pub(super) loss: Vec<f64>,
    /// z of all equations, `[equation, row]`.
    pub(super) z: Vec<f64>,
}

impl Pass {
    pub(super) fn copy_row(&mut self, row: usize, from: &Self) {
        let (rows, windows) = (self.loss.len(), self.gradient.widths[2]);
        self.gradient.copy_row(row, &from.gradient);
        let own = row * windows..(row + 1) * windows;
        self.square[own.clone()].copy_from_slice(&from.square[own]);
        self.loss[row] = from.loss[row];
        let of_row = self.z.iter_mut().skip(row).step_by(rows);
        of_row.zip(from.z.iter().skip(row).step_by(rows)).for_each(|(to, from)| *to = *from);
    }
}

/// What a pass goes along.
#[derive(Clone, Copy)]
enum Along<'a> {
    /// What the point leaves of the targets.
    Residual,
    /// J v, at the z of the point.
    Direction(&'a Point, &'a [f64]),
}

/// psi of all equations, `[equation, sender]`: the same for all rows of a class.
pub(super) fn all_messages(
    design: &Design<'_>,
    equations: &Equations,
    psi: &Transfer,
) -> Result<Vec<f64>, Error> {
    let senders = psi.senders()?;
    let mut all = Vec::with_capacity(equations.len() * equations.n);
    for start in (0..equations.len()).step_by(BLOCK) {
        let range = start..(start + BLOCK).min(equations.len());
        all.extend(messages(equations, range, &senders, design.bump));
    }
    Ok(all)
}

/// Rows that are solved together.
pub(super) struct Group<'a> {
    design: Design<'a>,
    equations: &'a Equations,
    messages: &'a [f64],
    pub(super) windows: Windows,
}

impl<'a> Group<'a> {
    pub(super) fn new(
        design: &Design<'a>,
        equations: &'a Equations,
        messages: &'a [f64],
        windows: Windows,
    ) -> Self {
        Self { design: *design, equations, messages, windows }
    }

    pub(super) fn rows(&self) -> usize {
        self.design.receivers.len()
    }

    pub(super) fn frames(&self) -> &'a [u32] {
        &self.equations.frames
    }

    /// psi of some equations, `[equation, sender]`.
    pub(super) fn messages(&self, range: std::ops::Range<usize>) -> &'a [f64] {
        &self.messages[range.start * self.equations.n..range.end * self.equations.n]
    }

    /// The update functions of each row in some equations.
    pub(super) fn entries(&self, range: std::ops::Range<usize>) -> Vec<Vec<LocalEntry>> {
        entries(&self.design, self.equations, range)
    }

    /// What a point leaves, and its gradient.
    pub(super) fn residual(&self, point: &Point) -> Result<Pass, Error> {
        self.pass(point, Along::Residual)
    }

    /// J'J times a direction, at a point that was passed.
    pub(super) fn along(&self, point: &Point, here: &Pass, direction: &Point) -> Result<Point, Error> {
        Ok(self.pass(point, Along::Direction(direction, &here.z))?.gradient)
    }

    fn pass(&self, point: &Point, along: Along<'_>) -> Result<Pass, Error> {
        let [n, functions, windows] = point.widths;
        let rows = self.rows();
        let mut cross = CrossSum::new(n, rows);
        let mut d = vec![0.0; rows * functions];
        let mut sums = vec![Sums::default(); rows * windows];
        let mut loss = vec![0.0; rows];
        let mut all = Vec::new();
        for start in (0..self.equations.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(self.equations.len());
            let block = RowBlock::new(self.messages(range.clone()), n)?;
            let weights = match along {
                Along::Residual => &point.w,
                Along::Direction(direction, _) => &direction.w,
            };
            let recurrent = multiply_transposed(block, RowBlock::new(weights, n)?)?;
            let (y, z) = match along {
                Along::Residual => {
                    let y = receiver_targets(self.equations, range.clone(), self.design.receivers);
                    all.extend_from_slice(&recurrent);
                    (y, &recurrent[..])
                }
                Along::Direction(_, z) => (recurrent.clone(), &z[range.start * rows..range.end * rows]),
            };
            let own = self.entries(range.clone());
            let frames = &self.equations.frames[range];
            // Receivers of a task write to columns of their own: transposed, they are rows.
            let mut left = vec![0.0; z.len()];
            let count = frames.len();
            let tasks = left.par_chunks_mut(count).zip(d.par_chunks_mut(functions));
            let tasks = tasks.zip(sums.par_chunks_mut(windows)).zip(&mut loss).enumerate();
            tasks.for_each(|(row, (((left, d), sums), loss))| {
                let column = Column { row, rows, z, y: &y, own: &own[row], frames };
                match along {
                    Along::Residual => self.left(&column, point, left),
                    Along::Direction(direction, _) => self.moved(&column, (point, direction), left),
                }
                self.sum(&column, point.omega(row), (left, d, sums, loss));
            });
            let scaled: Vec<f64> =
                (0..count * rows).map(|place| left[place % rows * count + place / rows]).collect();
            cross.add(block, RowBlock::new(&scaled, rows)?);
        }
        let cross = cross.finish();
        let w = (0..rows * n).map(|place| cross[(place % n, place / n)]).collect();
        let o = sums.iter().map(|one| one.pull).collect();
        let square = sums.iter().map(|one| one.square).collect();
        Ok(Pass { gradient: Point { widths: point.widths, w, d, o }, square, loss, z: all })
    }

    /// y - phi - Omega z of one row.
    fn left(&self, column: &Column<'_>, point: &Point, left: &mut [f64]) {
        let omega = point.omega(column.row);
        for (time, left) in left.iter_mut().enumerate() {
            let at = column.at(time);
            *left = column.y[at] - omega[self.windows.of(column.frames[time])] * column.z[at];
        }
        column.add_own(point.coefficients(column.row), -1.0, left);
    }

    /// J v of one row: Omega P v_w + B v_d + z v_o; `y` of the column holds P v_w.
    fn moved(&self, column: &Column<'_>, (point, direction): (&Point, &Point), left: &mut [f64]) {
        let (omega, change) = (point.omega(column.row), direction.omega(column.row));
        for (time, left) in left.iter_mut().enumerate() {
            let (at, window) = (column.at(time), self.windows.of(column.frames[time]));
            *left = omega[window] * column.y[at] + change[window] * column.z[at];
        }
        column.add_own(direction.coefficients(column.row), 1.0, left);
    }

    /// Adds the sums of one row; leaves Omega times what was there for P'.
    fn sum(
        &self,
        column: &Column<'_>,
        omega: &[f64],
        (left, d, sums, loss): (&mut [f64], &mut [f64], &mut [Sums], &mut f64),
    ) {
        for entry in column.own {
            let to = &mut d[entry.first as usize..entry.first as usize + 4];
            to.iter_mut().zip(entry.values).for_each(|(to, b)| *to += b * left[entry.row as usize]);
        }
        for (time, left) in left.iter_mut().enumerate() {
            let window = self.windows.of(column.frames[time]);
            let z = column.z[column.at(time)];
            sums[window].square += z * z;
            sums[window].pull += z * *left;
            *loss += *left * *left;
            *left *= omega[window];
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    square: f64,
    pull: f64,
}

/// One receiver in a block of equations.
struct Column<'a> {
    row: usize,
    rows: usize,
    z: &'a [f64],
    y: &'a [f64],
    own: &'a [LocalEntry],
    frames: &'a [u32],
}

impl Column<'_> {
    fn at(&self, time: usize) -> usize {
        time * self.rows + self.row
    }

    /// Adds a multiple of B d.
    fn add_own(&self, coefficients: &[f64], factor: f64, to: &mut [f64]) {
        for entry in self.own {
            let local = &coefficients[entry.first as usize..entry.first as usize + 4];
            to[entry.row as usize] +=
                factor * local.iter().zip(entry.values).map(|(c, b)| c * b).sum::<f64>();
        }
    }
}
