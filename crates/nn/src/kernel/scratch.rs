//! Working memory of one thread, kept between calls: fresh pages would cost more than the arithmetic.

use std::cell::Cell;

/// Floats of a 64-byte cache line.
const LINE: usize = 16;

thread_local! {
    static MEMORY: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Runs `work` with `length` floats of this thread, aligned to a cache line; their values are left over from
/// other work. A nested call on the same thread gets memory of its own.
pub(super) fn with_scratch<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    MEMORY.with(|cell| {
        let mut memory = cell.take();
        if memory.len() < length + LINE {
            memory.resize(length + LINE, 0.0);
        }
        let skip = memory.as_ptr().align_offset(4 * LINE).min(LINE);
        let result = work(&mut memory[skip..skip + length]);
        cell.set(memory);
        result
    })
}
