//! One seed for a whole run, split by purpose.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// The seed of a run. Each purpose draws from a stream of its own, so that a further draw in one place
/// changes nothing anywhere else.
///
/// # Examples
/// ```
/// use neuroloom_core::Seed;
/// let seed = Seed(42);
/// assert_eq!(seed.split("noise"), Seed(42).split("noise"));
/// assert_ne!(seed.split("noise"), seed.split("initial state"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of one purpose.
    pub fn split(self, purpose: &str) -> Self {
        let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(scramble(self.0 ^ scramble(hash)))
    }

    /// The seed of one of several repeats of a purpose.
    pub fn nth(self, index: u64) -> Self {
        Self(scramble(self.0.wrapping_add(scramble(index.wrapping_add(1)))))
    }

    /// A generator whose stream is the same on every platform.
    pub fn rng(self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that mixes all bits.
fn scramble(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
