//! Ctrl-C: the first asks the computation to stop at the next step, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Exit code of an interrupted run, 128 + SIGINT.
pub(crate) const EXIT_CODE: u8 = 130;

/// Listens for Ctrl-C (and SIGTERM). Where that is impossible, Ctrl-C ends the process at once.
pub(crate) fn listen() {
    let _ = ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(EXIT_CODE));
        }
    });
}

/// Whether the user asked to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}
