//! An order of the neurons that does not depend on the order in which they are given.
//!
//! By type, depth, lateral angle, degree, and then by a colour refined along the edges (Weisfeiler and Leman 1968).
//! Neurons that tie in all of them send and receive alike as far as message passing can see, so their numbers are
//! equal and their order changes no sum. Whatever the model computes in this order is therefore the same, bit for
//! bit, for any order of the neurons.

use super::example::GraphExample;

/// Refinements of the colour; more than there are message-passing layers.
const ROUNDS: usize = 10;

/// Positions in the circuit, in canonical order.
pub(super) fn order(example: &GraphExample) -> Vec<usize> {
    let n = example.n_neurons();
    let colors = colors(example);
    let mut degree = vec![0_u32; n];
    for (pre, post) in &example.edges {
        degree[*pre as usize] += 1;
        degree[*post as usize] += 1;
    }
    let conditions = &example.conditions;
    let place = |row: usize| {
        let [x, y, z] = conditions.position.get(row).copied().unwrap_or_default();
        [y, z.atan2(x), x, z].map(ascending)
    };
    let key = |row: usize| (conditions.cell_type[row], place(row), u32::MAX - degree[row], colors[row]);
    let keys: Vec<_> = (0..n).map(key).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    order
}

/// Bits that ascend with the number.
fn ascending(x: f32) -> u32 {
    // +0 and -0 are one place.
    let bits = (x + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

fn colors(example: &GraphExample) -> Vec<u64> {
    let n = example.n_neurons();
    let conditions = &example.conditions;
    let seen = |flags: &Option<Vec<bool>>, row: usize| flags.as_ref().is_none_or(|flags| flags[row]);
    let first = |row: usize| {
        let start = mix(u64::from(conditions.cell_type[row]) + 1);
        let place = conditions.position.get(row).copied().unwrap_or_default();
        let placed = place.iter().fold(start, |color, x| mix(color ^ u64::from(ascending(*x))));
        let sends = u64::from(seen(&example.observed.pre_observed, row));
        mix(placed ^ (sends << 1 | u64::from(seen(&example.observed.post_observed, row))))
    };
    let mut colors: Vec<u64> = (0..n).map(first).collect();
    for _ in 0..ROUNDS {
        // Sums of mixed colours do not depend on the order of the neighbours.
        let mut next: Vec<u64> = colors.iter().map(|color| mix(*color)).collect();
        for (pre, post) in &example.edges {
            let (pre, post) = (*pre as usize, *post as usize);
            next[pre] = next[pre].wrapping_add(mix(colors[post] ^ 0x5851_f42d_4c95_7f2d));
            next[post] = next[post].wrapping_add(mix(colors[pre] ^ 0x1405_7b7e_f767_814f));
        }
        colors = next;
    }
    colors
}

/// The finaliser of SplitMix64: a bijection that mixes all bits.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
