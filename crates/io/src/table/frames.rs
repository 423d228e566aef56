//! Tables of activity: one row a frame, one column a neuron, optional leading columns for trial and time.

use std::path::Path;

use ::csv::ByteRecord;
use neuroloom_core::Warning;

use crate::Error;
use crate::error::corrupt;
use crate::table::csv::{Rows, not_text};
use crate::table::parquet::{ParquetFile, guarded, numbers};
use crate::table::{is_mangled, is_missing, is_parquet, parse_number};

/// What a table of activity holds.
pub(crate) struct FrameTable {
    /// One name a neuron, may be empty.
    pub(crate) names: Vec<String>,
    /// Row-major `[row, neuron]`.
    pub(crate) values: Vec<f32>,
    pub(crate) n_rows: usize,
    /// Seconds, where the table has them.
    pub(crate) time_s: Option<Vec<f64>>,
    /// First row of each trial.
    pub(crate) trial_starts: Vec<usize>,
    /// Key and value pairs (Parquet only).
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) warnings: Vec<Warning>,
}

/// What the leading columns are for.
#[derive(Debug, Default, Clone)]
struct Roles {
    trial: Option<usize>,
    /// Column and seconds a unit.
    time: Option<(usize, f64)>,
    /// A column of frame numbers, which says nothing about seconds.
    frame: Option<usize>,
    neurons: Vec<usize>,
}

/// Reads a CSV or Parquet file of activity.
pub(crate) fn read(path: &Path) -> Result<FrameTable, Error> {
    let parquet = || guarded(path, || read_parquet(path));
    let mut table = if is_parquet(path)? { parquet()? } else { read_csv(path)? };
    if table.n_rows == 0 {
        return Err(Error::Empty {
            path: path.to_owned(),
            what: "the table has a header but no row".to_owned(),
        });
    }
    drop_index_column(&mut table);
    Ok(table)
}

fn read_csv(path: &Path) -> Result<FrameTable, Error> {
    let mut rows = Rows::open(path)?;
    let header = rows.header.clone();
    let roles = Roles::of(path, &header)?;
    check_header(path, &header, &roles)?;
    let mut table = FrameTable::new(&header, &roles);
    let mut trials = TrialStarts::default();
    let mut first_line = None;
    while let Some((row, record)) = rows.next_row()? {
        let (trial, time) = roles.leading(path, &header, row, record)?;
        trials.push(path, row, &trial)?;
        table.time_s.as_mut().into_iter().for_each(|times| times.push(time));
        for &column in &roles.neurons {
            let cell = record[column].trim_ascii();
            let value = number(cell).ok_or_else(|| cell_error(path, row, &header[column], cell))?;
            table.values.push(value);
        }
        table.n_rows += 1;
        let line = rows.line();
        let first = *first_line.get_or_insert(line);
        if line - first >= table.n_rows as u64 {
            return Err(blank_line(path, row));
        }
    }
    table.trial_starts = trials.starts;
    Ok(table)
}

fn read_parquet(path: &Path) -> Result<FrameTable, Error> {
    let file = ParquetFile::open(path)?;
    let roles = Roles::of(path, &file.names)?;
    let mut table = FrameTable::new(&file.names, &roles);
    let n_neurons = roles.neurons.len();
    let mut trials = TrialStarts::default();
    for batch in file.reader {
        let batch = batch.map_err(corrupt(path, "Parquet"))?;
        let column = |column: usize| {
            numbers(batch.column(column)).ok_or_else(|| Error::Dtype {
                path: path.to_owned(),
                array: file.names[column].clone(),
                given: batch.column(column).data_type().to_string(),
                allowed: "any float or integer".to_owned(),
            })
        };
        if let Some(trial) = roles.trial {
            for (offset, value) in column(trial)?.iter().enumerate() {
                trials.push(path, table.n_rows + offset + 1, &value.to_string())?;
            }
        }
        if let (Some((time, scale)), Some(times)) = (roles.time, &mut table.time_s) {
            times.extend(column(time)?.iter().map(|value| value * scale));
        }
        let start = table.values.len();
        table.values.resize(start + batch.num_rows() * n_neurons, f32::NAN);
        for (place, &neuron) in roles.neurons.iter().enumerate() {
            for (offset, value) in column(neuron)?.into_iter().enumerate() {
                let narrow = value as f32;
                if narrow.is_infinite() {
                    let row = table.n_rows + offset + 1;
                    let given = value.to_string();
                    return Err(cell_error(path, row, &file.names[neuron], given.as_bytes()));
                }
                table.values[start + offset * n_neurons + place] = narrow;
            }
        }
        table.n_rows += batch.num_rows();
    }
    table.trial_starts = if roles.trial.is_some() { trials.starts } else { vec![0] };
    table.metadata = file.metadata;
    Ok(table)
}

impl FrameTable {
    fn new(header: &[String], roles: &Roles) -> Self {
        Self {
            names: roles.neurons.iter().map(|&column| header[column].clone()).collect(),
            values: Vec::new(),
            n_rows: 0,
            time_s: roles.time.map(|_| Vec::new()),
            trial_starts: Vec::new(),
            metadata: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Roles {
    fn of(path: &Path, header: &[String]) -> Result<Self, Error> {
        let has = |name: &str| header.iter().any(|one| one.eq_ignore_ascii_case(name));
        if has("pre") && has("post") {
            return Err(Error::Content {
                path: path.to_owned(),
                given: "an edge table (it has the columns pre and post)".to_owned(),
                allowed: "activity, one row a frame and one column a neuron",
            });
        }
        let mut roles = Self::default();
        let mut column = 0;
        while column < header.len() && roles.take(&header[column].to_ascii_lowercase(), column) {
            column += 1;
        }
        // pandas writes the index of a frame as its last column.
        roles.neurons = (column..header.len()).filter(|&one| header[one] != "__index_level_0__").collect();
        if let Some((place, scale)) = roles.neurons.iter().find_map(|&one| match header[one].as_str() {
            "time_s" if roles.time.is_none() => Some((one, 1.0)),
            _ => None,
        }) {
            roles.time = Some((place, scale));
            roles.neurons.retain(|&one| one != place);
        }
        if roles.neurons.is_empty() {
            return Err(Error::Empty { path: path.to_owned(), what: "no column holds a neuron".to_owned() });
        }
        Ok(roles)
    }

    /// Whether the leading column is not a neuron; each purpose is taken once.
    fn take(&mut self, name: &str, column: usize) -> bool {
        let seconds = match name {
            "time" | "time_s" | "t" | "time (s)" | "seconds" => Some(1.0),
            "time_ms" | "t_ms" => Some(1e-3),
            _ => None,
        };
        match (name, seconds) {
            ("trial", _) if self.trial.is_none() && column == 0 => self.trial = Some(column),
            ("frame", _) if self.frame.is_none() && self.time.is_none() => self.frame = Some(column),
            (_, Some(scale)) if self.time.is_none() => self.time = Some((column, scale)),
            _ => return false,
        }
        true
    }

    /// Trial and time of a CSV row.
    fn leading(
        &self,
        path: &Path,
        header: &[String],
        row: usize,
        record: &ByteRecord,
    ) -> Result<(String, f64), Error> {
        let text = |column: usize| str::from_utf8(&record[column]).map_err(|_| not_text(path, row));
        let trial = self.trial.map_or(Ok(""), text)?.trim().to_owned();
        let Some((column, scale)) = self.time else { return Ok((trial, f64::NAN)) };
        let cell = text(column)?.trim();
        match parse_number(cell).filter(|time| time.is_finite()) {
            Some(time) => Ok((trial, time * scale)),
            None => Err(Error::Cell {
                path: path.to_owned(),
                row,
                column: header[column].clone(),
                given: cell.to_owned(),
                allowed: "a time, never missing".to_owned(),
            }),
        }
    }
}

/// Where trials begin in rows that carry a trial label.
#[derive(Default)]
struct TrialStarts {
    labels: Vec<String>,
    starts: Vec<usize>,
    n_rows: usize,
}

impl TrialStarts {
    fn push(&mut self, path: &Path, row: usize, label: &str) -> Result<(), Error> {
        if self.labels.last().is_none_or(|last| last != label) {
            if self.labels.iter().any(|known| known == label) {
                return Err(Error::Cell {
                    path: path.to_owned(),
                    row,
                    column: "trial".to_owned(),
                    given: label.to_owned(),
                    allowed: "the rows of a trial one after the other".to_owned(),
                });
            }
            self.labels.push(label.to_owned());
            self.starts.push(self.n_rows);
        }
        self.n_rows += 1;
        Ok(())
    }
}

/// A header of numbers is a file without header: the first frame would be lost and become names.
fn check_header(path: &Path, header: &[String], roles: &Roles) -> Result<(), Error> {
    let names: Vec<&String> = roles.neurons.iter().map(|&column| &header[column]).collect();
    let numeric = names.iter().all(|name| name.parse::<f64>().is_ok());
    let mut seen = names.clone();
    seen.sort_unstable();
    let repeated = seen.windows(2).any(|pair| pair[0] == pair[1]);
    let fraction = names.iter().find(|name| name.parse::<f64>().is_ok_and(|value| value.fract() != 0.0));
    if numeric && (fraction.is_some() || repeated) {
        let given = fraction.unwrap_or(&names[0]).to_string();
        return Err(Error::MissingHeader { path: path.to_owned(), given });
    }
    match names.iter().find(|name| is_mangled(name)) {
        Some(name) => Err(Error::MangledId {
            path: path.to_owned(),
            row: 1,
            column: name.to_string(),
            given: name.to_string(),
        }),
        None => Ok(()),
    }
}

/// Removes the row numbers that pandas' `to_csv` writes as a first column without name.
fn drop_index_column(table: &mut FrameTable) {
    let n = table.names.len();
    let unnamed = table.names.first().is_some_and(|name| name.is_empty() || name == "Unnamed: 0");
    let counts =
        |start: u32| table.values.chunks_exact(n).zip(start..).all(|(row, count)| row[0] == count as f32);
    if n < 2 || !unnamed || !(counts(0) || counts(1)) {
        return;
    }
    table.values = table.values.chunks_exact(n).flat_map(|row| row[1..].to_vec()).collect();
    let name = table.names.remove(0);
    let message = format!("the first column (`{name}`) only counts the rows and was left out");
    table.warnings.push(Warning::new("index-column", message));
}

fn number(cell: &[u8]) -> Option<f32> {
    let text = str::from_utf8(cell).ok()?;
    if is_missing(text) {
        return Some(f32::NAN);
    }
    text.parse().ok().filter(|value: &f32| value.is_finite())
}

fn cell_error(path: &Path, row: usize, column: &str, cell: &[u8]) -> Error {
    Error::Cell {
        path: path.to_owned(),
        row,
        column: column.to_owned(),
        given: String::from_utf8_lossy(cell).into_owned(),
        allowed: "a number within the range of f32, or empty, NA or NaN for missing".to_owned(),
    }
}

/// A blank line is skipped by every CSV reader; here it would shift all later frames in time.
fn blank_line(path: &Path, row: usize) -> Error {
    Error::Ragged {
        path: path.to_owned(),
        row,
        given: "an empty line before it".to_owned(),
        allowed: "a cell a column; write NA for missing".to_owned(),
    }
}
