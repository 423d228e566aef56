//! How many swaps make a graph random.

/// Attempts for each swap asked for, so that a graph that allows none comes to an end.
const MAX_ATTEMPTS: usize = 10;
/// Attempts after the last swap asked for, at least.
const MIN_TAIL: usize = 64;

/// Tries `step` until it has succeeded `per_edge` times for each of `n_edges`, and then `n_edges` times more whatever
/// comes of it: a chain that stops at a success is not uniform (a state that is hard to leave is seen too rarely),
/// one that counts refused steps as steps is.
pub(super) fn mix(n_edges: usize, per_edge: usize, mut step: impl FnMut() -> bool) {
    if n_edges < 2 || per_edge == 0 {
        return;
    }
    let wanted = per_edge * n_edges;
    let mut n_swaps = 0;
    for _ in 0..MAX_ATTEMPTS * wanted {
        n_swaps += usize::from(step());
        if n_swaps == wanted {
            break;
        }
    }
    for _ in 0..n_edges.max(MIN_TAIL) {
        step();
    }
}
