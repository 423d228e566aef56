//! The npy header: a magic number, a version, and a Python dictionary of dtype, order and shape.

use std::io::Read;
use std::path::Path;

use crate::Error;
use crate::array::dtype::Dtype;

/// numpy writes 128 bytes; a longer header than this is damage or an attack.
const LONGEST_HEADER: usize = 1 << 16;

/// What a npy header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) dtype: Dtype,
    pub(crate) fortran: bool,
    pub(crate) shape: Vec<usize>,
    /// Bytes before the first element.
    pub(crate) len: usize,
}

impl Header {
    /// Reads a header; `available` is the size of the whole array file.
    pub(crate) fn read(reader: &mut impl Read, path: &Path, available: u64) -> Result<Self, Error> {
        let mut start = [0_u8; 8];
        reader.read_exact(&mut start).map_err(|_| bad(path, "it ends within the header"))?;
        if &start[..6] != b"\x93NUMPY" {
            return Err(bad(path, "it does not start with \\x93NUMPY"));
        }
        let mut length = [0_u8; 4];
        let width = if start[6] == 1 { 2 } else { 4 };
        reader.read_exact(&mut length[..width]).map_err(|_| bad(path, "it ends within the header"))?;
        let text_len = u32::from_le_bytes(length) as usize;
        if text_len > LONGEST_HEADER {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                what: "the npy header".to_owned(),
                given: format!("{text_len} bytes"),
                allowed: format!("at most {LONGEST_HEADER}"),
            });
        }
        let mut text = vec![0; text_len];
        reader.read_exact(&mut text).map_err(|_| bad(path, "it ends within the header"))?;
        let text = String::from_utf8_lossy(&text);
        let header = parse(&text, 8 + width + text_len)
            .ok_or_else(|| bad(path, &format!("the header is not readable: {}", text.trim())))?;
        header.check_size(path, available)?;
        Ok(header)
    }

    /// Number of elements. An axis of 0 wins over others whose product would overflow.
    pub(crate) fn n_elements(&self) -> usize {
        let nonzero = !self.shape.contains(&0);
        if nonzero {
            self.shape.iter().fold(1, |product: usize, &axis| product.saturating_mul(axis))
        } else {
            0
        }
    }

    fn check_size(&self, path: &Path, available: u64) -> Result<(), Error> {
        let claimed = self.shape.iter().try_fold(self.dtype.size as u64, |product, &axis| {
            // An axis of 0 must not hide an overflow of the others.
            product.checked_mul(axis.max(1) as u64)
        });
        let there = available.saturating_sub(self.len as u64);
        let decodable = self.dtype.is_number() || self.dtype.is_text();
        match claimed {
            Some(claimed) if claimed <= there || self.shape.contains(&0) || !decodable => Ok(()),
            _ => Err(Error::TooLarge {
                path: path.to_owned(),
                what: "an array (is the file truncated?)".to_owned(),
                given: format!(
                    "{:?} of {}, {} bytes",
                    self.shape,
                    self.dtype,
                    claimed.map_or_else(|| "over 2^64".to_owned(), |claimed| claimed.to_string())
                ),
                allowed: format!("the {there} bytes that follow its header"),
            }),
        }
    }
}

/// The header of an array that is to be written, padded as numpy does so that data is aligned to 64 bytes.
pub(crate) fn header_bytes(descr: &str, shape: &[usize]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let dict =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", axes.join(", "));
    let unpadded = 10 + dict.len() + 1;
    let padding = unpadded.next_multiple_of(64) - unpadded;
    let text_len = (dict.len() + padding + 1) as u16;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(text_len.to_le_bytes());
    bytes.extend(dict.as_bytes());
    bytes.extend(std::iter::repeat_n(b' ', padding));
    bytes.push(b'\n');
    bytes
}

fn bad(path: &Path, reason: &str) -> Error {
    Error::Corrupt { path: path.to_owned(), format: "npy", reason: reason.to_owned() }
}

fn parse(text: &str, len: usize) -> Option<Header> {
    let descr = value_of(text, "descr")?;
    let dtype = if descr.starts_with('[') {
        Dtype::record()
    } else {
        let quote = descr.chars().next().filter(|&quote| quote == '\'' || quote == '"')?;
        Dtype::parse(descr[1..].split(quote).next()?)?
    };
    let order = value_of(text, "fortran_order")?;
    let fortran = order.starts_with("True");
    if !fortran && !order.starts_with("False") {
        return None;
    }
    let shape = value_of(text, "shape")?.strip_prefix('(')?.split(')').next()?;
    let axes = shape.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let shape: Option<Vec<usize>> = axes.map(|axis| axis.trim_end_matches('L').parse().ok()).collect();
    Some(Header { dtype, fortran, shape: shape?, len })
}

/// The text after `'key':`.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = text.find(&format!("'{key}'")).or_else(|| text.find(&format!("\"{key}\"")))?;
    let rest = text[at + key.len() + 2..].trim_start();
    Some(rest.strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Header, Error> {
        Header::read(&mut &bytes[..], Path::new("a.npy"), bytes.len() as u64)
    }

    #[test]
    fn a_written_header_is_read_back() {
        for shape in [vec![], vec![3], vec![3, 4], vec![2, 0, 5]] {
            let mut bytes = header_bytes("<f4", &shape);
            assert_eq!(bytes.len() % 64, 0);
            bytes.extend([0; 48]);
            let header = read(&bytes).unwrap();
            assert_eq!((header.shape, header.fortran, header.dtype.size), (shape, false, 4));
        }
    }

    #[test]
    fn absurd_headers_allocate_nothing() {
        assert!(matches!(read(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"), Err(Error::TooLarge { .. })));
        for shape in
            [vec![1 << 40, 1 << 40], vec![1 << 40], vec![0, usize::MAX], vec![usize::MAX, usize::MAX, 0]]
        {
            let result = read(&header_bytes("<f4", &shape));
            assert!(shape.contains(&0) || matches!(result, Err(Error::TooLarge { .. })), "{shape:?}");
        }
    }

    #[test]
    fn damage_is_an_error() {
        for bytes in [&b""[..], b"\x93NUMPY", b"PK\x03\x04aaaaaaaaaaaa", b"\x93NUMPY\x01\x00\x04\x00{''}"] {
            assert!(matches!(read(bytes), Err(Error::Corrupt { .. })), "{bytes:?}");
        }
    }
}
