//! Tables: CSV (also TSV, gzipped) and Parquet behind one face.
//!
//! Cells of a CSV are trimmed. Rows count from 1 in messages; the header of a CSV is row 1. Ids never pass
//! through a float.

pub(crate) mod csv;
pub(crate) mod frames;
pub(crate) mod parquet;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use neuroloom_core::NeuronId;

use crate::Error;
use crate::error::io_error;

/// A node or edge table in memory.
pub(crate) struct Table {
    pub(crate) path: PathBuf,
    pub(crate) columns: Vec<Column>,
    /// Number that a message gives to the first row of data.
    pub(crate) first_row: usize,
}

/// One column of a table.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) cells: Cells,
}

/// The cells of a column as the file stores them.
pub(crate) enum Cells {
    Text(TextCells),
    Integer(Vec<Option<i64>>),
    /// NaN = missing.
    Number(Vec<f64>),
    /// Of no use here; holds the name of its type.
    Other(String),
}

/// Many short texts in one allocation: an edge table has millions of cells.
#[derive(Default)]
pub(crate) struct TextCells {
    text: String,
    ends: Vec<usize>,
}

impl TextCells {
    pub(crate) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|row| {
            let start = if row == 0 { 0 } else { self.ends[row - 1] };
            &self.text[start..self.ends[row]]
        })
    }
}

impl Table {
    /// Reads a whole table, by content: Parquet or Feather if it starts like one, else CSV.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        match start_of(path)? {
            [b'P', b'A', b'R', b'1', ..] => parquet::read_table(path),
            [b'A', b'R', b'R', b'O', b'W', b'1'] => parquet::read_feather(path),
            _ => csv::read_table(path),
        }
    }

    /// The first column that has one of `names` (letter case does not matter), in the order of `names`.
    pub(crate) fn find(&self, names: &[&str]) -> Option<&Column> {
        names.iter().find_map(|name| self.columns.iter().find(|one| one.name.eq_ignore_ascii_case(name)))
    }

    /// As [`Table::find`], or an error that lists the columns there are.
    pub(crate) fn require(&self, what: &str, names: &[&str]) -> Result<&Column, Error> {
        self.find(names).ok_or_else(|| Error::MissingColumn {
            path: self.path.clone(),
            wanted: format!("{what} (allowed: {})", names.join(", ")),
            present: self.column_names(),
        })
    }

    pub(crate) fn column_names(&self) -> String {
        self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn cell_error(&self, row: usize, column: &Column, given: &str, allowed: &str) -> Error {
        Error::Cell {
            path: self.path.clone(),
            row: self.first_row + row,
            column: column.name.clone(),
            given: given.to_owned(),
            allowed: allowed.to_owned(),
        }
    }

    /// A column of ids; text that a float left behind (`123.0`, `6.48e17`) is refused.
    pub(crate) fn ids(&self, column: &Column) -> Result<Vec<NeuronId>, Error> {
        let missing = |row| self.cell_error(row, column, "", "a 64-bit integer or a name");
        match &column.cells {
            Cells::Text(cells) => {
                let id = |(row, cell): (usize, &str)| {
                    if cell.is_empty() {
                        return Err(missing(row));
                    }
                    if is_mangled(cell) {
                        return Err(self.mangled(row, column, cell));
                    }
                    Ok(NeuronId::parse(cell))
                };
                cells.iter().enumerate().map(id).collect()
            }
            Cells::Integer(cells) => {
                let id = |(row, cell): (usize, &Option<i64>)| {
                    cell.map(NeuronId::Integer).ok_or_else(|| missing(row))
                };
                cells.iter().enumerate().map(id).collect()
            }
            Cells::Number(cells) => {
                let first = cells.first().map_or_else(String::new, f64::to_string);
                Err(self.mangled(0, column, &first))
            }
            Cells::Other(_) => Err(self.dtype_error(column, "64-bit integers or text")),
        }
    }

    /// A column of numbers; empty and `NA` become NaN.
    pub(crate) fn numbers(&self, column: &Column) -> Result<Vec<f64>, Error> {
        match &column.cells {
            Cells::Text(cells) => {
                let number = |(row, cell): (usize, &str)| {
                    parse_number(cell).ok_or_else(|| self.cell_error(row, column, cell, "a finite number"))
                };
                cells.iter().enumerate().map(number).collect()
            }
            Cells::Integer(cells) => {
                Ok(cells.iter().map(|cell| cell.map_or(f64::NAN, |value| value as f64)).collect())
            }
            Cells::Number(cells) => match cells.iter().position(|value| value.is_infinite()) {
                Some(row) => Err(self.cell_error(row, column, &cells[row].to_string(), "a finite number")),
                None => Ok(cells.clone()),
            },
            Cells::Other(_) => Err(self.dtype_error(column, "numbers")),
        }
    }

    /// A column of f32, none of them missing.
    pub(crate) fn singles(&self, column: &Column) -> Result<Vec<f32>, Error> {
        const ALLOWED: &str = "a number within the range of f32, not missing";
        if let Cells::Text(cells) = &column.cells {
            // Straight to f32: by way of f64 some decimals would be rounded twice.
            let single = |(row, cell): (usize, &str)| {
                let value: Option<f32> = cell.parse().ok();
                let value = value.filter(|value| value.is_finite());
                value.ok_or_else(|| self.cell_error(row, column, cell, ALLOWED))
            };
            return cells.iter().enumerate().map(single).collect();
        }
        let single = |(row, value): (usize, &f64)| {
            let narrow = *value as f32;
            if narrow.is_finite() {
                return Ok(narrow);
            }
            let given = if value.is_nan() { String::new() } else { value.to_string() };
            Err(self.cell_error(row, column, &given, ALLOWED))
        };
        self.numbers(column)?.iter().enumerate().map(single).collect()
    }

    /// A column as text; missing = empty.
    pub(crate) fn texts(&self, column: &Column) -> Result<Vec<String>, Error> {
        match &column.cells {
            Cells::Text(cells) => Ok(cells.iter().map(str::to_owned).collect()),
            Cells::Integer(cells) => Ok(cells
                .iter()
                .map(|cell| cell.map_or_else(String::new, |value| value.to_string()))
                .collect()),
            Cells::Number(cells) => Ok(cells
                .iter()
                .map(|value| if value.is_nan() { String::new() } else { value.to_string() })
                .collect()),
            Cells::Other(_) => Err(self.dtype_error(column, "text")),
        }
    }

    fn dtype_error(&self, column: &Column, allowed: &str) -> Error {
        let given = if let Cells::Other(name) = &column.cells { name.clone() } else { String::new() };
        let (path, array) = (self.path.clone(), column.name.clone());
        Error::Dtype { path, array, given, allowed: allowed.to_owned() }
    }

    fn mangled(&self, row: usize, column: &Column, given: &str) -> Error {
        Error::MangledId {
            path: self.path.clone(),
            row: self.first_row + row,
            column: column.name.clone(),
            given: given.to_owned(),
        }
    }
}

/// Whether the text is how software prints a whole number that it holds in a float.
pub(crate) fn is_mangled(text: &str) -> bool {
    let looks_numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let looks_float = text.bytes().any(|byte| b".eE".contains(&byte));
    looks_numeric && looks_float && text.parse::<f64>().is_ok_and(|value| value.fract() == 0.0)
}

/// Whether a cell says that nothing was measured.
pub(crate) fn is_missing(cell: &str) -> bool {
    cell.is_empty()
        || ["na", "nan", "n/a", "null", "none", "-nan"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// A finite number, NaN if the cell is missing, `None` if it is neither.
pub(crate) fn parse_number(cell: &str) -> Option<f64> {
    if is_missing(cell) {
        return Some(f64::NAN);
    }
    cell.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The names of the columns.
pub(crate) fn column_names(path: &Path) -> Result<Vec<String>, Error> {
    match start_of(path)? {
        [b'P', b'A', b'R', b'1', ..] => {
            parquet::guarded(path, || Ok(parquet::ParquetFile::open(path)?.names))
        }
        [b'A', b'R', b'R', b'O', b'W', b'1'] => Ok(crate::rows::open_feather(path)?.0),
        _ => Ok(csv::Rows::open(path)?.header),
    }
}

/// Whether the file starts like a Parquet file.
pub(crate) fn is_parquet(path: &Path) -> Result<bool, Error> {
    Ok(start_of(path)?.starts_with(b"PAR1"))
}

/// The first bytes of a file; a shorter file leaves zeros, which are no magic number.
pub(crate) fn start_of(path: &Path) -> Result<[u8; 6], Error> {
    let mut start = [0; 6];
    let mut file = File::open(path).map_err(io_error("read", path))?;
    let _ = file.read(&mut start).map_err(io_error("read", path))?;
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_told_from_names() {
        for mangled in ["6.485183463405e17", "123.0", "1E5", "-7."] {
            assert!(is_mangled(mangled), "{mangled}");
        }
        for id in ["648518346349540057", "AVAL", "1.5", "e", "EPG_L1", "-3", "nan", "inf", "."] {
            assert!(!is_mangled(id), "{id}");
        }
    }
}
