//! How rows are cut into pieces of work: by their number alone, never by the number of threads.

/// Rows whose activations are worked on together; a multiple of the rows of a register block.
pub(super) const TILE_ROWS: usize = 96;
/// At most this many pieces, each with partial sums of its own.
const MAX_CHUNKS: usize = 32;

/// Rows of one piece: whole tiles, in at most [`MAX_CHUNKS`] pieces.
pub(super) fn chunk_rows(n_rows: usize) -> usize {
    n_rows.div_ceil(TILE_ROWS).div_ceil(MAX_CHUNKS).max(1) * TILE_ROWS
}
