//! Rows of a table by index, and the way back: gradients scattered onto the table.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::gather;
//! let table = [1.0, 2.0, 3.0, 4.0]; // two rows of two numbers
//! let mut rows = [0.0; 6];
//! gather::rows(&table, 2, &[1, 0, 1], &mut rows)?;
//! assert_eq!(rows, [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
//! let mut gradients = [0.0; 4];
//! gather::add_rows(&rows, 2, &[1, 0, 1], &mut gradients)?;
//! assert_eq!(gradients, [1.0, 2.0, 6.0, 8.0]);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

use rayon::prelude::*;

use crate::Error;
use crate::error::check_length;

/// Rows of one piece of work.
const CHUNK_ROWS: usize = 1 << 12;

/// out\[k\] = table[indices\[k\]].
///
/// # Shapes
/// `table [rows, width]`, `out [indices, width]`.
///
/// # Errors
/// [`Error::Length`] if an array does not fit, [`Error::Index`] for an index past the table.
pub fn rows(table: &[f32], width: usize, indices: &[u32], out: &mut [f32]) -> Result<(), Error> {
    check(table, width, indices)?;
    check_length("gathered rows", out.len(), indices.len() * width)?;
    out.par_chunks_mut(CHUNK_ROWS * width).zip(indices.par_chunks(CHUNK_ROWS)).for_each(|(out, indices)| {
        for (row, index) in out.chunks_mut(width).zip(indices) {
            row.copy_from_slice(&table[*index as usize * width..][..width]);
        }
    });
    Ok(())
}

/// table[indices\[k\]] += rows\[k\], in the order of k.
///
/// # Shapes
/// `rows [indices, width]`, `table [rows, width]`.
///
/// # Errors
/// [`Error::Length`] if an array does not fit, [`Error::Index`] for an index past the table.
pub fn add_rows(rows: &[f32], width: usize, indices: &[u32], table: &mut [f32]) -> Result<(), Error> {
    check(table, width, indices)?;
    check_length("rows to scatter", rows.len(), indices.len() * width)?;
    for (row, index) in rows.chunks(width).zip(indices) {
        for (sum, value) in table[*index as usize * width..][..width].iter_mut().zip(row) {
            *sum += value;
        }
    }
    Ok(())
}

/// Puts a row of a table behind each value: out\[frame, row\] = (values\[frame, row\], table\[row\]).
///
/// These are the inputs of an MLP that sees an activity and an embedding.
///
/// # Shapes
/// `values [frame, row]`, `table [row, width]`, `out [frame, row, 1 + width]`.
///
/// # Errors
/// [`Error::Length`] if an array does not fit.
pub fn attach(values: &[f32], table: &[f32], width: usize, out: &mut [f32]) -> Result<(), Error> {
    let n_rows = n_table_rows(table, width, values.len())?;
    check_length("values with rows attached", out.len(), values.len() * (width + 1))?;
    out.par_chunks_mut(n_rows * (width + 1)).zip(values.par_chunks(n_rows)).for_each(|(out, values)| {
        for ((out, value), row) in out.chunks_mut(width + 1).zip(values).zip(table.chunks(width)) {
            out[0] = *value;
            out[1..].copy_from_slice(row);
        }
    });
    Ok(())
}

/// The way back of [`attach`] to the table: table\[row\] += sum over frames of gradients\[frame, row, 1..\].
///
/// # Shapes
/// `gradients [frame, row, 1 + width]`, `table [row, width]`.
///
/// # Errors
/// [`Error::Length`] if an array does not fit.
pub fn add_attached(gradients: &[f32], width: usize, table: &mut [f32]) -> Result<(), Error> {
    let n_rows = n_table_rows(table, width, gradients.len() / (width + 1))?;
    check_length("attached gradients", gradients.len() % (width + 1), 0)?;
    for frame in gradients.chunks(n_rows * (width + 1)) {
        for (sum, row) in table.chunks_mut(width).zip(frame.chunks(width + 1)) {
            for (sum, value) in sum.iter_mut().zip(&row[1..]) {
                *sum += value;
            }
        }
    }
    Ok(())
}

fn n_table_rows(table: &[f32], width: usize, n_values: usize) -> Result<usize, Error> {
    if width == 0 || table.is_empty() {
        let given = format!("{} numbers in rows of {width}", table.len());
        return Err(Error::Value { what: "table of rows", given, allowed: "at least one row of one number" });
    }
    let n_rows = table.len() / width;
    check_length("table of rows", table.len(), n_rows * width)?;
    check_length("values, one a row and frame", n_values, n_values / n_rows * n_rows)?;
    Ok(n_rows)
}

fn check(table: &[f32], width: usize, indices: &[u32]) -> Result<(), Error> {
    let n = n_table_rows(table, width, 0)?;
    match indices.iter().position(|index| *index as usize >= n) {
        Some(position) => {
            Err(Error::Index { what: "row indices", position, given: indices[position] as usize, n })
        }
        None => Ok(()),
    }
}
