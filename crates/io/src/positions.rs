//! Where the neurons of a recording are: an array `[neuron, 2 or 3]`, or a table with columns x, y (z).

use std::path::Path;

use ndarray::{Array2, Ix2};

use crate::Error;
use crate::array::ArrayFile;
use crate::format::Format;
use crate::table::Table;

/// Names of an array of positions, tried in this order.
const NAMES: [&str; 2] = ["positions", "position_um"];
/// Endings of the columns of a table, tried in this order.
const ENDINGS: [&str; 3] = ["", "_um", "_nm"];

/// Positions, one row a neuron in the order of the file; NaN where one is not known. The unit is that of the file.
///
/// Of a npz the array `positions` or `position_um` is read, else the only matrix of 2 or 3 columns; of a table the
/// columns `x`, `y` and, where there is one, `z` (or all with the ending `_um` or `_nm`).
///
/// # Shapes
/// `[neuron, 2 or 3]`.
///
/// # Errors
/// [`Error::MissingArray`], [`Error::Ambiguous`] or [`Error::Shape`] for arrays, [`Error::MissingColumn`] for tables,
/// [`Error::UnknownFormat`] for anything else.
pub fn read_positions(path: &Path) -> Result<Array2<f64>, Error> {
    match Format::of_existing(path)? {
        Format::Numpy => of_arrays(path),
        Format::Csv | Format::Parquet => of_table(&Table::read(path)?),
        Format::Zarr => Err(Error::UnknownFormat {
            path: path.to_owned(),
            allowed: ".npz .npy .csv .csv.gz .tsv .parquet",
        }),
    }
}

fn of_arrays(path: &Path) -> Result<Array2<f64>, Error> {
    let mut file = ArrayFile::open(path)?;
    let fits = |shape: &[usize]| shape.len() == 2 && [2, 3].contains(&shape[1]);
    let entry = file.choose(None, &NAMES, "positions [neuron, 2 or 3]", |entry| {
        entry.header.dtype.is_number() && fits(&entry.header.shape)
    })?;
    if !fits(&entry.header.shape) {
        return Err(file.shape_error(&entry, "[neuron, 2 or 3]"));
    }
    let values = file.f64(&entry)?.into_dimensionality::<Ix2>();
    values.map_err(|_| file.shape_error(&entry, "[neuron, 2 or 3]"))
}

fn of_table(table: &Table) -> Result<Array2<f64>, Error> {
    let named = |axis: &str, ending: &str| format!("{axis}{ending}");
    let ending = ENDINGS.iter().find(|ending| table.find(&[&named("x", ending)]).is_some()).unwrap_or(&"");
    let x = table.require("positions", &[&named("x", ending)])?;
    let y = table.require("positions", &[&named("y", ending)])?;
    let mut columns = vec![table.numbers(x)?, table.numbers(y)?];
    if let Some(z) = table.find(&[&named("z", ending)]) {
        columns.push(table.numbers(z)?);
    }
    Ok(Array2::from_shape_fn((columns[0].len(), columns.len()), |(neuron, axis)| columns[axis][neuron]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::write_npz;
    use ndarray::array;

    #[test]
    fn arrays_and_tables_hold_positions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.npz");
        let places = array![[0.0, 1.0], [f64::NAN, f64::NAN], [2.0, 3.5]];
        write_npz(&path, &[("other", array![[1.0_f64, 2.0]].into()), ("positions", places.clone().into())])
            .unwrap();
        let read = read_positions(&path).unwrap();
        assert!(read.iter().zip(&places).all(|(a, b)| a == b || (a.is_nan() && b.is_nan())));
        let path = folder.path().join("p.csv");
        std::fs::write(&path, "neuron,x_um,y_um,z_um\na,1,2,3\nb,,,\n").unwrap();
        let read = read_positions(&path).unwrap();
        assert_eq!(read.row(0), array![1.0, 2.0, 3.0]);
        assert!(read.row(1).iter().all(|one| one.is_nan()));
        std::fs::write(&path, "neuron,depth\na,1\n").unwrap();
        assert!(read_positions(&path).unwrap_err().to_string().contains('x'));
    }
}
