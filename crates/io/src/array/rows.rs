//! Rows of numbers straight from an open file into a caller's buffer, a megabyte at a time: the bytes stay in
//! cache between reading and decoding, and no large buffer is allocated.

use std::io::{self, Read};

use ndarray::ArrayViewMut2;

use crate::array::dtype::Dtype;

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// Why rows could not be read.
#[derive(Debug)]
pub(crate) enum RowError {
    Io(io::Error),
    /// f32 cannot hold the value at this row and column of the buffer.
    Value {
        row: usize,
        column: usize,
        given: String,
    },
}

/// Fills `out` with row-major elements of `dtype`, starting where the reader stands.
pub(crate) fn read_rows(
    reader: &mut impl Read,
    dtype: &Dtype,
    mut out: ArrayViewMut2<f32>,
) -> Result<(), RowError> {
    let (n_rows, n_columns) = out.dim();
    let row_bytes = n_columns * dtype.size;
    if n_rows == 0 || row_bytes == 0 {
        return Ok(());
    }
    let rows_a_block = (BLOCK_BYTES / row_bytes).clamp(1, n_rows);
    let mut bytes = vec![0; rows_a_block * row_bytes];
    let mut spare = Vec::new();
    for first in (0..n_rows).step_by(rows_a_block) {
        let n = rows_a_block.min(n_rows - first);
        let block = &mut bytes[..n * row_bytes];
        reader.read_exact(block).map_err(RowError::Io)?;
        for (offset, cells) in block.chunks_exact(row_bytes).enumerate() {
            let row = first + offset;
            let mut target = out.row_mut(row);
            let decoded = match target.as_slice_mut() {
                Some(values) => dtype.decode_f32(cells, values),
                None => {
                    spare.resize(n_columns, 0.0);
                    let decoded = dtype.decode_f32(cells, &mut spare);
                    target.assign(&ndarray::aview1(&spare));
                    decoded
                }
            };
            decoded.map_err(|(column, given)| RowError::Value { row, column, given })?;
        }
    }
    Ok(())
}
