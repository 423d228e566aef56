//! Mean of the rows of a row's neighbours, along sparse edges; and its way back.
//!
//! y_i = sum over neighbours j of i of x_j / (number of neighbours of i), 0 without neighbours
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::neighbours::Neighbours;
//! let edges = Neighbours::new(&[0, 2, 2, 2], &[1, 2], 3)?; // row 0 hears rows 1 and 2
//! let mut y = [0.0; 3];
//! edges.mean(&[5.0, 1.0, 2.0], 1, &mut y)?;
//! assert_eq!(y, [1.5, 0.0, 0.0]);
//! let mut dx = [0.0; 3];
//! edges.add_mean_gradient(&[1.0, 9.0, 9.0], 1, &mut dx)?;
//! assert_eq!(dx, [0.0, 0.5, 0.5]);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

use rayon::prelude::*;

use crate::Error;
use crate::error::check_length;

/// Rows of one piece of work.
const CHUNK_ROWS: usize = 128;

/// Lists of neighbours and, for the way back, who has a row as its neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    starts: Vec<usize>,
    list: Vec<u32>,
    reverse_starts: Vec<usize>,
    reverse: Vec<u32>,
}

impl Neighbours {
    /// Neighbours of row i are `list[starts[i]..starts[i + 1]]`, positions among the same `n` rows.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::RowStarts`] for starts that do not ascend from 0 to the length of the list,
    /// [`Error::Index`] for a neighbour past the rows.
    pub fn new(starts: &[usize], list: &[u32], n: usize) -> Result<Self, Error> {
        check_length("starts of neighbour lists", starts.len(), n + 1)?;
        let ascends = |position: usize| match position {
            0 => starts[0] == 0,
            _ => starts[position - 1] <= starts[position],
        };
        if let Some(position) = (0..=n).find(|position| !ascends(*position)) {
            let expected =
                if position == 0 { "0".into() } else { format!("at least {}", starts[position - 1]) };
            return Err(Error::RowStarts { position, given: starts[position], expected });
        }
        check_length("neighbours", list.len(), starts[n])?;
        if let Some(position) = list.iter().position(|one| *one as usize >= n) {
            return Err(Error::Index { what: "neighbours", position, given: list[position] as usize, n });
        }
        let (reverse_starts, reverse) = reversed(starts, list, n);
        Ok(Self { starts: starts.to_vec(), list: list.to_vec(), reverse_starts, reverse })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// y, **written**.
    ///
    /// # Shapes
    /// `rows`, `out` `[row, width]`.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn mean(&self, rows: &[f32], width: usize, out: &mut [f32]) -> Result<(), Error> {
        self.check(rows, width, out)?;
        self.each_row(width, out, |row, into| {
            into.fill(0.0);
            let own = &self.list[self.starts[row]..self.starts[row + 1]];
            for other in own {
                add(1.0, &rows[*other as usize * width..][..width], into);
            }
            let share = 1.0 / own.len().max(1) as f32;
            into.iter_mut().for_each(|value| *value *= share);
        });
        Ok(())
    }

    /// dL/dx **added** to `into`.
    ///
    /// # Errors
    /// [`Error::Length`] if an array does not fit.
    pub fn add_mean_gradient(&self, gradients: &[f32], width: usize, into: &mut [f32]) -> Result<(), Error> {
        self.check(gradients, width, into)?;
        self.each_row(width, into, |row, into| {
            for other in &self.reverse[self.reverse_starts[row]..self.reverse_starts[row + 1]] {
                let other = *other as usize;
                let share = 1.0 / (self.starts[other + 1] - self.starts[other]) as f32;
                add(share, &gradients[other * width..][..width], into);
            }
        });
        Ok(())
    }

    fn each_row(&self, width: usize, out: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
        let chunk = CHUNK_ROWS * width.max(1);
        out.par_chunks_mut(chunk).enumerate().for_each(|(index, rows)| {
            for (offset, row) in rows.chunks_mut(width).enumerate() {
                work(index * CHUNK_ROWS + offset, row);
            }
        });
    }

    fn check(&self, from: &[f32], width: usize, to: &[f32]) -> Result<(), Error> {
        check_length("rows of neighbours", from.len(), self.n_rows() * width)?;
        check_length("means of neighbours", to.len(), self.n_rows() * width)
    }
}

fn add(factor: f32, values: &[f32], into: &mut [f32]) {
    for (sum, value) in into.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

fn reversed(starts: &[usize], list: &[u32], n: usize) -> (Vec<usize>, Vec<u32>) {
    let mut reverse_starts = vec![0; n + 1];
    list.iter().for_each(|one| reverse_starts[*one as usize + 1] += 1);
    for row in 0..n {
        reverse_starts[row + 1] += reverse_starts[row];
    }
    let mut next = reverse_starts.clone();
    let mut reverse = vec![0; list.len()];
    for row in 0..n {
        for one in &list[starts[row]..starts[row + 1]] {
            reverse[next[*one as usize]] = row as u32;
            next[*one as usize] += 1;
        }
    }
    (reverse_starts, reverse)
}
