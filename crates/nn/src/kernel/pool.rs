//! From the rows of each segment to one row: means and maxima.
//!
//! # Examples
//! ```
//! use neuroloom_nn::kernel::{layer_norm::Segments, pool};
//! let segments = Segments::new(&[2, 1], 16)?;
//! let rows: Vec<f32> = (0..48).map(|k| k as f32).collect();
//! let mut pooled = [0.0; 64];
//! let largest = pool::mean_and_max(&segments, &rows, &mut pooled)?;
//! assert_eq!((pooled[0], pooled[16], pooled[32]), (8.0, 16.0, 32.0)); // mean, max; mean of the second
//! assert_eq!(largest[0], 1);
//! # Ok::<(), neuroloom_nn::Error>(())
//! ```

use super::layer_norm::Segments;
use crate::Error;
use crate::error::check_length;

/// (mean, max) over the rows of each segment; hands back the row, within its segment, of each maximum. 0 for a
/// segment without rows.
///
/// # Shapes
/// `rows [row, width]`, `pooled [segment, 2 width]`, maxima `[segment, width]`.
///
/// # Errors
/// [`Error::Length`] if an array does not fit.
pub fn mean_and_max(segments: &Segments, rows: &[f32], pooled: &mut [f32]) -> Result<Vec<u32>, Error> {
    let (width, n) = (segments.width(), segments.lengths().len());
    segments.check("rows to pool", rows)?;
    check_length("pooled rows", pooled.len(), 2 * width * n)?;
    let mut largest = vec![0; width * n];
    for ((rows, pooled), largest) in
        segments.split(rows).into_iter().zip(pooled.chunks_mut(2 * width)).zip(largest.chunks_mut(width))
    {
        let (mean, max) = pooled.split_at_mut(width);
        mean.fill(0.0);
        max.fill(if rows.is_empty() { 0.0 } else { f32::NEG_INFINITY });
        for (row, values) in rows.chunks(width).enumerate() {
            for (k, value) in values.iter().enumerate() {
                mean[k] += value;
                if *value > max[k] {
                    (max[k], largest[k]) = (*value, row as u32);
                }
            }
        }
        let share = 1.0 / (rows.len() / width).max(1) as f32;
        mean.iter_mut().for_each(|value| *value *= share);
    }
    Ok(largest)
}

/// dL/d(rows) **added** to `into`, from dL/d(pooled) and the maxima that [`mean_and_max`] found.
///
/// # Errors
/// [`Error::Length`] if an array does not fit.
pub fn add_gradient(
    segments: &Segments,
    largest: &[u32],
    pooled_gradients: &[f32],
    into: &mut [f32],
) -> Result<(), Error> {
    let (width, n) = (segments.width(), segments.lengths().len());
    segments.check("gradients of rows to pool", into)?;
    check_length("gradients of pooled rows", pooled_gradients.len(), 2 * width * n)?;
    check_length("places of maxima", largest.len(), width * n)?;
    let each = segments.split_mut(into).into_iter().zip(pooled_gradients.chunks(2 * width));
    for ((rows, gradients), largest) in each.zip(largest.chunks(width)) {
        if rows.is_empty() {
            continue;
        }
        let share = 1.0 / (rows.len() / width) as f32;
        for row in rows.chunks_mut(width) {
            for (value, gradient) in row.iter_mut().zip(&gradients[..width]) {
                *value += share * gradient;
            }
        }
        for (k, row) in largest.iter().enumerate() {
            rows[*row as usize * width + k] += gradients[width + k];
        }
    }
    Ok(())
}
