//! Rows of text into columns.

use std::ops::Range;
use std::path::Path;

use super::RowColumns;
use super::batch::{EndId, RowBatch};
use super::marks::for_each_end;
use crate::Error;
use crate::table::{is_mangled, is_missing};

/// A CSV file, as far as its rows must know it.
pub(super) struct Dialect<'a> {
    pub(super) path: &'a Path,
    pub(super) header: &'a [String],
    pub(super) columns: RowColumns,
    pub(super) separator: u8,
}

/// Decodes whole rows; `first_row` is the number of the first of them, `n_rows` about how many there are.
pub(super) fn decode(
    dialect: &Dialect<'_>,
    text: &[u8],
    (first_row, n_rows): (usize, usize),
) -> Result<RowBatch, Error> {
    let mut batch = RowBatch::with_capacity(n_rows, &dialect.columns);
    let mut cells: Vec<Range<usize>> = Vec::with_capacity(dialect.header.len());
    let (mut start, mut row) = (0, first_row);
    for_each_end(text, dialect.separator, |place, is_line| {
        cells.push(start..place);
        start = place + 1;
        if is_line {
            dialect.row(&mut batch, text, &cells, row)?;
            cells.clear();
            row += 1;
        }
        Ok(())
    })?;
    if start < text.len() || !cells.is_empty() {
        cells.push(start..text.len());
        dialect.row(&mut batch, text, &cells, row)?;
    }
    Ok(batch)
}

impl Dialect<'_> {
    fn row(
        &self,
        batch: &mut RowBatch,
        text: &[u8],
        cells: &[Range<usize>],
        row: usize,
    ) -> Result<(), Error> {
        if cells.len() != self.header.len() {
            let blank = cells.len() == 1 && text[cells[0].clone()].trim_ascii().is_empty();
            return if blank { Ok(()) } else { Err(self.ragged(cells.len(), row)) };
        }
        let cell = |column: usize| unquoted(&text[cells[column].clone()]);
        let columns = &self.columns;
        let pre = self.end(batch, cell(columns.pre), columns.pre, row)?;
        let post = self.end(batch, cell(columns.post), columns.post, row)?;
        batch.pre.push(pre);
        batch.post.push(post);
        if let Some(column) = columns.row_id {
            let id =
                integer(cell(column)).ok_or_else(|| self.bad(row, column, cell(column), "an integer"))?;
            batch.row_id.push(id);
        }
        if let Some(column) = columns.syn_count {
            let allowed = "a number of synapses, at least 0 (signed strengths belong into a column weight)";
            let count = single(cell(column)).filter(|&count| count >= 0.0);
            batch.syn_count.push(count.ok_or_else(|| self.bad(row, column, cell(column), allowed))?);
        }
        if let Some(column) = columns.weight {
            let allowed = "a number within the range of f32, not missing";
            let weight = single(cell(column));
            batch.weight.push(weight.ok_or_else(|| self.bad(row, column, cell(column), allowed))?);
        }
        if let Some(column) = columns.sign {
            let allowed = "1, -1, 0, exc, inh, or empty for unknown";
            batch.sign.push(sign(cell(column)).ok_or_else(|| self.bad(row, column, cell(column), allowed))?);
        }
        if let Some(column) = columns.kind {
            let name = self.text(cell(column), row)?;
            let place = batch.name(name);
            batch.kind.push(place);
        }
        if let Some(column) = columns.valid {
            let allowed = "t, f, true, false, 1 or 0";
            batch.valid.push(flag(cell(column)).ok_or_else(|| self.bad(row, column, cell(column), allowed))?);
        }
        Ok(())
    }

    fn end(&self, batch: &mut RowBatch, cell: &[u8], column: usize, row: usize) -> Result<EndId, Error> {
        if let Some(id) = integer(cell) {
            return Ok(EndId::Integer(id));
        }
        let name = self.text(cell, row)?;
        if is_missing(name) {
            return Ok(EndId::Missing);
        }
        if is_mangled(name) {
            let (path, column) = (self.path.to_owned(), self.header[column].clone());
            return Err(Error::MangledId { path, row, column, given: name.to_owned() });
        }
        // A quote inside quotes is written twice.
        Ok(EndId::Name(if name.contains("\"\"") {
            batch.name(&name.replace("\"\"", "\""))
        } else {
            batch.name(name)
        }))
    }

    fn text<'t>(&self, cell: &'t [u8], row: usize) -> Result<&'t str, Error> {
        str::from_utf8(cell).map_err(|_| crate::table::csv::not_text(self.path, row))
    }

    fn bad(&self, row: usize, column: usize, cell: &[u8], allowed: &str) -> Error {
        Error::Cell {
            path: self.path.to_owned(),
            row,
            column: self.header[column].clone(),
            given: String::from_utf8_lossy(cell).into_owned(),
            allowed: allowed.to_owned(),
        }
    }

    fn ragged(&self, n_cells: usize, row: usize) -> Error {
        Error::Ragged {
            path: self.path.to_owned(),
            row,
            given: format!("{n_cells} cells"),
            allowed: format!("{} cells", self.header.len()),
        }
    }
}

/// The inside of a cell, without surrounding space and quotes.
fn unquoted(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match cell {
        [b'"', inside @ .., b'"'] => inside.trim_ascii(),
        _ => cell,
    }
}

/// An integer exactly as it prints: no sign for positive ones, no leading zero.
pub(super) fn integer(cell: &[u8]) -> Option<i64> {
    let (digits, negative) = match cell {
        [b'-', digits @ ..] => (digits, true),
        digits => (digits, false),
    };
    if digits.is_empty() || digits.len() > 19 || (digits[0] == b'0' && cell.len() > 1) {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    Some(if negative { -value } else { value })
}

fn single(cell: &[u8]) -> Option<f32> {
    if let Some(value) = integer(cell) {
        return Some(value as f32);
    }
    str::from_utf8(cell).ok()?.parse().ok().filter(|value: &f32| value.is_finite())
}

pub(super) fn sign(cell: &[u8]) -> Option<i8> {
    match cell.to_ascii_lowercase().as_slice() {
        b"1" | b"+1" | b"1.0" | b"+" | b"e" | b"exc" | b"excitatory" => Some(1),
        b"-1" | b"-1.0" | b"-" | b"i" | b"inh" | b"inhibitory" => Some(-1),
        b"" | b"0" | b"0.0" | b"unknown" => Some(0),
        _ => None,
    }
}

pub(super) fn flag(cell: &[u8]) -> Option<bool> {
    match cell.to_ascii_lowercase().as_slice() {
        b"t" | b"true" | b"1" => Some(true),
        b"f" | b"false" | b"0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact_or_none() {
        assert_eq!(integer(b"864691135639004475"), Some(864_691_135_639_004_475));
        assert_eq!(integer(b"-3"), Some(-3));
        assert_eq!(integer(b"0"), Some(0));
        for name in ["007", "", "-", "-0", "+3", "1e5", "12a", "99999999999999999999"] {
            assert_eq!(integer(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn quotes_hold_separators_and_line_ends() {
        let header: Vec<String> = ["pre", "post", "at"].iter().map(|&name| name.to_owned()).collect();
        let columns = RowColumns { pre: 0, post: 1, ..RowColumns::default() };
        let dialect = Dialect { path: Path::new("a.csv"), header: &header, columns, separator: b',' };
        let text = b"1,\"A, left\",\"[1,\n2]\"\r\n\"2\", 3 ,x\n";
        let batch = decode(&dialect, text, (2, 2)).unwrap();
        assert_eq!(batch.pre, [EndId::Integer(1), EndId::Integer(2)]);
        assert_eq!(batch.post, [EndId::Name(0), EndId::Integer(3)]);
        assert_eq!(batch.names, ["A, left"]);
        let error = decode(&dialect, b"1,2,3\n4,5\n", (2, 2)).unwrap_err();
        assert!(matches!(error, Error::Ragged { row: 3, .. }), "{error}");
    }
}
