//! HDF5, as far as connectomes need it: columns of numbers and text, tables of PyTables, frames of pandas.
//! The only file that names the library.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hdf5_pure::{AttrValue, Dataset, Datatype, File, Group};

use crate::Error;
use crate::error::corrupt;
use crate::table::{Cells, Column, Table, TextCells};

/// An open file.
pub(crate) struct Hdf5 {
    path: PathBuf,
    file: File,
}

/// The groups at the top of a file.
pub(crate) fn root_groups(path: &Path) -> Result<Vec<String>, Error> {
    Hdf5::open(path)?.groups("")
}

impl Hdf5 {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open_streaming(path).map_err(corrupt(path, "HDF5"))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Names of the groups in a group, sorted.
    pub(crate) fn groups(&self, group: &str) -> Result<Vec<String>, Error> {
        let mut names = self.group(group)?.groups().map_err(corrupt(&self.path, "HDF5"))?;
        names.sort();
        Ok(names)
    }

    /// Names of the arrays in a group, sorted.
    pub(crate) fn datasets(&self, group: &str) -> Result<Vec<String>, Error> {
        let mut names = self.group(group)?.datasets().map_err(corrupt(&self.path, "HDF5"))?;
        names.sort();
        Ok(names)
    }

    pub(crate) fn has(&self, group: &str, dataset: &str) -> bool {
        self.datasets(group).is_ok_and(|names| names.iter().any(|name| name == dataset))
    }

    /// An array as a column of a table, so that ids, numbers and texts are read as from any other table.
    pub(crate) fn column(&self, place: &str) -> Result<Column, Error> {
        let dataset = self.dataset(place)?;
        let name = place.rsplit('/').next().unwrap_or(place).to_owned();
        let cells = match self.datatype(&dataset)? {
            Datatype::FixedPoint { .. } | Datatype::Enumeration { .. } => self.integers(&dataset)?,
            Datatype::FloatingPoint { .. } => Cells::Number(dataset.read_f64().map_err(self.failed())?),
            Datatype::String { .. } | Datatype::VariableLength { is_string: true, .. } => {
                texts(&dataset.read_string().map_err(self.failed())?)
            }
            _ => Cells::Other("neither numbers nor text".to_owned()),
        };
        Ok(Column { name, cells })
    }

    /// All arrays of one length in a group, as a table.
    pub(crate) fn table(&self, group: &str, n_rows: usize) -> Result<Table, Error> {
        let mut columns = Vec::new();
        for name in self.datasets(group)? {
            let place = format!("{group}/{name}");
            if self.shape(&place)? == [n_rows] {
                columns.push(self.column(&place)?);
            }
        }
        Ok(self.as_table(columns))
    }

    /// What pandas stores: a table of PyTables, or the numeric blocks of a fixed frame.
    pub(crate) fn pandas(&self, group: &str) -> Result<Table, Error> {
        let columns = if self.has(group, "table") { self.py_table(group)? } else { self.blocks(group)? };
        Ok(self.as_table(columns))
    }

    /// A text attribute of an array.
    pub(crate) fn text_attribute_of_dataset(&self, place: &str, name: &str) -> Option<String> {
        text(self.dataset(place).ok()?.attrs().ok()?.get(name)?)
    }

    pub(crate) fn shape(&self, place: &str) -> Result<Vec<usize>, Error> {
        let shape = self.dataset(place)?.shape().map_err(self.failed())?;
        Ok(shape.into_iter().map(|length| length as usize).collect())
    }

    pub(crate) fn as_table(&self, columns: Vec<Column>) -> Table {
        Table { path: self.path.clone(), columns, first_row: 1 }
    }

    fn failed(&self) -> impl Fn(hdf5_pure::Error) -> Error + '_ {
        corrupt(&self.path, "HDF5")
    }

    fn group(&self, group: &str) -> Result<Group, Error> {
        if group.is_empty() {
            return Ok(self.file.root());
        }
        self.file.group(group).map_err(self.failed())
    }

    fn dataset(&self, place: &str) -> Result<Dataset, Error> {
        self.file.dataset(place).map_err(self.failed())
    }

    fn datatype(&self, dataset: &Dataset) -> Result<Datatype, Error> {
        dataset.datatype().map_err(self.failed())
    }

    /// 64-bit integers; an unsigned value beyond them is no id and counts as missing.
    fn integers(&self, dataset: &Dataset) -> Result<Cells, Error> {
        let width = dataset.read_raw().map_err(self.failed())?.len();
        let n: u64 = dataset.shape().map_err(self.failed())?.iter().product();
        if width as u64 == 8 * n {
            let values = dataset.read_u64().map_err(self.failed());
            // The library clamps negative values to 0 when they are read as unsigned.
            let signed = dataset.read_i64().map_err(self.failed())?;
            let unsigned = values?;
            let cell =
                |(signed, unsigned): (i64, u64)| if unsigned > i64::MAX as u64 { None } else { Some(signed) };
            return Ok(Cells::Integer(signed.into_iter().zip(unsigned).map(cell).collect()));
        }
        Ok(Cells::Integer(dataset.read_i64().map_err(self.failed())?.into_iter().map(Some).collect()))
    }

    /// Numeric blocks `block<k>_values` `[row, item]` and their names `block<k>_items`.
    fn blocks(&self, group: &str) -> Result<Vec<Column>, Error> {
        let mut columns = Vec::new();
        for name in self.datasets(group)? {
            let Some(block) = name.strip_suffix("_values").filter(|name| name.starts_with("block")) else {
                continue;
            };
            let items = self.column(&format!("{group}/{block}_items"))?;
            let Cells::Text(items) = items.cells else { continue };
            let all = self.column(&format!("{group}/{name}"))?;
            let n_items = items.len();
            for (item, name) in items.iter().enumerate() {
                let cells = match &all.cells {
                    Cells::Integer(all) => Cells::Integer(every(all, item, n_items)),
                    Cells::Number(all) => Cells::Number(every(all, item, n_items)),
                    // Text of a fixed frame is pickled, and pickles are never opened.
                    _ => Cells::Other("pickled objects".to_owned()),
                };
                columns.push(Column { name: name.to_owned(), cells });
            }
        }
        Ok(columns)
    }

    /// Records of fields; a field `values_block_<k>` holds several columns of one type.
    fn py_table(&self, group: &str) -> Result<Vec<Column>, Error> {
        let dataset = self.dataset(&format!("{group}/table"))?;
        let attributes = dataset.attrs().map_err(self.failed())?;
        let Datatype::Compound { size, members } = self.datatype(&dataset)? else {
            let reason = format!("{group}/table is not a table of records");
            return Err(corrupt(&self.path, "HDF5")(reason));
        };
        let raw = dataset.read_raw().map_err(self.failed())?;
        let mut columns = Vec::new();
        for member in &members {
            let (element, n_items) = match &member.datatype {
                Datatype::Array { base_type, dimensions } => {
                    (&**base_type, dimensions.iter().product::<u32>() as usize)
                }
                single => (single, 1),
            };
            let width = width(element);
            let names = block_names(&attributes, &member.name, n_items);
            for (item, name) in names.into_iter().enumerate() {
                let start = member.byte_offset as usize + item * width;
                let field = |record: &[u8]| record.get(start..start + width).map(<[u8]>::to_vec);
                let fields: Option<Vec<Vec<u8>>> =
                    raw.chunks_exact(size.max(1) as usize).map(field).collect();
                let reason = || corrupt(&self.path, "HDF5")(format!("{group}/table: a record is too short"));
                columns.push(Column { name, cells: decode(element, &fields.ok_or_else(reason)?) });
            }
        }
        Ok(columns)
    }
}

fn every<T: Copy>(all: &[T], first: usize, step: usize) -> Vec<T> {
    all.iter().skip(first).step_by(step.max(1)).copied().collect()
}

fn texts(texts: &[String]) -> Cells {
    let mut cells = TextCells::default();
    texts.iter().for_each(|text| cells.push(text.trim_end_matches('\0').trim()));
    Cells::Text(cells)
}

fn text(value: &AttrValue) -> Option<String> {
    Some(match value {
        AttrValue::String(text) | AttrValue::AsciiString(text) => text.clone(),
        AttrValue::VarLenString(text) | AttrValue::VarLenAsciiString(text) => text.clone(),
        AttrValue::StringSized { value, .. } | AttrValue::AsciiStringSized { value, .. } => value.clone(),
        _ => return None,
    })
}

/// The columns in a block. PyTables keeps their names as a pickled list; the names are looked for in its text,
/// nothing is unpickled.
fn block_names(attributes: &HashMap<String, AttrValue>, member: &str, n_items: usize) -> Vec<String> {
    let pickle = attributes.get(&format!("{member}_kind")).and_then(text).unwrap_or_default();
    let names: Vec<String> = pickle
        .lines()
        .filter_map(|line| line.strip_prefix("aV").or(line.strip_prefix('V')))
        .map(str::to_owned)
        .collect();
    if names.len() == n_items {
        return names;
    }
    (0..n_items)
        .map(|item| if n_items == 1 { member.to_owned() } else { format!("{member}_{item}") })
        .collect()
}

fn width(datatype: &Datatype) -> usize {
    match datatype {
        Datatype::FixedPoint { size, .. } | Datatype::FloatingPoint { size, .. } => *size as usize,
        Datatype::String { size, .. } | Datatype::BitField { size, .. } => *size as usize,
        Datatype::Enumeration { base_type, .. } => width(base_type),
        _ => 0,
    }
}

/// Little-endian fields of records (PyTables writes them so on every machine that neuroloom runs on).
fn decode(datatype: &Datatype, fields: &[Vec<u8>]) -> Cells {
    match datatype {
        Datatype::FixedPoint { .. } | Datatype::Enumeration { .. } => {
            Cells::Integer(fields.iter().map(|field| Some(integer(field))).collect())
        }
        Datatype::FloatingPoint { size: 8, .. } => {
            Cells::Number(fields.iter().map(|field| double(field)).collect())
        }
        Datatype::FloatingPoint { size: 4, .. } => {
            Cells::Number(fields.iter().map(|field| single(field)).collect())
        }
        Datatype::String { .. } => {
            let lossy = |field: &Vec<u8>| String::from_utf8_lossy(field).into_owned();
            texts(&fields.iter().map(lossy).collect::<Vec<_>>())
        }
        _ => Cells::Other("neither numbers nor text".to_owned()),
    }
}

/// Sign-extended to 64 bits.
fn integer(field: &[u8]) -> i64 {
    let negative = field.last().is_some_and(|&last| last >= 0x80);
    let mut bytes = [if negative { 0xff } else { 0 }; 8];
    for (byte, &field) in bytes.iter_mut().zip(field) {
        *byte = field;
    }
    i64::from_le_bytes(bytes)
}

fn double(field: &[u8]) -> f64 {
    field.try_into().map_or(f64::NAN, f64::from_le_bytes)
}

fn single(field: &[u8]) -> f64 {
    field.try_into().map_or(f64::NAN, |bytes| f64::from(f32::from_le_bytes(bytes)))
}
