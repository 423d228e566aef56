//! Reducing a matrix to as many blocks as an image has pixels.

/// How a block of values becomes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The mean of the finite values.
    Mean,
    /// The finite value that is farthest from zero, with its sign: single strong entries stay visible.
    MaxAbs,
}

/// Reduces a matrix to at most `size` = (rows, columns) blocks; smaller matrices stay as they are.
///
/// A block without a finite value becomes NaN. Rows must be equally long; longer ones are cut.
///
/// # Examples
/// ```
/// use neuroloom_report::{Pooling, downsample};
///
/// let matrix = vec![vec![1.0, -3.0, 2.0, 2.0], vec![1.0, 1.0, 2.0, 6.0]];
/// assert_eq!(downsample(&matrix, (1, 2), Pooling::Mean), [[0.0, 3.0]]);
/// assert_eq!(downsample(&matrix, (1, 2), Pooling::MaxAbs), [[-3.0, 6.0]]);
/// ```
pub fn downsample(values: &[Vec<f64>], size: (usize, usize), pooling: Pooling) -> Vec<Vec<f64>> {
    let width = values.iter().map(Vec::len).min().unwrap_or(0);
    let (rows, columns) = (blocks(values.len(), size.0), blocks(width, size.1));
    let block = |lines: &[Vec<f64>], (from, to): (usize, usize)| {
        let finite = lines.iter().flat_map(|line| &line[from..to]).copied().filter(|value| value.is_finite());
        pool(finite, pooling)
    };
    rows.iter()
        .map(|&(first, last)| columns.iter().map(|&range| block(&values[first..last], range)).collect())
        .collect()
}

/// Start and end of each block; sizes differ by at most one.
fn blocks(length: usize, most: usize) -> Vec<(usize, usize)> {
    let count = length.min(most.max(1));
    (0..count).map(|block| (block * length / count, (block + 1) * length / count)).collect()
}

fn pool(values: impl Iterator<Item = f64>, pooling: Pooling) -> f64 {
    match pooling {
        Pooling::Mean => {
            let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            sum / count
        }
        Pooling::MaxAbs => {
            values.fold(f64::NAN, |kept, value| if kept.abs() >= value.abs() { kept } else { value })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_matrices_stay() {
        let matrix = vec![vec![1.0, 2.0], vec![3.0, 4.0]];
        assert_eq!(downsample(&matrix, (300, 300), Pooling::Mean), matrix);
        assert!(downsample(&[], (3, 3), Pooling::Mean).is_empty());
    }

    #[test]
    fn missing_values_do_not_spread() {
        let matrix = vec![vec![f64::NAN, 2.0, f64::NAN, f64::NAN]];
        for pooling in [Pooling::Mean, Pooling::MaxAbs] {
            let reduced = downsample(&matrix, (1, 2), pooling);
            assert_eq!(reduced[0][0], 2.0);
            assert!(reduced[0][1].is_nan());
        }
    }

    #[test]
    fn blocks_cover_everything_once() {
        for (length, most) in [(7, 3), (1000, 300), (5, 5), (1, 4)] {
            let blocks = blocks(length, most);
            assert_eq!((blocks[0].0, blocks[blocks.len() - 1].1), (0, length));
            assert!(blocks.windows(2).all(|pair| pair[0].1 == pair[1].0 && pair[0].0 < pair[0].1));
        }
    }
}
