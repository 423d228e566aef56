//! Where the cells of a text end: 64 bytes at a time, since most cells are too short for a search of each.

/// Bytes looked at together.
const CHUNK: usize = 64;

/// Calls `visit` with the place of every separator and line end outside quotes, and whether it is a line end.
pub(super) fn for_each_end<E>(
    text: &[u8],
    separator: u8,
    mut visit: impl FnMut(usize, bool) -> Result<(), E>,
) -> Result<(), E> {
    // All bits set while the chunk begins inside quotes.
    let mut within = 0;
    let (whole, rest) = text.as_chunks::<CHUNK>();
    let mut padded = [0; CHUNK];
    padded[..rest.len()].copy_from_slice(rest);
    for (place, chunk) in whole.iter().chain([&padded]).enumerate() {
        let lines = equal(chunk, b'\n');
        let quoted = cumulated(equal(chunk, b'"')) ^ within;
        within = 0_u64.wrapping_sub(quoted >> 63);
        let mut ends = (equal(chunk, separator) | lines) & !quoted;
        while ends != 0 {
            let bit = ends.trailing_zeros();
            visit(CHUNK * place + bit as usize, lines >> bit & 1 == 1)?;
            ends &= ends - 1;
        }
    }
    Ok(())
}

/// One bit a byte: whether it is `wanted`.
fn equal(chunk: &[u8; CHUNK], wanted: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let pattern = u64::from_le_bytes([wanted; 8]);
    let (words, _) = chunk.as_chunks::<8>();
    let mut mask = 0;
    for (place, word) in words.iter().enumerate() {
        let difference = u64::from_le_bytes(*word) ^ pattern;
        // The highest bit of each byte that is zero.
        let zero = !(((difference & LOW) + LOW) | difference | LOW);
        mask |= ((zero >> 7).wrapping_mul(GATHER) >> 56) << (8 * place);
    }
    mask
}

/// Each bit is the parity of itself and all lower ones.
fn cumulated(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ends_are_those_of_a_search_byte_by_byte(text in "[,\n\"a-c\u{e9}\u{fffd}]{0,300}") {
            let (mut expected, mut quoted) = (Vec::new(), false);
            for (place, byte) in text.bytes().enumerate() {
                quoted ^= byte == b'"';
                if !quoted && (byte == b',' || byte == b'\n') {
                    expected.push((place, byte == b'\n'));
                }
            }
            let mut found = Vec::new();
            let visit = |place, is_line| { found.push((place, is_line)); Ok::<(), ()>(()) };
            for_each_end(text.as_bytes(), b',', visit).unwrap();
            prop_assert_eq!(found, expected);
        }
    }
}
