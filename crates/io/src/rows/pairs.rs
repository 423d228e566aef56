//! Rows summed by pair of neurons: a sorted list and a short tail that is sorted into it when it is full.

/// Bits of a key: sender, receiver, kind of edge, sign.
const END_BITS: u32 = 23;
const KIND_BITS: u32 = 16;

/// Most neurons a key can tell apart.
pub(super) const MOST_NEURONS: usize = 1 << END_BITS;

/// Most kinds of edges a key can tell apart.
pub(super) const MOST_KINDS: usize = 1 << KIND_BITS;

/// Rows that wait to be sorted in.
const TAIL: usize = 1 << 21;

/// One pair of neurons, kind and sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PairSum {
    key: u64,
    pub(super) syn_count: f32,
    pub(super) weight: f32,
}

/// What a key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PairKey {
    pub(super) pre: u32,
    pub(super) post: u32,
    pub(super) kind: u32,
    pub(super) sign: i8,
}

impl PairKey {
    fn pack(self) -> u64 {
        let sign = (self.sign + 1) as u64;
        let ends = u64::from(self.pre) << END_BITS | u64::from(self.post);
        (ends << KIND_BITS | u64::from(self.kind)) << 2 | sign
    }

    fn unpack(key: u64) -> Self {
        let end = |shift: u32| (key >> shift) as u32 & (MOST_NEURONS as u32 - 1);
        Self {
            pre: end(END_BITS + KIND_BITS + 2),
            post: end(KIND_BITS + 2),
            kind: (key >> 2) as u32 & (MOST_KINDS as u32 - 1),
            sign: (key & 3) as i8 - 1,
        }
    }
}

impl PairSum {
    pub(super) fn new(key: PairKey, syn_count: f32, weight: f32) -> Self {
        Self { key: key.pack(), syn_count, weight }
    }

    pub(super) fn key(&self) -> PairKey {
        PairKey::unpack(self.key)
    }
}

/// All pairs so far.
#[derive(Debug, Default)]
pub(super) struct PairSums {
    /// Sorted, each key once, but for the tail.
    sums: Vec<PairSum>,
    n_sorted: usize,
}

impl PairSums {
    pub(super) fn add(&mut self, sum: PairSum) {
        self.sums.push(sum);
        if self.sums.len() - self.n_sorted >= TAIL.max(self.n_sorted / 4) {
            self.sort_in();
        }
    }

    /// The pairs, sorted by sender, receiver, kind and sign.
    pub(super) fn finish(mut self) -> Vec<PairSum> {
        self.sort_in();
        self.sums
    }

    fn sort_in(&mut self) {
        let mut tail = self.sums.split_off(self.n_sorted);
        tail.sort_by_key(|sum| sum.key);
        add_up(&mut tail);
        merge(&mut self.sums, &tail);
        self.n_sorted = self.sums.len();
    }
}

/// Adds neighbours of one key up.
fn add_up(sums: &mut Vec<PairSum>) {
    sums.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        if same {
            kept.syn_count += next.syn_count;
            kept.weight += next.weight;
        }
        same
    });
}

/// Merges two sorted lists into the first, from the end, so that no second list of that length is needed.
fn merge(sums: &mut Vec<PairSum>, tail: &[PairSum]) {
    let (mut left, mut right) = (sums.len(), tail.len());
    sums.extend_from_slice(tail);
    let mut place = sums.len();
    while right > 0 && left > 0 {
        place -= 1;
        // Of equal keys the earlier rows come first.
        if sums[left - 1].key > tail[right - 1].key {
            left -= 1;
            sums[place] = sums[left];
        } else {
            right -= 1;
            sums[place] = tail[right];
        }
    }
    sums[..right].copy_from_slice(&tail[..right]);
    add_up(sums);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive() {
        let key = PairKey { pre: 8_388_607, post: 77, kind: 65_535, sign: -1 };
        assert_eq!(PairSum::new(key, 1.0, 0.0).key(), key);
    }

    #[test]
    fn merging_adds_up_and_sorts() {
        let sum = |pre, syn_count| PairSum::new(PairKey { pre, post: 0, kind: 0, sign: 0 }, syn_count, 0.0);
        let mut sums = vec![sum(1, 1.0), sum(4, 1.0)];
        merge(&mut sums, &[sum(0, 1.0), sum(4, 2.0), sum(9, 1.0)]);
        assert_eq!(sums, [sum(0, 1.0), sum(1, 1.0), sum(4, 3.0), sum(9, 1.0)]);
        let mut none = Vec::new();
        merge(&mut none, &[sum(3, 1.0)]);
        assert_eq!(none, [sum(3, 1.0)]);
    }
}
