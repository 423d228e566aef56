//! The recurrent sum from a matrix with few connections.

use crate::exchange::Change;
use crate::recurrent::{Changes, Sums};

/// Compressed columns: the connections of sender j are `first[j]..first[j + 1]`.
pub(crate) struct Sparse {
    first: Vec<u32>,
    slot: Vec<u32>,
    weight: Vec<f32>,
    partial: Vec<f32>,
}

impl Sparse {
    pub(crate) fn new(n_slots: usize, n_senders: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let mut sparse =
            Self { first: vec![0], slot: Vec::new(), weight: Vec::new(), partial: vec![0.0; n_slots] };
        for sender in 0..n_senders {
            for slot in 0..n_slots {
                let one = weight(slot, sender);
                if one != 0.0 {
                    sparse.slot.push(slot as u32);
                    sparse.weight.push(one);
                }
            }
            sparse.first.push(sparse.slot.len() as u32);
        }
        sparse
    }

    /// Every change is exact here: a short copy of few weights saves nothing.
    #[inline(always)]
    pub(crate) fn accumulate(&mut self, changes: &Changes, sums: Sums<'_>) {
        self.partial.fill(0.0);
        for change in changes.exact.iter().chain(&changes.coarse) {
            self.add(change);
        }
        for ((sum, lost), part) in sums.value.iter_mut().zip(sums.lost).zip(&self.partial) {
            let addend = part - *lost;
            let total = *sum + addend;
            *lost = (total - *sum) - addend;
            *sum = total;
        }
    }

    #[inline(always)]
    fn add(&mut self, change: &Change) {
        let sender = change.sender as usize;
        let range = self.first[sender] as usize..self.first[sender + 1] as usize;
        for (&slot, &weight) in self.slot[range.clone()].iter().zip(&self.weight[range]) {
            let place = &mut self.partial[slot as usize];
            *place = weight.mul_add(change.amount, *place);
        }
    }
}
