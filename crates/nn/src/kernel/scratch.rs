//! Working memory of one thread, kept between calls: fresh pages would cost more than the arithmetic.

use std::cell::Cell;

/// Floats of a 64-byte cache line.
const LINE: usize = 16;

thread_local! {
    static MEMORY: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Floats of this thread, given back when dropped. A second one at the same time has memory of its own.
///
/// A value and not a function that takes a closure: the body of a closure would be compiled without the
/// instruction set of the function around it.
pub(super) struct Scratch {
    memory: Vec<f32>,
    length: usize,
}

impl Scratch {
    /// `length` floats with values left over from other work.
    pub(super) fn new(length: usize) -> Self {
        let mut memory = MEMORY.take();
        if memory.len() < length + LINE {
            memory.resize(length + LINE, 0.0);
        }
        Self { memory, length }
    }

    /// The floats, aligned to a cache line.
    pub(super) fn floats(&mut self) -> &mut [f32] {
        let skip = self.memory.as_ptr().align_offset(4 * LINE).min(LINE);
        &mut self.memory[skip..skip + self.length]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        MEMORY.set(std::mem::take(&mut self.memory));
    }
}
