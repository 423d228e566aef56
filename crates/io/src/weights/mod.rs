//! Matrices of weights from whatever a framework wrote.

mod onnx;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ndarray::{Array2, Ix2};

use crate::Error;
use crate::activity::stored_names;
use crate::array::ArrayFile;
use crate::error::io_error;
use crate::table::{Table, parse_number};

/// The two-dimensional arrays of a file, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WeightArrays {
    /// Matrices by name, in the orientation of the file.
    pub matrices: BTreeMap<String, Array2<f64>>,
    /// Names and shapes of what is not a matrix.
    pub others: Vec<String>,
    /// Ids of neurons that the file holds (`neuron_ids`, `names`, ...).
    pub neurons: Option<Vec<String>>,
}

/// Reads every matrix of a npz, npy, safetensors or ONNX file (its initialisers), or the one of a CSV of numbers.
///
/// A CSV may have a header row and a first column of names. Nothing in an ONNX file is run.
///
/// # Errors
/// [`Error::Corrupt`] for a damaged file, [`Error::UnknownFormat`] for another ending, [`Error::Empty`] for a file without
/// a matrix.
///
/// # Examples
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("weights.csv");
/// std::fs::write(&path, "0.5,1\n-2,0\n")?;
/// let found = neuroloom_io::read_weight_arrays(&path)?;
/// assert_eq!(found.matrices["matrix"], ndarray::array![[0.5, 1.0], [-2.0, 0.0]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_weight_arrays(path: &Path) -> Result<WeightArrays, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let found = match () {
        () if ends(&[".safetensors"]) => of_safetensors(path)?,
        () if ends(&[".onnx"]) => onnx::read(path)?,
        () if ends(&[".npz", ".npy"]) => of_numpy(path)?,
        () if ends(&[".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"]) => of_table(path)?,
        () => {
            let allowed = ".npz .npy .safetensors .onnx .csv .csv.gz .tsv";
            return Err(Error::UnknownFormat { path: path.to_owned(), allowed });
        }
    };
    if found.matrices.is_empty() {
        let others = if found.others.is_empty() { "nothing".to_owned() } else { found.others.join(", ") };
        let what = format!("there is no matrix of numbers; the file has {others}");
        return Err(Error::Empty { path: path.to_owned(), what });
    }
    Ok(found)
}

/// Every column of a table as text, by name in the order of the file.
///
/// # Errors
/// As for any table: rows of unequal length, no header.
pub fn read_columns(path: &Path) -> Result<Vec<(String, Vec<String>)>, Error> {
    let table = Table::read(path)?;
    table.columns.iter().map(|column| Ok((column.name.clone(), table.texts(column)?))).collect()
}

fn of_safetensors(path: &Path) -> Result<WeightArrays, Error> {
    let mut found = WeightArrays::default();
    for (name, array) in crate::read_safetensors(path)?.tensors {
        found.add(name, array);
    }
    Ok(found)
}

fn of_numpy(path: &Path) -> Result<WeightArrays, Error> {
    let mut file = ArrayFile::open(path)?;
    let mut found = WeightArrays { neurons: stored_names(&mut file)?, ..WeightArrays::default() };
    for entry in file.entries().to_vec() {
        if entry.header.dtype.is_number() && entry.header.shape.len() == 2 {
            let array = file.f64(&entry)?;
            found.add(entry.name, array);
        } else {
            found.others.push(entry.describe());
        }
    }
    Ok(found)
}

/// Numbers alone, or with a header and names in front.
fn of_table(path: &Path) -> Result<WeightArrays, Error> {
    let mut text = String::new();
    let file = File::open(path).map_err(io_error("read", path))?;
    let mut bytes = Vec::new();
    let mut file = std::io::BufReader::new(file);
    file.read_to_end(&mut bytes).map_err(io_error("read", path))?;
    let read = if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)
    } else {
        (&bytes[..]).read_to_string(&mut text)
    };
    read.map_err(io_error("read", path))?;
    let separator = if text.lines().next().is_some_and(|line| line.contains('\t')) { '\t' } else { ',' };
    let mut rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect())
        .collect();
    if rows.first().is_some_and(|row| row.iter().skip(1).any(|cell| parse_number(cell).is_none())) {
        rows.remove(0);
    }
    let named = rows.iter().any(|row| row.first().is_some_and(|cell| parse_number(cell).is_none()));
    let first = usize::from(named);
    let n_columns = rows.first().map_or(0, |row| row.len().saturating_sub(first));
    let mut values = Vec::with_capacity(rows.len() * n_columns);
    for (row, cells) in rows.iter().enumerate() {
        let numbers: Option<Vec<f64>> = cells.iter().skip(first).map(|cell| parse_number(cell)).collect();
        match numbers.filter(|numbers| numbers.len() == n_columns) {
            Some(numbers) => values.extend(numbers),
            None => {
                let reason = format!("row {} of the numbers is not {n_columns} numbers", row + 1);
                return Err(Error::Corrupt { path: path.to_owned(), format: "matrix in CSV", reason });
            }
        }
    }
    let mut found = WeightArrays::default();
    if n_columns > 0
        && let Ok(matrix) = Array2::from_shape_vec((rows.len(), n_columns), values)
    {
        found.matrices.insert("matrix".to_owned(), matrix);
    }
    Ok(found)
}

impl WeightArrays {
    fn add(&mut self, name: String, array: ndarray::ArrayD<f64>) {
        let shape = array.shape().to_vec();
        match array.into_dimensionality::<Ix2>() {
            Ok(matrix) if !matrix.is_empty() => {
                self.matrices.insert(name, matrix);
            }
            _ => self.others.push(format!("{name} {shape:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_may_have_names_around_it() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("w.csv");
        std::fs::write(&path, "neuron,a,b\nx,1,2\ny,3,4\n")?;
        assert_eq!(read_weight_arrays(&path)?.matrices["matrix"], ndarray::array![[1.0, 2.0], [3.0, 4.0]]);
        std::fs::write(&path, "1,2\n3\n")?;
        assert!(matches!(read_weight_arrays(&path), Err(Error::Corrupt { .. })));
        std::fs::write(&path, "")?;
        assert!(matches!(read_weight_arrays(&path), Err(Error::Empty { .. })));
        assert!(matches!(read_weight_arrays(&folder.path().join("w.pth")), Err(Error::UnknownFormat { .. })));
        Ok(())
    }
}
