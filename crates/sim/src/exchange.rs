//! How the threads of one simulation tell each other what their neurons send.
//!
//! Each worker lists the senders whose output changed, with the change; a spin barrier separates writing from
//! reading, and two sets of lists take turns so that one barrier a step is enough: a list is written again two
//! steps later, and nobody reaches that step before everybody has read it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// A sender whose output changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// Position of the sender.
    pub(crate) sender: u32,
    /// New output minus the output that the receivers know.
    pub(crate) amount: f32,
}

/// The shared lists and the barrier.
pub(crate) struct Exchange {
    n_senders: usize,
    first_sender: Vec<usize>,
    /// `[parity][list][sender]`, each worker writing from its first sender on.
    entries: Vec<AtomicU64>,
    /// `[parity][list][worker]`.
    counts: Vec<AtomicUsize>,
    n_lists: usize,
    arrived: AtomicU64,
    abandoned: AtomicBool,
}

/// Which list: the step decides which of the two sets.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) step: u64,
    pub(crate) list: usize,
}

/// A list that is being written.
pub(crate) struct Listing<'a> {
    entries: &'a [AtomicU64],
    /// Entries so far.
    pub(crate) length: usize,
}

impl Listing<'_> {
    /// Lists the amounts that are not 0 (NaN is not); the first belongs to `first_sender`.
    #[inline(always)]
    pub(crate) fn add(&mut self, first_sender: usize, amounts: &[f32]) {
        let mut entries = self.entries[self.length..].iter();
        let mut entry = entries.next();
        for (sender, &amount) in (first_sender as u64..).zip(amounts) {
            let Some(place) = entry else { return };
            // Written in any case and passed over only if it counts: cheaper than a branch that is often wrong.
            place.store(sender << 32 | u64::from(amount.to_bits()), Ordering::Relaxed);
            if amount != 0.0 {
                self.length += 1;
                entry = entries.next();
            }
        }
    }
}

impl Exchange {
    /// Lists for workers that own the senders from `first_sender[w]` up to the next worker's first.
    pub(crate) fn new(first_sender: Vec<usize>, n_senders: usize, n_lists: usize) -> Self {
        let zeros = |n: usize| (0..n).map(|_| AtomicU64::new(0)).collect();
        let n_workers = first_sender.len();
        Self {
            n_senders,
            entries: zeros(2 * n_lists * n_senders),
            counts: (0..2 * n_lists * n_workers).map(|_| AtomicUsize::new(0)).collect(),
            first_sender,
            n_lists,
            arrived: AtomicU64::new(0),
            abandoned: AtomicBool::new(false),
        }
    }

    /// Begins a worker's list; [`Listing::add`] writes it, [`Exchange::close`] ends it.
    #[inline(always)]
    pub(crate) fn open(&self, page: Page, worker: usize) -> Listing<'_> {
        let start = self.row(page) * self.n_senders + self.first_sender[worker];
        Listing { entries: &self.entries[start..], length: 0 }
    }

    /// States the length of a worker's list.
    #[inline(always)]
    pub(crate) fn close(&self, page: Page, worker: usize, length: usize) {
        let place = self.row(page) * self.first_sender.len() + worker;
        self.counts[place].store(length, Ordering::Relaxed);
    }

    /// Reads the lists of all workers, in the order of the senders.
    #[inline(always)]
    pub(crate) fn collect(&self, page: Page, changes: &mut Vec<Change>) {
        changes.clear();
        let row = self.row(page);
        for (worker, &first) in self.first_sender.iter().enumerate() {
            let count = self.counts[row * self.first_sender.len() + worker].load(Ordering::Relaxed);
            let start = row * self.n_senders + first;
            changes.extend(self.entries[start..start + count].iter().map(|entry| {
                let packed = entry.load(Ordering::Relaxed);
                Change { sender: (packed >> 32) as u32, amount: f32::from_bits(packed as u32) }
            }));
        }
    }

    /// Waits until every worker has come here `round` times; false if the run was abandoned.
    #[inline(always)]
    pub(crate) fn meet(&self, round: u64) -> bool {
        let n_workers = self.first_sender.len() as u64;
        if n_workers == 1 {
            return true;
        }
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0_u32;
        while self.arrived.load(Ordering::Acquire) < round * n_workers {
            if spins < 2_000 {
                std::hint::spin_loop();
                spins += 1;
            } else if self.abandoned.load(Ordering::Relaxed) {
                return false;
            } else {
                // Somebody else has the core that the missing worker needs.
                std::thread::yield_now();
            }
        }
        true
    }

    /// Frees the workers that wait for one that could not be started.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    fn row(&self, page: Page) -> usize {
        (page.step % 2) as usize * self.n_lists + page.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_in_the_order_of_the_senders() {
        let exchange = Exchange::new(vec![0, 2], 5, 1);
        let page = Page { step: 7, list: 0 };
        for (worker, first, amounts) in [(1, 2, [0.0, 0.0, -1.5]), (0, 0, [0.0, 0.25, 0.0])] {
            let mut listing = exchange.open(page, worker);
            listing.add(first, &amounts[..if worker == 0 { 2 } else { 3 }]);
            exchange.close(page, worker, listing.length);
        }
        let mut changes = Vec::new();
        exchange.collect(page, &mut changes);
        let expected = [Change { sender: 1, amount: 0.25 }, Change { sender: 4, amount: -1.5 }];
        assert_eq!(changes, expected);
        // The other parity is still empty.
        exchange.collect(Page { step: 8, list: 0 }, &mut changes);
        assert!(changes.is_empty());
    }
}
