//! The element types that numpy writes, and how their bytes become numbers and text.

use std::fmt;

use half::f16;

/// What kind of element a numpy dtype describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Float,
    Signed,
    Unsigned,
    Bool,
    /// UTF-32 text of fixed length.
    Unicode,
    /// Byte strings of fixed length.
    Bytes,
    /// Pickled Python objects.
    Object,
    /// Complex numbers, dates, records: kept for the listing, never decoded.
    Other,
}

/// A numpy dtype such as `<f4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dtype {
    pub(crate) kind: Kind,
    /// Bytes an element.
    pub(crate) size: usize,
    big_endian: bool,
    name: String,
}

impl Dtype {
    /// From the `descr` string of a header.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let order = name.chars().next()?;
        let (big_endian, rest) = match order {
            '<' | '|' => (false, &name[1..]),
            '=' => (cfg!(target_endian = "big"), &name[1..]),
            '>' => (true, &name[1..]),
            _ => (false, name),
        };
        let code = rest.chars().next()?;
        let digits = rest.get(1..)?;
        let count: usize = if code == 'O' { 8 } else { digits.parse().unwrap_or(0) };
        let (kind, size) = match (code, count) {
            ('f', 2 | 4 | 8) => (Kind::Float, count),
            ('i', 1 | 2 | 4 | 8) => (Kind::Signed, count),
            ('u', 1 | 2 | 4 | 8) => (Kind::Unsigned, count),
            ('b', 1) => (Kind::Bool, 1),
            ('U', _) => (Kind::Unicode, count.checked_mul(4)?),
            ('S' | 'a', _) => (Kind::Bytes, count),
            ('O', _) => (Kind::Object, count),
            _ => (Kind::Other, count),
        };
        Some(Self { kind, size, big_endian, name: name.to_owned() })
    }

    /// A record of named fields.
    pub(crate) fn record() -> Self {
        Self { kind: Kind::Other, size: 0, big_endian: false, name: "record".to_owned() }
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Float | Kind::Signed | Kind::Unsigned | Kind::Bool)
    }

    pub(crate) fn is_integer(&self) -> bool {
        matches!(self.kind, Kind::Signed | Kind::Unsigned | Kind::Bool)
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Unicode | Kind::Bytes)
    }

    /// Decodes whole elements into f32. `Err` holds the position and the value of the first element that
    /// f32 cannot hold: infinite, or beyond its range.
    pub(crate) fn decode_f32(&self, bytes: &[u8], out: &mut [f32]) -> Result<(), (usize, String)> {
        if (self.kind, self.size, self.big_endian) == (Kind::Float, 4, false) {
            for (value, cell) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *value = f32::from_le_bytes(*cell);
            }
        } else {
            for (value, cell) in out.iter_mut().zip(bytes.chunks_exact(self.size.max(1))) {
                *value = self.number(cell) as f32;
            }
        }
        match first_infinite(out) {
            None => Ok(()),
            Some(index) => Err((index, self.number(&bytes[index * self.size..][..self.size]).to_string())),
        }
    }

    /// One element as a double; NaN for elements that are no numbers.
    pub(crate) fn number(&self, cell: &[u8]) -> f64 {
        match (self.kind, self.size) {
            (Kind::Float, 2) => f16::from_bits(self.unsigned(cell) as u16).to_f64(),
            (Kind::Float, 4) => f64::from(f32::from_bits(self.unsigned(cell) as u32)),
            (Kind::Float, 8) => f64::from_bits(self.unsigned(cell)),
            (Kind::Signed, _) => self.signed(cell) as f64,
            (Kind::Unsigned, _) => self.unsigned(cell) as f64,
            (Kind::Bool, _) => f64::from(u8::from(self.unsigned(cell) != 0)),
            _ => f64::NAN,
        }
    }

    /// One element as an integer; `None` if it does not fit or is no integer.
    pub(crate) fn integer(&self, cell: &[u8]) -> Option<i64> {
        match self.kind {
            Kind::Signed => Some(self.signed(cell)),
            Kind::Unsigned => i64::try_from(self.unsigned(cell)).ok(),
            Kind::Bool => Some(i64::from(self.unsigned(cell) != 0)),
            _ => None,
        }
    }

    /// One element as text, without numpy's padding; `None` if it is no valid text.
    pub(crate) fn text(&self, cell: &[u8]) -> Option<String> {
        match self.kind {
            Kind::Unicode => {
                let points = cell.as_chunks::<4>().0.iter().map(|point| self.unsigned(point) as u32);
                let text: Option<String> = points.map(char::from_u32).collect();
                text.map(|text| text.trim_end_matches('\0').to_owned())
            }
            Kind::Bytes => String::from_utf8(cell.to_vec()).ok().map(|t| t.trim_end_matches('\0').to_owned()),
            _ => None,
        }
    }

    fn unsigned(&self, cell: &[u8]) -> u64 {
        let mut bytes = [0_u8; 8];
        bytes[..cell.len()].copy_from_slice(cell);
        if self.big_endian {
            bytes[..cell.len()].reverse();
        }
        u64::from_le_bytes(bytes)
    }

    fn signed(&self, cell: &[u8]) -> i64 {
        let unused = 64 - 8 * cell.len() as u32;
        // Moves the sign bit to the top and back, so that it fills the unused bits.
        ((self.unsigned(cell) << unused) as i64) >> unused
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// Position of the first infinite value. The test for any is branch-free, so it costs next to nothing.
pub(crate) fn first_infinite(values: &[f32]) -> Option<usize> {
    let any = values.iter().fold(false, |any, value| any | value.is_infinite());
    if any { values.iter().position(|value| value.is_infinite()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_order_and_width() {
        let number = |name: &str, cell: &[u8]| Dtype::parse(name).unwrap().number(cell);
        assert_eq!(number("<f2", &[0x00, 0x3e]), 1.5); // sign 0, exponent 15, mantissa 0x200
        assert_eq!(number(">f4", &[0x3f, 0xc0, 0, 0]), 1.5);
        assert_eq!(number(">f8", &[0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), 1.5);
        assert_eq!(number("<i2", &[0xfe, 0xff]), -2.0);
        assert_eq!(number(">i2", &[0xff, 0xfe]), -2.0);
        assert_eq!(number("|i1", &[0x80]), -128.0);
        assert_eq!(number("|b1", &[1]), 1.0);
        let large = Dtype::parse("<i8").unwrap().integer(&9_007_199_254_740_993_i64.to_le_bytes());
        assert_eq!(large, Some(9_007_199_254_740_993));
        assert_eq!(Dtype::parse("<u8").unwrap().integer(&u64::MAX.to_le_bytes()), None);
    }

    #[test]
    fn text_loses_its_padding() {
        let cell = [0x41, 0, 0, 0, 0xe9, 0, 0, 0, 0, 0, 0, 0]; // A, e acute, padding
        assert_eq!(Dtype::parse("<U3").unwrap().text(&cell).unwrap(), "A\u{e9}");
        assert_eq!(Dtype::parse("|S3").unwrap().text(b"AB\0").unwrap(), "AB");
        // 0xd800 is half of a surrogate pair, no character.
        assert_eq!(Dtype::parse("<U1").unwrap().text(&[0, 0xd8, 0, 0]), None);
    }

    #[test]
    fn values_beyond_f32_are_found() {
        let bytes: Vec<u8> = [1.0_f64, 1e39].iter().flat_map(|value| value.to_le_bytes()).collect();
        let bad = Dtype::parse("<f8").unwrap().decode_f32(&bytes, &mut [0.0; 2]).unwrap_err();
        assert_eq!(bad.0, 1);
    }
}
