//! Names of the neurons of a recording.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use neuroloom_core::{NeuronId, Warning};

use crate::Error;
use crate::table::{Column, Table, is_mangled};

/// Names for `n` columns: from the table the user gave, else `stored` in the recording, else from
/// `<stem>_neurons.csv` beside it, else numbers.
pub(crate) fn resolve(
    path: &Path,
    given: Option<&Path>,
    stored: Option<Vec<String>>,
    n: usize,
) -> Result<(Vec<NeuronId>, Vec<Warning>), Error> {
    let companion = || companion(path).filter(|_| stored.is_none());
    let table = given.map(Path::to_path_buf).or_else(companion);
    let labels = match (table, stored) {
        (Some(table), _) => read_labels(&table, n)?,
        (None, Some(stored)) if stored.len() != n => {
            let given = format!("{} neurons", stored.len());
            return Err(Error::Names { path: path.to_owned(), given, n_neurons: n });
        }
        (None, Some(stored)) => stored,
        (None, None) => return Ok((NeuronId::numbered(n), Vec::new())),
    };
    let (ids, warning) = unique_ids(labels);
    Ok((ids, warning.into_iter().collect()))
}

/// Ids from labels: an empty one becomes `column_<i>`, a repeated one gets a suffix and is reported.
pub(crate) fn unique_ids(labels: Vec<String>) -> (Vec<NeuronId>, Option<Warning>) {
    let mut taken: HashSet<String> = HashSet::with_capacity(labels.len());
    let originals: HashSet<String> = labels.iter().cloned().collect();
    let mut repeated = Vec::new();
    let mut ids = Vec::with_capacity(labels.len());
    for (column, label) in labels.into_iter().enumerate() {
        let wanted = if label.is_empty() { format!("column_{column}") } else { label };
        let mut name = wanted.clone();
        let mut copy = 2;
        while taken.contains(&name) || (name != wanted && originals.contains(&name)) {
            name = format!("{wanted}_{copy}");
            copy += 1;
        }
        if name != wanted {
            repeated.push(format!("`{wanted}` (column {column} is now `{name}`)"));
        }
        ids.push(NeuronId::parse(&name));
        taken.insert(name);
    }
    let warning = (!repeated.is_empty()).then(|| {
        let first = repeated.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let message = format!("{} neuron names occur again: {first}", repeated.len());
        Warning::new("duplicate-names", message)
    });
    (ids, warning)
}

/// `<stem>_neurons.csv(.gz)` beside the recording.
fn companion(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let places = [format!("{stem}_neurons.csv"), format!("{stem}_neurons.csv.gz")];
    places.iter().map(|place| path.with_file_name(place)).find(|place| place.is_file())
}

fn read_labels(path: &Path, n: usize) -> Result<Vec<String>, Error> {
    let table = Table::read(path)?;
    let label = table
        .require("neuron names", &["label", "name", "neuron_id", "node_id", "root_id", "id", "neuron"])?;
    let texts = table.texts(label)?;
    if let Some(row) = texts.iter().position(|text| is_mangled(text)) {
        // Reads the column again as ids for the error with the row.
        table.ids(label)?;
        return Err(table.cell_error(row, label, &texts[row], "a name or a 64-bit integer"));
    }
    let mut labels = vec![String::new(); n];
    let mut named: Vec<Option<usize>> = vec![None; n];
    let places = match table.find(&["index", "column"]) {
        Some(index) => places(&table, index, n)?,
        None if texts.len() == n => (0..n).collect(),
        None => {
            return Err(Error::Names {
                path: path.to_owned(),
                given: format!("{} neurons", texts.len()),
                n_neurons: n,
            });
        }
    };
    for (row, (place, text)) in places.into_iter().zip(texts).enumerate() {
        if let Some(first) = named[place].replace(row) {
            let id = format!("column {place}");
            let (first, second) = (table.first_row + first, table.first_row + row);
            return Err(Error::DuplicateId { path: path.to_owned(), id, first, second });
        }
        labels[place] = text;
    }
    Ok(labels)
}

/// The column of the recording that each row names.
fn places(table: &Table, index: &Column, n: usize) -> Result<Vec<usize>, Error> {
    let numbers = table.numbers(index)?;
    let place = |(row, number): (usize, f64)| {
        if number >= 0.0 && number.fract() == 0.0 && number < n as f64 {
            return Ok(number as usize);
        }
        if number.fract() == 0.0 && number >= 0.0 {
            let given = format!("column {number} (row {})", table.first_row + row);
            return Err(Error::Names { path: table.path.clone(), given, n_neurons: n });
        }
        let given = if number.is_nan() { String::new() } else { number.to_string() };
        Err(table.cell_error(row, index, &given, "whole numbers from 0"))
    };
    numbers.into_iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique_and_keep_their_doubts() {
        let labels = ["AVAL?", "", "A", "A", "A_2", "A"].map(str::to_owned).to_vec();
        let (ids, warning) = unique_ids(labels);
        let names: Vec<String> = ids.iter().map(NeuronId::to_string).collect();
        // The second A may not take `A_2`, which is the name of another neuron.
        assert_eq!(names, ["AVAL?", "column_1", "A", "A_3", "A_2", "A_4"]);
        assert!(warning.unwrap().message.starts_with("2 neuron names"));
    }

    #[test]
    fn integers_stay_integers() {
        let (ids, warning) = unique_ids(vec!["648518346349540057".to_owned()]);
        assert_eq!(ids, [NeuronId::Integer(648_518_346_349_540_057)]);
        assert!(warning.is_none());
    }
}
