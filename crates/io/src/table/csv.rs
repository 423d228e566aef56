//! Reading CSV: gzip and separator are found by looking, not by the file's name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use flate2::bufread::MultiGzDecoder;

use crate::Error;
use crate::error::io_error;
use crate::table::{Cells, Column, Table, TextCells};

/// A CSV file, row by row; every row has as many cells as the header.
pub(crate) struct Rows<'a> {
    path: &'a Path,
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    /// Names of the columns, trimmed.
    pub(crate) header: Vec<String>,
    row: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self, Error> {
        let (source, separator) = open(path)?;
        let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(source);
        let fields = reader.byte_headers().map_err(|error| csv_error(path, &error))?.clone();
        let mut header = Vec::with_capacity(fields.len());
        for field in &fields {
            let name = str::from_utf8(field).ok().filter(|name| !name.contains('\0'));
            header.push(name.ok_or_else(|| not_text(path, 1))?.trim().to_owned());
        }
        if header.iter().all(String::is_empty) {
            return Err(Error::Empty {
                path: path.to_owned(),
                what: "the table has no header row".to_owned(),
            });
        }
        Ok(Self { path, reader, record: ByteRecord::new(), header, row: 1 })
    }

    /// A file without a header row.
    pub(crate) fn open_with(path: &'a Path, header: Vec<String>) -> Result<Self, Error> {
        let (source, separator) = open(path)?;
        let mut builder = ReaderBuilder::new();
        let reader = builder.delimiter(separator).flexible(true).has_headers(false).from_reader(source);
        Ok(Self { path, reader, record: ByteRecord::new(), header, row: 0 })
    }

    /// The next row: its number (the header is row 1) and its cells.
    pub(crate) fn next_row(&mut self) -> Result<Option<(usize, &ByteRecord)>, Error> {
        if !self.reader.read_byte_record(&mut self.record).map_err(|error| csv_error(self.path, &error))? {
            return Ok(None);
        }
        self.row += 1;
        if self.record.len() != self.header.len() {
            return Err(Error::Ragged {
                path: self.path.to_owned(),
                row: self.row,
                given: cells(self.record.len()),
                allowed: cells(self.header.len()),
            });
        }
        Ok(Some((self.row, &self.record)))
    }

    /// Line of the file that follows the last row.
    pub(crate) fn line(&self) -> u64 {
        self.reader.position().line()
    }
}

/// A whole CSV as text.
pub(crate) fn read_table(path: &Path) -> Result<Table, Error> {
    collect(path, Rows::open(path)?, 2)
}

/// A whole CSV without a header row.
pub(crate) fn read_table_with(path: &Path, header: Vec<String>) -> Result<Table, Error> {
    collect(path, Rows::open_with(path, header)?, 1)
}

fn collect(path: &Path, mut rows: Rows<'_>, first_row: usize) -> Result<Table, Error> {
    let mut columns: Vec<TextCells> = rows.header.iter().map(|_| TextCells::default()).collect();
    while let Some((row, record)) = rows.next_row()? {
        for (column, cell) in columns.iter_mut().zip(record) {
            column.push(str::from_utf8(cell).map_err(|_| not_text(path, row))?.trim());
        }
    }
    let columns = rows.header.into_iter().zip(columns);
    let columns = columns.map(|(name, cells)| Column { name, cells: Cells::Text(cells) }).collect();
    Ok(Table { path: path.to_owned(), columns, first_row })
}

/// An error for bytes that are no UTF-8 text.
pub(crate) fn not_text(path: &Path, row: usize) -> Error {
    Error::Corrupt { path: path.to_owned(), format: "CSV", reason: format!("row {row} is not UTF-8 text") }
}

fn cells(n: usize) -> String {
    if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") }
}

fn csv_error(path: &Path, error: &::csv::Error) -> Error {
    Error::Corrupt { path: path.to_owned(), format: "CSV", reason: error.to_string() }
}

/// The text of the file, unzipped where needed, and its separator.
fn open(path: &Path) -> Result<(Box<dyn Read>, u8), Error> {
    let mut file = BufReader::with_capacity(1 << 17, File::open(path).map_err(io_error("read", path))?);
    let magic = file.fill_buf().map_err(io_error("read", path))?;
    let zipped = magic.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut text = BufReader::with_capacity(1 << 17, plain);
    let separator = {
        let start = text.fill_buf().map_err(|error| gzip_error(path, &error))?;
        if start.is_empty() {
            return Err(Error::Empty { path: path.to_owned(), what: "the file is empty".to_owned() });
        }
        separator(path, start)
    };
    Ok((Box::new(text), separator))
}

fn gzip_error(path: &Path, error: &io::Error) -> Error {
    Error::Corrupt { path: path.to_owned(), format: "gzip", reason: error.to_string() }
}

/// The separator that cuts the header and the first row into equally many cells, else the first one that the
/// header has. (A name may contain a comma in a file whose cells are separated by tabs.)
pub(crate) fn separator(path: &Path, start: &[u8]) -> u8 {
    let mut lines = start.split(|&byte| byte == b'\n');
    let header = lines.next().unwrap_or_default();
    // The last piece may be cut off by the end of the buffer.
    let row = lines.next().filter(|_| lines.next().is_some());
    let name = path.to_string_lossy().to_ascii_lowercase();
    let candidates = if name.contains(".tsv") { b"\t,;" } else { b",\t;" };
    let mut present = candidates.iter().copied().filter(|&candidate| count(header, candidate) > 0);
    let fits = |&candidate: &u8| row.is_none_or(|row| count(row, candidate) == count(header, candidate));
    present.clone().find(fits).or_else(|| present.next()).unwrap_or(b',')
}

/// Separators outside quotes.
fn count(line: &[u8], separator: u8) -> usize {
    let mut quoted = false;
    let mut n = 0;
    for &byte in line {
        quoted ^= byte == b'"';
        n += usize::from(byte == separator && !quoted);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found_by_the_rows() {
        let found = |name: &str, text: &str| separator(Path::new(name), text.as_bytes()) as char;
        assert_eq!(found("a.csv", "A,B\n1,2\n"), ',');
        assert_eq!(found("a.tsv", "A, left\tB, right\n1\t2\n"), '\t');
        assert_eq!(found("a.csv", "A, left\tB\n1\t2\n"), '\t');
        assert_eq!(found("a.csv", "A, left;B, right;C\n1;2;3\n"), ';');
        assert_eq!(found("a.csv", "\"A;B\";C\n1;2\n"), ';');
        // A decimal comma is no separator.
        assert_eq!(found("a.csv", "A;B\n1,5;2,5\n"), ';');
        // A ragged first row is left to the reader, which names it.
        assert_eq!(found("a.csv", "A,B,C\n1,2\n"), ',');
        assert_eq!(found("a.csv", "A\n1\n"), ',');
    }
}
