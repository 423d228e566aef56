//! Which edges there are, to be asked and changed millions of times.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Below so many neurons there is one bit an ordered pair (32 MB at most), above a hash table.
const MAX_DENSE: usize = 16_384;

/// A set of ordered pairs.
pub(super) enum EdgeSet {
    Bits { n: usize, bits: Vec<u64> },
    Table(HashSet<u64, BuildHasherDefault<Mixer>>),
}

impl EdgeSet {
    pub(super) fn new(n: usize) -> Self {
        if n <= MAX_DENSE {
            Self::Bits { n, bits: vec![0; (n * n).div_ceil(64)] }
        } else {
            Self::Table(HashSet::default())
        }
    }

    pub(super) fn of(n: usize, edges: &[(u32, u32)]) -> Self {
        let mut set = Self::new(n);
        edges.iter().for_each(|&(pre, post)| {
            set.insert(pre, post);
        });
        set
    }

    #[inline]
    pub(super) fn contains(&self, pre: u32, post: u32) -> bool {
        match self {
            Self::Bits { n, bits } => {
                let place = pre as usize * n + post as usize;
                bits[place / 64] >> (place % 64) & 1 == 1
            }
            Self::Table(table) => table.contains(&key(pre, post)),
        }
    }

    /// Whether the pair is new.
    #[inline]
    pub(super) fn insert(&mut self, pre: u32, post: u32) -> bool {
        match self {
            Self::Bits { n, bits } => {
                let place = pre as usize * *n + post as usize;
                let new = bits[place / 64] >> (place % 64) & 1 == 0;
                bits[place / 64] |= 1 << (place % 64);
                new
            }
            Self::Table(table) => table.insert(key(pre, post)),
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, pre: u32, post: u32) {
        match self {
            Self::Bits { n, bits } => {
                let place = pre as usize * *n + post as usize;
                bits[place / 64] &= !(1 << (place % 64));
            }
            Self::Table(table) => {
                table.remove(&key(pre, post));
            }
        }
    }
}

fn key(pre: u32, post: u32) -> u64 {
    u64::from(pre) << 32 | u64::from(post)
}

/// One multiplication (Fibonacci hashing): pairs of neurons are no attack.
#[derive(Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(self.0 ^ u64::from(byte)));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (value ^ value >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same() {
        let mut sets = [EdgeSet::new(100), EdgeSet::Table(HashSet::default())];
        for set in &mut sets {
            assert!(set.insert(3, 99) && !set.insert(3, 99) && set.insert(99, 3));
            set.remove(3, 99);
            assert!(!set.contains(3, 99) && set.contains(99, 3));
        }
    }
}
