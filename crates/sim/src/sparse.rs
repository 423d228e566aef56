//! The recurrent sum from a matrix with few connections.

use crate::exchange::Change;
use crate::recurrent::{Changes, Sums};

/// Connections are added eight at a time; the columns are filled up with empty ones.
const STRIDE: usize = 8;

/// One connection onto a slot.
#[derive(Clone, Copy)]
struct Connection {
    slot: u32,
    weight: f32,
}

/// Compressed columns: the connections of sender j are `first[j]..first[j + 1]`, in strides.
pub(crate) struct Sparse {
    first: Vec<u32>,
    connections: Vec<[Connection; STRIDE]>,
    partial: Vec<f32>,
}

impl Sparse {
    pub(crate) fn new(n_slots: usize, n_senders: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let mut sparse = Self { first: vec![0], connections: Vec::new(), partial: vec![0.0; n_slots] };
        for sender in 0..n_senders {
            let column: Vec<Connection> = (0..n_slots)
                .map(|slot| Connection { slot: slot as u32, weight: weight(slot, sender) })
                .filter(|connection| connection.weight != 0.0)
                .collect();
            for some in column.chunks(STRIDE) {
                // Empty connections go to different slots, so that they need not wait for each other.
                let mut stride = std::array::from_fn(|lane| Connection { slot: lane as u32, weight: 0.0 });
                stride[..some.len()].copy_from_slice(some);
                sparse.connections.push(stride);
            }
            sparse.first.push(sparse.connections.len() as u32);
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
        for stride in &self.connections[range] {
            for connection in stride {
                let place = &mut self.partial[connection.slot as usize];
                *place = connection.weight.mul_add(change.amount, *place);
            }
        }
    }
}
