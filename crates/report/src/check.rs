//! Checks that belong to every part: lists that go together are equally long.

use crate::Error;

/// A list has the length that its partner asks for.
///
/// # Errors
/// [`Error::Length`] naming the field.
pub(crate) fn length(place: &str, given: usize, allowed: (usize, &str)) -> Result<(), Error> {
    if given == allowed.0 {
        return Ok(());
    }
    Err(Error::Length {
        place: place.to_owned(),
        given,
        allowed: format!("{}, as many as {}", allowed.0, allowed.1),
    })
}

/// Like [`length`], but the list may also be empty.
pub(crate) fn length_or_none(place: &str, given: usize, allowed: (usize, &str)) -> Result<(), Error> {
    if given == 0 { Ok(()) } else { length(place, given, allowed) }
}

/// All rows of a grid are equally long.
pub(crate) fn even_rows(place: &str, rows: &[Vec<f64>]) -> Result<(), Error> {
    let first = rows.first().map_or(0, Vec::len);
    rows.iter()
        .enumerate()
        .try_for_each(|(row, values)| length(&format!("{place}[{row}]"), values.len(), (first, "row 0")))
}

/// A position lies inside of its list.
pub(crate) fn position(place: &str, given: usize, allowed: (usize, &str)) -> Result<(), Error> {
    if given < allowed.0 {
        return Ok(());
    }
    Err(Error::Value {
        place: place.to_owned(),
        given: given.to_string(),
        allowed: format!("below {}, the number of {}", allowed.0, allowed.1),
    })
}

/// Edges of bins are one more than the bins, and grow.
pub(crate) fn edges(place: &str, edges: &[f64], n_bins: usize) -> Result<(), Error> {
    length(place, edges.len(), (n_bins + 1, "bins, and one"))?;
    match edges.windows(2).position(|pair| pair[0].partial_cmp(&pair[1]) != Some(std::cmp::Ordering::Less)) {
        None => Ok(()),
        Some(at) => Err(Error::Value {
            place: format!("{place}[{}]", at + 1),
            given: edges[at + 1].to_string(),
            allowed: format!("a number above {}, the edge before it", edges[at]),
        }),
    }
}
